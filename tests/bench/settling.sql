-- Redemptions of a month that is over, at one house: codes, their transfers and entries, and the running total.
-- Statements are divided by blank lines.

INSERT INTO pots (id, owner_user_id, public_slug, title, target_amount_minor, birthday_date, scheduled_open_at,
    closed_at, status, outcome, created_at, updated_at)
SELECT ('0198b001-0000-7000-9000-' || number)::uuid, :owner, 'settle-' || number, 'Anniversaire', :price,
    :period_start, CAST(:period_start AS timestamptz) - interval '30 days', :period_start, 'closed', 'pack',
    :period_start, :period_start
FROM generate_series(CAST(:first AS bigint), :last) AS number

INSERT INTO partner_periods (id, partner_id, period_start, period_end, split_percentage, redemption_count,
    revenue_minor, partner_share_minor, created_at, updated_at)
VALUES (:period, :partner, :period_start, :period_end, 80, CAST(:last AS bigint) - :first + 1,
    (CAST(:last AS bigint) - :first + 1) * :price, (CAST(:last AS bigint) - :first + 1) * :price * 80 / 100,
    :period_start, :period_start)

INSERT INTO ledger_transfers (id, unit, kind, status, entry_count, idempotency_key, source_type, source_id,
    posted_at, created_at)
SELECT ('0198d001-0000-7000-9000-' || number)::uuid, 'XOF', 'qr_redeemed', 'posted', 3,
    'settle:' || number, 'qr_codes', ('0198c001-0000-7000-9000-' || number)::uuid, moment, moment
FROM generate_series(CAST(:first AS bigint), :last) AS number,
    LATERAL (SELECT CAST(:period_start AS timestamptz) + (number - :first) * interval '20 seconds' AS moment) AS at

INSERT INTO ledger_entries (id, transfer_id, account_id, seq, amount_minor, created_at)
SELECT ('0198e' || leg.seq || '1-0000-7000-9000-' || number)::uuid, ('0198d001-0000-7000-9000-' || number)::uuid,
    leg.account_id, leg.seq, leg.amount, moment
FROM generate_series(CAST(:first AS bigint), :last) AS number,
    LATERAL (SELECT CAST(:period_start AS timestamptz) + (number - :first) * interval '20 seconds' AS moment) AS at,
    LATERAL (VALUES (10, CAST(:vouchers AS uuid), -CAST(:price AS bigint)), (11, CAST(:payable AS uuid), :price * 80 / 100),
        (12, CAST(:commission AS uuid), :price * 20 / 100)) AS leg (seq, account_id, amount)

INSERT INTO qr_codes (id, pot_id, pack_id, partner_id, beneficiary_user_id, beneficiary_name, code, price_minor,
    redeemable_from, expires_at, status, redeemed_at, redeemed_by_partner_id, redemption_nonce, split_percentage,
    partner_share_minor, commission_minor, redeem_transfer_id, partner_period_id, announced_at, created_at, updated_at)
SELECT ('0198c001-0000-7000-9000-' || number)::uuid, ('0198b001-0000-7000-9000-' || number)::uuid, :pack, :partner,
    :owner, 'Awa', 'S' || number, :price, moment - interval '1 day', moment + interval '90 days', 'redeemed', moment,
    :partner, 'settle-' || number, 80, :price * 80 / 100, :price * 20 / 100,
    ('0198d001-0000-7000-9000-' || number)::uuid, :period, moment, moment, moment
FROM generate_series(CAST(:first AS bigint), :last) AS number,
    LATERAL (SELECT CAST(:period_start AS timestamptz) + (number - :first) * interval '20 seconds' AS moment) AS at

INSERT INTO ledger_accounts AS account (id, owner_type, owner_id, purpose, unit, keeps_balance, may_go_negative,
    posted_minor, created_at)
VALUES (:payable, 'partner', :partner, 'payable', 'XOF', true, false,
    (CAST(:last AS bigint) - :first + 1) * :price * 80 / 100, :period_start)
