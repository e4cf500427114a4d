"""Asking again when the terms have changed (PRV-03): at the next sign-in, and after some days before anything else.

What is known of a session is kept in its signed cookie, so one statement is sent for each sign-in and none
for the pages that follow. Whoever never agreed (an account that an operator opened) has the same days from its opening.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from portal.config.values import TERMS_DAYS, value_of
from portal.consent.models import ConsentPurpose
from portal.consent.services import newest_of, note_consent
from portal.consent.texts import LegalText, in_force
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db


class Standing(StrEnum):
    """How somebody stands to the terms in force."""

    AGREED = "agreed"
    NOT_ASKED = "not_asked"
    MAY_WAIT = "may_wait"
    MUST_AGREE = "must_agree"


def standing_of(user_id: UUID) -> Standing:
    """Whether the person has agreed to the terms in force, and how long that may wait."""
    version = in_force(LegalText.TERMS)
    said = newest_of(user_id).get(ConsentPurpose.TERMS)
    if said is not None and said.granted and said.text_version == version.number:
        return Standing.AGREED
    opened = db.session.execute(select(User.created_at).where(User.id == user_id)).scalar_one()
    if clock.now() >= _last_moment(opened, version.since):
        return Standing.MUST_AGREE
    return Standing.MAY_WAIT if said is not None else Standing.NOT_ASKED


def agree(user_id: UUID, *, page: str, by: Actor) -> None:
    """Agree to the terms and to have read the notice, as they stand now. Safe to repeat."""
    newest = newest_of(user_id)
    for purpose, text in (
        (ConsentPurpose.TERMS, LegalText.TERMS),
        (ConsentPurpose.PRIVACY, LegalText.PRIVACY),
    ):
        said = newest.get(purpose)
        if said is None or not said.granted or said.text_version != in_force(text).number:
            note_consent(user_id, purpose, True, page=page, by=by)


def _last_moment(opened: datetime, since: date) -> datetime:
    published = clock.start_of_day(since)
    return max(opened, published) + timedelta(days=value_of(TERMS_DAYS))
