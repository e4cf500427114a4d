-- The crowd of `--scale`: people whose pots are over, filled by a gift, turned into a pack and served.
-- Statements are divided by blank lines. `crowd` holds one row a person with every key that is derived or
-- drawn outside; `crowd_offers`, `crowd_towns` and `crowd_names` are numbered from 0.

-- A key that sorts by the moment it belongs to (version 7, as the portal's own).
CREATE FUNCTION pg_temp.key_at(moment timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_byte(drawn, 6, (get_byte(drawn, 6) & 15) | 112), 'hex')::uuid
    FROM (SELECT overlay(uuid_send(gen_random_uuid()) PLACING
        substring(int8send((extract(epoch FROM moment) * 1000)::bigint) FROM 3) FROM 1) AS drawn) AS made
$$

CREATE TEMPORARY TABLE crowd_story ON COMMIT DROP AS
SELECT
    crowd.*, offer.pack_id, offer.partner_id, offer.price, offer.split, offer.period_start, offer.period_end,
    offer.scanner_id, offer.validity, served.day - crowd.number % 20 AS birthday, served.moment AS served_at,
    offer.venues[1 + crowd.number % cardinality(offer.venues)] AS venue_id,
    town.region, town.city, name.first_name, name.first_name || ' ' || name.last_name AS full_name,
    20 + crowd.number % 35 AS age
FROM crowd
JOIN crowd_offers AS offer ON offer.number = crowd.number % (SELECT count(*) FROM crowd_offers)
JOIN crowd_towns AS town ON town.number = crowd.number % (SELECT count(*) FROM crowd_towns)
JOIN crowd_names AS name ON name.number = crowd.number % (SELECT count(*) FROM crowd_names)
CROSS JOIN LATERAL (
    SELECT moment, (moment AT TIME ZONE 'Africa/Dakar')::date AS day
    FROM (SELECT :now - (hashint4(crowd.number) & 65535) / 65536.0 * (:now - greatest(
        offer.period_start::timestamp AT TIME ZONE 'Africa/Dakar', :now - interval '20 days')) AS moment) AS at
) AS served

INSERT INTO users (id, email, phone, signup_provider, email_verified_at, referral_code, created_at, updated_at)
SELECT user_id, 'foule' || number || '@courriel.example', NULL, 'email', joined, referral_code, joined, joined
FROM crowd_story, LATERAL (SELECT birthday - 40 - number % 300 + time '10:00' AS joined) AS came

INSERT INTO auth_identities (id, user_id, provider, provider_uid, created_at, updated_at)
SELECT gen_random_uuid(), user_id, 'email', 'foule' || number || '@courriel.example', :now, :now FROM crowd_story

INSERT INTO profiles (user_id, full_name, date_of_birth, created_at, updated_at)
SELECT user_id, full_name, (birthday - make_interval(years => age))::date, :now, :now FROM crowd_story

INSERT INTO user_locations (user_id, region, city, created_at, updated_at)
SELECT user_id, region, city, :now, :now FROM crowd_story

INSERT INTO user_preferences (user_id, created_at, updated_at) SELECT user_id, :now, :now FROM crowd_story

INSERT INTO user_privacy (user_id, created_at, updated_at) SELECT user_id, :now, :now FROM crowd_story

INSERT INTO user_metadata (user_id, created_at, updated_at) SELECT user_id, :now, :now FROM crowd_story

INSERT INTO user_security (user_id, created_at, updated_at) SELECT user_id, :now, :now FROM crowd_story

INSERT INTO notification_preferences (user_id, created_at, updated_at) SELECT user_id, :now, :now FROM crowd_story

INSERT INTO profile_completion_status (user_id, percent, done, missing, created_at, updated_at)
SELECT user_id, 80, '["name", "birthday", "place", "contact"]', '["photo"]', :now, :now FROM crowd_story

INSERT INTO pots (
    id, owner_user_id, public_slug, title, target_amount_minor, birthday_date, scheduled_open_at,
    actual_opened_at, funded_at, closed_at, status, outcome, visibility, preferred_pack_id, raised_minor,
    donor_count, cover_file_id, created_at, updated_at)
SELECT
    pot_id, user_id, 'foule-' || number, 'Les ' || age || ' ans de ' || first_name, price, birthday, opened,
    opened, closed - interval '1 day', closed, 'closed', 'pack', 'public', pack_id, price,
    1, cover.ids[1 + number % cardinality(cover.ids)], opened, closed
FROM crowd_story
CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM stored_files WHERE purpose = 'pot_image') AS cover
CROSS JOIN LATERAL (SELECT (birthday - 30)::timestamp AT TIME ZONE 'Africa/Dakar' AS opened,
                           birthday::timestamp AT TIME ZONE 'Africa/Dakar' AS closed) AS course

