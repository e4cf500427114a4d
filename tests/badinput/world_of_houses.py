"""Houses with their teams, places, packs, codes, settlements and payouts."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from portal.campaigns.companies import create_company
from portal.campaigns.home import COMPANY
from portal.campaigns.models import CompanyStatus, SponsorCompanyMember
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.art import pot_cover
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.money import Money
from portal.kernel.roles import CompanyRole, MemberRole
from portal.packs import pictures
from portal.partners.home import PARTNER
from portal.partners.models import Partner, PartnerMember, PartnerStatus
from portal.payouts import outcomes
from portal.payouts.models import Payout
from portal.payouts.services import order_payout
from portal.redemptions import scanning
from portal.redemptions.answers import Till
from portal.redemptions.codes import grouped
from portal.teams.inviting import invite
from tests.factories.redeemed import serve
from tests.harness.house import (
    acting,
    make_code,
    make_company,
    make_company_member,
    make_member,
    make_pack,
    make_partner,
    make_person,
    make_venue,
)
from tests.payouts.world import destination, make_payee
from tests.settlements.world import object_to, settle_due

JANUARY = datetime(2026, 1, 5, 12, tzinfo=UTC)


def make_houses(people: dict[str, User]) -> dict[str, str]:
    """A house at work, another one beside it, one that waits for a decision, and one that is suspended."""
    house, owner = make_payee(name="Le Djoloff", auto_approve_redemptions=True)
    other, other_owner = make_payee(name="Chez Loutcha", number="+221779998877")
    people |= {
        "owner": owner,
        "manager": make_member(house, MemberRole.MANAGER, "Coumba Ba"),
        "staff": make_member(house, MemberRole.STAFF, "Moussa Sarr"),
        "other_owner": other_owner,
    }
    helper = make_member(house, MemberRole.STAFF, "Pape Diouf")
    invited = invite(PARTNER, house.id, "+221771000001", MemberRole.STAFF, by=acting(owner))
    return {
        "house": str(house.id),
        "other_house": str(other.id),
        "waiting_house": str(make_partner("Teranga Spa", status=PartnerStatus.PENDING, verified_at=None).id),
        "suspended_house": str(make_partner("Chez Fatou", status=PartnerStatus.SUSPENDED).id),
        "member": str(_place_of(house, helper)),
        "house_invitation": str(invited.id),
        "other_member": str(_place_of(other, other_owner)),
        "venue": str(make_venue(house).id),
        "other_venue": str(make_venue(other, "Almadies").id),
        **_packs(house, other, people),
        **_settlements(house, other),
        **_payouts(house, other),
    }


def make_companies(people: dict[str, User]) -> dict[str, str]:
    """A company at work with its people, one beside it, one that waits for approval, and one that is suspended."""
    company, other = make_company(), make_company("Sahel Énergie")
    people |= {
        "company_owner": make_company_member(company, CompanyRole.OWNER, "Adja Faye"),
        "company_manager": make_company_member(company, CompanyRole.MANAGER, "Lamine Cissé"),
        "company_viewer": make_company_member(company, CompanyRole.VIEWER, "Penda Sy"),
    }
    make_company_member(other, CompanyRole.OWNER, "Yacine Bâ")
    helper = make_company_member(company, CompanyRole.VIEWER, "Alioune Kane")
    invited = invite(
        COMPANY, company.id, "newcomer@example.org", CompanyRole.VIEWER, by=acting(people["company_owner"])
    )
    waiting = create_company(
        "Dakar Mobile", "contact@example.org", "khady@example.org", by=acting(people["admin"])
    )
    places = {
        member.user_id: member.id
        for member in db.session.scalars(
            select(SponsorCompanyMember).where(SponsorCompanyMember.company_id == company.id)
        )
    }
    return {
        "company": str(company.id),
        "waiting_company": str(waiting.id),
        "suspended_company": str(make_company("Touba Ciment", status=CompanyStatus.SUSPENDED).id),
        "company_member": str(places[helper.id]),
        "company_invitation": str(invited.id),
    }


def _place_of(house: Partner, person: User) -> UUID:
    return db.session.scalars(
        select(PartnerMember.id).where(
            PartnerMember.partner_id == house.id, PartnerMember.user_id == person.id
        )
    ).one()


def _packs(house: Partner, other: Partner, people: dict[str, User]) -> dict[str, str]:
    pack, other_pack = make_pack(house, slug="diner"), make_pack(other, 9_000, name="Déjeuner")
    pictures.add_to_gallery(pack, pot_cover("pack"))
    till = Till(house.id, None, acting(people["staff"]))
    people["beneficiary"] = make_person("Seynabou Mbaye")
    code = make_code(pack, people["beneficiary"], birthday=clock.today())
    spare, canceled = (make_code(pack, birthday=clock.today()) for _ in range(2))
    scanned = scanning.scan("=1+1;=2+2", till, "first")
    db.session.flush()
    return {
        "pack": str(pack.id),
        "other_pack": str(other_pack.id),
        "pack_slug": pack.slug,
        "pack_photo": str(pack.gallery_file_ids[0]),
        "code": str(code.id),
        "code_pot": str(code.pot_id),
        "typed_code": grouped(code.code),
        "code_to_confirm": str(spare.id),
        "code_to_cancel": str(canceled.id),
        "scan": str(scanned.log_id),
    }


def _settlements(house: Partner, other: Partner) -> dict[str, str]:
    """One of each house for January; the other house objects to its own."""
    for partner in (house, other):
        serve(partner, 20_000, at=JANUARY)
    made = {one.partner_id: one.id for one in settle_due()}
    object_to(made[other.id])
    return {
        "settlement": str(made[house.id]),
        "disputed_settlement": str(made[other.id]),
        "destination": str(destination(house.id).id),
        "other_destination": str(destination(other.id).id),
    }


def _payouts(house: Partner, other: Partner) -> dict[str, str]:
    waiting, failed, asked = (_payout(house), _payout(other), _payout(other))
    for row in (failed, asked):
        outcomes.claim(row.id)
    outcomes.fail(failed.id, failed.idempotency_key, "recipient-unknown", "Recipient is unknown")
    outcomes.note_unknown(asked.id, asked.idempotency_key, "timeout")
    return {"payout": str(waiting.id), "failed_payout": str(failed.id), "unknown_payout": str(asked.id)}


def _payout(house: Partner) -> Payout:
    by = acting(db.session.get_one(User, destination(house.id).changed_by))
    return order_payout(Money(5_000), destination(house.id), ("tests", new_id()), "Teranga", by=by)
