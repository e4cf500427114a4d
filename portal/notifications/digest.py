"""The digest: what could wait, in one mail a day or a week (NTF-43).

The waiting deliveries stay pending until the mail that carries them has been handed over, or is dead.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.states import advance, remember
from portal.notifications.deliveries import Outcome
from portal.notifications.models import Channel, DeliveryStatus, Notification, NotificationDelivery
from portal.notifications.services import notify

TEMPLATE = "digest"
_SHOWN_AT_MOST = 30


def put_together(people: int) -> int:
    """Make the digest of up to `people` persons whose hour has come; how many persons that was."""
    waiting = _waiting(people)
    for user_id, deliveries in waiting.items():
        _digest(user_id, deliveries)
    return len(waiting)


def close_carried(outcomes: Sequence[Outcome]) -> None:
    """What a digest carried has been sent with it, or has failed with it for good."""
    for outcome in outcomes:
        parcel = outcome.parcel
        if parcel.template_key != TEMPLATE:
            continue
        if outcome.is_sent:
            _close(parcel.notification_id, DeliveryStatus.SENT, outcome)
        elif outcome.is_final or parcel.attempt_no > parcel.max_retries:
            _close(parcel.notification_id, DeliveryStatus.FAILED, outcome)


def _waiting(people: int) -> dict[UUID, list[NotificationDelivery]]:
    """Due deliveries by person, oldest first, locked; another worker's persons are passed over."""
    due = (
        NotificationDelivery.status == DeliveryStatus.PENDING,
        NotificationDelivery.awaits_digest,
        NotificationDelivery.digest_id.is_(None),
        NotificationDelivery.scheduled_at <= clock.now(),
    )
    chosen = select(NotificationDelivery.user_id).where(*due).group_by(NotificationDelivery.user_id)
    rows = db.session.scalars(
        select(NotificationDelivery)
        .where(*due, NotificationDelivery.user_id.in_(chosen.order_by("user_id").limit(people)))
        .order_by(NotificationDelivery.id)
        .with_for_update(skip_locked=True)
    )
    by_person: dict[UUID, list[NotificationDelivery]] = {}
    for row in rows:
        if row.user_id is not None:
            by_person.setdefault(row.user_id, []).append(row)
    return by_person


def _digest(user_id: UUID, deliveries: Sequence[NotificationDelivery]) -> None:
    event_key = f"digest:{deliveries[0].id}"
    news = [f"{one.subject}\n{one.body}" for one in deliveries[:_SHOWN_AT_MOST]]
    notify(
        TEMPLATE,
        event_key=event_key,
        data={"count": len(deliveries), "news": "\n\n".join(news)},
        user_id=user_id,
        action_link="/messages",
        by=SYSTEM,
    )
    mail_id = db.session.scalar(
        select(NotificationDelivery.id)
        .join(Notification, Notification.id == NotificationDelivery.notification_id)
        .where(
            Notification.user_id == user_id,
            Notification.event_key == event_key,
            NotificationDelivery.channel == Channel.EMAIL,
        )
    )
    for delivery in deliveries:
        if mail_id is not None:
            delivery.digest_id = mail_id
        else:
            # The person has switched mails off since: what waited is not sent at all.
            delivery.error_code = "switched_off"
            delivery.failed_at = clock.now()
            advance(delivery, DeliveryStatus.FAILED, by=SYSTEM, reason="switched_off")


def _close(notification_id: UUID, status: DeliveryStatus, outcome: Outcome) -> None:
    """Give everything the digest carried the end of the digest."""
    mails = select(NotificationDelivery.id).where(NotificationDelivery.notification_id == notification_id)
    carried = db.session.scalars(
        update(NotificationDelivery)
        .where(
            NotificationDelivery.digest_id.in_(mails), NotificationDelivery.status == DeliveryStatus.PENDING
        )
        .values(
            status=status,
            sent_at=outcome.at if outcome.is_sent else None,
            failed_at=None if outcome.is_sent else outcome.at,
            error_code=outcome.error_code,
            error_message=outcome.error_message,
            provider=outcome.provider,
        )
        .returning(NotificationDelivery.id)
        .execution_options(synchronize_session=False)
    ).all()
    for delivery_id in carried:
        remember(
            NotificationDelivery.__tablename__,
            delivery_id,
            "status",
            DeliveryStatus.PENDING,
            status,
            by=SYSTEM,
        )
