"""What must hold of every world before anybody sees it, counted from the rows themselves."""

from __future__ import annotations

from sqlalchemy import text

from portal.kernel.db import transaction
from portal.ledger.queries import disagreements, trial_balance

_CLAIMS = {
    "every transfer has its entries, and they sum to zero": """
        SELECT count(*) FROM ledger_transfers AS moved
        LEFT JOIN (
            SELECT transfer_id, count(*) AS entries, sum(amount_minor) AS total
            FROM ledger_entries GROUP BY transfer_id
        ) AS found ON found.transfer_id = moved.id
        WHERE found.entries IS DISTINCT FROM moved.entry_count OR found.total <> 0
    """,
    "every pot shows as raised what its gifts have brought": """
        SELECT count(*) FROM pots LEFT JOIN (
            SELECT donations.pot_id, sum(donations.amount_minor - paid.refunded_minor) AS raised
            FROM donations JOIN payment_transactions AS paid ON paid.id = donations.payment_transaction_id
            WHERE donations.status = 'succeeded' AND NOT donations.is_held
            GROUP BY donations.pot_id
        ) AS gifts ON gifts.pot_id = pots.id
        WHERE pots.raised_minor <> coalesce(gifts.raised, 0)
    """,
    "every gift that counts is in the books": """
        SELECT count(*) FROM donations JOIN ledger_transfers AS moved ON moved.id = donations.transfer_id
        WHERE donations.status = 'succeeded' AND NOT donations.is_held AND moved.status <> 'posted'
    """,
    "every running total is the sum of its redemptions": """
        SELECT count(*) FROM partner_periods AS period LEFT JOIN (
            SELECT partner_period_id, count(*) AS codes, sum(price_minor) AS revenue,
                   sum(partner_share_minor) AS share
            FROM qr_codes WHERE status = 'redeemed' GROUP BY partner_period_id
        ) AS served ON served.partner_period_id = period.id
        WHERE (period.redemption_count, period.revenue_minor, period.partner_share_minor)
            IS DISTINCT FROM (coalesce(served.codes, 0), coalesce(served.revenue, 0), coalesce(served.share, 0))
    """,
    "every settlement is the sum of its running totals": """
        SELECT count(*) FROM partner_settlements AS settled LEFT JOIN (
            SELECT settlement_id, sum(redemption_count) AS codes, sum(revenue_minor) AS revenue,
                   sum(partner_share_minor) AS share
            FROM partner_periods GROUP BY settlement_id
        ) AS totals ON totals.settlement_id = settled.id
        WHERE (settled.total_redemptions_count, settled.total_revenue_minor, settled.partner_share_minor)
            IS DISTINCT FROM (coalesce(totals.codes, 0), coalesce(totals.revenue, 0), coalesce(totals.share, 0))
    """,
    "every issued code is held among the vouchers, and nothing else is": """
        SELECT count(*) FROM (
            SELECT coalesce(sum(entry.amount_minor), 0) AS held
            FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
            WHERE account.purpose = 'vouchers'
        ) AS books, (
            SELECT coalesce(sum(price_minor), 0) AS promised FROM qr_codes WHERE status = 'issued'
        ) AS codes
        WHERE books.held <> codes.promised
    """,
}


class NotTrue(RuntimeError):
    """Something that must hold of the world does not: it is not made."""


def prove() -> None:
    """Raise `NotTrue`, naming what is wrong, unless the books and everything counted from them agree."""
    with transaction() as session:
        off = {unit: total for unit, total in trial_balance().items() if total}
        if off:
            raise NotTrue(f"the books do not sum to zero: {off}")
        wrong = disagreements()
        if wrong:
            raise NotTrue(f"{len(wrong)} balances are not the sum of their entries")
        for claim, counting in _CLAIMS.items():
            exceptions = session.execute(text(counting)).scalar_one()
            if exceptions:
                raise NotTrue(f"not so {exceptions} times: {claim}")
