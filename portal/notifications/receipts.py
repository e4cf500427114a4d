"""What a provider tells later about a message it took (messaging contract §0): states move forward only."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.gateways.sms import SmsReceipt, SmsState
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.states import advance
from portal.notifications.models import DELIVERY_STEPS, DeliveryStatus, NotificationDelivery

_MEANS = {
    SmsState.DELIVERED: DeliveryStatus.DELIVERED,
    SmsState.READ: DeliveryStatus.DELIVERED,
    SmsState.FAILED: DeliveryStatus.FAILED,
}


def take_sms_receipt(receipt: SmsReceipt, delivery_id: UUID | None) -> bool:
    """Move the delivery forward by a verified receipt; False when it changes nothing.

    The callback's own address names the delivery, because a receipt can arrive before the answer to the
    sending has been written down. A doubled, late or unknown receipt changes nothing.
    """
    wanted = _MEANS.get(receipt.state)
    delivery = _find(receipt, delivery_id) if wanted else None
    if wanted is None or delivery is None or not DELIVERY_STEPS.allows(delivery.status, wanted):
        return False
    moment = clock.now()
    delivery.provider = delivery.provider or "twilio"
    delivery.provider_message_id = delivery.provider_message_id or receipt.sid
    delivery.provider_response = {**delivery.provider_response, "status": receipt.status}
    delivery.sent_at = delivery.sent_at or moment
    if wanted is DeliveryStatus.DELIVERED:
        delivery.delivered_at = moment
    else:
        delivery.failed_at = moment
        delivery.is_dead = True
        delivery.error_code = str(receipt.error_code) if receipt.error_code else receipt.status
    db.session.flush()
    advance(delivery, wanted, by=SYSTEM, reason=receipt.status)
    return True


def _find(receipt: SmsReceipt, delivery_id: UUID | None) -> NotificationDelivery | None:
    """The locked delivery; one that another message was sent for is not meant."""
    statement = select(NotificationDelivery).with_for_update()
    if delivery_id is not None:
        found = db.session.scalars(statement.where(NotificationDelivery.id == delivery_id)).one_or_none()
        if found is not None and found.provider_message_id not in (None, receipt.sid):
            return None
        return found
    return db.session.scalars(
        statement.where(
            NotificationDelivery.provider == "twilio",
            NotificationDelivery.provider_message_id == receipt.sid,
        )
    ).one_or_none()
