"""The care plans of the demo: who needs a ride, who needs equipment, and what comes before what."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from uuid import UUID

from marketplace.careplans import service as careplans
from marketplace.careplans.words import Hardness, ServiceKind, TaskCategory
from marketplace.foundation.access import system_actor
from marketplace.foundation.work import WorkSession, unit_of_work
from marketplace.foundation.world import World
from marketplace.patients.demo import Guest
from marketplace.patients.words import MobilityAid

_RIDE_SHARE = 0.22
_EQUIPMENT_SHARE = 0.2
EQUIPMENT_SHARES = {
    "E0143": 30, "E0163": 13, "K0001": 13, "E1390": 14, "E0570": 7, "E0260": 8, "E0630": 2, "E0601": 2,
    "E2402": 2, "E0240": 4,
}  # fmt: skip
"""What goes home with people, by share of the orders."""
_BEFORE_HOME = frozenset({"E1390", "E0260"})
"""Equipment without which nobody should be at home."""
_BY_HAND = (
    (TaskCategory.MEDICATION, "Prescriptions filled and explained", -180, -30),
    (TaskCategory.FOLLOW_UP, "Appointment with the family physician", -240, 0),
    (TaskCategory.TEACHING, "Wound care taught to the family", -120, -15),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A task of the demo that can be booked, as bookings find it in `things["wishes"]`."""

    guest: Guest
    task_id: UUID
    kind: ServiceKind
    equipment_code: str | None


def demo(world: World) -> None:
    """Plans with owned tasks for those who need something; leaves `wishes` in `things`."""
    health_system = world.things["organizations"]["st-brigid"]
    owners = world.things["users"]["st-brigid"]["planner"]
    wishes: list[Wish] = []
    with unit_of_work(world.runtime, system_actor(health_system)) as session:
        for number, guest in enumerate(world.things["guests"]):
            plan = _Plan(session, world, guest, owners[number % len(owners)])
            wishes += plan.rosa() if guest.topic == "alvarez" else plan.draw()
    world.things["wishes"] = wishes


class _Plan:
    """The plan of one guest while it is being made."""

    def __init__(self, session: WorkSession, world: World, guest: Guest, owner_id: UUID) -> None:
        self.session, self.world, self.guest, self.owner_id = session, world, guest, owner_id
        self.dice: Random = world.random(f"careplans:{guest.topic}")
        care_plan_id = world.id(f"care_plan:{guest.topic}")
        self.plan_id = careplans.open_plan(session, guest.encounter_id, care_plan_id=care_plan_id).id

    def rosa(self) -> list[Wish]:
        """Mrs. Alvarez: oxygen in her home before she is, and a wheelchair ride."""
        oxygen = self._equipment("E1390", "Oxygen concentrator at home", "alvarez_oxygen_task")
        ride = self._ride("alvarez_ride_task")
        careplans.add_precedence(self.session, oxygen.task_id, ride.task_id, Hardness.HARD)
        self._by_hand(*_BY_HAND[0])
        planted = self.world.planted
        planted["alvarez_oxygen_task"], planted["alvarez_ride_task"] = str(oxygen.task_id), str(ride.task_id)
        return []

    def draw(self) -> list[Wish]:
        """A plan by chance: most need nothing but a prescription."""
        wishes: list[Wish] = []
        aid = self.guest.person.needs.mobility_aid
        lies = aid is MobilityAid.STRETCHER
        if self.dice.random() < (0.6 if lies or "wheelchair" in aid else _RIDE_SHARE * 0.7):
            wishes.append(self._ride(f"ride:{self.guest.topic}"))
        if self.dice.random() < _EQUIPMENT_SHARE:
            code = self.dice.choices(list(EQUIPMENT_SHARES), weights=list(EQUIPMENT_SHARES.values()))[0]
            delivery = self._equipment(code, "", f"equipment:{self.guest.topic}")
            if wishes:
                hardness = Hardness.HARD if code in _BEFORE_HOME else Hardness.SOFT
                careplans.add_precedence(self.session, delivery.task_id, wishes[0].task_id, hardness)
            wishes.append(delivery)
        if self.dice.random() < 0.35:
            self._by_hand(*self.dice.choice(_BY_HAND))
        return wishes

    def _ride(self, topic: str) -> Wish:
        task_id = self._task(topic, TaskCategory.TRANSPORT, "Ride home", ServiceKind.RIDE, None, 0, 60)
        return Wish(self.guest, task_id, ServiceKind.RIDE, None)

    def _equipment(self, code: str, title: str, topic: str) -> Wish:
        from marketplace.careplans.equipment import CATALOG

        title = title or f"{CATALOG[code].name} at home"
        kind = ServiceKind.EQUIPMENT
        task_id = self._task(topic, TaskCategory.EQUIPMENT, title, kind, code, -240, 0)
        return Wish(self.guest, task_id, kind, code)

    def _by_hand(self, category: TaskCategory, title: str, start: int, end: int) -> None:
        self._task(f"{category}:{self.guest.topic}", category, title, ServiceKind.OTHER, None, start, end)

    def _task(
        self,
        topic: str,
        category: TaskCategory,
        title: str,
        kind: ServiceKind,
        code: str | None,
        start: int,
        end: int,
    ) -> UUID:
        new = careplans.NewTask(
            category=category,
            title=title,
            owner_user_id=self.owner_id,
            service_kind=kind,
            equipment_code=code,
            due_offset_start_minutes=start,
            due_offset_end_minutes=end,
        )
        task_id = self.world.id(f"task:{topic}")
        return careplans.add_task(self.session, self.plan_id, new, task_id=task_id).id
