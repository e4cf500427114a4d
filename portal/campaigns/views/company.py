"""The pages of those who work for a sponsor company: what it is, and who belongs to it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.campaigns import company_members, queries
from portal.campaigns.forms import InviteForm, RoleForm
from portal.campaigns.home import COMPANY as COMPANIES
from portal.campaigns.words import PAGE_WORDS
from portal.kernel.access import (
    COMPANY_COOKIE,
    company_team,
    current_company_id,
    signed_in,
    step_up,
)
from portal.kernel.cookies import keep_cookie
from portal.kernel.errors import NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.pages import page, see_other
from portal.kernel.roles import COMPANY, COMPANY_OWNERS, CompanyRole
from portal.kernel.visitor import actor, known_visitor
from portal.teams.queries import unanswered
from portal.teams.views.console import invite_limit, invite_somebody, take_step

blueprint = Blueprint("campaigns_company", __name__, url_prefix="/company")

_A_YEAR = 365 * 24 * 3600

blueprint.context_processor(lambda: PAGE_WORDS)


@blueprint.get("")
@company_team(COMPANY)
def overview() -> Response:
    """The company, who works for it, and the other companies one works for."""
    return _overview(InviteForm())


@blueprint.post("")
@company_team(COMPANY_OWNERS)
@step_up
@invite_limit
def invite() -> Response:
    """Invite somebody to work for the company."""
    form = InviteForm()
    if form.validate_on_submit():
        with form.attempt():
            said = invite_somebody(COMPANIES, current_company_id(), form.contact.data, form.role.data)
            flash(said, "success")
            return see_other(url_for(".overview"))
    return _overview(form)


@blueprint.post("/invitations/<uuid:invitation_id>/<any(cancellation, sending):step>")
@company_team(COMPANY_OWNERS)
@step_up
@invite_limit
def invitation(invitation_id: UUID, step: str) -> Response:
    """Withdraw an invitation, or send it again."""
    flash(*take_step(step, COMPANIES, current_company_id(), invitation_id))
    return see_other(url_for(".overview"))


@blueprint.route("/members/<uuid:member_id>", methods=["GET", "POST"])
@company_team(COMPANY_OWNERS)
@step_up
def member(member_id: UUID) -> Response:
    """Give a member other rights."""
    found, name = queries.member_name(current_company_id(), member_id)
    form = RoleForm(obj=found)
    if form.validate_on_submit():
        with form.attempt():
            company_members.change_role(
                current_company_id(), member_id, CompanyRole(form.role.data), by=actor()
            )
            flash(_("Saved."), "success")
            return see_other(url_for(".overview"))
    status = 422 if form.is_submitted() else 200
    return page("campaigns/member.html", form=form, member=found, name=name, status=status)


@blueprint.route("/members/<uuid:member_id>/removal", methods=["GET", "POST"])
@company_team(COMPANY)
@step_up
def remove_member(member_id: UUID) -> Response:
    """End somebody's place in the company, or one's own."""
    found, name = queries.member_name(current_company_id(), member_id)
    company_members.require_removal(found, actor())
    is_own = found.user_id == known_visitor().user_id
    if request.method == "POST":
        company_members.remove(current_company_id(), member_id, by=actor())
        flash(
            _("You have left the company.") if is_own else _("This person no longer works for the company."),
            "success",
        )
        return see_other("/" if is_own else url_for(".overview"))
    return page("campaigns/remove_member.html", member=found, name=name, is_own=is_own)


@blueprint.post("/switch")
@signed_in
def switch() -> Response:
    """Work for another of one's companies."""
    company_id = parse_id(request.form.get("company"))
    if company_id is None or known_visitor().role_in_company(company_id) is None:
        raise NotFound
    response = see_other(url_for(".overview"))
    keep_cookie(response, COMPANY_COOKIE, str(company_id), seconds=_A_YEAR)
    return response


def _overview(form: InviteForm) -> Response:
    company, me = queries.company_facts(current_company_id()), known_visitor()
    places = [place.company_id for place in me.companies]
    is_owner = me.role_in_company(company.id) == CompanyRole.OWNER
    return page(
        "campaigns/company.html",
        company=company,
        companies=queries.company_names(places) if len(places) > 1 else [],
        form=form,
        members=queries.members_page(company.id, request.args.get("cursor")),
        own_id=me.user_id,
        is_owner=is_owner,
        invitations=unanswered(COMPANIES, company.id) if is_owner else (),
        status=422 if form.is_submitted() else 200,
    )
