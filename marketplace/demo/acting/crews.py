"""Drivers, technicians, clinicians: they set off as planned, come more or less on time, report each step."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marketplace.demo.acting.cast import Stagehands
from marketplace.demo.acting.line import Answer, Line
from marketplace.demo.history.stage import LATE_VENDOR

LOOKS_EVERY_MINUTES = 7.0
NOT_READY, RIDER_NO_SHOW, NOBODY_HOME, PATIENT_AWAY = 0.18, 0.015, 0.02, 0.03
SET_OFF_AHEAD = {"ride": 18.0, "equipment": 45.0, "home_health": 25.0}
"""Business minutes before the planned start at which a crew begins."""
PHONES = ("driver", "technician", "clinician", "dispatcher")
"""Who reports on a phone of their own; where nobody does, dispatch has one."""
MOST_WAITS = 14
"""How often a driver waits ten minutes more for a home that is not ready."""


class Crews:
    """All crews of one vendor. One driver reports on a phone of their own, the others through dispatch."""

    def __init__(self, hands: Stagehands, organization: str) -> None:
        self._hands, self._agenda = hands, hands.agenda
        self._desk = hands.line("dispatcher", organization)
        self._dice = hands.dice(f"crews:{organization}")
        role = next(role for role in PHONES if f"{role}@{organization}" in hands.tokens)
        self._phone = hands.line(role, organization)
        self._late = 15.0 if organization == LATE_VENDOR else 0.0
        self._on_phone = ""
        self._begun: set[str] = set()

    def begin(self) -> None:
        """Look at the day's stops every few minutes."""
        me = self._phone.get("/me")
        self._on_phone = str(me.document.get("user_id", "")) if me.good else ""
        self._agenda.every(LOOKS_EVERY_MINUTES, self._look, first=self._dice.uniform(0, LOOKS_EVERY_MINUTES))

    def _look(self) -> None:
        found, now = self._desk.get("/stops"), self._agenda.clock.now()
        for stop in found.items:
            if stop["status"] != "assigned" or stop["booking_id"] in self._begun or not stop["planned_start"]:
                continue
            ahead = timedelta(minutes=SET_OFF_AHEAD.get(stop["kind"], 20.0))
            if datetime.fromisoformat(stop["planned_start"]) - ahead <= now:
                self._begun.add(stop["booking_id"])
                _Stop(self._hands, self._line_of(stop), self._dice.random(), self._late, stop).begin()

    def _line_of(self, stop: dict[str, Any]) -> Line:
        return self._phone if stop["driver_user_id"] == self._on_phone else self._desk