CREATE TEMPORARY TABLE crowd_gifts ON COMMIT DROP AS
SELECT
    story.price AS amount, story.pot_id, story.account_id, moment, donor.user_id AS donor_id,
    'FOULE' || lpad((row_number() OVER (ORDER BY moment))::text, 9, '0') AS name,
    donor.full_name AS donor_name, donor.region AS donor_region, pg_temp.key_at(moment) AS donation_id,
    pg_temp.key_at(moment) AS payment_id, pg_temp.key_at(moment) AS transfer_id
FROM crowd_story AS story
CROSS JOIN LATERAL (SELECT (story.birthday - 2 - story.number % 24)::timestamp AT TIME ZONE 'Africa/Dakar'
                           + make_interval(mins => 480 + story.number % 600) AS moment) AS at
JOIN crowd_story AS donor ON donor.number = (story.number + 17) % (SELECT count(*) FROM crowd)
ORDER BY moment

INSERT INTO payment_transactions (
    id, transaction_type, status, amount_minor, currency, payer_user_id, provider_id, provider_reference,
    provider_session_id, source_type, source_id, idempotency_key, transfer_id, succeeded_at, created_at, updated_at)
SELECT
    payment_id, 'donation', 'succeeded', amount, 'XOF', donor_id, :provider, 'T_' || name, 'cos-' || name,
    'donations', donation_id, 'donation:donations:' || donation_id, transfer_id, moment, moment, moment
FROM crowd_gifts

INSERT INTO donations (
    id, pot_id, donor_user_id, donor_name, donor_region, amount_minor, status, payment_transaction_id,
    wave_transaction_id, transfer_id, receipt_token, submission_key, initiated_at, wave_notified_at,
    confirmed_at, created_at, updated_at)
SELECT
    donation_id, pot_id, donor_id, donor_name, donor_region, amount, 'succeeded', payment_id, 'T_' || name,
    transfer_id, md5('receipt' || donation_id), name, moment, moment, moment, moment, moment
FROM crowd_gifts

INSERT INTO ledger_accounts (id, owner_type, owner_id, purpose, unit, keeps_balance, may_go_negative, created_at)
SELECT account_id, 'pot', pot_id, 'funds', 'XOF', true, false, birthday FROM crowd_story

INSERT INTO ledger_transfers (
    id, unit, kind, status, entry_count, idempotency_key, source_type, source_id, posted_at, created_at)
SELECT transfer_id, 'XOF', 'donation', 'posted', 2, concat_ws(':', 'donation', donation_id, 'succeeded'), 'donations',
       donation_id, moment, moment
FROM crowd_gifts

INSERT INTO ledger_entries (id, transfer_id, account_id, seq, amount_minor, created_at)
SELECT pg_temp.key_at(moment), transfer_id, leg.account_id, leg.seq, leg.amount, moment
FROM crowd_gifts AS gift
CROSS JOIN LATERAL (VALUES (1, CAST(:clearing AS uuid), -gift.amount), (2, gift.account_id, gift.amount))
    AS leg (seq, account_id, amount)

INSERT INTO partner_periods AS period (
    id, partner_id, period_start, period_end, split_percentage, created_at, updated_at)
SELECT pg_temp.key_at(:now), partner_id, period_start, period_end, split, min(served_at), :now
FROM crowd_story GROUP BY partner_id, period_start, period_end, split
ON CONFLICT (partner_id, period_start, period_end, split_percentage) WHERE settlement_id IS NULL
DO UPDATE SET updated_at = excluded.updated_at

CREATE TEMPORARY TABLE crowd_codes ON COMMIT DROP AS
SELECT
    line.*, round(line.total * line.split / 100) - round((line.total - line.price) * line.split / 100) AS share
FROM (
    SELECT
        story.*, period.id AS period_id, pg_temp.key_at(closed) AS code_id,
        pg_temp.key_at(closed) AS issue_id, pg_temp.key_at(served_at) AS redeem_id, closed,
        period.revenue_minor + sum(story.price) OVER (
            PARTITION BY period.id ORDER BY story.served_at, story.number) AS total
    FROM crowd_story AS story
    JOIN partner_periods AS period
        ON period.partner_id = story.partner_id AND period.period_start = story.period_start
        AND period.period_end = story.period_end AND period.split_percentage = story.split AND period.settlement_id IS NULL
    CROSS JOIN LATERAL (SELECT birthday::timestamp AT TIME ZONE 'Africa/Dakar' AS closed) AS course
) AS line
ORDER BY served_at

