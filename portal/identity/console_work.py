"""Work in the consoles of houses and companies: a row for each stretch of it, beside the session (R-06, ADM-21).

The row tells who worked where, from when to when, with which rights, and how it ended. It opens nothing: what may be
done is decided by the place itself, and what matters is asked for anew (`step_up`). A stretch ends with the session,
with the place, or when nobody has done anything for as long as an admin may be idle; the next page begins another.
"""

from __future__ import annotations

from sqlalchemy import update

from portal.identity.admin_sessions import UNKNOWN_ADDRESS, is_live_work
from portal.identity.memberships import Places
from portal.identity.models import AdminLevel, AdminSession, TerminationReason, UserSession
from portal.kernel import clock
from portal.kernel.crypto import token_hash
from portal.kernel.db import db
from portal.kernel.ids import random_token

CONSOLES = (AdminLevel.PARTNER, AdminLevel.SPONSOR)


def note_console_work(session: UserSession, places: Places) -> None:
    """Somebody with these places is there: their work goes on, or begins; what they have no place for ends."""
    held = {
        AdminLevel.PARTNER: sorted({str(place.role) for place in places.memberships}),
        AdminLevel.SPONSOR: sorted({str(place.role) for place in places.companies}),
    }
    for level in CONSOLES:
        if held[level] and not _goes_on(session, level):
            _begin(session, level, held[level])
        elif not held[level]:
            _end(session, level)


def _goes_on(session: UserSession, level: AdminLevel) -> bool:
    seen = db.session.scalars(
        update(AdminSession)
        .where(AdminSession.user_session_id == session.id, AdminSession.admin_level == level, is_live_work())
        .values(last_activity_at=clock.now())
        .returning(AdminSession.id)
        .execution_options(synchronize_session=False)
    )
    return bool(seen.all())


def _begin(session: UserSession, level: AdminLevel, rights: list[str]) -> None:
    db.session.add(
        AdminSession(
            user_id=session.user_id,
            user_session_id=session.id,
            session_token_hash=token_hash(random_token()),
            ip_address=session.ip_address or UNKNOWN_ADDRESS,
            user_agent=session.device_info.get("user_agent"),
            admin_level=level,
            permissions_granted=rights,
            last_activity_at=clock.now(),
            expires_at=session.expires_at,
        )
    )


def _end(session: UserSession, level: AdminLevel) -> None:
    db.session.execute(
        update(AdminSession)
        .where(
            AdminSession.user_session_id == session.id,
            AdminSession.admin_level == level,
            AdminSession.terminated_at.is_(None),
        )
        .values(terminated_at=clock.now(), termination_reason=TerminationReason.REVOKED)
        .execution_options(synchronize_session=False)
    )
