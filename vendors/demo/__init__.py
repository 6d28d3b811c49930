"""The vendors' part of the demo: eight companies of a metro on the Willamette, with all they need to work."""

from __future__ import annotations

from vendors.demo.seeding import demo

__all__ = ["demo"]
