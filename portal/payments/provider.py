"""The way to Wave, and the words in which the two sides name the same thing."""

from __future__ import annotations

from uuid import UUID

from flask import current_app

from portal import gateways
from portal.gateways.wave import Session, WaveGateway
from portal.kernel.ids import parse_id
from portal.payments.models import PaymentTransaction


def wave() -> WaveGateway:
    """Wave as this portal is set up; never to be called with a transaction open."""
    return gateways.wave(current_app.config["SETTINGS"])


def reference_of(payment_id: UUID) -> str:
    """What Wave keeps as our reference of a payment's sessions."""
    return payment_id.hex


def payment_named_by(reference: str | None) -> UUID | None:
    """The payment that `reference_of` named so, None when the words are somebody else's."""
    return parse_id(reference) if reference and len(reference) == 32 else None


def adopt_session(payment: PaymentTransaction, session: Session) -> None:
    """Make `session` the one the payer is sent to; earlier ones stay known by their ids."""
    known = list(payment.provider_data.get("sessions", []))
    if session.id not in known:
        known.append(session.id)
    payment.provider_session_id = session.id
    payment.payment_url = session.wave_launch_url
    payment.session_expires_at = session.when_expires
    payment.provider_data = payment.provider_data | {"sessions": known}
