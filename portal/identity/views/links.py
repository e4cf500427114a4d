"""Links that come by mail: a new password, and the proof of an address.

Opening a link changes nothing, because mail programs open links too; the button on its page does.
"""

from __future__ import annotations

from flask import Response, flash, url_for

from portal.config.rates import rate
from portal.config.values import CODES_PER_ADDRESS
from portal.identity import recovery, unlocking
from portal.identity.forms import EmptyForm, ForgottenForm, NewPasswordForm
from portal.identity.views.door import blueprint, stored_locale
from portal.kernel.access import open_to_all, signed_in
from portal.kernel.i18n import _
from portal.kernel.limits import by_address, limiter
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor, known_visitor, visitor

_GONE = 410
link_limit = limiter.shared_limit(
    rate(CODES_PER_ADDRESS, "hour"), scope="links", methods=["POST"], key_func=by_address
)


@blueprint.route("/password/forgotten", methods=["GET", "POST"])
@open_to_all("people who cannot sign in need it")
@link_limit
def forgotten() -> Response:
    """Ask for a new-password link; the answer is the same for every address (ID-48)."""
    form = ForgottenForm()
    if form.validate_on_submit():
        recovery.ask_for_new_password(form.email.data)
        return see_other(url_for("identity.link_is_sent"))
    return page("identity/forgotten.html", form=form, status=422 if form.errors else 200)


@blueprint.get("/password/sent")
@open_to_all("people who cannot sign in need it")
def link_is_sent() -> Response:
    """What happens next, whoever asked."""
    return page("identity/link_is_sent.html")


@blueprint.route("/password/new/<token>", methods=["GET", "POST"])
@open_to_all("the link is the key")
@link_limit
def new_password(token: str) -> Response:
    """Choose a new password with the link from the mail."""
    if not recovery.reset_works(token):
        return page("identity/link_is_gone.html", again=url_for("identity.forgotten"), status=_GONE)
    form = NewPasswordForm()
    if form.validate_on_submit():
        with form.attempt():
            recovery.set_new_password(token, form.password.data, by=actor())
            flash(_("Your new password is set. Please sign in with it."), "success")
            return see_other(url_for("identity.sign_in"))
    return page("identity/new_password.html", form=form, status=422 if form.errors else 200)


@blueprint.route("/unlock/<token>", methods=["GET", "POST"])
@open_to_all("the link is the key")
@link_limit
def unlock(token: str) -> Response:
    """Open the lock of one's account with the link from the mail (ID-54)."""
    if not unlocking.unlock_works(token):
        return page("identity/link_is_gone.html", again=url_for("identity.forgotten"), status=_GONE)
    form = EmptyForm()
    if form.validate_on_submit():
        with form.attempt():
            unlocking.unlock_with_link(token, by=actor())
            flash(_("The lock is open. You can sign in now."), "success")
            return see_other(url_for("identity.sign_in"))
    return page("identity/unlock.html", form=form, status=422 if form.errors else 200)


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@open_to_all("the link is the key")
@link_limit
def confirm(token: str) -> Response:
    """Prove an e-mail address with the link from the mail (ID-49)."""
    if not recovery.confirmation_works(token):
        return page("identity/link_is_gone.html", again=url_for("people.profile"), status=_GONE)
    form = EmptyForm()
    if form.validate_on_submit():
        with form.attempt():
            recovery.confirm_email(token, by=actor())
            flash(_("Thank you, your e-mail address is confirmed."), "success")
            return see_other(url_for("people.profile" if visitor() else "identity.sign_in"))
    return page("identity/confirm.html", form=form, status=422 if form.errors else 200)


@blueprint.post("/confirm")
@signed_in
@link_limit
def send_confirmation() -> Response:
    """Have the link sent again."""
    recovery.send_confirmation_again(known_visitor().user_id, locale=stored_locale(), by=actor())
    flash(_("We have sent you a link. Please look into your mail."), "success")
    return see_other(url_for("people.profile"))
