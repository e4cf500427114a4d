"""A sponsor's points, and turning them into francs of a pot (REF-61, REF-63 to REF-66)."""

from __future__ import annotations

from flask import Response, flash, request, url_for

from portal.kernel.access import changes_something, signed_in, step_up_when
from portal.kernel.errors import DomainError
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.money import francs
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor, known_visitor
from portal.referrals import converting, earnings
from portal.referrals.forms import ConvertForm, QuoteForm
from portal.referrals.views.sponsor import blueprint


@blueprint.get("/points")
@signed_in
def points() -> Response:
    """Points on their way, available and spent, with their history."""
    shown = earnings.points_page(known_visitor().user_id, request.args.get("cursor"))
    suggested = {"points": shown.balance.available}
    return _points_page(QuoteForm.of(shown.pots, formdata=None, data=suggested), shown)


@blueprint.get("/points/conversion")
@signed_in
def conversion() -> Response:
    """What the chosen points are worth in the chosen pot; nothing is done yet."""
    me = known_visitor().user_id
    if "points" not in request.args:
        return see_other(url_for(".points", cursor=request.args.get("cursor")))
    pots = earnings.pots_for_points(me)
    form = QuoteForm.of(pots, formdata=request.args)
    pot = next((one for one in pots if str(one.id) == form.pot.data), None)
    if form.validate() and pot is not None:
        try:
            quoted = converting.quote(me, form.points.data)
        except DomainError as refusal:
            form.take(refusal)
        else:
            agreed = ConvertForm.fresh(pot.id, quoted.points, quoted.francs)
            asked = form.points.data
            return page("referrals/conversion.html", form=agreed, quoted=quoted, pot=pot, asked=asked)
    return _points_page(form, earnings.points_page(me, None), status=422)


@blueprint.post("/points/conversion")
@signed_in
@step_up_when(changes_something)
def convert() -> Response:
    """Do what was shown and agreed to, once."""
    me, agreed = known_visitor().user_id, ConvertForm()
    asked = {"pot": agreed.pot.data, "points": agreed.points.data}
    form = QuoteForm.of(earnings.pots_for_points(me), formdata=None, data=asked)
    pot_id = parse_id(agreed.pot.data)
    if not agreed.validate_on_submit() or pot_id is None:
        form.form_errors.append(_("Please choose a pot and a number of points again."))
        return _points_page(form, earnings.points_page(me, None), status=422)
    with form.attempt():
        made = converting.convert(
            me,
            pot_id,
            agreed.points.data,
            agreed.submission_key.data,
            expected_francs=agreed.francs.data,
            by=actor(),
        )
        flash(_done(made.credits_issued_minor), "success")
        return see_other(url_for(".points"))
    return _points_page(form, earnings.points_page(me, None), status=422)


def _done(amount: int) -> str:
    return _("Done: %(amount)s are in the pot.", amount=francs(amount))


def _points_page(form: QuoteForm, shown: earnings.PointsPage, status: int = 200) -> Response:
    return page("referrals/points.html", form=form, shown=shown, status=status)
