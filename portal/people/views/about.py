"""More about a person, and their addresses (PPL-02, PPL-21)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, url_for

from portal.kernel.access import signed_in
from portal.kernel.i18n import _
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor, known_visitor
from portal.people import addresses
from portal.people.about import save_about
from portal.people.about_forms import AboutForm, AddressForm, OfferForm
from portal.people.models import AddressType, HostType, Profile, UserAddress, UserServiceProfile
from portal.people.offering import Offer, offer_of, save_offer
from portal.people.place_forms import place_data
from portal.people.places import all_towns
from portal.people.queries import profile_page
from portal.people.views.door import blueprint
from portal.people.words import ADDRESS_LABELS


@blueprint.route("/profile/about", methods=["GET", "POST"])
@signed_in
def about() -> Response:
    """Facts that only I see, and where else I can be found."""
    me = known_visitor().user_id
    form = AboutForm(data=_about_data(profile_page(me).profile))
    if form.validate_on_submit():
        with form.attempt():
            save_about(me, form.facts(), by=actor())
            flash(_("Your profile is saved."), "success")
            return see_other(url_for(".profile"))
    return page("people/about.html", form=form, status=422 if form.errors else 200)


@blueprint.route("/profile/services", methods=["GET", "POST"])
@signed_in
def services() -> Response:
    """What I offer as host or guide."""
    me = known_visitor().user_id
    form = OfferForm(data=_offer_data(offer_of(me)))
    if form.validate_on_submit():
        with form.attempt():
            save_offer(me, _offer(form), by=actor())
            flash(_("Your profile is saved."), "success")
            return see_other(url_for(".profile"))
    return page("people/services.html", form=form, status=422 if form.errors else 200)


@blueprint.get("/profile/addresses")
@signed_in
def address_list() -> Response:
    """Where post and parcels reach me."""
    kept = addresses.addresses_of(known_visitor().user_id)
    return page("people/addresses.html", addresses=kept, kinds=ADDRESS_LABELS)


@blueprint.route("/profile/addresses/new", methods=["GET", "POST"])
@signed_in
def add_address() -> Response:
    """Keep one more address."""
    me, form = known_visitor().user_id, AddressForm()
    if form.validate_on_submit():
        with form.attempt():
            addresses.add_address(me, _facts(form), by=actor())
            flash(_("Your address is saved."), "success")
            return see_other(url_for(".address_list"))
    status = 422 if form.errors else 200
    return page("people/address.html", form=form, kept=None, towns=all_towns(), status=status)


@blueprint.route("/profile/addresses/<uuid:address_id>", methods=["GET", "POST"])
@signed_in
def change_address(address_id: UUID) -> Response:
    """Change one of mine."""
    me = known_visitor().user_id
    kept = addresses.address_of(address_id, me)
    form = AddressForm(data=_address_data(kept))
    if form.validate_on_submit():
        with form.attempt():
            addresses.change_address(address_id, me, _facts(form), by=actor())
            flash(_("Your address is saved."), "success")
            return see_other(url_for(".address_list"))
    status = 422 if form.errors else 200
    return page("people/address.html", form=form, kept=kept, towns=all_towns(), status=status)


@blueprint.get("/profile/addresses/<uuid:address_id>/remove")
@signed_in
def ask_before_removing(address_id: UUID) -> Response:
    """The question before one is forgotten, as a page of its own."""
    kept = addresses.address_of(address_id, known_visitor().user_id)
    return page("people/remove_address.html", kept=kept)


@blueprint.post("/profile/addresses/<uuid:address_id>/remove")
@signed_in
def remove_address(address_id: UUID) -> Response:
    """Forget one of mine."""
    addresses.remove_address(address_id, known_visitor().user_id, by=actor())
    flash(_("The address is removed."), "success")
    return see_other(url_for(".address_list"))


def _about_data(profile: Profile) -> dict[str, object]:
    return {**profile.demographics, **profile.social_handles}


def _offer_data(kept: UserServiceProfile | None) -> dict[str, object]:
    if kept is None:
        return {}
    return {
        "host_type": kept.host_type,
        "about": kept.about,
        "languages": ", ".join(kept.spoken_languages),
        "is_available": kept.is_available,
    }


def _offer(form: OfferForm) -> Offer:
    return Offer(HostType(form.host_type.data), form.about.data, form.languages.data, form.is_available.data)


def _address_data(kept: UserAddress) -> dict[str, object]:
    return {
        "type": kept.type,
        "street": kept.street,
        "city": kept.city,
        "postal_code": kept.postal_code,
        "is_default": kept.is_default,
        **place_data(kept.country, kept.region, kept.department),
    }


def _facts(form: AddressForm) -> addresses.AddressFacts:
    return addresses.AddressFacts(
        type=AddressType(form.type.data),
        street=form.street.data,
        place=form.place(form.city.data),
        postal_code=form.postal_code.data,
        is_default=form.is_default.data,
    )
