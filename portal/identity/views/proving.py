"""The page that asks a signed-in person to prove again that it is they, by any way they have."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, request, session, url_for

from portal.identity import confirming
from portal.identity.entry import Entry
from portal.identity.forms import CodeForm, FactorForm, ProofPasswordForm
from portal.identity.views.door import blueprint, code_limit, give_session, sign_in_limit
from portal.identity.views.sign_in import why_not, why_not_factor
from portal.kernel.access import signed_in_always
from portal.kernel.errors import Conflict
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.pages import page, safe_next, see_other
from portal.kernel.visitor import actor, known_visitor

_WAITING = "proving_code"


@blueprint.route("/security/confirm", methods=["GET", "POST"])
@signed_in_always
@sign_in_limit
def prove() -> Response:
    """Prove it with the password, or choose another way."""
    form, ways = ProofPasswordForm(), confirming.ways_of(known_visitor().user_id)
    if form.is_submitted() and ways.email is None:
        raise Conflict(_("This account has no password. Please choose another way."))
    if form.validate_on_submit():
        entry = confirming.confirm_with_password(known_visitor(), form.password.data, by=actor())
        if entry.session_token is not None:
            return proved(entry.session_token)
        form.password.errors = [why_not_password(entry)]
    return page(
        "identity/prove.html",
        form=form,
        ways=ways,
        following=following(),
        status=422 if form.errors else 200,
    )


@blueprint.post("/security/confirm/code/sending")
@signed_in_always
@code_limit
def send_proof_code() -> Response:
    """Have a code sent to one's own number; an earlier one no longer works."""
    earlier = parse_id(session.get(_WAITING))
    token = confirming.send_code(known_visitor(), replaces=earlier, by=actor())
    session[_WAITING] = str(token.id)
    flash(_("We have sent you a code by SMS."), "success")
    return see_other(url_for(".prove_with_code", next=following()))


@blueprint.route("/security/confirm/code", methods=["GET", "POST"])
@signed_in_always
@sign_in_limit
def prove_with_code() -> Response:
    """Prove it with the code that was sent."""
    waiting = _waiting()
    if waiting is None:
        return see_other(url_for(".prove", next=following()))
    form = CodeForm()
    if form.validate_on_submit():
        entry = confirming.confirm_with_code(known_visitor(), waiting, form.code.data, by=actor())
        if entry.session_token is not None:
            session.pop(_WAITING)
            return proved(entry.session_token)
        form.code.errors = [why_not(entry)]
        form.code.data = ""
    return page(
        "identity/prove_with_code.html",
        form=form,
        following=following(),
        status=422 if form.errors else 200,
    )


@blueprint.route("/security/confirm/app", methods=["GET", "POST"])
@signed_in_always
@sign_in_limit
def prove_with_app() -> Response:
    """Prove it with a code of one's app, or a recovery code."""
    form = FactorForm()
    if form.validate_on_submit():
        entry = confirming.confirm_with_app(known_visitor(), form.code.data, by=actor())
        if entry.session_token is not None:
            return proved(entry.session_token)
        form.code.errors = [why_not_factor(entry)]
        form.code.data = ""
    return page(
        "identity/prove_with_app.html",
        form=form,
        following=following(),
        status=422 if form.errors else 200,
    )


def proved(token: str) -> Response:
    """Go on to where the person wanted to, with the session's new token."""
    response = see_other(following())
    give_session(response, token)
    flash(_("Thank you. You can go on now."), "success")
    return response


def following() -> str:
    """Where the person wanted to go: a path of ours."""
    return safe_next(request.values.get("next"), url_for("web.home"))


def _waiting() -> UUID | None:
    """The code this browser waits for."""
    return parse_id(session.get(_WAITING))


def why_not_password(entry: Entry) -> str:
    """The sentence for a refused password of somebody who is signed in."""
    return why_not(entry) if entry.locked_until is not None else _("This is not your password.")
