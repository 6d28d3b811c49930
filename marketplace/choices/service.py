"""Making a patient's list of home-health agencies, showing it, and recording the choice (42 CFR 482.43(c)).

Lists, presentations and choices are only ever added: what was shown and chosen stays as it was.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select

from marketplace.choices.agencies import agencies_serving
from marketplace.choices.models import (
    ChoiceList,
    ChoiceListEntry,
    ChoicePresentation,
    ChosenAgency,
    PatientChoice,
)
from marketplace.choices.rules import (
    ORDERING_RULE,
    choice_errors,
    content_digest,
    in_neutral_order,
    person_errors,
)
from marketplace.choices.words import (
    ChoiceOutcome,
    ListedAgency,
    PresentationManner,
    PresentedTo,
    Representative,
)
from marketplace.foundation import audit
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from marketplace.patients.coverage import in_force
from marketplace.patients.coverage_models import Coverage
from marketplace.patients.identity import open_identity
from marketplace.patients.models import Encounter, PatientIdentity

CHOOSERS = ("planner",)
PLACE = "choice_presentations.representative_sealed"


@dataclass(frozen=True, slots=True)
class Choice:
    """A stay's newest choice, with the agencies that may be asked, in order."""

    record: PatientChoice
    choice_list: ChoiceList
    chosen: tuple[ChoiceListEntry, ...]
    """In the patient's order; the whole list when there is no preference."""

    @property
    def in_order(self) -> tuple[UUID, ...]:
        """Those of them that take work in this marketplace, first the one to be asked first."""
        found = (entry.vendor_organization_id for entry in self.chosen)
        return tuple(vendor_id for vendor_id in found if vendor_id is not None)

    @property
    def vendor_ids(self) -> frozenset[UUID]:
        """The same as a set."""
        return frozenset(self.in_order)


def compile_list(
    session: WorkSession, encounter_id: UUID, *, coverage_id: UUID | None = None, list_id: UUID | None = None
) -> ChoiceList:
    """The complete list for the patient's home as the directory stands now, in neutral order.

    With a managed-care `coverage_id` each line says whether the agency is in that plan's network. A list
    that says the same already is given again. Raises Conflict when nobody serves the home, InvalidInput
    for a record without a postal code.
    """
    session.actor.require(*CHOOSERS)
    stay = _stay(session, encounter_id)
    postal_code = _home_postal_code(session, stay)
    payer = _payer_of(session, stay, coverage_id)
    found = agencies_serving(session, postal_code, session.now(), payer_organization_id=payer)
    if not found:
        raise Conflict(
            f"No agency of the directory serves {postal_code}.",
            remedy="Ask the platform's administrator to complete the directory.",
        )
    newest = newest_list(session, encounter_id)
    facts = (postal_code, payer, content_digest(found))
    if newest and (newest.postal_code, newest.payer_organization_id, newest.digest) == facts:
        return newest
    return _keep(session, stay, facts, found, list_id or new_id())


def present(
    session: WorkSession,
    choice_list_id: UUID,
    *,
    presented_to: PresentedTo = PresentedTo.PATIENT,
    manner: PresentationManner = PresentationManner.SCREEN,
    representative: Representative | None = None,
    presentation_id: UUID | None = None,
) -> ChoicePresentation:
    """The list was shown just now. Raises Conflict when the directory says something else by now."""
    session.actor.require(*CHOOSERS)
    shown = choice_list(session, choice_list_id)
    if errors := person_errors(presented_to, representative):
        raise InvalidInput(errors)
    _require_current(session, shown)
    row = ChoicePresentation(
        id=presentation_id or new_id(),
        organization_id=shown.organization_id,
        choice_list_id=shown.id,
        presented_at=session.now(),
        presented_by_user_id=session.actor.user_id,
        presented_by_name=session.actor.name,
        presented_to=presented_to,
        manner=manner,
    )
    row.representative_sealed = _sealed(session, row, representative)
    session.add(row)
    session.flush()
    details = {"list": str(shown.id), "to": presented_to, "manner": manner}
    audit.record(session, "choices:presented", "choice_lists", shown.id, details, patient_id=shown.patient_id)
    return row


