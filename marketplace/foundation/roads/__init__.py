"""Travel times from a road service (OSRM or Valhalla) over HTTP, behind the embedded model's interface.

What the service does not answer in time, or answers wrongly, comes from the embedded model, and the model
says so. `travel_model(settings, zone)` gives the one that an installation is set up for.
"""

from __future__ import annotations

from marketplace.foundation.roads.configured import RoadSettings, road_settings, travel_model
from marketplace.foundation.roads.model import RoadTravel, sources_of, warm

__all__ = ["RoadSettings", "RoadTravel", "road_settings", "sources_of", "travel_model", "warm"]
