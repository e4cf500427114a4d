"""Admins look for partners, decide about them and agree their terms (PRT-14)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.kernel.access import changes_something, staff, step_up, step_up_when
from portal.kernel.asking import asked, asked_kind, wants_file
from portal.kernel.i18n import _, marked
from portal.kernel.pages import csv_file, page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.partners import members, queries, services
from portal.partners.forms import InviteForm, OrganisationForm, RegisterForm, TermsForm
from portal.partners.home import PARTNER
from portal.partners.models import PartnerStatus, PartnerType
from portal.partners.words import PAGE_WORDS
from portal.teams.queries import unanswered
from portal.teams.views.console import Decision, decide, end_place, invite_limit, invite_somebody, take_step

blueprint = Blueprint("partners_admin", __name__, url_prefix="/admin/partners")


DECISIONS = {
    "suspension": Decision(
        services.suspend,
        marked("Suspend this partner?"),
        marked("Its packs leave the catalogue and its scanner refuses gifts until you reactivate it."),
        marked("Suspend"),
        frozenset({PartnerStatus.ACTIVE}),
    ),
    "reinstatement": Decision(
        services.reinstate,
        marked("Reactivate this partner?"),
        marked("Its packs come back and its scanner works from now on."),
        marked("Reactivate"),
        frozenset({PartnerStatus.SUSPENDED}),
    ),
    "termination": Decision(
        services.terminate,
        marked("End the contract for good?"),
        marked("The team loses its access at once. Nobody can undo this."),
        marked("End the contract"),
        frozenset({PartnerStatus.PENDING, PartnerStatus.ACTIVE, PartnerStatus.SUSPENDED}),
    ),
}


blueprint.context_processor(lambda: PAGE_WORDS)


def _wanted() -> queries.PartnerFilter:
    """What the address asks for; a part that names nothing is left out."""
    return queries.PartnerFilter(asked_kind(PartnerStatus), asked_kind(PartnerType, "type"), asked())


@blueprint.get("")
@staff(Permission.LOOK)
@step_up_when(wants_file)
def index() -> Response:
    """Partners by state, kind and words."""
    wanted = _wanted()
    if wants_file():
        return _as_file(wanted)
    found = queries.partners_page(wanted, request.args.get("cursor"))
    return page("partners/admin/index.html", partners=found, wanted=wanted)


def _as_file(wanted: queries.PartnerFilter) -> Response:
    header = ("id", "name", "type", "status", "share_percent", "terms", "minimum_payout", "places", "since")
    rows = [
        (
            str(partner.id),
            partner.name,
            partner.type,
            partner.status,
            partner.revenue_split_percentage,
            partner.payment_terms,
            partner.minimum_payout_minor,
            places,
            partner.created_at.isoformat(),
        )
        for partner, places in queries.partners_rows(wanted)
    ]
    return csv_file("partners.csv", header, rows)


@blueprint.route("/new", methods=["GET", "POST"])
@staff(Permission.RUN_PARTNERS)
@step_up
def new() -> Response:
    """Take an application for a house; its owner is invited."""
    form = RegisterForm()
    if form.validate_on_submit():
        with form.attempt():
            partner = services.register_for(form.details(), form.owner.data, by=actor())
            flash(_("The application is saved, and its owner is invited."), "success")
            return see_other(url_for(".detail", partner_id=partner.id))
    return page("partners/admin/new.html", form=form, status=422 if form.is_submitted() else 200)


@blueprint.route("/<uuid:partner_id>", methods=["GET", "POST"])
@staff(Permission.RUN_PARTNERS)
@step_up_when(changes_something)
@invite_limit
def detail(partner_id: UUID) -> Response:
    """One partner: facts, places, team, what was decided; invites people into the team."""
    partner, story = queries.partner_and_story(partner_id)
    form = InviteForm()
    if form.validate_on_submit():
        with form.attempt():
            flash(invite_somebody(PARTNER, partner_id, form.contact.data, form.role.data), "success")
            return see_other(url_for(".detail", partner_id=partner_id))
    return page(
        "partners/admin/detail.html",
        partner=partner,
        form=form,
        venues=queries.venues_page(partner_id, None).items,
        team=queries.team_page(partner_id, request.args.get("cursor")),
        invitations=unanswered(PARTNER, partner_id),
        story=story,
        decisions={name: way for name, way in DECISIONS.items() if partner.status in way.allowed},
        status=422 if form.is_submitted() else 200,
    )


@blueprint.route("/<uuid:partner_id>/edit", methods=["GET", "POST"])
@staff(Permission.RUN_PARTNERS)
def edit(partner_id: UUID) -> Response:
    """Correct what is known of a house."""
    partner = queries.partner_facts(partner_id)
    form = OrganisationForm(obj=partner)
    if form.validate_on_submit():
        with form.attempt():
            services.change_organisation(partner_id, form.details(), by=actor())
            flash(_("Saved."), "success")
            return see_other(url_for(".detail", partner_id=partner_id))
    status = 422 if form.is_submitted() else 200
    return page("partners/admin/edit.html", form=form, partner=partner, status=status)


@blueprint.route("/<uuid:partner_id>/terms", methods=["GET", "POST"])
@staff(Permission.RUN_PARTNERS)
@step_up
def terms(partner_id: UUID) -> Response:
    """Agree share, period and smallest payout."""
    partner = queries.partner_facts(partner_id)
    form = TermsForm(obj=partner)
    if form.validate_on_submit():
        with form.attempt():
            services.change_terms(partner_id, form.terms(), by=actor())
            flash(_("The new terms hold from now on."), "success")
            return see_other(url_for(".detail", partner_id=partner_id))
    status = 422 if form.is_submitted() else 200
    return page("partners/admin/terms.html", form=form, partner=partner, status=status)


@blueprint.post("/<uuid:partner_id>/verification")
@staff(Permission.RUN_PARTNERS)
def verification(partner_id: UUID) -> Response:
    """Accept an application."""
    services.verify(partner_id, by=actor())
    flash(_("The partner is verified and works from now on."), "success")
    return see_other(url_for(".detail", partner_id=partner_id))


@blueprint.route(
    "/<uuid:partner_id>/<any(suspension, reinstatement, termination):name>", methods=["GET", "POST"]
)
@staff(Permission.RUN_PARTNERS)
@step_up
def decision(partner_id: UUID, name: str) -> Response:
    """Suspend, reinstate or terminate, with a reason."""
    partner = queries.partner_facts(partner_id)
    back = (_("Partner"), url_for(".detail", partner_id=partner_id))
    return decide(
        DECISIONS[name], partner_id, back, name=partner.name, hint=_("The partner and the audit log read it.")
    )


@blueprint.post("/<uuid:partner_id>/team/invitations/<uuid:invitation_id>/<any(cancellation, sending):step>")
@staff(Permission.RUN_PARTNERS)
@step_up
@invite_limit
def invitation(partner_id: UUID, invitation_id: UUID, step: str) -> Response:
    """Withdraw an invitation, or send it again."""
    flash(*take_step(step, PARTNER, partner_id, invitation_id))
    return see_other(url_for(".detail", partner_id=partner_id))


@blueprint.route("/<uuid:partner_id>/team/<uuid:member_id>/removal", methods=["GET", "POST"])
@staff(Permission.RUN_PARTNERS)
@step_up
def remove_member(partner_id: UUID, member_id: UUID) -> Response:
    """End somebody's place in a team."""
    _found, name = queries.member_name(partner_id, member_id)
    return end_place(
        lambda: members.remove(partner_id, member_id, by=actor()),
        url_for(".detail", partner_id=partner_id),
        question=_("Remove %(name)s from the team?", name=name or _("this person")),
        text=_("The person can no longer scan gifts or see this business."),
        done=_("This person no longer works there."),
    )
