"""What the team sees of guardians: the minors who ask for another one, and one minor with the adult who answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.audit.looks import note_looks
from portal.audit.models import Opened
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, SortKey, paginate
from portal.people.ending import waiting_change
from portal.people.models import ChangeStatus, GuardianChange, Profile


@dataclass(frozen=True, slots=True)
class GuardianCase:
    """A minor, the adult who has or had said yes, and what the minor asks of the team."""

    minor: Profile
    guardian: Profile
    change: GuardianChange | None

    @property
    def is_confirmed(self) -> bool:
        """Whether the adult answers for the minor now."""
        return self.minor.guardian_confirmed_at is not None


def changes_page(status: ChangeStatus, cursor: str | None) -> Page[Any]:
    """Questions in one state, each a row of the question and the minor's name, who has waited longest first."""
    statement = (
        select(GuardianChange, Profile.full_name)
        .join(Profile, Profile.user_id == GuardianChange.minor_user_id)
        .where(GuardianChange.status == status)
    )
    is_over = status is not ChangeStatus.WAITING
    return paginate(statement, [SortKey(GuardianChange.id, descending=is_over)], cursor)


def case_of(minor_id: UUID, *, by: Actor) -> GuardianCase:
    """One minor with the guardian; the look at both is noted (PRV-06). Raises `NotFound` without a guardian."""
    minor = db.session.get(Profile, minor_id)
    if minor is None or minor.guardian_user_id is None:
        raise NotFound
    note_looks([minor_id, minor.guardian_user_id], Opened.PERSON_PAGE, by=by)
    return GuardianCase(minor, db.session.get_one(Profile, minor.guardian_user_id), waiting_change(minor_id))