def record_choice(
    session: WorkSession,
    presentation_id: UUID,
    outcome: ChoiceOutcome,
    positions: Sequence[int] = (),
    *,
    note: str = "",
    choice_id: UUID | None = None,
) -> PatientChoice:
    """What was chosen of the list that was shown: lines in the patient's order, or no preference.

    A further choice replaces the one before from now on and leaves it as it is.
    """
    session.actor.require(*CHOOSERS)
    shown = session.get(ChoicePresentation, presentation_id)
    if shown is None:
        raise NotFound
    chosen_from = choice_list(session, shown.choice_list_id)
    if errors := choice_errors(outcome, positions, chosen_from.length, note):
        raise InvalidInput(errors)
    row = PatientChoice(
        id=choice_id or new_id(),
        organization_id=shown.organization_id,
        encounter_id=chosen_from.encounter_id,
        choice_list_id=chosen_from.id,
        presentation_id=shown.id,
        outcome=outcome,
        chosen_at=session.now(),
        recorded_by_user_id=session.actor.user_id,
        recorded_by_name=session.actor.name,
        note=note.strip(),
    )
    session.add(row)
    session.flush()
    session.add_all(_chosen(row, positions))
    details = {"list": str(chosen_from.id), "outcome": outcome, "lines": list(positions)}
    patient_id = chosen_from.patient_id
    audit.record(session, "choices:recorded", "patient_choices", row.id, details, patient_id=patient_id)
    announce(session, [row.organization_id], "choice", row.encounter_id, 0)
    session.flush()
    return row


def present_and_record(
    session: WorkSession,
    choice_list_id: UUID,
    outcome: ChoiceOutcome,
    positions: Sequence[int] = (),
    *,
    presented_to: PresentedTo = PresentedTo.PATIENT,
    manner: PresentationManner = PresentationManner.SCREEN,
    representative: Representative | None = None,
    note: str = "",
) -> PatientChoice:
    """`present` and `record_choice` in one step, as happens at a bedside."""
    shown = present(
        session, choice_list_id, presented_to=presented_to, manner=manner, representative=representative
    )
    return record_choice(session, shown.id, outcome, positions, note=note)


def choice_list(session: WorkSession, choice_list_id: UUID) -> ChoiceList:
    """The list; NotFound when missing or foreign."""
    found = session.get(ChoiceList, choice_list_id)
    if found is None:
        raise NotFound
    return found


def newest_list(session: WorkSession, encounter_id: UUID) -> ChoiceList | None:
    """The stay's newest list; None when none was made yet."""
    query = select(ChoiceList).where(ChoiceList.encounter_id == encounter_id)
    return session.scalars(
        query.order_by(ChoiceList.compiled_at.desc(), ChoiceList.id.desc()).limit(1)
    ).first()


def lines_of(session: WorkSession, choice_list_id: UUID) -> list[ChoiceListEntry]:
    """The lines of a list in its order."""
    query = select(ChoiceListEntry).where(ChoiceListEntry.choice_list_id == choice_list_id)
    return list(session.scalars(query.order_by(ChoiceListEntry.position)))


