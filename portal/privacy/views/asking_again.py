"""Leading whoever has not agreed to the terms in force to their page (PRV-03)."""

from __future__ import annotations

from flask import Response, request, session, url_for

from portal.consent.texts import LegalText, in_force
from portal.kernel.pages import see_other
from portal.kernel.visitor import Visitor
from portal.privacy.terms import Standing, standing_of

STANDING = "terms"
# What stays open to somebody who has not agreed: their own data, and the way out.
_OPEN_ROOMS = frozenset({"privacy", "identity"})
_MAY_GO_ON = frozenset({Standing.AGREED, Standing.NOT_ASKED})


def ask_again(person: Visitor) -> Response | None:
    """The way to the terms: once a sign-in while it may wait, always afterwards; None for whoever may go on.

    Only whole pages lead there: what is sent or loaded by a page that is open already goes through.
    """
    is_part = request.headers.get("HX-Request") == "true"
    if request.method != "GET" or is_part or request.blueprint in _OPEN_ROOMS:
        return None
    in_force_now = in_force(LegalText.TERMS).number
    if person.agreed_terms == in_force_now:
        return None
    asked_as = f"{person.session_id}:{in_force_now}"
    known_as, known = session.get(STANDING, ["", ""])
    if known_as == asked_as and known != Standing.MUST_AGREE:
        return None
    standing = standing_of(person.user_id)
    session[STANDING] = [asked_as, standing.value]
    if standing in _MAY_GO_ON:
        return None
    return see_other(url_for("privacy.terms", next=request.full_path.rstrip("?")))
