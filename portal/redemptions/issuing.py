"""Turning a pot's money into a code for a pack, and back when the code is not used (QR-01 to QR-06).

Lock order: pot, pack, code, then the ledger's accounts.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.states import advance, remember
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, pot_funds, user_wallet
from portal.ledger.models import Purpose
from portal.ledger.services import Cause
from portal.packs.stock import Taken, give_back_one, take_one
from portal.people.models import Profile
from portal.pots.finding import available_minor, lock_pot
from portal.pots.models import Pot, PotStatus
from portal.pots.services import pot_for_issuing, settle_leftover
from portal.redemptions.codes import unused_code
from portal.redemptions.events import code_canceled, code_expired, code_issued
from portal.redemptions.models import QrCode, QrStatus

_LIVE = (QrStatus.ISSUED, QrStatus.REDEEMED)


def issue_code(
    pot_id: UUID, pack_id: UUID, *, owner_user_id: UUID, agreed_price: int | None = None, by: Actor
) -> QrCode:
    """Choose `pack_id` for the owner's pot and hold its price (G-10, G-11, G-36).

    `agreed_price` (XOF) is what the owner has seen that it costs. Choosing the same pack again gives the same
    code. Raises `NotFound` for a stranger, `Conflict` when the pot cannot choose now, has a code already, or
    does not cover the price, and when the pack is gone or has become dearer.
    """
    pot = pot_for_issuing(pot_id, owner_user_id)
    live = live_code(pot.id)
    if live is not None:
        if live.pack_id == pack_id and live.status is QrStatus.ISSUED:
            return live
        raise Conflict(_("This pot already has its code. One pot gives one pack."))
    taken = take_one(pack_id, by=by)
    if agreed_price is not None and taken.price_minor > agreed_price:
        raise Conflict(_("This pack costs more now. Please look at its price again."))
    _check_share_of_owner(taken, owner_user_id)
    if end_of(pot.birthday_date, taken.validity_days) <= clock.now():
        raise Conflict(_("The time to use this pack is over, counted from your birthday."))
    if available_minor(pot) < taken.price_minor:
        raise Conflict(_("The money in this pot does not cover this pack."))
    code = _write(pot, taken)
    held = ledger.move(
        pot_funds(pot.id),
        platform(Purpose.VOUCHERS),
        code.price_minor,
        Cause("qr_issued", "qr_codes", code.id, f"qr:{code.id}:issued"),
        by=by,
    )
    code.issue_transfer_id = held.transfer_id
    remember("qr_codes", code.id, "status", None, QrStatus.ISSUED, by=by)
    settle_leftover(pot.id, by=by)
    code_issued.send(code, by=by)
    return code


def end_of(birthday: date, validity_days: int) -> datetime:
    """When a gift ends: so many whole days from the birthday on (QR-04, PACK-11)."""
    return clock.start_of_day(birthday + timedelta(days=validity_days))


def live_code(pot_id: UUID) -> QrCode | None:
    """The pot's one issued or redeemed code."""
    return db.session.execute(
        select(QrCode).where(QrCode.pot_id == pot_id, QrCode.status.in_(_LIVE))
    ).scalar_one_or_none()


def cancel_code(code_id: UUID, reason: str, *, by: Actor) -> QrCode:
    """Take a code back: its price returns to the pot while that collects, else to the owner's wallet.

    Raises `NotFound`, and `IllegalTransition` when the code has been used or is over.
    """
    code, pot = _locked(code_id)
    advance(code, QrStatus.CANCELED, by=by, reason=reason)
    code.canceled_reason = reason
    give_back_one(code.pack_id, by=by)
    collects = pot.status in (PotStatus.OPEN, PotStatus.FUNDED)
    _return_price(code, pot, to_pot=collects, by=by)
    record("qr_canceled", ("qr_codes", code.id), by=by, reason=reason)
    code_canceled.send(code, to_pot=collects, by=by)
    return code


def expire_code(code_id: UUID) -> bool:
    """End a code whose time is over; its price becomes the owner's, in the wallet (G-13).

    False when it was used or ended meanwhile.
    """
    code, pot = _locked(code_id)
    if code.status is not QrStatus.ISSUED or code.expires_at > clock.now():
        return False
    advance(code, QrStatus.EXPIRED, by=SYSTEM)
    _return_price(code, pot, to_pot=False, by=SYSTEM)
    code_expired.send(code, by=SYSTEM)
    return True


def due_codes(after: UUID | None = None, limit: int = 500) -> list[UUID]:
    """Codes whose time is over, in id order, those behind `after` (QR-11)."""
    statement = select(QrCode.id).where(QrCode.status == QrStatus.ISSUED, QrCode.expires_at <= clock.now())
    if after is not None:
        statement = statement.where(QrCode.id > after)
    return list(db.session.execute(statement.order_by(QrCode.id).limit(limit)).scalars())


def _check_share_of_owner(taken: Taken, owner_user_id: UUID) -> None:
    """One person takes a pack at most so many times, over all pots (G-15)."""
    had = db.session.execute(
        select(func.count())
        .select_from(QrCode)
        .where(
            QrCode.beneficiary_user_id == owner_user_id,
            QrCode.pack_id == taken.pack_id,
            QrCode.status.in_(_LIVE),
        )
    ).scalar_one()
    if had >= taken.max_redemptions_per_user:
        raise Conflict(_("You have already had this pack. Please choose another."))


def _write(pot: Pot, taken: Taken) -> QrCode:
    owner = db.session.get_one(Profile, pot.owner_user_id)
    code = QrCode(
        id=new_id(),
        pot_id=pot.id,
        pack_id=taken.pack_id,
        partner_id=taken.partner_id,
        beneficiary_user_id=pot.owner_user_id,
        beneficiary_name=owner.first_name[:100],
        code=unused_code(),
        price_minor=taken.price_minor,
        redeemable_from=clock.start_of_day(pot.birthday_date),
        expires_at=end_of(pot.birthday_date, taken.validity_days),
        status=QrStatus.ISSUED,
    )
    db.session.add(code)
    db.session.flush()
    return code


def _return_price(code: QrCode, pot: Pot, *, to_pot: bool, by: Actor) -> None:
    ledger.move(
        platform(Purpose.VOUCHERS),
        pot_funds(pot.id) if to_pot else user_wallet(pot.owner_user_id),
        code.price_minor,
        Cause(f"qr_{code.status}", "qr_codes", code.id, f"qr:{code.id}:returned"),
        by=by,
    )


def _locked(code_id: UUID) -> tuple[QrCode, Pot]:
    pot_id = db.session.execute(select(QrCode.pot_id).where(QrCode.id == code_id)).scalar()
    if pot_id is None:
        raise NotFound
    pot = lock_pot(pot_id)
    code = db.session.get_one(QrCode, code_id, with_for_update=True, populate_existing=True)
    return code, pot