UPDATE partner_periods AS period SET
    redemption_count = period.redemption_count + served.codes,
    revenue_minor = period.revenue_minor + served.revenue,
    partner_share_minor = period.partner_share_minor + served.share
FROM (
    SELECT period_id, count(*) AS codes, sum(price) AS revenue, sum(share) AS share
    FROM crowd_codes GROUP BY period_id
) AS served
WHERE period.id = served.period_id

INSERT INTO ledger_transfers (
    id, unit, kind, status, entry_count, idempotency_key, source_type, source_id, posted_at, created_at)
SELECT issue_id, 'XOF', 'qr_issued', 'posted', 2, concat_ws(':', 'qr', code_id, 'issued'), 'qr_codes', code_id,
       closed, closed
FROM crowd_codes ORDER BY closed

INSERT INTO ledger_transfers (
    id, unit, kind, status, entry_count, idempotency_key, source_type, source_id, actor_user_id, posted_at,
    created_at)
SELECT redeem_id, 'XOF', 'qr_redeemed', 'posted', 2 + (price > share)::int,
       concat_ws(':', 'qr', code_id, 'redeemed'), 'qr_codes', code_id, scanner_id, served_at, served_at
FROM crowd_codes ORDER BY served_at

INSERT INTO ledger_entries (id, transfer_id, account_id, seq, amount_minor, created_at)
SELECT pg_temp.key_at(closed), issue_id, leg.account_id, leg.seq, leg.amount, closed
FROM crowd_codes AS code
CROSS JOIN LATERAL (VALUES (1, code.account_id, -code.price), (2, CAST(:vouchers AS uuid), code.price))
    AS leg (seq, account_id, amount)
ORDER BY closed

INSERT INTO ledger_entries (id, transfer_id, account_id, seq, amount_minor, created_at)
SELECT pg_temp.key_at(served_at), redeem_id, leg.account_id, leg.seq, leg.amount, served_at
FROM crowd_codes AS code
JOIN crowd_offers AS offer ON offer.pack_id = code.pack_id
CROSS JOIN LATERAL (VALUES
    (1, CAST(:vouchers AS uuid), -code.price::bigint),
    (2, offer.payable_id, code.share::bigint),
    (3, CAST(:commission AS uuid), (code.price - code.share)::bigint)
) AS leg (seq, account_id, amount)
WHERE leg.amount <> 0
ORDER BY served_at

INSERT INTO ledger_accounts AS account (
    id, owner_type, owner_id, purpose, unit, keeps_balance, may_go_negative, posted_minor, created_at)
SELECT offer.payable_id, 'partner', offer.partner_id, 'payable', 'XOF', true, false, sum(code.share), :now
FROM crowd_codes AS code JOIN crowd_offers AS offer ON offer.pack_id = code.pack_id
GROUP BY offer.payable_id, offer.partner_id
ON CONFLICT (id) DO UPDATE SET posted_minor = account.posted_minor + excluded.posted_minor

INSERT INTO qr_codes (
    id, pot_id, pack_id, partner_id, beneficiary_user_id, beneficiary_name, code, price_minor, redeemable_from,
    expires_at, status, redeemed_at, redeemed_by_partner_id, redeemed_by_user_id, redeemed_venue_id,
    redemption_nonce, split_percentage, partner_share_minor, commission_minor, issue_transfer_id,
    redeem_transfer_id, partner_period_id, announced_at, created_at, updated_at)
SELECT
    code_id, pot_id, pack_id, partner_id, user_id, first_name, code, price, closed,
    closed + make_interval(days => validity), 'redeemed', served_at, partner_id, scanner_id, venue_id,
    'foule-' || number, split, share, price - share, issue_id,
    redeem_id, period_id, :now, closed, served_at
FROM crowd_codes

INSERT INTO qr_redemption_logs (
    id, qr_code_id, scanned_code, scanned_by_user_id, partner_id, validation_result, venue_context, occurred_at)
SELECT pg_temp.key_at(served_at), code_id, left(code, 4) || '-••••-••••', scanner_id, partner_id, 'success',
       jsonb_build_object('venue_id', venue_id), served_at
FROM crowd_codes

UPDATE packs SET quantity_taken = packs.quantity_taken + taken.codes
FROM (SELECT pack_id, count(*) AS codes FROM crowd_codes GROUP BY pack_id) AS taken
WHERE packs.id = taken.pack_id
