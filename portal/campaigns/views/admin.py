"""Staff take in sponsor companies, name their first owner, and decide whether they work (R-24)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.campaigns import companies, company_members, queries
from portal.campaigns.forms import CompanyForm, InviteForm, NewCompanyForm
from portal.campaigns.home import COMPANY
from portal.campaigns.models import CompanyStatus
from portal.campaigns.words import PAGE_WORDS
from portal.kernel.access import changes_something, staff, step_up, step_up_when
from portal.kernel.asking import asked, asked_kind
from portal.kernel.i18n import _, marked
from portal.kernel.pages import page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.teams.queries import unanswered
from portal.teams.views.console import Decision, decide, end_place, invite_limit, invite_somebody, take_step

blueprint = Blueprint("campaigns_admin", __name__, url_prefix="/admin/companies")


DECISIONS = {
    "suspension": Decision(
        companies.suspend,
        marked("Suspend this company?"),
        marked("Its people still see it, but nobody can be added and no campaign begins."),
        marked("Suspend"),
        frozenset({CompanyStatus.PENDING, CompanyStatus.ACTIVE}),
    ),
    "reinstatement": Decision(
        companies.reinstate,
        marked("Reactivate this company?"),
        marked("Its owners can add people and begin campaigns from now on."),
        marked("Reactivate"),
        frozenset({CompanyStatus.SUSPENDED}),
    ),
}

blueprint.context_processor(lambda: PAGE_WORDS)


@blueprint.get("")
@staff(Permission.LOOK)
def index() -> Response:
    """Companies by state and words."""
    wanted = queries.CompanyFilter(asked_kind(CompanyStatus), asked())
    found = queries.companies_page(wanted, request.args.get("cursor"))
    return page("campaigns/admin/index.html", companies=found, wanted=wanted)


@blueprint.route("/new", methods=["GET", "POST"])
@staff(Permission.RUN_PARTNERS)
@step_up
def new() -> Response:
    """Take in a company; its first owner is invited."""
    form = NewCompanyForm()
    if form.validate_on_submit():
        with form.attempt():
            company = companies.create_company(
                form.name.data, form.contact_email.data, form.owner.data, by=actor()
            )
            flash(
                _("The company is added, and its owner is invited. Approve it once you have checked it."),
                "success",
            )
            return see_other(url_for(".detail", company_id=company.id))
    return page("campaigns/admin/new.html", form=form, status=422 if form.is_submitted() else 200)


@blueprint.route("/<uuid:company_id>", methods=["GET", "POST"])
@staff(Permission.RUN_PARTNERS)
@step_up_when(changes_something)
@invite_limit
def detail(company_id: UUID) -> Response:
    """One company: facts, people, what was decided; invites people."""
    company = queries.company_facts(company_id)
    form = InviteForm()
    if form.validate_on_submit():
        with form.attempt():
            flash(invite_somebody(COMPANY, company_id, form.contact.data, form.role.data), "success")
            return see_other(url_for(".detail", company_id=company_id))
    return page(
        "campaigns/admin/detail.html",
        company=company,
        form=form,
        members=queries.members_page(company_id, request.args.get("cursor")),
        invitations=unanswered(COMPANY, company_id),
        story=queries.status_story(company_id),
        decisions={name: way for name, way in DECISIONS.items() if company.status in way.allowed},
        status=422 if form.is_submitted() else 200,
    )


@blueprint.route("/<uuid:company_id>/edit", methods=["GET", "POST"])
@staff(Permission.RUN_PARTNERS)
def edit(company_id: UUID) -> Response:
    """Correct what is known of a company."""
    company = queries.company_facts(company_id)
    form = CompanyForm(obj=company)
    if form.validate_on_submit():
        with form.attempt():
            companies.change_company(company_id, form.name.data, form.contact_email.data, by=actor())
            flash(_("Saved."), "success")
            return see_other(url_for(".detail", company_id=company_id))
    status = 422 if form.is_submitted() else 200
    return page("campaigns/admin/edit.html", form=form, company=company, status=status)


@blueprint.post("/<uuid:company_id>/approval")
@staff(Permission.RUN_PARTNERS)
@step_up
def approval(company_id: UUID) -> Response:
    """Let a company that waits work."""
    companies.approve(company_id, by=actor())
    flash(_("The company is approved and works from now on."), "success")
    return see_other(url_for(".detail", company_id=company_id))


@blueprint.route("/<uuid:company_id>/<any(suspension, reinstatement):name>", methods=["GET", "POST"])
@staff(Permission.RUN_PARTNERS)
@step_up
def decision(company_id: UUID, name: str) -> Response:
    """Suspend or reinstate, with a reason."""
    company = queries.company_facts(company_id)
    back = (_("The company"), url_for(".detail", company_id=company_id))
    return decide(DECISIONS[name], company_id, back, name=company.name, hint=_("The audit log keeps it."))


@blueprint.post("/<uuid:company_id>/invitations/<uuid:invitation_id>/<any(cancellation, sending):step>")
@staff(Permission.RUN_PARTNERS)
@step_up
@invite_limit
def invitation(company_id: UUID, invitation_id: UUID, step: str) -> Response:
    """Withdraw an invitation, or send it again."""
    flash(*take_step(step, COMPANY, company_id, invitation_id))
    return see_other(url_for(".detail", company_id=company_id))


@blueprint.route("/<uuid:company_id>/members/<uuid:member_id>/removal", methods=["GET", "POST"])
@staff(Permission.RUN_PARTNERS)
@step_up
def remove_member(company_id: UUID, member_id: UUID) -> Response:
    """End somebody's place in a company."""
    _found, name = queries.member_name(company_id, member_id)
    return end_place(
        lambda: company_members.remove(company_id, member_id, by=actor()),
        url_for(".detail", company_id=company_id),
        question=_("Remove %(name)s from the company?", name=name or _("this person")),
        text=_("The person can no longer see this company."),
        done=_("This person no longer works for the company."),
    )
