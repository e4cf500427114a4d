"""Snapshots that count pots and gifts, rebuilt from the facts in one statement each (POT-26, DON-30).

Every run writes the last days again, so a portal that was away for a week fills its gaps by itself. What the
rows do not remember by day (views and shares) is only written for the day of the run.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import clock
from portal.pots.models import PeriodType

_DAYS_BACK = 7

_POTS = text("""
    INSERT INTO pot_analytics AS kept (
        id, pot_id, snapshot_date, total_raised_minor, donor_count, donation_count, view_count, share_count,
        conversion_rate, created_at, updated_at)
    SELECT gen_random_uuid(), pots.id, days.day, counted.raised, counted.donors, counted.gifts,
        pots.view_count, pots.share_count,
        CASE WHEN pots.view_count > 0 THEN LEAST(round(counted.gifts::numeric / pots.view_count, 4), 9.9999)
             ELSE 0 END,
        :moment, :moment
    FROM pots
    CROSS JOIN LATERAL generate_series(
        GREATEST(CAST(:first AS date), (pots.actual_opened_at AT TIME ZONE 'Africa/Dakar')::date)::timestamp,
        LEAST(CAST(:today AS date), (coalesce(pots.closed_at, :moment) AT TIME ZONE 'Africa/Dakar')::date)::timestamp,
        INTERVAL '1 day') AS series(at)
    CROSS JOIN LATERAL (SELECT series.at::date AS day, (series.at + INTERVAL '1 day') AT TIME ZONE 'Africa/Dakar' AS over)
        AS days
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount_minor), 0) AS raised, count(*) AS gifts,
            count(DISTINCT coalesce(donor_user_id::text, donor_phone, lower(donor_email), donations.id::text)) AS donors
        FROM donations
        WHERE donations.pot_id = pots.id AND donations.confirmed_at < days.over AND NOT donations.is_held
            AND (donations.status = 'succeeded'
                OR (donations.status = 'refunded' AND donations.refunded_at >= days.over))
    ) AS counted
    WHERE pots.actual_opened_at IS NOT NULL AND (pots.closed_at IS NULL OR pots.closed_at >= :since)
    ON CONFLICT (pot_id, snapshot_date) DO UPDATE SET
        total_raised_minor = excluded.total_raised_minor,
        donor_count = excluded.donor_count,
        donation_count = excluded.donation_count,
        view_count = CASE WHEN kept.snapshot_date = :today THEN excluded.view_count ELSE kept.view_count END,
        share_count = CASE WHEN kept.snapshot_date = :today THEN excluded.share_count ELSE kept.share_count END,
        conversion_rate =
            CASE WHEN kept.snapshot_date = :today THEN excluded.conversion_rate ELSE kept.conversion_rate END,
        updated_at = excluded.updated_at
""")

_PERIODS = text("""
    INSERT INTO donation_analytics AS kept (
        id, period_type, period_start, period_end, total_amount_minor, transaction_count, unique_donors,
        average_donation_minor, success_rate, region_breakdown, created_at, updated_at)
    SELECT gen_random_uuid(), :kind, starts, (starts + CAST(:step AS interval) - INTERVAL '1 day')::date,
        coalesce(sum(amount) FILTER (WHERE counts), 0), count(*) FILTER (WHERE counts),
        count(DISTINCT donor) FILTER (WHERE counts),
        coalesce(round(avg(amount) FILTER (WHERE counts)), 0),
        round(count(*) FILTER (WHERE paid)::numeric / count(*), 4),
        coalesce((SELECT jsonb_object_agg(region, total) FROM (
            SELECT coalesce(inner_gifts.donor_region, 'unknown') AS region, sum(inner_gifts.amount_minor) AS total
            FROM donations AS inner_gifts
            WHERE inner_gifts.initiated_at >= starts::timestamp AT TIME ZONE 'Africa/Dakar'
                AND inner_gifts.initiated_at < (starts + CAST(:step AS interval)) AT TIME ZONE 'Africa/Dakar'
                AND inner_gifts.status = 'succeeded' AND NOT inner_gifts.is_held
            GROUP BY 1) AS regions), '{}'::jsonb),
        :moment, :moment
    FROM (
        SELECT date_trunc(:unit, initiated_at AT TIME ZONE 'Africa/Dakar')::date AS starts,
            amount_minor AS amount,
            status = 'succeeded' AND NOT is_held AS counts,
            status IN ('succeeded', 'refunded') AS paid,
            coalesce(donor_user_id::text, donor_phone, lower(donor_email), id::text) AS donor
        FROM donations WHERE initiated_at >= :since
    ) AS gifts
    GROUP BY starts
    ON CONFLICT (period_type, period_start, period_end) DO UPDATE SET
        total_amount_minor = excluded.total_amount_minor,
        transaction_count = excluded.transaction_count,
        unique_donors = excluded.unique_donors,
        average_donation_minor = excluded.average_donation_minor,
        success_rate = excluded.success_rate,
        region_breakdown = excluded.region_breakdown,
        updated_at = excluded.updated_at
""")


def snapshot_pots(session: Session) -> int:
    """Write each pot as it was at the end of the last days, and as it is today; answers the rows written."""
    first = clock.today() - timedelta(days=_DAYS_BACK)
    rows = session.execute(
        _POTS,
        {
            "first": first,
            "today": clock.today(),
            "since": clock.start_of_day(first),
            "moment": clock.now(),
        },
    )
    return int(rows.rowcount)  # type: ignore[attr-defined]


def sum_periods(session: Session) -> int:
    """Write the sums of every day, week (from Monday) and month that the last days touch; the rows written."""
    written = 0
    for kind, unit, step, starts in _periods():
        rows = session.execute(
            _PERIODS,
            {
                "kind": kind.value,
                "unit": unit,
                "step": step,
                "since": clock.start_of_day(starts),
                "moment": clock.now(),
            },
        )
        written += int(rows.rowcount)  # type: ignore[attr-defined]
    return written


def _periods() -> list[tuple[PeriodType, str, str, date]]:
    """Kind, unit, length and first day of what is counted anew."""
    first = clock.today() - timedelta(days=_DAYS_BACK)
    return [
        (PeriodType.DAILY, "day", "1 day", first),
        (PeriodType.WEEKLY, "week", "7 days", first - timedelta(days=first.weekday())),
        (PeriodType.MONTHLY, "month", "1 month", first.replace(day=1)),
    ]
