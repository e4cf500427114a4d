"""Inviting up to fifty contacts at a time (REF-44 to REF-53)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, request, url_for

from portal.kernel.access import signed_in
from portal.kernel.i18n import _, ngettext
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor, known_visitor
from portal.referrals import batches as cutting
from portal.referrals import queries
from portal.referrals.forms import BatchForm
from portal.referrals.limits import Places, places_today
from portal.referrals.models import SponsorContactBatch
from portal.referrals.views.sponsor import blueprint


@blueprint.get("/batches")
@signed_in
def batches() -> Response:
    """The batch that waits, how many contacts are left for the next, and those before."""
    me = known_visitor().user_id
    places = places_today(me)
    return page(
        "referrals/batches.html",
        found=queries.batches(me, request.args.get("cursor")),
        waiting=cutting.open_batch_of(me),
        places=places,
        left=queries.contacts_left(me, places.batch_start),
    )


@blueprint.post("/batches")
@signed_in
def open_batch() -> Response:
    """Cut the next batch, or go on with the one that is open."""
    batch = cutting.open_batch(known_visitor().user_id, by=actor())
    return see_other(url_for(".batch", batch_id=batch.id))


@blueprint.get("/batches/<uuid:batch_id>")
@signed_in
def batch(batch_id: UUID) -> Response:
    """Choose whom to invite; afterwards, what became of each."""
    return _batch_page(queries.batch_of(batch_id, known_visitor().user_id), BatchForm())


@blueprint.post("/batches/<uuid:batch_id>/sending")
@signed_in
def send_batch(batch_id: UUID) -> Response:
    """Invite all of them, or those who are ticked."""
    me, form = known_visitor().user_id, BatchForm()
    shown = queries.batch_of(batch_id, me)
    if form.validate_on_submit():
        with form.attempt():
            cutting.select_contacts(batch_id, me, form.chosen(), by=actor())
            sent = cutting.send_batch(batch_id, me, form.message.data, by=actor())
            flash(_went_out(sent), "success")
            return see_other(url_for(".batch", batch_id=batch_id))
    return _batch_page(shown, form, status=422)


@blueprint.post("/batches/<uuid:batch_id>/skipping")
@signed_in
def skip_batch(batch_id: UUID) -> Response:
    """Leave these contacts out."""
    cutting.skip_batch(batch_id, known_visitor().user_id, by=actor())
    flash(_("This batch is left out."), "success")
    return see_other(url_for(".batches"))


def _batch_page(shown: SponsorContactBatch, form: BatchForm, status: int = 200) -> Response:
    places = places_today(known_visitor().user_id)
    if shown.status not in cutting.OPEN:
        return page("referrals/outcome.html", batch=shown, places=places, status=status)
    ticked = _ticked(shown, form, places)
    return page("referrals/batch.html", batch=shown, form=form, places=places, ticked=ticked, status=status)


def _ticked(shown: SponsorContactBatch, form: BatchForm, places: Places) -> set[str]:
    """Whose box is ticked: what was sent, else what was chosen before, else what the sponsor prefers."""
    if form.is_submitted():
        return set(form.contacts.data or ())
    chosen = set(shown.manual_selections)
    if chosen or places.prefers_single:
        return chosen
    return {entry["id"] for entry in shown.contact_snapshot}


def _went_out(sent: SponsorContactBatch) -> str:
    return ngettext(
        "%(num)s invitation is on its way.", "%(num)s invitations are on their way.", sent.sent_count
    )
