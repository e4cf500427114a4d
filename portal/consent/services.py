"""Giving consent and taking it back; the newest row of a purpose counts (PRV-03, PRV-04)."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from uuid import UUID

from flask_babel import get_locale
from sqlalchemy import ScalarSelect, case, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute

from portal.consent.models import ConsentPurpose, ConsentRecord
from portal.consent.texts import in_force, text_of
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.i18n import DEFAULT_LANGUAGE
from portal.kernel.ids import new_id

#: How much of an address is kept: enough to say from which network, too little to say from whom.
_KEPT_BITS = {4: 24, 6: 48}


def note_consent(user_id: UUID, purpose: ConsentPurpose, granted: bool, *, page: str, by: Actor) -> None:
    """Write a yes or a no, with the version in force, the language it was shown in, the page and the network."""
    db.session.add(
        ConsentRecord(
            id=new_id(),
            user_id=user_id,
            purpose=purpose,
            granted=granted,
            text_version=in_force(text_of(purpose)).number,
            locale=str(get_locale() or DEFAULT_LANGUAGE),
            page=page[:255],
            network=coarse(by.ip),
        )
    )
    db.session.flush()


def decide(user_id: UUID, purpose: ConsentPurpose, granted: bool, *, page: str, by: Actor) -> bool:
    """Write a yes or a no unless it stands already; whether anything changed. Nothing said means no."""
    if has_consent(user_id, purpose) is granted:
        return False
    note_consent(user_id, purpose, granted, page=page, by=by)
    return True


def has_consent(user_id: UUID, purpose: ConsentPurpose) -> bool:
    """What the person said last; no when nothing was said."""
    return purpose in consents_of(user_id)


def consents_of(user_id: UUID) -> frozenset[ConsentPurpose]:
    """Everything that the person has agreed to and not taken back, in one statement."""
    return frozenset(purpose for purpose, row in newest_of(user_id).items() if row.granted)


def newest_of(user_id: UUID) -> dict[ConsentPurpose, ConsentRecord]:
    """The last word on each purpose."""
    rows = db.session.scalars(
        select(ConsentRecord)
        .where(ConsentRecord.user_id == user_id)
        .ext(distinct_on(ConsentRecord.purpose))
        .order_by(ConsentRecord.purpose, ConsentRecord.occurred_at.desc(), ConsentRecord.id.desc())
    )
    return {row.purpose: row for row in rows}


def agreed_terms(user_id: InstrumentedAttribute[UUID]) -> ScalarSelect[str | None]:
    """The version of the terms to which the person of the row beside it agreed last, for a statement about them.

    NULL when they never did, or took it back.
    """
    agreed = case((ConsentRecord.granted, ConsentRecord.text_version))
    return (
        select(agreed)
        .where(ConsentRecord.user_id == user_id, ConsentRecord.purpose == ConsentPurpose.TERMS)
        .order_by(ConsentRecord.occurred_at.desc(), ConsentRecord.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def history_of(user_id: UUID, most: int) -> Sequence[ConsentRecord]:
    """The last yes and no of the person, the newest first."""
    return db.session.scalars(
        select(ConsentRecord)
        .where(ConsentRecord.user_id == user_id)
        .order_by(ConsentRecord.occurred_at.desc(), ConsentRecord.id.desc())
        .limit(most)
    ).all()


def coarse(address: str | None) -> str | None:
    """The network of an address; nothing for what is none."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    return str(ip_network((found, _KEPT_BITS[found.version]), strict=False))
