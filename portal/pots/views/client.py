"""An owner's pages: make, change, share, watch and end a pot (POT-20, POT-29); a donor's own history (DON-16)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.config.rates import picture_limit
from portal.kernel import clock
from portal.kernel.access import changes_something, signed_in, step_up_when
from portal.kernel.i18n import _
from portal.kernel.pages import page, public_url, see_other
from portal.kernel.visitor import actor, known_visitor
from portal.people.ages import Missing
from portal.people.queries import birthdays_of
from portal.people.views.first_steps import ask_first
from portal.pots import closing, making, pictures, queries, receipts, sharing
from portal.pots.birthdays import next_birthday, opening_time
from portal.pots.finding import owned_pot
from portal.pots.forms import InvitationForm, PhotoForm, PotForm
from portal.pots.models import Pot, PotStatus
from portal.pots.policies import LIVE, has_ended
from portal.pots.views.public import show_context
from portal.pots.words import PAGE_WORDS, end_words, raised_words, usual_title

blueprint = Blueprint("pots_client", __name__)
blueprint.context_processor(lambda: PAGE_WORDS | {"raised_words": raised_words, "end_words": end_words})


@blueprint.get("/pots")
@signed_in
def index() -> Response:
    """My pots, this year's and those before."""
    me = known_visitor().user_id
    return page("pots/index.html", pots=queries.my_pots(me), wallet=queries.wallet_of(me))


@blueprint.route("/pots/new", methods=["GET", "POST"])
@signed_in
@picture_limit
def create() -> Response:
    """Make the pot for the next birthday."""
    me = known_visitor().user_id
    known = birthdays_of(me)
    born = known.said
    if born is None or known.missing is not None:
        why = _("Please tell us your day of birth first: your pot opens before it.")
        return ask_first(known.missing or Missing.BIRTHDAY, why, url_for(".create"))
    birthday = next_birthday(born, clock.today())
    title = usual_title(queries.first_name_of(me), born, birthday)
    form = PotForm.of(None, queries.packs_to_prefer(birthday), title=title)
    if form.validate_on_submit():
        with form.attempt():
            pot = making.create_pot(me, form.wishes(), cover=form.photo(), by=actor())
            flash(_made(pot.status), "success")
            return see_other(url_for(".detail", pot_id=pot.id))
    return page(
        "pots/create.html",
        form=form,
        birthday=birthday,
        opens_at=opening_time(birthday),
        now=clock.now(),
        status=422 if form.is_submitted() else 200,
    )


@blueprint.get("/pots/<uuid:pot_id>")
@signed_in
def detail(pot_id: UUID) -> Response:
    """How my pot is doing, and the one thing to do next."""
    return _detail_page(pot_id, InvitationForm(method="whatsapp"))


@blueprint.route("/pots/<uuid:pot_id>/edit", methods=["GET", "POST"])
@signed_in
@picture_limit
def edit(pot_id: UUID) -> Response:
    """Change words, photos and settings."""
    me = known_visitor().user_id
    pot = owned_pot(pot_id, me)
    if has_ended(pot):
        flash(_("This pot has ended and cannot be changed any more."), "warning")
        return see_other(url_for(".detail", pot_id=pot_id))
    form = _edit_form(pot)
    if form.validate_on_submit():
        with form.attempt():
            making.edit_pot(pot_id, me, form.wishes(), cover=form.photo(), by=actor())
            flash(_("Your pot is up to date."), "success")
            return see_other(url_for(".detail", pot_id=pot_id))
    return _edit_page(pot, form, PhotoForm(formdata=None))


@blueprint.post("/pots/<uuid:pot_id>/photos")
@signed_in
@picture_limit
def add_photo(pot_id: UUID) -> Response:
    """One more photo in the gallery."""
    pot = owned_pot(pot_id, known_visitor().user_id)
    form = PhotoForm()
    if form.validate_on_submit():
        with form.attempt():
            pictures.add_photo(pot.id, pot.owner_user_id, form.data_of_photo(), by=actor())
            return see_other(url_for(".edit", pot_id=pot_id, _anchor="photos"))
    return _edit_page(pot, _edit_form(pot, formdata=None), form)


