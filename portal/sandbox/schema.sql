-- Times are whole seconds since 1970, amounts whole francs, JSON is text.

CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    success_url TEXT NOT NULL,
    error_url TEXT NOT NULL,
    client_reference TEXT,
    restrict_payer_mobile TEXT,
    checkout_status TEXT NOT NULL DEFAULT 'open' CHECK (checkout_status IN ('open', 'complete', 'expired')),
    payment_status TEXT NOT NULL DEFAULT 'processing'
        CHECK (payment_status IN ('processing', 'succeeded', 'cancelled')),
    transaction_id TEXT UNIQUE,
    payer_mobile TEXT,
    last_payment_error TEXT,
    is_refunded INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    completed INTEGER,
    CHECK ((checkout_status = 'complete') = (transaction_id IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS sessions_by_reference ON sessions (client_reference);

CREATE TABLE IF NOT EXISTS batches (
    id TEXT PRIMARY KEY,
    status TEXT NOT NULL DEFAULT 'processing' CHECK (status IN ('processing', 'complete')),
    due REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS payouts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    batch_id TEXT REFERENCES batches (id),
    currency TEXT NOT NULL,
    receive_amount INTEGER NOT NULL CHECK (receive_amount > 0),
    fee INTEGER NOT NULL,
    mobile TEXT NOT NULL,
    name TEXT,
    national_id TEXT,
    payment_reason TEXT,
    client_reference TEXT,
    status TEXT NOT NULL CHECK (status IN ('processing', 'succeeded', 'failed', 'reversed')),
    error_code TEXT,
    is_debited INTEGER NOT NULL DEFAULT 0,
    settles_as TEXT,
    settles_with TEXT,
    reads_left INTEGER,
    submitted INTEGER NOT NULL,
    CHECK ((status = 'failed') = (error_code IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS payouts_by_reference ON payouts (client_reference);
CREATE INDEX IF NOT EXISTS payouts_by_batch ON payouts (batch_id);

CREATE TABLE IF NOT EXISTS transactions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    transaction_id TEXT NOT NULL UNIQUE,
    transaction_type TEXT NOT NULL,
    happened INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    fee INTEGER NOT NULL,
    balance INTEGER NOT NULL,
    is_reversal INTEGER NOT NULL,
    is_refunded INTEGER NOT NULL DEFAULT 0,
    fields TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS transactions_by_time ON transactions (happened, number);

CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS recipients (
    mobile TEXT PRIMARY KEY,
    name TEXT,
    national_id TEXT,
    payment_limit INTEGER,
    refusal TEXT
);

CREATE TABLE IF NOT EXISTS recipient_checks (mobile TEXT NOT NULL, checked INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS recipient_checks_by_mobile ON recipient_checks (mobile, checked);
CREATE TABLE IF NOT EXISTS recipient_blocks (mobile TEXT PRIMARY KEY, until INTEGER NOT NULL);

CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL,
    kind TEXT NOT NULL,
    remaining INTEGER NOT NULL CHECK (remaining > 0),
    match TEXT NOT NULL,
    details TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL CHECK (provider IN ('wave', 'twilio')),
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    url TEXT,
    body BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'held', 'reordered', 'dropped', 'done', 'failed')),
    trick TEXT,
    due REAL NOT NULL,
    first_due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_answer TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due) WHERE state = 'pending';

CREATE TABLE IF NOT EXISTS sms (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sid TEXT NOT NULL UNIQUE,
    recipient TEXT NOT NULL,
    sender TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL,
    error_code INTEGER,
    status_callback TEXT,
    created INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    raw BLOB NOT NULL,
    received INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS mail_by_message_id ON mail (message_id);

CREATE TABLE IF NOT EXISTS grants (code TEXT PRIMARY KEY, asked TEXT NOT NULL, person TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bearers (token TEXT PRIMARY KEY, person TEXT NOT NULL);
