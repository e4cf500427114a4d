"""A sponsor's score, and inviting people one by one (REF-32, REF-33, REF-43)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.kernel.access import signed_in, step_up_when
from portal.kernel.asking import asked, asked_id, asked_kind, wants_file
from portal.kernel.i18n import _, ngettext
from portal.kernel.pages import csv_file, page, see_other
from portal.kernel.qr import qr_svg
from portal.kernel.visitor import actor, known_visitor
from portal.people.views.first_steps import ask_first
from portal.referrals import inviting, queries
from portal.referrals.contacts import contact_of
from portal.referrals.forms import InviteForm
from portal.referrals.limits import Places, places_today
from portal.referrals.models import Referral
from portal.referrals.policies import Standing, standing
from portal.referrals.queries import ReferralFilter
from portal.referrals.words import PAGE_WORDS, STANDING_LABELS

blueprint = Blueprint("referrals_sponsor", __name__, url_prefix="/sponsor")
blueprint.context_processor(lambda: PAGE_WORDS)

_CSV_HEAD = (
    *("name", "phone", "email", "state", "sent_at", "expires_at"),
    *("accepted_at", "activated_at", "code", "link"),
)


@blueprint.get("")
@signed_in
def dashboard() -> Response:
    """Invited, accepted, earned, and the one thing to do next."""
    return page("referrals/dashboard.html", score=queries.score(known_visitor().user_id))


@blueprint.route("/invite", methods=["GET", "POST"])
@signed_in
def invite() -> Response:
    """Ask one person, or share the personal link."""
    me = known_visitor().user_id
    link, missing = queries.own_link(me)
    if missing is not None:
        why = _("Please tell us your day of birth first: only then can you bring friends.")
        return ask_first(missing, why, url_for(".invite"))
    form = InviteForm(data=_from_contact(me))
    if form.validate_on_submit():
        with form.attempt():
            referral = inviting.invite(me, form.invitee(), by=actor())
            flash(_sent(referral, places_today(me)), "success")
            return see_other(url_for(".invite"))
    return page(
        "referrals/invite.html",
        form=form,
        places=places_today(me),
        link=link,
        drawing=qr_svg(link),
        status=422 if form.is_submitted() else 200,
    )


@blueprint.get("/invitations")
@signed_in
@step_up_when(wants_file)
def invitations() -> Response:
    """Everybody I have asked, and how it stands."""
    me, wanted = known_visitor().user_id, wanted_referrals()
    if wants_file():
        rows = [_csv_row(referral, friend) for referral, friend in queries.invitation_rows(me, wanted)]
        return csv_file("invitations.csv", _CSV_HEAD, rows)
    return page(
        "referrals/invitations.html",
        found=queries.invitations(me, wanted, request.args.get("cursor")),
        counts=queries.standings(me),
        wanted=wanted,
    )


@blueprint.post("/invitations/<uuid:referral_id>/again")
@signed_in
def invite_again(referral_id: UUID) -> Response:
    """A new invitation for somebody whose last one has expired."""
    me = known_visitor().user_id
    referral = inviting.invite_again(referral_id, me, by=actor())
    flash(_sent(referral, places_today(me)), "success")
    return see_other(url_for(".invitations"))


def wanted_referrals() -> ReferralFilter:
    """What the address asks for; a part that names nothing is left out."""
    return ReferralFilter(standing=asked_kind(Standing, "state"), words=asked())


def _from_contact(me: UUID) -> dict[str, Any]:
    """What is known of the contact that the address names."""
    contact_id = asked_id("contact")
    if contact_id is None:
        return {}
    contact = contact_of(contact_id, me)
    return {"name": contact.name, "phone": contact.phone, "email": contact.email}


def _sent(referral: Referral, places: Places) -> str:
    """Who was asked, and how many can still be asked today."""
    left = ngettext("%(num)s invitation left today.", "%(num)s invitations left today.", places.left)
    name = referral.referred_name or referral.referred_phone or referral.referred_email
    sent = _("The invitation to %(name)s is on its way.", name=name)
    return f"{sent} {left}"


def _csv_row(referral: Referral, friend: str | None) -> tuple[Any, ...]:
    times = (referral.sent_at, referral.expires_at, referral.accepted_at, referral.activated_at)
    return (
        referral.referred_name or friend,
        referral.referred_phone,
        referral.referred_email,
        str(STANDING_LABELS[standing(referral)]),
        *(moment.isoformat() if moment else None for moment in times),
        referral.referral_code,
        referral.referral_link,
    )
