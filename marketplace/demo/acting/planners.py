"""The health system's planners: they book what care plans ask for, ask again, move and call off."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from marketplace.bookings.rules import suggested_level
from marketplace.demo.acting.cast import Stagehands
from marketplace.patients.words import Needs

LEAD_MINUTES = ((45, 60, 20), (60, 180, 35), (180, 480, 45))
"""(from, to, weight): how long before leaving a discharge's services are booked, on the day itself."""
MOVED, ROLLS_OVER, CANCELLED = 0.55, 0.05, 0.05
"""Shares of stays with services: the time slips, it goes to tomorrow, the ride is called off (lognormal slip
of median 48 minutes and sigma 0.95; 7 % 3 to 8 hours: shaped on a published cohort of 209 discharges)."""
MOST_ASKED = 3
MOST_ROUNDS = 3


class Planners:
    """All planners of one health system, on one line."""

    def __init__(self, hands: Stagehands, organization: str) -> None:
        self._hands, self._agenda = hands, hands.agenda
        self._line = hands.line("planner", organization)
        self._dice = hands.dice(f"planners:{organization}")
        self._rounds: Counter[str] = Counter()
        self._asked: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Read who is to leave today, and decide when each is booked, slips or is called off."""
        after = ""
        while True:
            query = {"planned_only": "true", "until": self._hands.ends_at.isoformat()}
            page = self._line.get("/encounters", query | ({"after": after} if after else {}))
            if not page.good:
                return
            for departure in page.items:
                self._plan_for(departure)
            after = page.document["next"]
            if not after:
                break
        self._agenda.every(9, self._ask_again, first=12)
        self._agenda.every(12, self._let_go, first=60)

    def _plan_for(self, departure: dict[str, Any]) -> None:
        stay, dice = departure["encounter"], self._dice
        leaves = datetime.fromisoformat(stay["expected_discharge_at"])
        wanted = [task for task in departure["tasks"] if task["state"] == "open"]
        low, high, _ = dice.choices(LEAD_MINUTES, weights=[weight for *_, weight in LEAD_MINUTES])[0]
        book_at = leaves - timedelta(minutes=dice.randrange(low, high))
        for number, task in enumerate(wanted):
            at = max(book_at, self._agenda.clock.now()) + timedelta(minutes=number * 2 + dice.uniform(0, 6))
            self._agenda.at(at, partial(self._book, task["task_id"], stay))
        luck = dice.random()
        if luck < MOVED:
            warned = leaves - timedelta(minutes=dice.uniform(20, 150))
            self._agenda.at(warned, partial(self._slip, stay["id"], leaves))
        elif luck < MOVED + ROLLS_OVER:
            warned = leaves - timedelta(minutes=dice.uniform(40, 200))
            self._agenda.at(warned, partial(self._move, stay["id"], leaves + timedelta(days=1)))
        elif luck < MOVED + ROLLS_OVER + CANCELLED:
            self._agenda.at(leaves - timedelta(minutes=30), partial(self._call_off, stay["id"]))

    def _book(self, task_id: str, stay: dict[str, Any]) -> None:
        task = self._line.get(f"/tasks/{task_id}")
        if not task.good or task.document["state"] != "open":
            return
        kind = task.document["service_kind"]
        if kind not in ("ride", "equipment", "home_health"):
            return
        if kind == "home_health" and not self._let_choose(stay["id"], task.document["discipline"]):
            return
        patient = self._line.get(f"/patients/{stay['patient_id']}").document
        order = {"task_id": task_id, "kind": kind, **self._payer(stay["patient_id"], kind)}
        if kind == "ride":
            order["level_of_service"] = suggested_level(Needs.from_json(patient["needs"])).value
        elif kind == "equipment":
            order["items"] = [{"hcpcs_code": task.document["equipment_code"], "quantity": 1}]
        booked = self._line.post("/bookings", order)
        if booked.good:
            self._hands.record.did(f"booked {kind}")
            self._offer(booked.document)

    def _let_choose(self, encounter_id: str, discipline: str) -> bool:
        """Show the patient the whole list of agencies and write down whom they want; whether they chose."""
        listed = self._line.post(f"/encounters/{encounter_id}/choice-lists", {})
        if not listed.good:
            return False
        fitting = [
            line["position"]
            for line in listed.document["lines"]
            if line["vendor_organization_id"] and discipline in line["disciplines"]
        ]
        with self._lock:
            self._dice.shuffle(fitting)
        body = {"outcome": "chosen", "positions": fitting[:2], "presented_to": "patient"}
        chosen = (
            bool(fitting) and self._line.post(f"/choice-lists/{listed.document['id']}/choices", body).good
        )
        self._hands.record.did("patient chose an agency" if chosen else "no agency could be chosen")
        return chosen

    def _payer(self, patient_id: str, kind: str) -> dict[str, Any]:
        """A plan of the patient's with units left, a plan without any need of them, or the hospital."""
        found = self._line.get(f"/patients/{patient_id}/coverages")
        for coverage in found.items:
            held = [
                one
                for one in coverage["authorizations"]
                if one["service_line"] == kind and one["units_used"] < one["units_approved"]
            ]
            choice = {"payer_kind": "coverage", "coverage_id": coverage["id"]}
            return choice | ({"authorization_id": held[0]["id"]} if held else {})
        return {"payer_kind": "health_system"}

    def _offer(self, booking: dict[str, Any]) -> None:
        """Ask the nearest vendors that were not asked yet, until a little later."""
        found = self._line.get("/vendors/candidates", {"booking": booking["id"]})
        if not found.good:
            return
        with self._lock:
            asked = self._asked.setdefault(booking["id"], set())
            able = [one for one in found.items if one["is_eligible"] and one["vendor_id"] not in asked]
            chosen = [one["vendor_id"] for one in able[:MOST_ASKED]]
            asked.update(chosen)
        if not chosen:
            self._hands.record.did("found no vendor")
            return
        latest = datetime.fromisoformat(booking["requested_end"])
        deadline = min(self._agenda.clock.now() + timedelta(minutes=28), latest)
        body = {"vendor_ids": chosen, "respond_by": deadline.isoformat()}
        if self._line.post(f"/bookings/{booking['id']}/offers", body).good:
            self._hands.record.did("offered")

    def _ask_again(self) -> None:
        """Whatever waits for a vendor again is offered to others, a few times."""
        found = self._line.get("/bookings", {"role": "requester", "state": "requested"})
        for booking in found.items:
            end = datetime.fromisoformat(booking["requested_end"])
            if end > self._agenda.clock.now() and self._rounds[booking["id"]] < MOST_ROUNDS:
                self._rounds[booking["id"]] += 1
                self._offer(booking)

    def _slip(self, encounter_id: str, leaves: datetime) -> None:
        """The patient will be ready later than was said (now and then earlier)."""
        dice = self._dice
        luck = dice.random()
        if luck < 0.12:
            minutes = -dice.uniform(5, 45)
        elif luck < 0.9:
            minutes = min(300.0, dice.lognormvariate(3.87, 0.95))
        else:
            minutes = dice.uniform(180, 360)
        self._move(encounter_id, leaves + timedelta(minutes=round(minutes / 5) * 5 or 5))

    def _move(self, encounter_id: str, moment: datetime) -> None:
        stay = self._line.get(f"/encounters/{encounter_id}")
        if not stay.good or stay.document["state"] != "admitted" or moment <= self._agenda.clock.now():
            return
        reason = self._dice.choice(("awaiting_prescriptions", "clinical", "awaiting_consult", "family"))
        body = {"expected_discharge_at": moment.isoformat(), "reason_code": reason}
        if self._line.post(f"/encounters/{encounter_id}/discharge-time", body).good:
            self._hands.record.did("moved a discharge")

    def _let_go(self) -> None:
        """Note who has left: their time is over and nothing that was booked for them is still to be done."""
        page, now = self._line.get("/encounters"), self._agenda.clock.now()
        for departure in page.items:
            stay = departure["encounter"]
            late = now - datetime.fromisoformat(stay["expected_discharge_at"])
            waits = any(
                task["booking_id"] and task["state"] in ("open", "booked") for task in departure["tasks"]
            )
            if waits or late < timedelta(minutes=25) or stay["state"] != "admitted":
                continue
            if self._line.post(f"/encounters/{stay['id']}/discharge").good:
                self._hands.record.did("noted a discharge")

    def _call_off(self, encounter_id: str) -> None:
        """The family takes the patient after all."""
        found = self._line.get("/bookings", {"role": "requester", "kind": "ride"})
        for booking in found.items:
            if booking["encounter_id"] == encounter_id:
                body = {"reason_code": "family_takes_patient"}
                if self._line.post(f"/bookings/{booking['id']}/cancel", body).good:
                    self._hands.record.did("called a ride off")
