"""Row security of what buyers may see of a vendor and its rivals may not."""

from __future__ import annotations

BUYER_IS_ACTING = (
    "EXISTS (SELECT 1 FROM organizations acting WHERE acting.id = homeward_organization()"
    " AND acting.kind IN ('health_system', 'payer', 'platform'))"
)
"""The acting organization buys or oversees work; PostgreSQL evaluates this once per statement."""

HOSPITAL_IS_ACTING = (
    "EXISTS (SELECT 1 FROM organizations acting WHERE acting.id = homeward_organization()"
    " AND acting.kind = 'health_system')"
)
"""The acting organization books work."""

PLATFORM_IS_ACTING = (
    "EXISTS (SELECT 1 FROM organizations acting WHERE acting.id = homeward_organization()"
    " AND acting.kind = 'platform')"
)
"""The acting organization runs the installation: it verifies what vendors put on file."""

OWN = "vendor_organization_id = homeward_organization()"
"""The acting organization is the vendor itself."""

OWN_OR_BUYER = f"({OWN} OR {BUYER_IS_ACTING})"
"""The vendor itself and everybody but other vendors."""

PRICES = (
    f"({OWN} OR payer_organization_id = homeward_organization() OR {HOSPITAL_IS_ACTING}"
    f" OR payer_organization_id IS NULL AND {BUYER_IS_ACTING})"
)
"""Prices are the business of the vendor, of the payer and of hospitals which book; never of rivals."""
