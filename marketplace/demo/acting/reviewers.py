"""Payers' reviewers decide claims, vendors' billers answer them: the same shares as in the months before."""

from __future__ import annotations

from marketplace.demo.acting.cast import Stagehands
from marketplace.demo.history.claiming import DENIED_SHARE, PENDED_SHARE

DECIDES_AT_ONCE = 10
"""How many claims a reviewer gets through between two looks at the list."""
_REASONS = ("not_documented", "not_necessary", "no_authorization", "miles_excessive")


class Reviewers:
    """One payer's claims desk."""

    def __init__(self, hands: Stagehands, organization: str) -> None:
        self._hands, self._agenda = hands, hands.agenda
        self._line = hands.line("reviewer", organization)
        self._dice = hands.dice(f"reviewers:{organization}")
        self._spared: set[str] = set()

    def spare(self, claim_ids: set[str]) -> None:
        """Leave these claims to others: they were planted for somebody to find."""
        self._spared |= claim_ids

    def begin(self) -> None:
        """Work through the list from nine to five."""
        self._agenda.every(15, self._look, first=self._dice.uniform(100, 140))

    def _look(self) -> None:
        found = self._line.get("/claims", {"state": "submitted", "limit": 60})
        waiting = [one for one in found.items if one["id"] not in self._spared]
        for claim in waiting[-DECIDES_AT_ONCE:]:
            self._decide(claim["id"])

    def _decide(self, claim_id: str) -> None:
        luck = self._dice.random()
        if luck < DENIED_SHARE:
            body = {"reason": self._dice.choice(_REASONS), "note": "See the record of the service."}
            done, deed = self._line.post(f"/claims/{claim_id}/denial", body), "denied a claim"
        elif luck < DENIED_SHARE + PENDED_SHARE:
            body = {"note": "Please send the odometer readings."}
            done, deed = self._line.post(f"/claims/{claim_id}/question", body), "asked for more"
        else:
            done, deed = self._line.post(f"/claims/{claim_id}/approval", {}), "approved a claim"
        if done.good:
            self._hands.record.did(deed)


class Billers:
    """One vendor's billing desk."""

    def __init__(self, hands: Stagehands, organization: str) -> None:
        self._hands, self._agenda = hands, hands.agenda
        self._line = hands.line("biller", organization)
        self._dice = hands.dice(f"billers:{organization}")

    def begin(self) -> None:
        """Answer what payers ask once an hour."""
        self._agenda.every(60, self._look, first=self._dice.uniform(150, 220))

    def _look(self) -> None:
        found = self._line.get("/claims", {"state": "pended", "limit": 20})
        for claim in found.items:
            note = {"note": "The readings are in the trip log that is attached."}
            if self._line.post(f"/claims/{claim['id']}/answer", note).good:
                self._hands.record.did("answered a payer")
