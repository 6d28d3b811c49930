"""Writing the demo's vendors: profile, prices, fleet and shifts of the played day, stock and credentials."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from marketplace.careplans.disciplines import DISCIPLINES
from marketplace.careplans.equipment import CATALOG
from marketplace.foundation.access import system_actor
from marketplace.foundation.geography import Position, place_of
from marketplace.foundation.work import WorkSession, unit_of_work
from marketplace.foundation.world import World
from marketplace.identity.models import Facility, Organization, User
from vendors.demo.cast import (
    AIR_LIST,
    DELIVERY_CENTS,
    HOME_HEALTH_CASTS,
    HOSPITAL,
    MONTHLY_CENTS,
    PAYER,
    PURCHASE_CENTS,
    RIDE_LIST,
    VISIT_CENTS,
    Cast,
)
from vendors.demo.metro_cast import air_casts, casts
from vendors.demo.papers import CredentialWriter
from vendors.demo.rolling import put_on_the_road
from vendors.fleet.models import Depot, StockItem
from vendors.network.models import Capacity, Contract, RateCard, RateLine, ServiceArea, VendorProfile
from vendors.network.rules import DELIVERY_CODE
from vendors.network.words import AreaKind, RateUnit, ServiceLine

SOLD_OUT = ("homewell-medical-supply", "E0303")
"""Who has run out of what."""
_YEAR = timedelta(days=365)


def demo(world: World) -> None:
    """Make the vendors; leaves `things["vehicles"]` and `things["crew_members"]` {slug: [ids]}."""
    organizations: dict[str, UUID] = world.things["organizations"]
    world.things["vehicles"], world.things["crew_members"] = {}, {}
    for cast in (*casts(world.size), *HOME_HEALTH_CASTS, *air_casts(world.size)):
        vendor_id = organizations[cast.slug]
        with unit_of_work(world.runtime, system_actor(vendor_id)) as session:
            vendor = session.get_one(Organization, vendor_id)
            depot = _settle(session, world, cast, vendor)
            _agree(session, world, cast, vendor_id, organizations)
            _stock_up(session, world, cast, depot)
            people = session.scalars(select(User).where(User.organization_id == vendor_id)).all()
            rolling = put_on_the_road(session, world, cast, depot, people)
            world.things["vehicles"][cast.slug] = [vehicle.id for vehicle in rolling.vehicles]
            world.things["crew_members"][cast.slug] = [member.id for member in rolling.crew]
            CredentialWriter(session, world, cast, vendor_id).write(rolling)


def _settle(session: WorkSession, world: World, cast: Cast, vendor: Organization) -> Depot:
    home = session.scalars(select(Facility).where(Facility.organization_id == vendor.id)).first()
    base = Position(home.latitude, home.longitude) if home else place_of("97227").position
    session.add(
        VendorProfile(
            organization_id=vendor.id,
            service_lines=[cast.line],
            levels=list(cast.levels),
            equipment_codes=list(cast.equipment),
            regions=[cast.region],
            time_zone=world.zone.key,
            base_latitude=base.latitude,
            base_longitude=base.longitude,
            offer_email=f"offers@{cast.slug}.example",
            office_phone=f"+1 503 555 01{sum(map(ord, cast.slug)) % 100:02d}",
        )
    )
    session.add(
        ServiceArea(
            vendor_organization_id=vendor.id,
            kind=AreaKind.RADIUS,
            latitude=base.latitude,
            longitude=base.longitude,
            radius_meters=cast.radius_km * 1000,
        )
    )
    depot = Depot(
        id=world.id(f"depot:{cast.slug}"),
        vendor_organization_id=vendor.id,
        name=home.name if home else f"{vendor.name} depot",
        address_line=cast.depot_address,
        postal_code=home.postal_code if home else "97227",
        latitude=base.latitude,
        longitude=base.longitude,
    )
    session.add(depot)
    session.flush()
    return depot


def _agree(
    session: WorkSession, world: World, cast: Cast, vendor_id: UUID, organizations: dict[str, UUID]
) -> None:
    since = world.day - _YEAR
    session.add(
        Contract(
            vendor_organization_id=vendor_id,
            organization_id=organizations[HOSPITAL],
            amendment_tolerance_minutes=cast.tolerance_minutes,
            response_minutes=15,
            late_cancellation_cents=2_500,
            no_show_cents=4_000,
            vendor_no_show_cents=5_000,
            effective_from=since,
        )
    )
    for weekday in range(7):
        session.add(
            Capacity(
                vendor_organization_id=vendor_id,
                service_line=ServiceLine(cast.line),
                weekday=weekday,
                per_day=cast.per_day if weekday < 5 else cast.per_day // 2,
            )
        )
    former = world.day - timedelta(days=90)
    session.add(_card(cast, vendor_id, None, since, 125))
    session.add(_card(cast, vendor_id, organizations[PAYER], since, 94, former))
    session.add(_card(cast, vendor_id, organizations[PAYER], former, 100))
    session.flush()


def _card(
    cast: Cast, vendor_id: UUID, payer_id: UUID | None, since: date, percent: int, until: date | None = None
) -> RateCard:
    """A card at `percent` of the list times the vendor's own price level."""
    card = RateCard(
        vendor_organization_id=vendor_id,
        payer_organization_id=payer_id,
        effective_from=since,
        effective_to=until,
    )
    for code, text, unit, cents, modifier, level in _price_list(cast):
        card.lines.append(
            RateLine(
                vendor_organization_id=vendor_id,
                payer_organization_id=payer_id,
                code=code,
                description=text,
                unit=unit,
                cents=cents * cast.percent * percent // 10_000,
                modifier=modifier,
                level_of_service=level,
            )
        )
    return card


def _price_list(cast: Cast) -> list[tuple[str, str, RateUnit, int, str | None, str | None]]:
    if cast.line == "ride":
        prices = AIR_LIST if "air_fixed" in cast.levels else RIDE_LIST
        return [(code, text, unit, cents, None, level) for code, text, unit, cents, level in prices]
    if cast.line == "home_health":
        return [
            (facts.code, facts.description, RateUnit.VISIT, VISIT_CENTS[kind], None, None)
            for kind, facts in DISCIPLINES.items()
        ]
    rented = [
        (code, CATALOG[code].name, RateUnit.MONTH, MONTHLY_CENTS[code], "RR", None)
        for code in cast.equipment
        if code in MONTHLY_CENTS
    ]
    bought = [
        (code, CATALOG[code].name, RateUnit.ITEM, PURCHASE_CENTS[code], "NU", None)
        for code in cast.equipment
        if code in PURCHASE_CENTS
    ]
    delivery = (DELIVERY_CODE, "Delivery and set-up", RateUnit.TRIP, DELIVERY_CENTS, None, None)
    return [*rented, *bought, delivery]


def _stock_up(session: WorkSession, world: World, cast: Cast, depot: Depot) -> None:
    dice = world.random(f"stock:{cast.slug}")
    for code in cast.equipment:
        session.add(
            StockItem(
                vendor_organization_id=depot.vendor_organization_id,
                depot_id=depot.id,
                hcpcs_code=code,
                description=CATALOG[code].name,
                quantity=0 if (cast.slug, code) == SOLD_OUT else dice.randint(6, 24),
            )
        )
        if (cast.slug, code) == SOLD_OUT:
            dice.randint(6, 24)  # the others' counts stay as they were
            world.planted["stock_out_item"] = code
