"""The cast of the demo: eleven made-up organizations of a metro on the Willamette, and who works there."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.identity.words import OrganizationKind

CITY = "Portland, OR"


@dataclass(frozen=True, slots=True)
class Place:
    """A facility of the cast: position in decimal degrees."""

    name: str
    address: str
    postal_code: str
    latitude: float
    longitude: float
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Company:
    """An organization of the cast; `people` are (role, name), `extras` how many more hold a role."""

    slug: str
    name: str
    kind: OrganizationKind
    place: Place
    people: tuple[tuple[str, str], ...]
    extras: tuple[tuple[str, int], ...] = ()
    more_places: tuple[Place, ...] = ()
    """Further facilities beside the first."""


PLATFORM = Company(
    "homeward",
    "Homeward",
    OrganizationKind.PLATFORM,
    Place("Homeward office", f"1120 NW Couch St, {CITY}", "97209", 45.5237, -122.6826),
    (("platform_admin", "Noor Haddad"), ("privacy_officer", "Simone Achterberg")),
)

COMPANIES = (
    Company(
        "st-brigid",
        "St. Brigid Health",
        OrganizationKind.HEALTH_SYSTEM,
        Place(
            "St. Brigid Medical Center",
            f"2801 N Gantenbein Ave, {CITY}",
            "97227",
            45.5440,
            -122.6703,
            ("4 West", "5 East", "6 North", "Cardiac Step-down", "Orthopedics"),
        ),
        (("planner", "Dana Whitfield"), ("org_admin", "Priya Raman")),
        (("planner", 3),),
    ),
    Company(
        "harbor-rides",
        "Harbor Rides",
        OrganizationKind.VENDOR,
        Place("Harbor Rides garage", f"7410 N Chicago Ave, {CITY}", "97203", 45.5905, -122.7551),
        (
            ("vendor_admin", "Luis Ferreira"),
            ("dispatcher", "Keisha Barnett"),
            ("driver", "Tomasz Wolski"),
            ("biller", "Ellen Marsh"),
            ("org_admin", "Gordon Pike"),
        ),
        (("driver", 11),),
    ),
    Company(
        "bayview-medical-transport",
        "Bayview Medical Transport",
        OrganizationKind.VENDOR,
        Place("Bayview garage", f"12250 NE Glisan St, {CITY}", "97230", 45.5266, -122.5379),
        (
            ("vendor_admin", "Anita Kowalczyk"),
            ("dispatcher", "Reggie Thornton"),
            ("driver", "Amara Okonjo"),
            ("biller", "Sven Hallberg"),
            ("org_admin", "Louise Carver"),
        ),
        (("driver", 7),),
    ),
    Company(
        "clearair-oxygen",
        "ClearAir Oxygen",
        OrganizationKind.VENDOR,
        Place("ClearAir warehouse", f"4033 SE Raymond St, {CITY}", "97202", 45.4853, -122.6206),
        (
            ("vendor_admin", "Beatriz Salgado"),
            ("dispatcher", "Owen Prescott"),
            ("technician", "Malik Johnson"),
            ("biller", "Heather Quan"),
            ("org_admin", "Victor Sandoval"),
        ),
        (("technician", 4),),
    ),
    Company(
        "homewell-medical-supply",
        "HomeWell Medical Supply",
        OrganizationKind.VENDOR,
        Place("HomeWell warehouse", "10700 SW Allen Blvd, Beaverton, OR", "97005", 45.4766, -122.7850),
        (
            ("vendor_admin", "Grace Nakamura"),
            ("dispatcher", "Pete Lindgren"),
            ("technician", "Rosalind Beck"),
            ("biller", "Imran Siddiqui"),
            ("org_admin", "Carla Mendes"),
        ),
        (("technician", 4),),
    ),
    Company(
        "rose-city-home-health",
        "Rose City Home Health",
        OrganizationKind.VENDOR,
        Place("Rose City office", f"1405 NE Broadway, {CITY}", "97232", 45.5350, -122.6513),
        (
            ("vendor_admin", "Marguerite Doyle"),
            ("dispatcher", "Curtis Whalen"),
            ("clinician", "Joy Adeyemi"),
            ("biller", "Fiona Castle"),
            ("org_admin", "Rupert Holm"),
        ),
        (("clinician", 7),),
    ),
    Company(
        "columbia-visiting-nurses",
        "Columbia Visiting Nurses",
        OrganizationKind.VENDOR,
        Place("Columbia office", f"9320 SE Foster Rd, {CITY}", "97266", 45.4806, -122.5693),
        (
            ("vendor_admin", "Paulette Griggs"),
            ("dispatcher", "Andre Salcedo"),
            ("clinician", "Minh Chau"),
            ("biller", "Dorothea Lang"),
            ("org_admin", "Basil Trent"),
        ),
        (("clinician", 4),),
    ),
    Company(
        "cascade-wings",
        "Cascade Wings Air Medical",
        OrganizationKind.VENDOR,
        Place("Cascade Wings hangar", "920 NW Perimeter Way, Troutdale, OR", "97060", 45.5494, -122.4013),
        (
            ("vendor_admin", "Ingrid Sather"),
            ("dispatcher", "Rafael Duarte"),
            ("driver", "Casey Lindholm"),
            ("biller", "Monique Faber"),
            ("org_admin", "Walter Brandvold"),
        ),
        (("driver", 3),),
    ),
    Company(
        "high-desert-ambulance",
        "High Desert Ambulance",
        OrganizationKind.VENDOR,
        Place("High Desert station 2", "1130 SW Highland Ave, Redmond, OR", "97756", 44.2660, -121.1790),
        (
            ("vendor_admin", "Tess Okafor"),
            ("dispatcher", "Miles Granger"),
            ("driver", "Bonnie Estrada"),
            ("biller", "Kurt Weller"),
            ("org_admin", "Alma Rusk"),
        ),
        (("driver", 3),),
    ),
    Company(
        "evergreen-health-plan",
        "Evergreen Health Plan",
        OrganizationKind.PAYER,
        Place("Evergreen claims office", f"121 SW Salmon St, {CITY}", "97204", 45.5161, -122.6757),
        (("reviewer", "Helen Ostrowski"), ("org_admin", "Jerome Baptiste")),
        (("reviewer", 1),),
    ),
)

_GIVEN_NAMES = """
Adaeze Alberto Annika Bashir Bridget Calvin Chiara Darnell Dmitri Elena Esteban Farida Gareth Hana
Ibrahim Ingrid Jamal Janelle Kavita Keanu Lamar Leilani Manuel Marisol Naomi Nikhil Octavia Oscar
Paloma Quentin Rashida Renaldo Samira Stefan Tamsin Tobias Uma Valeria Wendell Yusuf Zelda Zhen
"""
GIVEN_NAMES = tuple(_GIVEN_NAMES.split())
_FAMILY_NAMES = """
Abara Bergstrom Castellano Delgado Eriksson Fontaine Guerrero Hollis Iverson Jankowski Kimura
Lafleur McAllister Novak Oyelaran Petrov Quintero Rahman Sorensen Takahashi Underwood Varga
Westbrook Xiong Yates Zielinski
"""
FAMILY_NAMES = tuple(_FAMILY_NAMES.split())
_WORDS = """
amber basalt cedar drift ember fennel granite heron indigo juniper kelp lantern maple nectar orchard
pebble quartz river saffron thistle umber violet willow yarrow zephyr
"""
PASSWORD_WORDS = tuple(_WORDS.split())
