"""The roof's own Service: the planner's desk and whatever needs several floors at once."""

from __future__ import annotations

from marketplace.foundation.service import Service

service = Service(name="roof", rank=9)
