"""From where staff work is done: a session that moves to another browser or network is looked at (ADM-23).

Another browser in the same session means that its cookie was copied: the work ends at once, and its holder is told.
Another network is what a telephone does on its way: the work goes on, and is marked for those who steer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.consent.services import coarse
from portal.identity.attempts import note_security_event
from portal.identity.events import staff_work_moved
from portal.identity.holding import hold
from portal.identity.models import AdminSession, Severity, TerminationReason, User
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.crypto import token_hash
from portal.kernel.db import db
from portal.kernel.visitor import Visitor

_NETWORKS = "networks"
_BROWSERS = "browsers"
_MOST_NETWORKS = 20
_MARK = 16


def places_of(address: Any, user_agent: str | None, flags: Mapping[str, Any]) -> frozenset[str]:
    """The marks of everywhere that staff work may be done from: where it began, and networks noted since.

    None for work that the portal itself began, without a browser.
    """
    if user_agent is None:
        return frozenset()
    networks = [coarse(str(address)) or "", *flags.get(_NETWORKS, ())]
    return frozenset(_mark(network, user_agent) for network in networks)


def is_elsewhere(person: Visitor, by: Actor) -> bool:
    """Whether this request comes from where the person's staff work has not been done so far."""
    if person.admin is None or not person.admin.places:
        return False
    return _mark(coarse(by.ip) or "", by.user_agent) not in person.admin.places


def look_at_move(person: Visitor, by: Actor) -> bool:
    """Mark staff work that has moved; whether it goes on there. Its holder hears of another browser."""
    assert person.admin is not None
    hold(person.user_id)
    work = db.session.get_one(AdminSession, person.admin.id, with_for_update=True, populate_existing=True)
    seen = list(work.security_flags.get(_NETWORKS, ()))
    network = coarse(by.ip) or ""
    if (by.user_agent or "") != (work.user_agent or ""):
        _end_elsewhere(work, by)
        return False
    if network not in seen:
        work.is_suspicious = True
        # Somebody who wanders through more networks than anybody does has to prove themselves again each time.
        if len(seen) >= _MOST_NETWORKS:
            work.terminated_at, work.termination_reason = clock.now(), TerminationReason.REVOKED
            return False
        work.security_flags = {**work.security_flags, _NETWORKS: [*seen, network]}
        note_security_event(
            work.user_id, "staff_work_moved", Severity.WARNING, by=by, details={"to": network}
        )
    return True


def _end_elsewhere(work: AdminSession, by: Actor) -> None:
    if work.terminated_at is not None:
        return
    browsers = [*work.security_flags.get(_BROWSERS, ()), (by.user_agent or "")[:200]]
    work.security_flags = {**work.security_flags, _BROWSERS: browsers}
    work.is_suspicious = True
    work.terminated_at, work.termination_reason = clock.now(), TerminationReason.REVOKED
    note_security_event(work.user_id, "staff_work_elsewhere", Severity.CRITICAL, by=by)
    staff_work_moved.send(db.session.get_one(User, work.user_id), work=work, by=by)


def _mark(network: str, user_agent: str | None) -> str:
    return token_hash(f"{network}|{user_agent or ''}")[:_MARK]
