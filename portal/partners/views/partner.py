"""A partner's own pages: application, house, places, team."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.kernel.access import (
    PARTNER_COOKIE,
    current_partner_id,
    partner_team,
    signed_in,
    step_up,
)
from portal.kernel.cookies import keep_cookie
from portal.kernel.errors import NotFound
from portal.kernel.forms import said_yes
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.pages import page, safe_next, see_other
from portal.kernel.roles import MANAGERS, OWNERS, TEAM, MemberRole
from portal.kernel.visitor import actor, known_visitor
from portal.partners import members, queries, services, venues
from portal.partners.forms import HabitsForm, InviteForm, OrganisationForm, RoleForm, VenueForm
from portal.partners.home import PARTNER
from portal.partners.policies import Topic, manages, runs_partner, wants
from portal.partners.words import PAGE_WORDS
from portal.teams.queries import unanswered
from portal.teams.views.console import invite_limit, invite_somebody, take_step

blueprint = Blueprint("partners_partner", __name__, url_prefix="/partner")

_A_YEAR = 365 * 24 * 3600


blueprint.context_processor(lambda: PAGE_WORDS)


def _role() -> str | None:
    return known_visitor().role_at(current_partner_id())


@blueprint.route("/apply", methods=["GET", "POST"])
@signed_in
def apply() -> Response:
    """A house asks to work with us."""
    form = OrganisationForm()
    if form.validate_on_submit():
        with form.attempt():
            services.apply_partner(form.details(), known_visitor().user_id, by=actor())
            flash(_("Thank you. We look at your application and answer you soon."), "success")
            return see_other(url_for(".organisation"))
    return page("partners/apply.html", form=form, status=422 if form.is_submitted() else 200)


@blueprint.post("/switch")
@signed_in
def switch() -> Response:
    """Work for another of one's own houses."""
    partner_id = parse_id(request.form.get("partner"))
    if partner_id is None or known_visitor().role_at(partner_id) is None:
        raise NotFound
    response = see_other(safe_next(request.form.get("next"), url_for(".organisation")))
    keep_cookie(response, PARTNER_COOKIE, str(partner_id), seconds=_A_YEAR)
    return response


@blueprint.get("/organisation")
@partner_team(TEAM)
def organisation() -> Response:
    """The house, its terms, and the other houses one works for."""
    partner = queries.partner_facts(current_partner_id())
    places = [place.partner_id for place in known_visitor().memberships]
    return page(
        "partners/organisation.html",
        partner=partner,
        partners=queries.partner_names(places) if len(places) > 1 else [],
        told={topic: wants(partner, topic) for topic in Topic},
        is_owner=_role() == MemberRole.OWNER,
    )


@blueprint.route("/organisation/edit", methods=["GET", "POST"])
@partner_team(OWNERS)
def edit_organisation() -> Response:
    """Keep what the house says about itself up to date."""
    form = OrganisationForm(obj=queries.partner_facts(current_partner_id()))
    if form.validate_on_submit():
        with form.attempt():
            services.change_organisation(current_partner_id(), form.details(), by=actor())
            flash(_("Saved."), "success")
            return see_other(url_for(".organisation"))
    return page("partners/edit_organisation.html", form=form, status=422 if form.is_submitted() else 200)


@blueprint.route("/organisation/habits", methods=["GET", "POST"])
@partner_team(OWNERS)
def edit_habits() -> Response:
    """Whether a scan is enough, and what the contact address is told."""
    partner = queries.partner_facts(current_partner_id())
    told = {topic.value: wants(partner, topic) for topic in Topic}
    form = HabitsForm(data={"auto_approve_redemptions": partner.auto_approve_redemptions, **told})
    if form.validate_on_submit():
        with form.attempt():
            services.change_habits(partner.id, form.habits(), by=actor())
            flash(_("Saved."), "success")
            return see_other(url_for(".organisation"))
    return page("partners/edit_habits.html", form=form, status=422 if form.is_submitted() else 200)


@blueprint.get("/venues", endpoint="venues")
@partner_team(TEAM)
def list_venues() -> Response:
    """The places where the house serves."""
    found = queries.venues_page(current_partner_id(), request.args.get("cursor"))
    return page("partners/venues.html", venues=found, may_edit=runs_partner(_role()))


