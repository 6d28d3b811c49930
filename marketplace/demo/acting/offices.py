"""Vendors' offices: they answer offers and changed times, late now and then, and turn work back."""

from __future__ import annotations

from functools import partial
from typing import Any

from marketplace.demo.acting.cast import Stagehands
from marketplace.demo.history.stage import SLOW_TO_ANSWER

DECLINED, TURNED_BACK, REFUSED_MOVE = 0.1, 0.04, 0.12
"""Shares of offers, of accepted work, and of changed times (turn-back: 4 % of discharge rides)."""
LOOKS_EVERY_MINUTES = 9.0


class Office:
    """One vendor's office."""

    def __init__(self, hands: Stagehands, organization: str) -> None:
        self._hands, self._agenda = hands, hands.agenda
        self._line = hands.line("vendor_admin", organization)
        self._dice = hands.dice(f"office:{organization}")
        self._slow = organization == SLOW_TO_ANSWER
        self._seen: set[str] = set()

    def begin(self) -> None:
        """Look at the inbox every few minutes."""
        self._agenda.every(LOOKS_EVERY_MINUTES, self._look, first=self._dice.uniform(0, LOOKS_EVERY_MINUTES))

    def _look(self) -> None:
        found = self._line.get("/offers")
        for offer in found.items:
            if offer["id"] not in self._seen:
                self._seen.add(offer["id"])
                thinks = self._dice.uniform(14, 24) if self._slow else self._dice.uniform(0.5, 7)
                self._agenda.after(thinks, partial(self._answer, offer))
        asked = self._line.get("/amendments")
        for question in asked.items:
            if question["id"] not in self._seen:
                self._seen.add(question["id"])
                self._agenda.after(self._dice.uniform(1, 6), partial(self._change, question))

    def _answer(self, offer: dict[str, Any]) -> None:
        if self._dice.random() < DECLINED:
            reason = self._dice.choice(("no_capacity", "too_short_notice", "too_far"))
            if self._line.post(f"/offers/{offer['id']}/decline", {"reason_code": reason}).good:
                self._hands.record.did("declined")
            return
        accepted = self._line.post(f"/offers/{offer['id']}/accept")
        if not accepted.good:
            return
        self._hands.record.did("accepted")
        if self._dice.random() < TURNED_BACK:
            award = accepted.document["id"]
            self._agenda.after(self._dice.uniform(4, 30), lambda: self._turn_back(award))

    def _turn_back(self, award_id: str) -> None:
        reason = self._dice.choice(("vehicle_breakdown", "crew_absent", "running_late"))
        if self._line.post(f"/awards/{award_id}/turn-back", {"reason_code": reason}).good:
            self._hands.record.did("turned back")

    def _change(self, question: dict[str, Any]) -> None:
        no = self._dice.random() < REFUSED_MOVE
        verb, body = ("refuse", {"note": "The van is promised elsewhere then."}) if no else ("accept", None)
        if self._line.post(f"/amendments/{question['id']}/{verb}", body).good:
            self._hands.record.did("refused a changed time" if no else "agreed to a changed time")
