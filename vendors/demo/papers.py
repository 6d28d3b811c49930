"""The demo's credentials: all that the rules demand, with the usual noise and a few planted facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from marketplace.foundation.work import WorkSession
from marketplace.foundation.world import World
from vendors.credentials.catalogue import CREDENTIAL_TYPES, REQUIREMENTS
from vendors.credentials.models import Credential
from vendors.credentials.words import CredentialType, ScreeningResult, SubjectKind
from vendors.demo.cast import Cast
from vendors.demo.rolling import Rolling

_EXPIRING_SOON = 0.22
"""Share of credentials that end within 90 days."""
_EXPIRED = 0.03
"""Share, of people who drive nothing today, that have ended."""
_SCREENED_DAYS_AGO = 12
_SCREENING_GOOD_DAYS = 45


class CredentialWriter:
    """Writes one vendor's credentials."""

    def __init__(self, session: WorkSession, world: World, cast: Cast, vendor_id: UUID) -> None:
        self._session, self._world, self._cast, self._vendor_id = session, world, cast, vendor_id
        self._dice = world.random(f"credentials:{cast.slug}")
        self._midnight = datetime.combine(world.day, datetime.min.time(), world.zone).astimezone(UTC)

    def write(self, rolling: Rolling) -> None:
        """Everything for the vendor, its vehicles and its people; then the planted facts."""
        for kind in self._types(SubjectKind.VENDOR, set(self._cast.levels)):
            self._add(kind, self._vendor_id)
        for vehicle in rolling.vehicles:
            for kind in self._types(SubjectKind.VEHICLE, set(vehicle.levels)):
                self._add(kind, vehicle.id)
        at_work = {member.id for team in rolling.teams for member in team}
        for member in rolling.crew:
            for kind in self._types(SubjectKind.CREW_MEMBER, {*self._cast.levels, *member.skills}):
                self._add(kind, member.id, at_work=member.id in at_work)
        self._plant(rolling)
        self._session.flush()

    def _types(self, subject_kind: SubjectKind, levels: set[str]) -> list[CredentialType]:
        codes = {
            rule.credential_type
            for rule in REQUIREMENTS
            if rule.subject_kind is subject_kind
            and rule.service_line == self._cast.line
            and (not rule.levels or rule.levels & levels)
        }
        return [CREDENTIAL_TYPES[code] for code in sorted(codes)]

    def _add(
        self,
        kind: CredentialType,
        subject_id: UUID,
        *,
        at_work: bool = True,
        expires_at: datetime | None = None,
        screening: ScreeningResult | None = None,
    ) -> Credential:
        since, until = self._span(kind, at_work=at_work)
        credential = Credential(
            id=self._world.id(f"credential:{kind.code}:{subject_id}"),
            vendor_organization_id=self._vendor_id,
            subject_kind=kind.subject_kind,
            subject_id=subject_id,
            credential_type=kind.code,
            issued_on=since.date(),
            valid_from=since,
            expires_at=expires_at or until,
            verified_at=since + timedelta(days=2),
            verification_source="exclusion list" if kind.is_screening else "issuer",
            screening=(screening or ScreeningResult.CLEAR) if kind.is_screening else None,
        )
        self._session.add(credential)
        return credential

    def _span(self, kind: CredentialType, *, at_work: bool) -> tuple[datetime, datetime]:
        if kind.is_screening:
            since = self._midnight - timedelta(days=_SCREENED_DAYS_AGO)
            return since, since + timedelta(days=_SCREENING_GOOD_DAYS)
        luck = self._dice.random()
        if not at_work and luck < _EXPIRED * 4:
            left = -self._dice.randint(1, 20)
        elif luck < _EXPIRING_SOON:
            left = self._dice.randint(3, 90)
        else:
            left = self._dice.randint(91, 700)
        until = self._midnight + timedelta(days=left)
        return until - timedelta(days=730), until

    def _plant(self, rolling: Rolling) -> None:
        """A card ending at noon, a namesake on the exclusion list, a policy lapsing tomorrow at noon."""
        by_slug = {
            "harbor-rides": self._card_until_noon,
            "bayview-medical-transport": self._namesake,
            "homewell-medical-supply": self._policy_lapses,
        }
        plant = by_slug.get(self._cast.slug)
        if plant is not None:
            plant(rolling)

    def _card_until_noon(self, rolling: Rolling) -> None:
        driver = rolling.teams[1][0]
        card = self._find("cpr_first_aid", driver.id)
        card.expires_at = self._world.at(12)
        card.valid_from = card.expires_at - timedelta(days=730)
        self._world.planted["cpr_card_until_noon_driver"] = str(driver.id)

    def _namesake(self, rolling: Rolling) -> None:
        driver = rolling.crew[-1]
        search = self._find("crew_leie_screening", driver.id)
        search.screening = ScreeningResult.POTENTIAL_MATCH
        self._world.planted["possible_match_driver"] = str(driver.id)

    def _policy_lapses(self, rolling: Rolling) -> None:
        policy = self._find("dmepos_liability", self._vendor_id)
        policy.expires_at = self._world.at(12) + timedelta(days=1)
        policy.valid_from = policy.expires_at - timedelta(days=365)
        self._world.planted["liability_lapses_tomorrow_noon"] = str(policy.id)

    def _find(self, code: str, subject_id: UUID) -> Credential:
        self._session.flush()
        return self._session.get_one(Credential, self._world.id(f"credential:{code}:{subject_id}"))
