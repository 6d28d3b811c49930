"""The cast of the larger demo: six hospitals of one system, sixteen vendors and three payers of a metro."""

from __future__ import annotations

from dataclasses import replace

from marketplace.identity.demo_cast import CITY, COMPANIES, Company, Place
from marketplace.identity.words import OrganizationKind

BEDS = (720, 410, 300, 220, 150, 100)
"""Staffed beds of the six hospitals, the main one first; people are spread over them in this proportion."""

_UNITS = ("3 North", "4 South", "Medical", "Surgical", "Orthopedics")
_HOSPITALS = (
    Place("St. Brigid Eastside", "10123 SE Market St, Portland, OR", "97216", 45.5136, -122.5600, _UNITS),
    Place("St. Brigid Tualatin Valley", "335 SE 8th Ave, Hillsboro, OR", "97123", 45.5186, -122.9767, _UNITS),
    Place("St. Brigid Willamette", "1500 Division St, Oregon City, OR", "97045", 45.3566, -122.5871, _UNITS),
    Place("St. Brigid Gresham", "24800 SE Stark St, Gresham, OR", "97030", 45.5155, -122.4060, _UNITS),
    Place("St. Brigid Lake Road", "10150 SE 32nd Ave, Milwaukie, OR", "97222", 45.4479, -122.6303, _UNITS),
)
_MORE_DRIVERS = {"harbor-rides": 17, "bayview-medical-transport": 19}
_RIDE_PEOPLE = ("vendor_admin", "dispatcher", "driver", "biller", "org_admin")
_SUPPLY_PEOPLE = ("vendor_admin", "dispatcher", "technician", "biller", "org_admin")


def _vendor(
    slug: str, name: str, place: Place, people: tuple[str, ...], crew: int, *, rides: bool
) -> Company:
    roles = _RIDE_PEOPLE if rides else _SUPPLY_PEOPLE
    worker = "driver" if rides else "technician"
    return Company(
        slug,
        name,
        OrganizationKind.VENDOR,
        place,
        tuple(zip(roles, people, strict=True)),
        ((worker, crew - 1),) if crew > 1 else (),
    )


_VENDORS = (
    _vendor(
        "rose-quarter-mobility",
        "Rose Quarter Mobility",
        Place("Rose Quarter garage", f"1300 N Interstate Ave, {CITY}", "97227", 45.5322, -122.6699),
        ("Nadine Prue", "Otis Calloway", "Mercy Adeyemi", "Felix Brandt", "June Takeda"),
        7,
        rides=True,
    ),
    _vendor(
        "cascade-wheelchair-transport",
        "Cascade Wheelchair Transport",
        Place("Cascade garage", f"9320 SW Barbur Blvd, {CITY}", "97219", 45.4597, -122.7104),
        ("Ruben Ayala", "Tilda Moss", "Kofi Mensah", "Greta Olin", "Sam Ridgeway"),
        7,
        rides=True,
    ),
    _vendor(
        "tualatin-valley-rides",
        "Tualatin Valley Rides",
        Place(
            "Tualatin Valley garage", "2850 SW Cedar Hills Blvd, Beaverton, OR", "97005", 45.4983, -122.8115
        ),
        ("Dolly Parish", "Ike Sandvik", "Yara Haddad", "Burt Coleman", "Ines Pardo"),
        6,
        rides=True,
    ),
    _vendor(
        "gresham-care-cab",
        "Gresham Care Cab",
        Place("Care Cab garage", "1900 NE Burnside Rd, Gresham, OR", "97030", 45.5052, -122.4118),
        ("Lamont Ferris", "Wilma Stroud", "Piotr Nowicki", "Asha Verma", "Clyde Barlow"),
        6,
        rides=True,
    ),
    _vendor(
        "st-johns-mobility",
        "St. Johns Mobility",
        Place("St. Johns garage", f"8316 N Lombard St, {CITY}", "97203", 45.5899, -122.7530),
        ("Hattie Moreau", "Jon Sorley", "Bilal Karim", "Petra Wynn", "Noel Castor"),
        3,
        rides=True,
    ),
    _vendor(
        "canby-stretcher-car",
        "Canby Stretcher Car",
        Place("Canby depot", "190 S Ivy St, Canby, OR", "97013", 45.2629, -122.6926),
        ("Edda Larkspur", "Roy Dunaway", "Silas Okoro", "Minna Voss", "Tate Holloway"),
        3,
        rides=True,
    ),
    _vendor(
        "willamette-sedan",
        "Willamette Sedan Service",
        Place("Sedan garage", "300 B Ave, Lake Oswego, OR", "97034", 45.4190, -122.6640),
        ("Cora Lindh", "Abel Quick", "Dina Marsh", "Hugo Reyes", "Vida Solberg"),
        2,
        rides=True,
    ),
    _vendor(
        "willamette-ambulance",
        "Willamette Ambulance",
        Place("Ambulance station 4", f"6330 SE 82nd Ave, {CITY}", "97266", 45.4760, -122.5790),
        ("Marta Engel", "Curtis Vale", "Renee Abbas", "Toby Lund", "Alma Figueroa"),
        20,
        rides=True,
    ),
    _vendor(
        "northgate-medical",
        "Northgate Medical Equipment",
        Place("Northgate warehouse", f"4920 NE 122nd Ave, {CITY}", "97230", 45.5585, -122.5376),
        ("Paula Renner", "Elton Bragg", "Sunniva Dale", "Marcus Pell", "Lena Fyodorova"),
        7,
        rides=False,
    ),
    _vendor(
        "columbia-home-supply",
        "Columbia Home Supply",
        Place("Columbia warehouse", f"3700 N Columbia Blvd, {CITY}", "97217", 45.5884, -122.7089),
        ("Joyce Amadi", "Walt Kessel", "Tamar Levin", "Rory Finch", "Blythe Carmody"),
        6,
        rides=False,
    ),
    _vendor(
        "oregon-home-oxygen",
        "Oregon Home Oxygen",
        Place("Oxygen depot", "16100 SW 72nd Ave, Tigard, OR", "97224", 45.4062, -122.7465),
        ("Stella Ngo", "Barry Oakes", "Lucio Ferrante", "Dagny Holt", "Peggy Lassiter"),
        5,
        rides=False,
    ),
)
_PAYERS = (
    Company(
        "cascade-advantage",
        "Cascade Advantage",
        OrganizationKind.PAYER,
        Place("Cascade Advantage claims office", f"1455 SW Broadway, {CITY}", "97201", 45.5128, -122.6822),
        (("reviewer", "Rajiv Menon"), ("org_admin", "Colleen Hart")),
        (("reviewer", 1),),
    ),
    Company(
        "rose-city-mutual",
        "Rose City Mutual",
        OrganizationKind.PAYER,
        Place("Rose City claims office", f"825 NE Multnomah St, {CITY}", "97232", 45.5310, -122.6568),
        (("reviewer", "Amelia Stokes"), ("org_admin", "Dorian Wells")),
    ),
)


def companies(size: str) -> tuple[Company, ...]:
    """Who is in the demo of this size: the seven of the small one, and for M the rest of the metro."""
    if size == "S":
        return COMPANIES
    return (*(_grown(company) for company in COMPANIES), *_VENDORS, *_PAYERS)


def _grown(company: Company) -> Company:
    if company.slug == "st-brigid":
        return replace(company, more_places=_HOSPITALS, extras=(("planner", 11),))
    if company.slug in _MORE_DRIVERS:
        return replace(company, extras=(("driver", _MORE_DRIVERS[company.slug]),))
    return company