def choice_of(session: WorkSession, encounter_id: UUID) -> Choice | None:
    """The stay's newest choice; None when nothing was chosen yet."""
    query = (
        select(PatientChoice, ChoiceList)
        .join(ChoiceList, ChoiceList.id == PatientChoice.choice_list_id)
        .where(PatientChoice.encounter_id == encounter_id)
        .order_by(PatientChoice.chosen_at.desc(), PatientChoice.id.desc())
        .limit(1)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    record, shown = found
    lines = {entry.position: entry for entry in lines_of(session, shown.id)}
    if record.outcome is ChoiceOutcome.NO_PREFERENCE:
        return Choice(record, shown, tuple(lines.values()))
    ranks = select(ChosenAgency.position).where(ChosenAgency.patient_choice_id == record.id)
    positions = session.scalars(ranks.order_by(ChosenAgency.rank))
    return Choice(record, shown, tuple(lines[position] for position in positions))


def presentations_of(session: WorkSession, choice_list_id: UUID) -> list[ChoicePresentation]:
    """How often a list was shown, newest first."""
    query = select(ChoicePresentation).where(ChoicePresentation.choice_list_id == choice_list_id)
    return list(session.scalars(query.order_by(ChoicePresentation.presented_at.desc())))


def representative_of(session: WorkSession, row: ChoicePresentation) -> Representative | None:
    """Who stood for the patient, opened. Whoever calls it owes an audit row."""
    if row.representative_sealed is None:
        return None
    vault = session.runtime.vault
    content = vault.open(session, row.organization_id, PLACE, row.id, row.representative_sealed)
    return Representative(**json.loads(content))


def _keep(
    session: WorkSession,
    stay: Encounter,
    facts: tuple[str, UUID | None, str],
    found: list[ListedAgency],
    list_id: UUID,
) -> ChoiceList:
    postal_code, payer, digest = facts
    made = ChoiceList(
        id=list_id,
        organization_id=stay.organization_id,
        patient_id=stay.patient_id,
        encounter_id=stay.id,
        postal_code=postal_code,
        payer_organization_id=payer,
        ordering_rule=ORDERING_RULE,
        ordering_seed=str(list_id),
        length=len(found),
        digest=digest,
        compiled_at=session.now(),
        compiled_by_user_id=session.actor.user_id,
        compiled_by_name=session.actor.name,
    )
    session.add(made)
    session.flush()
    ordered = in_neutral_order(made.ordering_seed, found)
    session.add_all(_line(made, position, agency) for position, agency in enumerate(ordered, start=1))
    details = {"length": made.length, "rule": made.ordering_rule, "digest": made.digest}
    audit.record(session, "choices:compiled", "choice_lists", made.id, details, patient_id=stay.patient_id)
    session.flush()
    return made


def _line(made: ChoiceList, position: int, agency: ListedAgency) -> ChoiceListEntry:
    values = asdict(agency) | {"disciplines": list(agency.disciplines)}
    return ChoiceListEntry(
        choice_list_id=made.id, organization_id=made.organization_id, position=position, **values
    )


def _chosen(row: PatientChoice, positions: Sequence[int]) -> list[ChosenAgency]:
    return [
        ChosenAgency(
            patient_choice_id=row.id,
            rank=rank,
            organization_id=row.organization_id,
            choice_list_id=row.choice_list_id,
            position=position,
        )
        for rank, position in enumerate(positions, start=1)
    ]


def _require_current(session: WorkSession, shown: ChoiceList) -> None:
    stay = _stay(session, shown.encounter_id)
    payer = shown.payer_organization_id
    now = agencies_serving(session, shown.postal_code, session.now(), payer_organization_id=payer)
    if shown.postal_code == _home_postal_code(session, stay) and content_digest(now) == shown.digest:
        return
    raise Conflict("This list is out of date.", remedy="Make the list again, then show the new one.")


def _stay(session: WorkSession, encounter_id: UUID) -> Encounter:
    stay = session.get(Encounter, encounter_id)
    if stay is None:
        raise NotFound
    return stay


def _home_postal_code(session: WorkSession, stay: Encounter) -> str:
    sealed = session.get(PatientIdentity, stay.patient_id)
    assert sealed is not None
    audit.read(session, stay.patient_id, "patients")
    postal_code = open_identity(session, sealed).postal_code.strip()[:5]
    if not postal_code:
        raise InvalidInput("postal_code", "the patient's record has no address: complete it first")
    return postal_code


def _payer_of(session: WorkSession, stay: Encounter, coverage_id: UUID | None) -> UUID | None:
    """The managed-care plan of a coverage in force; None without one."""
    if coverage_id is None:
        return None
    found = session.get(Coverage, coverage_id)
    if found is None or found.patient_id != stay.patient_id or not in_force(found, session.now().date()):
        raise InvalidInput("coverage_id", "choose one of the patient's coverages in force")
    return found.payer_organization_id


def _sealed(
    session: WorkSession, row: ChoicePresentation, representative: Representative | None
) -> bytes | None:
    if representative is None:
        return None
    content = json.dumps(asdict(representative))
    return session.runtime.vault.seal(session, row.organization_id, PLACE, row.id, content)
