"""An owner turns the pot into a gift, and keeps the code (QR-15)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.kernel import clock
from portal.kernel.access import changes_something, signed_in, step_up_when
from portal.kernel.errors import NotFound
from portal.kernel.i18n import _
from portal.kernel.pages import in_place, page, see_other
from portal.kernel.places import REGIONS
from portal.kernel.visitor import actor, known_visitor
from portal.packs.queries import PackFilter, catalogue, pack_page
from portal.packs.views.asking import wanted_packs
from portal.packs.words import CATEGORY_LABELS
from portal.pots.finding import available_minor, owned_pot
from portal.pots.services import pot_for_issuing
from portal.redemptions import drawing, issuing, queries
from portal.redemptions.codes import grouped
from portal.redemptions.forms import ChooseForm
from portal.redemptions.models import QrCode, QrStatus

blueprint = Blueprint("redemptions_client", __name__, url_prefix="/pots/<uuid:pot_id>")
blueprint.context_processor(lambda: {"category_labels": CATEGORY_LABELS})


@blueprint.get("/pack")
@signed_in
def choose(pot_id: UUID) -> Response:
    """The packs that the pot's money covers, the dearest first."""
    me = known_visitor().user_id
    owned_pot(pot_id, me)
    if issuing.live_code(pot_id) is not None:
        return see_other(url_for(".code", pot_id=pot_id))
    pot = pot_for_issuing(pot_id, me, lock=False)
    money = available_minor(pot)
    asked = wanted_packs()
    wanted = PackFilter(category=asked.category, region=asked.region, price_to=money)
    found = catalogue(wanted, request.args.get("cursor"), dearest_first=True)
    return page(
        "redemptions/client/choose.html",
        pot=pot,
        money=money,
        packs=found,
        wanted=asked,
        regions=REGIONS,
    )


@blueprint.route("/pack/<uuid:pack_id>", methods=["GET", "POST"])
@signed_in
@step_up_when(changes_something)
def confirm(pot_id: UUID, pack_id: UUID) -> Response:
    """The pack with everything to know before the choice, and the choice itself (PACK-10)."""
    me = known_visitor().user_id
    form = ChooseForm()
    if form.validate_on_submit():
        with form.attempt():
            issuing.issue_code(
                pot_id, pack_id, owner_user_id=me, agreed_price=form.agreed_price(), by=actor()
            )
            flash(_("Your gift is ready."), "success")
            return see_other(url_for(".code", pot_id=pot_id))
    pot = pot_for_issuing(pot_id, me, lock=False)
    shown = pack_page(pack_id)
    if not shown.is_on_offer:
        flash(_("This pack is not on offer any more. Please choose another."), "warning")
        return see_other(url_for(".choose", pot_id=pot_id))
    return page(
        "redemptions/client/confirm.html",
        form=form,
        pot=pot,
        shown=shown,
        money=available_minor(pot),
        last_day=_last_day(issuing.end_of(pot.birthday_date, shown.pack.validity_days)),
        status=422 if form.is_submitted() else 200,
    )


@blueprint.get("/code")
@signed_in
def code(pot_id: UUID) -> Response:
    """The code: to show, to read out, to print; without itself for staff who look as its holder."""
    owned = queries.code_of_pot(pot_id, known_visitor().user_id)
    is_looked_at = known_visitor().watcher is not None
    is_usable = owned.code.status is QrStatus.ISSUED and owned.code.expires_at > clock.now()
    return page(
        "redemptions/client/code.html",
        owned=owned,
        is_usable=is_usable,
        is_looked_at=is_looked_at,
        drawing=drawing.inline_svg(owned.code) if is_usable and not is_looked_at else None,
        typed_code=None if is_looked_at else grouped(owned.code.code),
        first_day=clock.local_date(owned.code.redeemable_from),
        last_day=_last_day(owned.code.expires_at),
    )


@blueprint.get("/code.png")
@signed_in
def code_png(pot_id: UUID) -> Response:
    """The QR picture as a PNG, large enough to print."""
    response = in_place(drawing.as_png(_usable(pot_id)), name="teranga-code.png", mime_type="image/png")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _usable(pot_id: UUID) -> QrCode:
    """The code while it can be used; whoever has it can use the gift, so staff who look as its holder get none."""
    me = known_visitor()
    owned = queries.code_of_pot(pot_id, me.user_id)
    if owned.code.status is not QrStatus.ISSUED or me.watcher is not None:
        raise NotFound
    return owned.code


def _last_day(end: datetime) -> date:
    """The last day on which a gift that ends at `end` can be used."""
    return clock.local_date(end - timedelta(microseconds=1))