@blueprint.route("/venues/new", methods=["GET", "POST"])
@partner_team(MANAGERS)
def new_venue() -> Response:
    """Open a place."""
    form = VenueForm()
    if form.validate_on_submit():
        with form.attempt():
            venues.add_venue(current_partner_id(), form.place(), by=actor())
            flash(_("The place is open."), "success")
            return see_other(url_for(".venues"))
    return page("partners/venue.html", form=form, venue=None, status=422 if form.is_submitted() else 200)


@blueprint.route("/venues/<uuid:venue_id>", methods=["GET", "POST"])
@partner_team(MANAGERS)
def edit_venue(venue_id: UUID) -> Response:
    """Correct what is said about a place."""
    venue = venues.venue_of(current_partner_id(), venue_id)
    form = VenueForm(obj=venue)
    if form.validate_on_submit():
        with form.attempt():
            venues.change_venue(current_partner_id(), venue_id, form.place(), by=actor())
            flash(_("Saved."), "success")
            return see_other(url_for(".venues"))
    return page("partners/venue.html", form=form, venue=venue, status=422 if form.is_submitted() else 200)


@blueprint.post("/venues/<uuid:venue_id>/opening")
@partner_team(MANAGERS)
def open_venue(venue_id: UUID) -> Response:
    """Open or close a place."""
    is_active = said_yes("is_active")
    venues.open_venue(current_partner_id(), venue_id, is_active=is_active, by=actor())
    flash(_("The place is open.") if is_active else _("The place is closed."), "success")
    return see_other(url_for(".venues"))


@blueprint.get("/team")
@partner_team(TEAM)
def team() -> Response:
    """Who works here, and who is invited."""
    return _team(InviteForm())


@blueprint.post("/team")
@partner_team(MANAGERS)
@step_up
@invite_limit
def invite() -> Response:
    """Invite somebody to work here; owners and managers do."""
    form = InviteForm()
    if form.validate_on_submit():
        with form.attempt():
            said = invite_somebody(PARTNER, current_partner_id(), form.contact.data, form.role.data)
            flash(said, "success")
            return see_other(url_for(".team"))
    return _team(form)


def _team(form: InviteForm) -> Response:
    role = _role()
    return page(
        "partners/team.html",
        form=form,
        team=queries.team_page(current_partner_id(), request.args.get("cursor")),
        own_id=known_visitor().user_id,
        may_invite=runs_partner(role),
        # Where somebody is reached who has not said yes is for those alone who may invite.
        invitations=unanswered(PARTNER, current_partner_id()) if runs_partner(role) else (),
        manages=lambda other: manages(role, other),
        status=422 if form.is_submitted() else 200,
    )


@blueprint.post("/team/invitations/<uuid:invitation_id>/<any(cancellation, sending):step>")
@partner_team(MANAGERS)
@step_up
@invite_limit
def invitation(invitation_id: UUID, step: str) -> Response:
    """Withdraw an invitation, or send it again."""
    flash(*take_step(step, PARTNER, current_partner_id(), invitation_id))
    return see_other(url_for(".team"))


@blueprint.route("/team/<uuid:member_id>", methods=["GET", "POST"])
@partner_team(MANAGERS)
@step_up
def member(member_id: UUID) -> Response:
    """Give a member other rights."""
    found, name = queries.member_name(current_partner_id(), member_id)
    form = RoleForm(obj=found)
    if form.validate_on_submit():
        with form.attempt():
            members.change_role(current_partner_id(), member_id, MemberRole(form.role.data), by=actor())
            flash(_("Saved."), "success")
            return see_other(url_for(".team"))
    status = 422 if form.is_submitted() else 200
    return page("partners/member.html", form=form, member=found, name=name, status=status)


@blueprint.route("/team/<uuid:member_id>/removal", methods=["GET", "POST"])
@partner_team(TEAM)
@step_up
def remove_member(member_id: UUID) -> Response:
    """End somebody's place in the team, or one's own."""
    found, name = queries.member_name(current_partner_id(), member_id)
    members.require_removal(found, actor())
    is_own = found.user_id == known_visitor().user_id
    if request.method == "POST":
        members.remove(current_partner_id(), member_id, by=actor())
        flash(_("You have left the team.") if is_own else _("This person no longer works here."), "success")
        return see_other("/" if is_own else url_for(".team"))
    return page("partners/remove_member.html", member=found, name=name, is_own=is_own)
