"""Gifts that were served: codes, running totals and ledger transfers as a scan leaves them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id, random_code
from portal.kernel.money import running_share
from portal.ledger import services as ledger
from portal.ledger.accounts import partner_payable, platform
from portal.ledger.models import Purpose
from portal.ledger.services import Cause, Leg
from portal.packs.models import Pack
from portal.partners.models import Partner
from portal.partners.periods import period_of
from portal.pots.models import PotStatus
from portal.redemptions.models import PartnerPeriod, QrCode, QrStatus
from tests.harness.house import make_pack, make_person, make_pot

_A_YEAR = timedelta(days=365)


def serve(partner: Partner, price: int = 15_000, *, at: datetime | None = None) -> QrCode:
    """Serve one gift of `price` XOF at the partner's split, now or at `at`."""
    with clock.travel(at or clock.now()):
        return _serve(partner, price)


def serve_all(partner: Partner, prices: list[int], *, at: datetime | None = None) -> list[QrCode]:
    """Serve one gift after the other."""
    return [serve(partner, price, at=at) for price in prices]


def _serve(partner: Partner, price: int) -> QrCode:
    moment = clock.now()
    split = Decimal(partner.revenue_split_percentage)
    total = _open_total(partner, split)
    share = running_share(total.revenue_minor, price, split)
    total.redemption_count += 1
    total.revenue_minor += price
    total.partner_share_minor += share
    code_id = new_id()
    moved = ledger.post(
        [
            Leg(platform(Purpose.VOUCHERS), -price),
            Leg(partner_payable(partner.id), share),
            Leg(platform(Purpose.COMMISSION), price - share),
        ],
        Cause("qr_redeemed", "qr_codes", code_id, f"qr:{code_id}:redeemed"),
        by=SYSTEM,
    )
    guest = _guest(partner.id)
    code = QrCode(
        id=code_id,
        pot_id=make_pot(guest, holds=0, status=PotStatus.CLOSED, closed_at=moment).id,
        pack_id=_pack(partner).id,
        partner_id=partner.id,
        beneficiary_user_id=guest.id,
        beneficiary_name="Awa",
        code=random_code(16),
        price_minor=price,
        redeemable_from=moment,
        expires_at=moment + _A_YEAR,
        status=QrStatus.REDEEMED,
        redeemed_at=moment,
        redeemed_by_partner_id=partner.id,
        split_percentage=split,
        partner_share_minor=share,
        commission_minor=price - share,
        redeem_transfer_id=moved.transfer_id,
        partner_period_id=total.id,
    )
    db.session.add(code)
    db.session.flush()
    return code


def _open_total(partner: Partner, split: Decimal) -> PartnerPeriod:
    """The running total a scan would lock, made when there is none open."""
    start, end = period_of(partner.payment_terms, clock.today())
    found = db.session.execute(
        select(PartnerPeriod)
        .where(
            PartnerPeriod.partner_id == partner.id,
            PartnerPeriod.period_start == start,
            PartnerPeriod.period_end == end,
            PartnerPeriod.split_percentage == split,
            PartnerPeriod.settlement_id.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is not None:
        return found
    total = PartnerPeriod(
        id=new_id(),
        partner_id=partner.id,
        period_start=start,
        period_end=end,
        split_percentage=split,
        redemption_count=0,
        revenue_minor=0,
        partner_share_minor=0,
    )
    db.session.add(total)
    db.session.flush()
    return total


def _pack(partner: Partner) -> Pack:
    found = db.session.execute(select(Pack).where(Pack.partner_id == partner.id).limit(1)).scalar()
    return found or make_pack(partner)


def _guest(partner_id: UUID) -> User:
    """One guest for all gifts of a partner."""
    known = db.session.execute(
        select(QrCode.beneficiary_user_id).where(QrCode.partner_id == partner_id).limit(1)
    ).scalar()
    return db.session.get_one(User, known) if known else make_person("Awa Ndiaye")
