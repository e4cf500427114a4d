"""Admins watch word of mouth: referrals, sponsors and the points they were given."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.audit.looks import note_looks
from portal.audit.models import Opened
from portal.kernel.access import staff, step_up, step_up_when
from portal.kernel.asking import asked, asked_kind, kind_named, wants_file
from portal.kernel.forms import ReasonForm
from portal.kernel.i18n import _
from portal.kernel.pages import csv_file, page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.referrals import earnings, limits, oversight, pipeline
from portal.referrals import points as awarding
from portal.referrals.earnings import AwardFilter
from portal.referrals.forms import LimitForm, ReferralForm
from portal.referrals.models import AwardEvent, AwardStatus, PipelineStage, PointAward, Referral
from portal.referrals.policies import standing
from portal.referrals.views.sponsor import wanted_referrals
from portal.referrals.words import PAGE_WORDS

blueprint = Blueprint("referrals_admin", __name__, url_prefix="/admin/referrals")
blueprint.context_processor(lambda: PAGE_WORDS)

_REFERRAL_HEAD = ("id", "sponsor_id", "friend_id", "source", "state", "stage", "created_at", "accepted_at")
_AWARD_HEAD = ("id", "sponsor_id", "referral_id", "event", "points", "status", "matures_at", "created_at")


@blueprint.get("")
@staff(Permission.SEE_PEOPLE)
@step_up_when(wants_file)
def index() -> Response:
    """Every referral, by state and words."""
    wanted = wanted_referrals()
    if wants_file():
        found = [row[0] for row in oversight.referral_rows(wanted)]
        people = [one for referral in found for one in (referral.referrer_id, referral.referred_user_id)]
        note_looks(people, Opened.FILE, by=actor())
        return csv_file("referrals.csv", _REFERRAL_HEAD, map(_referral_row, found))
    shown = oversight.every_referral(wanted, request.args.get("cursor"))
    return page("referrals/admin/index.html", found=shown, wanted=wanted)


@blueprint.route("/<uuid:referral_id>", methods=["GET", "POST"])
@staff(Permission.HELP_PEOPLE)
def detail(referral_id: UUID) -> Response:
    """One referral: facts, story, points; keeps stage and notes."""
    shown = oversight.referral_detail(referral_id)
    _note_both(shown.referral)
    form = ReferralForm.of(shown.referral)
    if form.validate_on_submit():
        with form.attempt():
            stage = kind_named(PipelineStage, form.stage.data)
            reason = pipeline.CANCELED if form.taken_back.data else form.reason.data
            pipeline.decide(referral_id, stage, reason, form.notes.data, by=actor())
            flash(_("Saved."), "success")
            return see_other(url_for(".detail", referral_id=referral_id))
    status = 422 if form.is_submitted() else 200
    return page("referrals/admin/detail.html", shown=shown, form=form, status=status)


@blueprint.route("/sponsors/<uuid:sponsor_id>", methods=["GET", "POST"])
@staff(Permission.HELP_PEOPLE)
def sponsor(sponsor_id: UUID) -> Response:
    """One sponsor: places, points, counts by month; changes today's limit."""
    shown = oversight.sponsor_detail(sponsor_id)
    form = LimitForm(data={"maximum": shown.places.limit})
    if form.validate_on_submit():
        with form.attempt():
            limits.change_limit(sponsor_id, form.maximum.data, form.reason.data, by=actor())
            flash(_("The new limit holds for today."), "success")
            return see_other(url_for(".sponsor", sponsor_id=sponsor_id))
    if not form.is_submitted():
        note_looks([sponsor_id], Opened.PERSON_PAGE, by=actor())
    status = 422 if form.is_submitted() else 200
    return page("referrals/admin/sponsor.html", shown=shown, form=form, status=status)


@blueprint.get("/points")
@staff(Permission.SEE_PEOPLE)
@step_up_when(wants_file)
def awards() -> Response:
    """Every award of points, by state, event and words."""
    wanted = AwardFilter(
        status=asked_kind(AwardStatus),
        event=asked_kind(AwardEvent, "event"),
        words=asked(),
    )
    if wants_file():
        found = [row[0] for row in earnings.award_rows(wanted)]
        note_looks([award.sponsor_user_id for award in found], Opened.FILE, by=actor())
        return csv_file("points.csv", _AWARD_HEAD, map(_award_row, found))
    shown = earnings.every_award(wanted, request.args.get("cursor"))
    return page("referrals/admin/awards.html", found=shown, wanted=wanted, statuses=list(AwardStatus))


@blueprint.route("/points/<uuid:award_id>/revocation", methods=["GET", "POST"])
@staff(Permission.HELP_PEOPLE)
@step_up
def revoke(award_id: UUID) -> Response:
    """Take points back, with a reason."""
    award, name = earnings.award_of(award_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with form.attempt():
            awarding.revoke(award_id, form.reason.data, by=actor())
            flash(_("The points are taken back."), "success")
            return see_other(url_for(".awards"))
    if not form.is_submitted():
        note_looks([award.sponsor_user_id], Opened.PERSON_PAGE, by=actor())
    status = 422 if form.is_submitted() else 200
    return page("referrals/admin/revoke.html", form=form, award=award, name=name, status=status)


def _note_both(referral: Referral) -> None:
    """Sponsor and friend read that it was opened; so does a friend whose account comes later."""
    invited = () if referral.referred_user_id else (referral.referred_phone, referral.referred_email)
    people = (referral.referrer_id, referral.referred_user_id)
    note_looks(people, Opened.INVITATION, contacts=invited, by=actor())


def _referral_row(referral: Referral) -> tuple[Any, ...]:
    return (
        str(referral.id),
        str(referral.referrer_id),
        str(referral.referred_user_id) if referral.referred_user_id else None,
        referral.source,
        standing(referral),
        referral.pipeline_stage,
        referral.created_at.isoformat(),
        referral.accepted_at.isoformat() if referral.accepted_at else None,
    )


def _award_row(award: PointAward) -> tuple[Any, ...]:
    return (
        str(award.id),
        str(award.sponsor_user_id),
        str(award.referral_id) if award.referral_id else None,
        award.event_type,
        award.points,
        award.status,
        award.matures_at.isoformat(),
        award.created_at.isoformat(),
    )
