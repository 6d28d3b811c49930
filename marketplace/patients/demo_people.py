"""Who is in the demo's hospital: made-up people of a metro on the Willamette, drawn from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from marketplace.foundation.geography import place_of
from marketplace.patients.words import Identity, IsolationPrecaution, MobilityAid, Needs, Receiver

POSTAL_CODES = (
    "97201", "97202", "97203", "97206", "97209", "97210", "97211", "97212", "97213", "97214", "97215",
    "97216", "97217", "97218", "97219", "97220", "97221", "97222", "97223", "97224", "97225", "97229",
    "97230", "97232", "97233", "97236", "97239", "97266", "97267", "97003", "97005", "97006", "97007",
    "97008", "97030", "97080", "97034", "97035", "97045", "97062", "97086", "97123", "97124",
)  # fmt: skip
"""Where the people live: Portland and the towns around it."""
_QUADRANTS = {
    "N": ("97203", "97217", "97227"),
    "NE": ("97211", "97212", "97213", "97218", "97220", "97230", "97232"),
    "SE": ("97202", "97206", "97214", "97215", "97216", "97222", "97233", "97236", "97266", "97267", "97086"),
    "NW": ("97209", "97210", "97229"),
}
_STREETS = (
    "Alder St", "Ash St", "Belmont St", "Bybee Blvd", "Clinton St", "Division St", "Fremont St",
    "Glisan St", "Going St", "Hawthorne Blvd", "Holgate Blvd", "Killingsworth St", "Knott St",
    "Lincoln St", "Lombard St", "Multnomah St", "Prescott St", "Raleigh St", "Salmon St", "Stark St",
    "Taylor St", "Tillamook St", "Yamhill St",
)  # fmt: skip
_WOMEN = (
    "Alice", "Beverly", "Carmen", "Dolores", "Edith", "Fumiko", "Gloria", "Helen", "Irina", "Joan",
    "Kathleen", "Lien", "Marlene", "Nadia", "Opal", "Patricia", "Ruth", "Shirley", "Theresa", "Vera",
    "Wanda", "Yolanda",
)  # fmt: skip
_MEN = (
    "Albert", "Bernard", "Carlos", "Dmitri", "Eugene", "Frank", "Gerald", "Harold", "Isaac", "James",
    "Kenji", "Leonard", "Marvin", "Nestor", "Oscar", "Peter", "Raymond", "Samuel", "Tomas", "Vincent",
    "Walter",
)  # fmt: skip
_FAMILIES = (
    "Abbott", "Baranov", "Castillo", "Dahl", "Ellison", "Farrow", "Gutierrez", "Hoang", "Ibsen",
    "Jimenez", "Kessler", "Lindqvist", "Mbeki", "Nakagawa", "Olsen", "Pruitt", "Quintero", "Reyes",
    "Schultz", "Tran", "Underhill", "Vasquez", "Whitaker", "Xiong", "Yamada", "Zielinski", "Bishop",
    "Corrigan", "Delgado", "Everett", "Fitzgerald", "Grady", "Hargrove", "Kim", "Larkin", "Moreno",
    "Novak", "Osborne", "Pham", "Rasmussen",
)  # fmt: skip
_LANGUAGES = ("Spanish", "Vietnamese", "Russian", "Cantonese", "Somali")
_RELATIVES = ("daughter", "son", "spouse", "sister", "neighbor")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the hospital, with what moving them takes."""

    identity: Identity
    needs: Needs
    receiver: Receiver | None


def draw_person(dice: Random, number: int, today: date) -> Person:
    """One person; `number` makes the record number unique."""
    family = _FAMILIES[(number * 7 + dice.randrange(3)) % len(_FAMILIES)]
    given = dice.choice(_WOMEN if dice.random() < 0.54 else _MEN)
    born = today - timedelta(days=int(min(97, max(24, dice.gauss(69, 14))) * 365.25) + dice.randrange(365))
    code = dice.choice(POSTAL_CODES)
    place = place_of(code)
    quadrant = next((name for name, codes in _QUADRANTS.items() if code in codes), "SW")
    identity = Identity(
        given_name=given,
        family_name=family,
        birth_date=born.isoformat(),
        mrn=f"SB-{200_000 + number * 137 + dice.randrange(100)}",
        phone=_phone(dice),
        address_line=f"{dice.randrange(900, 14_000)} {quadrant} {dice.choice(_STREETS)}",
        city=place.city,
        state=place.state,
        postal_code=code,
    )
    receiver = None
    if dice.random() < 0.7:
        name = f"{dice.choice(_WOMEN + _MEN)} {family}"
        receiver = Receiver(name, _phone(dice), dice.choice(_RELATIVES))
    return Person(identity, _needs(dice), receiver)


def _needs(dice: Random) -> Needs:
    aids = list(MobilityAid)
    aid = dice.choices(aids, weights=(40, 8, 20, 20, 2, 3, 7))[0]
    heavy = aid is MobilityAid.BARIATRIC_WHEELCHAIR
    return Needs(
        stairs_count=dice.choices((0, 3, 8, 14), weights=(50, 25, 15, 10))[0],
        weight_kg=dice.randrange(140, 190) if heavy else round(min(130.0, max(45.0, dice.gauss(79, 15)))),
        oxygen_lpm=Decimal(dice.choices((0, 2, 3, 4), weights=(82, 10, 5, 3))[0]),
        mobility_aid=aid,
        escort=dice.random() < 0.25,
        isolation_precaution=dice.choices(list(IsolationPrecaution), weights=(92, 5, 2, 1))[0],
        interpreter_language=dice.choice(_LANGUAGES) if dice.random() < 0.11 else None,
    )


def _phone(dice: Random) -> str:
    return f"{dice.choice(('503', '971'))} 555 01{dice.randrange(100):02d}"
