"""The portal may have the months of the audit trail made ahead, by one function, so that no row needs the last resort."""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# Runs with the rights of the tables' owner. A month of which rows lie in the default table already is left there:
# a row of the trail is never moved. Attaching, unlike creating in place, stops nobody who writes.
_MAKE_MONTHS = """
    CREATE FUNCTION make_months_of_trail(first_month date, last_month date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
    DECLARE
        month date;
        of_month text;
        starts timestamptz;
        ends timestamptz;
        is_begun boolean;
        made integer := 0;
    BEGIN
        IF first_month <> date_trunc('month', first_month)::date
           OR last_month > now() + interval '10 years' OR last_month > first_month + interval '5 years' THEN
            RAISE EXCEPTION 'no months from % to %', first_month, last_month
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        PERFORM pg_advisory_xact_lock(7034221003);
        FOR month IN SELECT generate_series(first_month, last_month, interval '1 month')::date LOOP
            of_month := 'audit_logs_' || to_char(month, 'YYYY_MM');
            starts := month::timestamp AT TIME ZONE 'UTC';
            ends := (month + interval '1 month')::timestamp AT TIME ZONE 'UTC';
            CONTINUE WHEN to_regclass(of_month) IS NOT NULL;
            SELECT EXISTS (SELECT FROM audit_logs_default WHERE occurred_at >= starts AND occurred_at < ends)
                INTO is_begun;
            CONTINUE WHEN is_begun;
            EXECUTE format('CREATE TABLE %I (LIKE audit_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', of_month);
            EXECUTE format('ALTER TABLE audit_logs ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', of_month, starts, ends);
            made := made + 1;
        END LOOP;
        RETURN made;
    END
    $$
"""


def upgrade() -> None:
    op.execute(_MAKE_MONTHS)
    op.execute("REVOKE ALL ON FUNCTION make_months_of_trail(date, date) FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP FUNCTION make_months_of_trail(date, date)")