class _Stop:
    """One ride, delivery or visit being done."""

    def __init__(self, hands: Stagehands, line: Line, luck: float, late: float, stop: dict[str, Any]) -> None:
        self._hands, self._agenda, self._line, self._luck = hands, hands.agenda, line, luck
        self._dice = hands.dice(f"stop:{stop['booking_id']}")
        self._stop, self._path, self._waits = stop, f"/stops/{stop['booking_id']}", 0
        start = datetime.fromisoformat(stop["planned_start"])
        end = datetime.fromisoformat(stop["planned_end"] or stop["planned_start"])
        odd = self._dice.uniform(10, 35) if self._dice.random() < 0.05 else 0.0
        self._arrives = start + timedelta(minutes=late + odd + self._dice.gauss(-1, 4))
        self._lasts = max(6.0, (end - start) / timedelta(minutes=1) - 12)

    def begin(self) -> None:
        """The first step: set off, or load."""
        if self._stop["kind"] == "ride":
            self._then("en_route_pickup", self._arrive_at_pickup)
        elif self._stop["kind"] == "home_health":
            self._then("en_route", self._arrive_at_patient)
        else:
            self._then("loaded", lambda: self._in(18, "en_route", self._arrive_at_home))

    def _arrive_at_pickup(self) -> None:
        self._agenda.at(self._arrives, lambda: self._then("arrived_pickup", self._at_the_bed))

    def _at_the_bed(self) -> None:
        if self._luck < RIDER_NO_SHOW:
            self._in(17, "rider_no_show", lambda: self._hands.record.did("rider no-show"))
            return
        ready = self._luck >= RIDER_NO_SHOW + NOT_READY
        self._agenda.after(self._dice.uniform(8, 15) if ready else self._dice.uniform(20, 45), self._board)

    def _board(self) -> None:
        """On board; where the home is not ready yet the driver waits with the patient in bed."""
        answer = self._step("on_board")
        if answer.good:
            self._in(self._lasts * self._dice.uniform(0.85, 1.15), "arrived_dropoff", self._goodbye)
        elif answer.status == 409 and self._waits < MOST_WAITS:
            self._waits += 1
            self._agenda.after(10, self._board)

    def _goodbye(self) -> None:
        self._agenda.after(self._dice.uniform(4, 9), self._log)

    def _log(self) -> None:
        begun = round(self._dice.uniform(20_000, 120_000), 1)
        miles = max(0.4, self._miles())
        signed = self._dice.random() > 0.04
        body = {
            "odometer_start": begun,
            "odometer_end": round(begun + miles, 1),
            **({"signature_typed": "The rider"} if signed else {"unable_to_sign": "Hand in a cast"}),
        }
        if self._line.post(f"{self._path}/trip-log", body).good:
            self._hands.record.did("finished a ride")

    def _miles(self) -> float:
        booking = self._line.get(f"/bookings/{self._stop['booking_id']}")
        meters = booking.document["distance_meters"] if booking.good else 4_000
        return float(meters) / 1609.344 * self._dice.uniform(0.99, 1.04)

    def _arrive_at_home(self) -> None:
        self._agenda.at(self._arrives, lambda: self._then("arrived", self._at_the_door))

    def _at_the_door(self) -> None:
        if self._luck < NOBODY_HOME:
            self._in(8, "nobody_home", lambda: self._hands.record.did("nobody home"))
            return
        self._in(max(8.0, self._lasts * self._dice.uniform(0.7, 1.2)), "set_up", self._hand_over)

    def _hand_over(self) -> None:
        self._agenda.after(self._dice.uniform(2, 5), self._sign)

    def _sign(self) -> None:
        booking = self._line.get(f"/bookings/{self._stop['booking_id']}")
        rider = self._line.get(f"/bookings/{self._stop['booking_id']}/rider")
        if not booking.good or not rider.good:
            return
        name = rider.document["receiver_name"] or rider.document["name"]
        body = {
            "receiver_name": name,
            "relationship": "relative" if rider.document["receiver_name"] else "self",
            "signature_typed": name,
            "items": [
                {"hcpcs_code": item["hcpcs_code"], "quantity": item["quantity"], "serial_number": "SN-1042"}
                for item in booking.document["items"]
            ],
        }
        if self._line.post(f"{self._path}/acceptance", body).good:
            self._in(2, "completed", lambda: self._hands.record.did("finished a delivery"))

    def _arrive_at_patient(self) -> None:
        self._agenda.at(self._arrives, lambda: self._then("arrived", self._at_the_patient))

    def _at_the_patient(self) -> None:
        """Begin; where the patient is still on the way home the clinician waits, as a driver does."""
        if self._luck < PATIENT_AWAY:
            missed = {"status": "missed", "missed_reason": "patient_not_home"}
            if self._line.post(f"{self._path}/steps", missed).good:
                self._hands.record.did("missed a visit")
            return
        answer = self._step("started")
        if answer.good:
            self._in(max(20.0, self._lasts * self._dice.uniform(0.8, 1.1)), "ended", self._write_down)
        elif answer.status == 409 and self._waits < MOST_WAITS:
            self._waits += 1
            self._agenda.after(10, self._at_the_patient)

    def _write_down(self) -> None:
        self._agenda.after(self._dice.uniform(3, 8), self._keep_record)

    def _keep_record(self) -> None:
        body = {
            "note": "Vital signs stable, medicines reconciled, home safety reviewed with the family.",
            "signature_typed": "The patient",
            "at_home": True,
        }
        if self._line.post(f"{self._path}/visit-record", body).good:
            self._hands.record.did("finished a visit")

    def _in(self, minutes: float, status: str, then: Any) -> None:
        self._agenda.after(minutes, lambda: self._then(status, then))

    def _then(self, status: str, then: Any) -> None:
        if self._step(status).good:
            then()

    def _step(self, status: str) -> Answer:
        return self._line.post(f"{self._path}/steps", {"status": status})