@blueprint.post("/pots/<uuid:pot_id>/photos/<uuid:file_id>/removal")
@signed_in
def remove_photo(pot_id: UUID, file_id: UUID) -> Response:
    """Take a photo out of the gallery."""
    pictures.remove_photo(pot_id, known_visitor().user_id, file_id, by=actor())
    return see_other(url_for(".edit", pot_id=pot_id, _anchor="photos"))


@blueprint.get("/pots/<uuid:pot_id>/preview")
@signed_in
def preview(pot_id: UUID) -> Response:
    """The pot as others will see it."""
    shown = queries.own_pot_page(pot_id, known_visitor().user_id)
    return page("pots/show.html", **show_context(shown, request.args.get("cursor"), is_preview=True))


@blueprint.post("/pots/<uuid:pot_id>/invitations")
@signed_in
def invite(pot_id: UUID) -> Response:
    """A link of its own for one person or group."""
    form = InvitationForm()
    if form.validate_on_submit():
        with form.attempt():
            sharing.invite(pot_id, known_visitor().user_id, form.invitation(), by=actor())
            flash(_("The link is ready. Send it from your phone."), "success")
            return see_other(url_for(".detail", pot_id=pot_id, _anchor="invitations"))
    return _detail_page(pot_id, form)


@blueprint.route("/pots/<uuid:pot_id>/end", methods=["GET", "POST"])
@signed_in
@step_up_when(changes_something)
def end(pot_id: UUID) -> Response:
    """End a pot before the birthday, after a question."""
    me = known_visitor().user_id
    if request.method == "POST":
        closing.close_pot(pot_id, owner_user_id=me, by=actor())
        flash(_("Your pot has ended."), "success")
        return see_other(url_for(".detail", pot_id=pot_id))
    return page("pots/end.html", pot=owned_pot(pot_id, me))


@blueprint.route("/pots/<uuid:pot_id>/give-back", methods=["GET", "POST"])
@signed_in
@step_up_when(changes_something)
def give_back(pot_id: UUID) -> Response:
    """Send every gift back to its donor, after a question."""
    me = known_visitor().user_id
    if request.method == "POST":
        closing.close_pot(pot_id, owner_user_id=me, everything_back=True, by=actor())
        flash(_("Every gift is on its way back to its donor."), "success")
        return see_other(url_for(".detail", pot_id=pot_id))
    return page("pots/give_back.html", pot=owned_pot(pot_id, me))


@blueprint.get("/gifts")
@signed_in
def my_gifts() -> Response:
    """What I have given, with the receipts."""
    found = receipts.my_gifts(known_visitor().user_id, request.args.get("cursor"))
    return page("pots/my_gifts.html", gifts=found)


def _edit_form(pot: Pot, **options: Any) -> PotForm:
    return PotForm.of(pot, queries.packs_to_prefer(pot.birthday_date, pot.preferred_pack_id), **options)


def _edit_page(pot: Pot, form: PotForm, photo_form: PhotoForm) -> Response:
    return page(
        "pots/edit.html",
        form=form,
        pot=pot,
        photo_form=photo_form,
        gallery_size=pictures.GALLERY_SIZE,
        status=422 if form.is_submitted() else 200,
    )


def _detail_page(pot_id: UUID, form: InvitationForm) -> Response:
    owned = queries.owned_pot_details(pot_id, known_visitor().user_id, request.args.get("cursor"))
    pot = owned.page.pot
    return page(
        "pots/detail.html",
        owned=owned,
        pot=pot,
        form=form,
        days_left=(pot.birthday_date - clock.today()).days,
        is_live=pot.status in LIVE,
        has_ended=has_ended(pot),
        may_choose=pot.status is PotStatus.FUNDED or pot.choose_until is not None,
        link=public_url(url_for("pots_public.show", slug=pot.public_slug)),
        public_url=public_url,
        choose_url=url_for("redemptions_client.choose", pot_id=pot_id),
        status=422 if form.is_submitted() else 200,
    )


def _made(status: PotStatus) -> str:
    if status is PotStatus.OPEN:
        return _("Your pot is open. Share it now!")
    return _("Your pot is ready. It opens by itself.")
