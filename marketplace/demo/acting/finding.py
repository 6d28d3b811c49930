"""Where each planted fact should surface: who opens which page, and what must stand there."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

from marketplace.demo.acting.cast import Stagehands


@dataclass(frozen=True, slots=True)
class Surface:
    """A planted fact on a page; `path` and `says` may name other planted values in braces."""

    fact: str
    role: str
    organization: str
    """A slug, or the name of the planted value that holds an organization's id."""
    path: str
    says: str


SURFACES = (
    Surface("alvarez_patient", "planner", "st-brigid", "/desk/?q=Alvarez", "Alvarez"),
    Surface("improper_claim", "biller", "improper_claim_vendor", "/billing/claims/{improper_claim}",
            "lacks the receiver's signature"),
    Surface("overlong_ride", "biller", "overlong_ride_vendor", "/billing/claims/{overlong_ride}",
            "exceed what the route needs"),
    Surface("duplicate_claim", "biller", "duplicate_claim_vendor", "/billing/claims/{duplicate_claim}",
            "already bills this service"),
    Surface("unanswered_claim", "reviewer", "unanswered_claim_payer", "/review/claims/{unanswered_claim}",
            "{unanswered_claim_booking}"),
    Surface("excluded_driver", "vendor_admin", "rose-quarter-mobility", "/portal/credentials/",
            "{excluded_driver_name}"),
    Surface("possible_match_driver", "platform_admin", "homeward", "/portal/credentials/review",
            "Possible match"),
    Surface("liability_lapses_tomorrow_noon", "vendor_admin", "homewell-medical-supply",
            "/portal/credentials/", "Liability insurance"),
    Surface("cpr_card_until_noon_driver", "vendor_admin", "harbor-rides", "/portal/credentials/", "CPR"),
    Surface("stock_out_item", "vendor_admin", "homewell-medical-supply", "/portal/fleet/?tab=stock",
            "{stock_out_item}"),
)  # fmt: skip
"""Every planted fact that has a page of its own."""


def look_for_plants(
    hands: Stagehands, planted: Mapping[str, str], slugs: Mapping[str, str]
) -> dict[str, str]:
    """For each planted fact `found`, or where it was missed. `slugs` are organizations' slugs by id."""
    return {one.fact: _look(hands, one, planted, slugs) for one in SURFACES if one.fact in planted}


def _look(hands: Stagehands, one: Surface, planted: Mapping[str, str], slugs: Mapping[str, str]) -> str:
    organization = slugs.get(planted.get(one.organization, ""), one.organization)
    path, wanted = one.path.format_map(planted), one.says.format_map(planted)
    status, page, _ = hands.line(one.role, organization).page(path)
    if status == 200 and wanted in html.unescape(page):
        return "found"
    return f"missed: {one.role}@{organization} {path} answered {status} without {wanted!r}"
