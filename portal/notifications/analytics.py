"""Counts and rates by day, template and channel, always rebuilt from the deliveries (NTF-48 to NTF-51)."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.db import db

# Receipts and retries can still move a delivery of the last days.
DAYS_REBUILT = 7

_REBUILD = text(
    """
    INSERT INTO notification_analytics AS kept
        (id, date, template_key, channel, sent_count, delivered_count, failed_count, bounce_count,
         delivery_rate, created_at, updated_at)
    SELECT gen_random_uuid(), :day, template_key, channel, sent, delivered, failed, bounced,
           CASE WHEN sent > 0 THEN round(delivered::numeric / sent, 4) ELSE 0 END, :moment, :moment
    FROM (
        SELECT template_key, channel,
               count(*) FILTER (WHERE sent_at IS NOT NULL) AS sent,
               count(*) FILTER (WHERE status = 'delivered') AS delivered,
               count(*) FILTER (WHERE status = 'failed') AS failed,
               count(*) FILTER (WHERE status = 'bounced') AS bounced
        FROM notification_deliveries
        WHERE created_at >= :start AND created_at < :next_start
        GROUP BY template_key, channel
    ) AS counted
    ON CONFLICT (date, template_key, channel) DO UPDATE SET
        sent_count = excluded.sent_count,
        delivered_count = excluded.delivered_count,
        failed_count = excluded.failed_count,
        bounce_count = excluded.bounce_count,
        delivery_rate = excluded.delivery_rate,
        updated_at = excluded.updated_at
    """
)


def count_day(day: date) -> None:
    """Write the counts of one platform day anew; running it again changes nothing."""
    db.session.execute(
        _REBUILD,
        {
            "day": day,
            "moment": clock.now(),
            "start": clock.start_of_day(day),
            "next_start": clock.start_of_day(day + timedelta(days=1)),
        },
    )
