"""The adult's page of the young people who ask, and the minor's question for another guardian."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, request, url_for

from portal.config.people_values import GUARDIAN_ASKS
from portal.config.rates import rate
from portal.identity.directory import contacts_of
from portal.kernel.access import signed_in
from portal.kernel.i18n import _
from portal.kernel.limits import by_caller, limiter
from portal.kernel.pages import page, safe_next, see_other
from portal.kernel.visitor import actor, known_visitor
from portal.people import blocking, ending, guardians, minors, queries
from portal.people.forms import AnotherGuardianForm
from portal.people.views.door import blueprint


@blueprint.get("/guardian")
@signed_in
def guardian() -> Response:
    """The young people I answer for, or am asked to."""
    me = known_visitor().user_id
    return page(
        "people/guardian.html",
        asking=minors.asking(me, request.args.get("cursor")),
        mine=minors.answered_for(me),
        blocked=blocking.blocked_by(me),
        contacts=contacts_of(me),
    )


@blueprint.post("/guardian/<uuid:minor_id>/confirm")
@signed_in
def confirm_guardianship(minor_id: UUID) -> Response:
    """I answer for this young person."""
    guardians.confirm_guardianship(minor_id, known_visitor().user_id, by=actor())
    flash(_("Thank you. You are now the guardian of this young person."), "success")
    return see_other(_back_to_the_list())


@blueprint.get("/guardian/<uuid:minor_id>/refuse")
@signed_in
def ask_before_refusing(minor_id: UUID) -> Response:
    """The question before saying no or stepping back, as a page of its own."""
    return page(
        "people/refuse_guardianship.html",
        minor=minors.minor_of(minor_id, known_visitor().user_id),
        back=_back_to_the_list(),
    )


@blueprint.post("/guardian/<uuid:minor_id>/refuse")
@signed_in
def refuse_guardianship(minor_id: UUID) -> Response:
    """I do not answer for this young person, or no longer, and perhaps want nothing more to do with them."""
    me = known_visitor().user_id
    guardians.refuse_guardianship(minor_id, me, by=actor())
    if request.form.get("block") == "y":
        blocking.block(me, minor_id, by=actor())
        flash(_("They are told your no, and cannot ask you again."), "success")
    else:
        flash(_("You are not the guardian of this young person. We have told them."), "success")
    return see_other(_back_to_the_list())


@blueprint.post("/guardian/<uuid:person_id>/unblock")
@signed_in
def unblock(person_id: UUID) -> Response:
    """They may ask me again."""
    blocking.unblock(known_visitor().user_id, person_id, by=actor())
    flash(_("This person is no longer blocked."), "success")
    return see_other(_back_to_the_list())


@blueprint.route("/profile/guardian/change", methods=["GET", "POST"])
@signed_in
@limiter.limit(rate(GUARDIAN_ASKS, "hour"), methods=["POST"], key_func=by_caller)
def change_guardian() -> Response:
    """Ask the team that my guardian be somebody else."""
    me = known_visitor().user_id
    kept = queries.profile_page(me)
    if kept.guardian is not queries.GuardianStanding.CONFIRMED:
        return see_other(url_for("people.profile"))
    waiting = ending.waiting_change(me)
    form = AnotherGuardianForm(data={"reason": waiting.reason if waiting else ""})
    if form.validate_on_submit():
        with form.attempt():
            ending.ask_for_another(me, form.reason.data, by=actor())
            flash(_("Your question is with our team. We write to you when it is decided."), "success")
            return see_other(url_for("people.profile"))
    return page(
        "people/change_guardian.html",
        form=form,
        me=kept,
        waiting=waiting,
        status=422 if form.errors else 200,
    )


@blueprint.post("/profile/guardian/change/withdraw")
@signed_in
def withdraw_change() -> Response:
    """My guardian stays who it is."""
    ending.withdraw_change(known_visitor().user_id, by=actor())
    flash(_("Your question is withdrawn. Your guardian stays the same."), "success")
    return see_other(url_for("people.profile"))


def _back_to_the_list() -> str:
    """The page of the list on which the button stood."""
    return safe_next(request.values.get("next"), url_for("people.guardian"))
