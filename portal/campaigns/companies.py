"""What staff decide about a sponsor company: take it in, let it work, stop it, correct its facts (R-24)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.campaigns.home import COMPANY
from portal.campaigns.models import CompanyStatus, SponsorCompany
from portal.campaigns.queries import company_facts
from portal.kernel.actor import Actor
from portal.kernel.db import db, violated
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.i18n import _
from portal.kernel.names import organisation_name
from portal.kernel.roles import CompanyRole
from portal.kernel.states import advance, remember
from portal.teams.inviting import invite

RESOURCE = SponsorCompany.__tablename__


def create_company(name: str, contact_email: str | None, owner: str, *, by: Actor) -> SponsorCompany:
    """Take in a company that waits for approval; whoever reads what is sent to `owner` is invited as its first owner.

    Raises `InvalidInput` for what is no contact, and for a name that leads somewhere or that another company has.
    """
    name = organisation_name(name, "name")
    company = SponsorCompany(name=name, contact_email=contact_email)
    _write(company)
    remember(RESOURCE, company.id, "status", None, CompanyStatus.PENDING, by=by)
    record("company_created", (RESOURCE, company.id), by=by, new={"name": name})
    try:
        invite(COMPANY, company.id, owner, CompanyRole.OWNER, by=by)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="owner") from None
    return company


def change_company(company_id: UUID, name: str, contact_email: str | None, *, by: Actor) -> None:
    """Correct what is known of a company. Raises `NotFound`, `InvalidInput` for a name as `create_company`."""
    company = company_facts(company_id)
    before = {"name": company.name, "contact_email": company.contact_email}
    wanted = {"name": organisation_name(name, "name"), "contact_email": contact_email}
    changed = [fact for fact in wanted if before[fact] != wanted[fact]]
    if not changed:
        return
    for fact in changed:
        setattr(company, fact, wanted[fact])
    _write(company)
    old, new = ({fact: facts[fact] for fact in changed} for facts in (before, wanted))
    record("company_changed", (RESOURCE, company.id), by=by, old=old, new=new)


def approve(company_id: UUID, *, by: Actor) -> None:
    """Let a company that waits work from now on. Raises `NotFound`, `Conflict` once it was decided."""
    company = company_facts(company_id)
    if company.status is not CompanyStatus.PENDING:
        raise Conflict(_("This company has been decided about already."))
    _move(company, CompanyStatus.ACTIVE, "company_approved", None, by)


def suspend(company_id: UUID, reason: str, *, by: Actor) -> None:
    """Stop a company, or do not take it in. Raises `NotFound`, `IllegalTransition`."""
    _move(company_facts(company_id), CompanyStatus.SUSPENDED, "company_suspended", reason, by)


def reinstate(company_id: UUID, reason: str, *, by: Actor) -> None:
    """Let a suspended company work again. Raises `NotFound`, `IllegalTransition`."""
    _move(company_facts(company_id), CompanyStatus.ACTIVE, "company_reinstated", reason, by)


def _move(company: SponsorCompany, wanted: CompanyStatus, action: str, reason: str | None, by: Actor) -> None:
    before = company.status
    advance(company, wanted, by=by, reason=reason)
    record(
        action, (RESOURCE, company.id), by=by, reason=reason, old={"status": before}, new={"status": wanted}
    )


def _write(company: SponsorCompany) -> None:
    """Two companies with one name would be taken for each other. Raises `InvalidInput`."""
    try:
        with db.session.begin_nested():
            db.session.add(company)
            db.session.flush()
    except IntegrityError as error:
        if violated(error) == "uq_sponsor_companies_name":
            raise InvalidInput(_("Another company has this name."), field="name") from None
        raise
