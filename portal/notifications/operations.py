"""What operators do with messages: try a dead one again, send themselves a sample."""

from __future__ import annotations

from uuid import UUID

from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.jobs import wake
from portal.notifications.catalog import EMAIL, REGISTRY, template_for
from portal.notifications.channels import Planned
from portal.notifications.models import NotificationDelivery, NotificationTemplate
from portal.notifications.recipients import guest
from portal.notifications.rendering import render_text
from portal.notifications.services import DRAIN, enter
from portal.notifications.templates import sample_data
from portal.notifications.wording import text_of

MAX_RETRIES = 3


def retry_dead(delivery_id: UUID, *, by: Actor) -> NotificationDelivery:
    """Give a dead delivery a new attempt with a fresh set of retries.

    Raises `NotFound`, or `Conflict` when it is not dead (any more) or its confidential words are wiped.
    """
    dead = db.session.get(NotificationDelivery, delivery_id, with_for_update=True)
    if dead is None:
        raise NotFound
    if not dead.is_dead:
        raise Conflict(_("This message is no longer waiting for you."))
    message = REGISTRY.get(dead.template_key)
    if message is not None and message.confidential:
        raise Conflict(_("A code is never sent again. The person can ask for a new one."))
    dead.is_dead = False
    again = NotificationDelivery(
        notification_id=dead.notification_id,
        user_id=dead.user_id,
        recipient_identifier=dead.recipient_identifier,
        channel=dead.channel,
        attempt_no=dead.attempt_no + 1,
        max_retries=dead.attempt_no + MAX_RETRIES,
        template_key=dead.template_key,
        locale=dead.locale,
        subject=dead.subject,
        body=dead.body,
        body_html=dead.body_html,
        template_data=dead.template_data,
        is_urgent=dead.is_urgent,
        scheduled_at=clock.now(),
    )
    db.session.add(again)
    record("delivery_retried", ("notification_delivery", dead.id), by=by)
    wake(DRAIN)
    return again


def send_sample(template_id: UUID, email: str, *, by: Actor) -> None:
    """Mail a version, filled with sample data, to an address (NTF-25). Raises `NotFound`."""
    template = db.session.get(NotificationTemplate, template_id)
    if template is None or template.template_key not in REGISTRY:
        raise NotFound
    message = template_for(template.template_key)
    person = guest(email, None, template.locale)
    values = sample_data(message)
    text = render_text(message, template.locale, text_of(template), values, dict(values))
    event = {
        "event_key": f"sample:{new_id()}",
        "template_id": template.id,
        "action_link": "/",
        "created_by": by.user_id,
    }
    enter(message, text, person, [Planned(EMAIL, email, clock.now())], event)
    record("notification_sample_sent", ("notification_template", template.id), by=by)
