"""Asking Wave for a payout, never with a transaction open (Wave contract §4 and §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import select

from portal import gateways
from portal.gateways.wave import Payout as WavePayout
from portal.gateways.wave import (
    PayoutOrder,
    PayoutStatus,
    WaveGateway,
    WaveRefused,
    WaveThrottled,
    WaveUnknownOutcome,
)
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.payments.methods import destination_phone
from portal.payments.models import PaymentMethod
from portal.payouts import models, services

log = structlog.get_logger(__name__)
_LOST_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Errand:
    """All that is needed to ask Wave, read before the call and free of the session."""

    payout_id: UUID
    order: PayoutOrder
    key: str
    known_reference: str | None
    tried_before: bool


def pay(payout_id: UUID) -> None:
    """Claim, ask, record. Killed anywhere, it is found again and asks with the same key."""
    with transaction():
        payout = services.claim(payout_id)
        errand = _errand(payout) if payout is not None else None
    if errand is None:
        return
    wave = gateways.wave(current_app.config["SETTINGS"])
    try:
        answer = _ask(wave, errand)
    except WaveRefused as refusal:
        _record_refusal(errand, refusal)
    except (WaveUnknownOutcome, WaveThrottled) as unknown:
        with transaction():
            services.note_unknown(errand.payout_id, str(unknown))
    else:
        _record_answer(errand, answer)


def due_payouts(limit: int = 200) -> list[UUID]:
    """Payouts whose outcome is to be asked for (again), and pending ones that no worker took."""
    moment = clock.now()
    status = models.Payout.status
    return list(
        db.session.execute(
            select(models.Payout.id)
            .where(
                ((status == models.PayoutStatus.PROCESSING) & (models.Payout.next_check_at <= moment))
                | (
                    (status == models.PayoutStatus.PENDING)
                    & (models.Payout.updated_at <= moment - _LOST_AFTER)
                )
            )
            .order_by(models.Payout.id)
            .limit(limit)
        ).scalars()
    )


def _errand(payout: models.Payout) -> _Errand:
    method = db.session.get_one(PaymentMethod, payout.payment_method_id)
    order = PayoutOrder(
        receive_amount=payout.amount_minor,
        mobile=destination_phone(method),
        client_reference=payout.idempotency_key,
        currency=payout.currency,
        name=method.holder_name,
        payment_reason="Teranga",
    )
    return _Errand(
        payout.id,
        order,
        payout.idempotency_key,
        payout.provider_data.get("payout_id"),
        tried_before=payout.check_count > 1,
    )


def _ask(wave: WaveGateway, errand: _Errand) -> WavePayout:
    if errand.known_reference is not None:
        return wave.get_payout(errand.known_reference)
    return wave.create_payout(errand.order, idempotency_key=errand.key)


def _record_refusal(errand: _Errand, refusal: WaveRefused) -> None:
    with transaction():
        if errand.tried_before and refusal.is_about_access:
            # Wave refused us, not the payout: an earlier try may have gone through.
            services.note_unknown(errand.payout_id, str(refusal))
        else:
            services.fail(errand.payout_id, refusal.code, str(refusal))
    log.warning("payout_refused", payout_id=str(errand.payout_id), code=refusal.code)


def _record_answer(errand: _Errand, answer: WavePayout) -> None:
    with transaction():
        if answer.status is PayoutStatus.SUCCEEDED:
            services.complete(errand.payout_id, services.Paid(answer.id, answer.fee or 0))
        elif answer.status in (PayoutStatus.FAILED, PayoutStatus.REVERSED):
            code = answer.error.code if answer.error else f"payout-{answer.status}"
            services.fail(errand.payout_id, code, answer.error.message if answer.error else code)
        else:
            services.note_unknown(errand.payout_id, answer.status, reference=answer.id)
