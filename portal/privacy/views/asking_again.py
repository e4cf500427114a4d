"""Whether somebody has to be led to the terms in force before they go on (PRV-03)."""

from __future__ import annotations

from flask import request, session

from portal.consent.texts import LegalText, in_force
from portal.kernel.visitor import Visitor
from portal.privacy.terms import Standing, standing_of

STANDING = "terms"
# What stays open to somebody who has not agreed: their own data, and the way out.
_OPEN_ROOMS = frozenset({"privacy", "identity"})


def asked_to_agree(person: Visitor, *, opens_a_page: bool) -> Standing | None:
    """As what the person is asked for the terms now; None for whoever may go on.

    While it may wait, once a sign-in and only on the way to a page; when the days are over, whatever is asked for.
    """
    if request.blueprint in _OPEN_ROOMS:
        return None
    in_force_now = in_force(LegalText.TERMS).number
    if person.agreed_terms == in_force_now:
        return None
    asked_as = f"{person.session_id}:{in_force_now}"
    known_as, known = session.get(STANDING, ["", ""])
    if known_as == asked_as and known != Standing.MUST_AGREE:
        return None
    standing = standing_of(person.user_id)
    if standing is Standing.MAY_WAIT and not opens_a_page:
        return None
    session[STANDING] = [asked_as, standing.value]
    return standing if standing in (Standing.MAY_WAIT, Standing.MUST_AGREE) else None
