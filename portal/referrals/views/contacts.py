"""A sponsor's contact list: by hand, or from an address book with a look at it first (R-34)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, request, url_for

from portal.config.limit_values import IMPORTS_PER_HOUR
from portal.config.rates import rate
from portal.kernel.access import signed_in, step_up_when
from portal.kernel.asking import asked, wants_file
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _, ngettext
from portal.kernel.limits import limiter
from portal.kernel.pages import csv_file, page, see_other
from portal.kernel.visitor import actor, known_visitor
from portal.referrals import contacts as lists
from portal.referrals import importing, previews, queries
from portal.referrals.batches import open_batch_of
from portal.referrals.contacts import Kept
from portal.referrals.forms import ConfirmImportForm, ContactForm, ImportForm
from portal.referrals.views.sponsor import blueprint

_SHOWN = 100
# Reading a large file takes a second of the machine: enough for any person, too little for a program.
_import_limit = limiter.limit(rate(IMPORTS_PER_HOUR, "hour"), methods=["POST"])


@blueprint.get("/contacts")
@signed_in
@step_up_when(wants_file)
def contacts() -> Response:
    """Whom I could invite, in the order in which batches are cut."""
    me, words = known_visitor().user_id, asked()
    if wants_file():
        return csv_file("contacts.csv", ("name", "phone", "email"), queries.contact_rows(me, words))
    return page(
        "referrals/contacts.html",
        found=queries.contacts(me, words, request.args.get("cursor")),
        words=words,
        batch=open_batch_of(me),
    )


@blueprint.route("/contacts/new", methods=["GET", "POST"])
@signed_in
def add_contact() -> Response:
    """Write somebody down."""
    form = ContactForm()
    if form.validate_on_submit():
        with form.attempt():
            lists.add_contact(known_visitor().user_id, *form.facts(), by=actor())
            flash(_("Your contact is on the list."), "success")
            return see_other(url_for(".contacts"))
    return page("referrals/contact.html", form=form, contact=None, status=422 if form.is_submitted() else 200)


@blueprint.route("/contacts/<uuid:contact_id>", methods=["GET", "POST"])
@signed_in
def edit_contact(contact_id: UUID) -> Response:
    """Correct a contact."""
    contact = lists.contact_of(contact_id, known_visitor().user_id)
    form = ContactForm(obj=contact)
    if form.validate_on_submit():
        with form.attempt():
            lists.change_contact(contact_id, known_visitor().user_id, *form.facts(), by=actor())
            flash(_("Saved."), "success")
            return see_other(url_for(".contacts"))
    status = 422 if form.is_submitted() else 200
    return page("referrals/contact.html", form=form, contact=contact, status=status)


@blueprint.route("/contacts/<uuid:contact_id>/removal", methods=["GET", "POST"])
@signed_in
def remove_contact(contact_id: UUID) -> Response:
    """Take somebody off the list."""
    me = known_visitor().user_id
    contact = lists.contact_of(contact_id, me)
    if request.method == "POST":
        lists.remove_contact(contact_id, me, by=actor())
        flash(_("The contact is off your list."), "success")
        return see_other(url_for(".contacts"))
    return page("referrals/remove_contact.html", contact=contact)


@blueprint.route("/contacts/import", methods=["GET", "POST"])
@signed_in
@_import_limit
def import_contacts() -> Response:
    """Read an address book and show what was understood; nothing is kept yet."""
    form = ImportForm()
    if form.validate_on_submit():
        try:
            return _preview_page(*form.given())
        except InvalidInput as refusal:
            form.take(refusal)
    return page("referrals/import.html", form=form, status=422 if form.is_submitted() else 200)


@blueprint.post("/contacts/import/confirmation")
@signed_in
def confirm_import() -> Response:
    """Keep what the preview showed."""
    me, form = known_visitor().user_id, ConfirmImportForm()
    if form.validate_on_submit():
        with form.attempt():
            people = previews.unseal(form.sealed.data, me)
            kept = lists.keep(me, people, source="import", by=actor())
            flash(_kept(kept), "success")
            return see_other(url_for(".contacts"))
    retry = ImportForm(formdata=None)
    retry.form_errors.extend(
        form.form_errors or [_("This preview is too old. Please choose your file again.")]
    )
    return page("referrals/import.html", form=retry, status=422)


def _preview_page(data: bytes, field: str) -> Response:
    me = known_visitor().user_id
    found = importing.preview(data, field=field)
    people = [one.who for one in found.contacts]
    return page(
        "referrals/preview.html",
        found=found,
        known=lists.known_among(me, people),
        sealed=previews.seal(people, me),
        limit=_SHOWN,
    )


def _kept(kept: Kept) -> str:
    """What an import did, in a sentence."""
    added = ngettext("%(num)s contact was added.", "%(num)s contacts were added.", kept.added)
    if not kept.completed:
        return added
    completed = ngettext("%(num)s was completed.", "%(num)s were completed.", kept.completed)
    return f"{added} {completed}"
