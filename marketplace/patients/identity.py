"""Identity under seal: closing it, opening it one by one or in a batch, and the blind tokens to find it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, any_, bindparam, select

from marketplace.foundation.crypto import index_object
from marketplace.foundation.plain_text import digits, name_words, normalise
from marketplace.foundation.work import WorkSession
from marketplace.patients.models import HandlingNeeds, Patient, PatientIdentity
from marketplace.patients.words import Identity, Receiver

PLACE = "patient_identities.sealed"
RECEIVER_PLACE = "handling_needs.receiver_sealed"


def seal_identity(session: WorkSession, patient: Patient, identity: Identity) -> PatientIdentity:
    """The identity row of a patient (new or replaced, added to the session), and its search tokens."""
    organization_id, vault = patient.organization_id, session.runtime.vault
    row = session.get(PatientIdentity, patient.id) or PatientIdentity(
        patient_id=patient.id, organization_id=organization_id
    )
    row.mrn_token = mrn_token(session, organization_id, identity.mrn)
    row.sealed = vault.seal(session, organization_id, PLACE, patient.id, json.dumps(asdict(identity)))
    session.add(row)
    words = {
        "name": name_words(identity.name),
        "phone": {digits(identity.phone)},
        "mrn": {_mrn_text(identity.mrn)},
        "reference": {patient.reference},
    }
    index_object(session, vault, organization_id, "patient", patient.id, words)
    return row


def open_identity(session: WorkSession, row: PatientIdentity | Row[*tuple[Any, ...]]) -> Identity:
    """The identity again. Whoever calls it owes an audit row."""
    sealed = session.runtime.vault.open(session, row.organization_id, PLACE, row.patient_id, row.sealed)
    return Identity(**json.loads(sealed))


def identities(session: WorkSession, patient_ids: Iterable[UUID]) -> dict[UUID, Identity]:
    """The identities of many patients in one query. Whoever calls it owes an audit row."""
    wanted = list(set(patient_ids))
    if not wanted:
        return {}
    rows = session.execute(_SEALED, {"patients": wanted})
    return {row.patient_id: open_identity(session, row) for row in rows}


_SEALED = select(PatientIdentity.patient_id, PatientIdentity.organization_id, PatientIdentity.sealed).where(
    PatientIdentity.patient_id == any_(bindparam("patients", type_=ARRAY(Uuid)))
)


def mrn_token(session: WorkSession, organization_id: UUID, mrn: str) -> bytes:
    """The blind token under which a record number is unique."""
    return session.runtime.vault.blind(organization_id, "mrn", _mrn_text(mrn))


def seal_receiver(
    session: WorkSession, organization_id: UUID, patient_id: UUID, receiver: Receiver | None
) -> bytes | None:
    """The receiver under seal; None stays None."""
    if receiver is None:
        return None
    content = json.dumps(asdict(receiver))
    return session.runtime.vault.seal(session, organization_id, RECEIVER_PLACE, patient_id, content)


def open_receiver(session: WorkSession, row: HandlingNeeds) -> Receiver | None:
    """Who takes deliveries at home, when somebody is named."""
    if row.receiver_sealed is None:
        return None
    vault = session.runtime.vault
    content = vault.open(session, row.organization_id, RECEIVER_PLACE, row.patient_id, row.receiver_sealed)
    return Receiver(**json.loads(content))


def _mrn_text(mrn: str) -> str:
    return normalise(mrn).replace(" ", "")
