"""Filling in a pack, the same for its house and for admins."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import Response, flash

from portal.kernel.i18n import _
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor
from portal.packs import pictures, queries, services
from portal.packs.forms import GalleryForm, PackForm, uploaded
from portal.partners.models import Partner
from portal.partners.queries import open_venues


def fill_in_new(partner: Partner, *, template: str, done: str) -> Response:
    """A new pack for this house; leads on to `done`."""
    form = PackForm.of(None, open_venues(partner.id))
    if form.validate_on_submit():
        with form.attempt():
            services.create_pack(partner.id, form.facts(), photo=uploaded(form.photo), by=actor())
            flash(_("The pack is on offer."), "success")
            return see_other(done)
    return page(template, form=form, pack=None, partner=partner, status=_status(form))


def fill_in_again(pack_id: UUID, partner_id: UUID | None, *, template: str, done: str) -> Response:
    """An existing pack, with its gallery; `partner_id` None for an admin."""
    pack = queries.own_pack(pack_id, partner_id)
    form = PackForm.of(pack, open_venues(pack.partner_id))
    if form.validate_on_submit():
        with form.attempt():
            services.edit_pack(
                pack_id, form.facts(), partner_id=partner_id, photo=uploaded(form.photo), by=actor()
            )
            flash(_("Saved. Codes already issued keep their price and their dates."), "success")
            return see_other(done)
    return page(template, form=form, pack=pack, gallery=GalleryForm(formdata=None), status=_status(form))


def add_picture(pack_id: UUID, partner_id: UUID | None, *, template: str, done: str) -> Response:
    """One more picture for the gallery."""
    pack = queries.own_pack(pack_id, partner_id)
    gallery = GalleryForm()
    if gallery.validate_on_submit():
        with gallery.attempt():
            change = partial(pictures.add_to_gallery, data=uploaded(gallery.gallery_photo) or b"")
            services.change_gallery(pack_id, change, partner_id=partner_id, by=actor())
            flash(_("The photo is in the gallery."), "success")
            return see_other(done)
    form = PackForm.of(pack, open_venues(pack.partner_id), formdata=None)
    return page(template, form=form, pack=pack, gallery=gallery, status=422)


def remove_picture(pack_id: UUID, file_id: UUID, partner_id: UUID | None, *, done: str) -> Response:
    """One picture less in the gallery."""
    change = partial(pictures.take_from_gallery, file_id=file_id)
    services.change_gallery(pack_id, change, partner_id=partner_id, by=actor())
    return see_other(done)


def offer(pack_id: UUID, partner_id: UUID | None, *, is_active: bool, done: str) -> Response:
    """Put a pack on offer or pause it."""
    services.offer_pack(pack_id, is_active=is_active, partner_id=partner_id, by=actor())
    flash(_("The pack is on offer.") if is_active else _("The pack is paused."), "success")
    return see_other(done)


def _status(form: PackForm) -> int:
    return 422 if form.is_submitted() else 200
