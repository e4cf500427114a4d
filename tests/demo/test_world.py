"""The demo world: believable, the same each time, made by the services, and right to the franc."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal import gateways
from portal.demo.accounts import DEMO_ACCOUNTS
from portal.demo.proof import NotTrue, prove
from portal.demo.wave import PlayedWave
from portal.identity.models import User
from portal.kernel.db import db
from portal.kernel.jobs import valkey
from portal.kernel.places import REGIONS
from portal.ledger.queries import disagreements, trial_balance
from portal.packs.models import Pack
from portal.partners.models import Partner, PartnerVenue
from portal.payments.models import RefundStatus, WebhookStatus
from portal.payments.wallet import compare_wallet
from portal.payouts.models import PayoutStatus
from portal.people.models import GuardianRequest, Profile, RequestStatus, UserLocation
from portal.pots.models import DonationStatus, Pot, PotStatus
from portal.redemptions.models import QrStatus
from portal.settlements.models import SettlementStatus
from tests.harness.house import send

pytestmark = pytest.mark.xdist_group("demo")
# Those whom `--scale` adds came by no form.
_LIVED = "email IS NULL OR email NOT LIKE 'foule%'"


def rows(statement: str) -> list[tuple[Any, ...]]:
    """What plain SQL finds."""
    return [tuple(row) for row in db.session.execute(text(statement))]


def states(table: str) -> set[str]:
    """The states in which rows of a table are."""
    return {status for (status,) in rows(f"SELECT DISTINCT status FROM {table}")}


def number_of(model: Any) -> int:
    found = db.session.scalar(select(func.count()).select_from(model))
    assert found is not None
    return found


def test_there_is_something_of_everything(world: Flask) -> None:
    assert states("pots") == set(PotStatus)
    assert states("donations") >= {DonationStatus.SUCCEEDED, DonationStatus.FAILED, DonationStatus.REFUNDED}
    assert states("partner_settlements") == set(SettlementStatus)
    assert states("qr_codes") >= {QrStatus.ISSUED, QrStatus.REDEEMED, QrStatus.EXPIRED}
    assert states("payouts") >= {PayoutStatus.COMPLETED, PayoutStatus.FAILED}
    assert states("refunds") >= {RefundStatus.COMPLETED, RefundStatus.FAILED}
    assert WebhookStatus.FAILED in states("payment_webhook_events")
    assert (number_of(Partner), number_of(PartnerVenue), number_of(Pack)) == (12, 20, 25)
    regions = set(db.session.scalars(select(UserLocation.region)))
    assert regions == set(REGIONS)
    assert len(regions) == 14
    [(first, last)] = rows("SELECT min(confirmed_at), max(confirmed_at) FROM donations")
    assert (last - first).days > 5 * 30


@pytest.mark.covers("PAY-02", "PAY-04")
def test_a_world_with_a_crowd_keeps_every_promise_of_the_books(world: Flask) -> None:
    prove()

    assert set(trial_balance().values()) == {0}
    assert disagreements() == []
    crowd = rows("SELECT count(*) FROM users WHERE email LIKE 'foule%'")
    assert crowd == [(600,)]
    [(redeemed,)] = rows("SELECT count(*) FROM qr_codes WHERE status = 'redeemed'")
    assert redeemed > 600


# Business rows whose value has moved, each with the transfer it names and the amount that must have moved.
_MOVED = {
    "donations": "SELECT transfer_id, amount_minor FROM donations WHERE status IN ('succeeded', 'refunded')",
    "refunds": "SELECT refunds.transfer_id, refunds.amount_minor FROM refunds"
    " JOIN donations AS gift ON gift.id = donation_id JOIN ledger_transfers AS given ON given.id = gift.transfer_id"
    " WHERE refunds.status = 'completed' AND given.status = 'posted'",
    "payments": "SELECT transfer_id, amount_minor FROM payment_transactions"
    " WHERE transaction_type = 'donation' AND status = 'succeeded'",
    "codes issued": "SELECT issue_transfer_id, price_minor FROM qr_codes",
    "codes redeemed": "SELECT redeem_transfer_id, price_minor FROM qr_codes WHERE status = 'redeemed'",
    "payouts": "SELECT transfer_id, amount_minor FROM payouts",
    "settlements": "SELECT payouts.transfer_id, payable_minor FROM partner_settlements AS settled"
    " LEFT JOIN payouts ON payouts.id = settled.payout_id WHERE settled.status IN ('approved', 'paid')",
    "points": "SELECT transfer_id, points FROM point_awards WHERE points > 0",
    "points spent": "SELECT points_transfer_id, points_converted FROM points_conversions",
    "francs for points": "SELECT money_transfer_id, credits_issued_minor FROM points_conversions",
}


@pytest.mark.covers("PAY-07")
@pytest.mark.parametrize("what", _MOVED)
def test_a_row_of_the_business_points_at_the_transfer_that_moved_its_value(world: Flask, what: str) -> None:
    lost = rows(f"""
        SELECT row.transfer, row.amount, moved.amount FROM ({_MOVED[what]}) AS row (transfer, amount)
        LEFT JOIN (
            SELECT transfer_id, sum(amount_minor) FILTER (WHERE amount_minor > 0) AS amount
            FROM ledger_entries GROUP BY transfer_id
        ) AS moved ON moved.transfer_id = row.transfer
        WHERE moved.amount IS DISTINCT FROM row.amount
    """)
    there = rows(f"SELECT count(*) FROM ({_MOVED[what]}) AS row")

    assert lost == []
    assert there[0][0] > 0


@pytest.mark.covers("PAY-04")
def test_the_wallet_at_wave_holds_what_half_a_year_left_in_it(world: Flask) -> None:
    wave = PlayedWave(world.config["SETTINGS"])
    try:
        with gateways.playing(wave.gateway):
            found = compare_wallet()
    finally:
        wave.close()

    assert found["difference"] == 0
    assert found["wave"] > 0
    assert found["held"] > 0


@pytest.mark.parametrize(
    ("damage", "claim"),
    [
        (
            "UPDATE pots SET raised_minor = raised_minor + 1 WHERE raised_minor > 0",
            "what its gifts have brought",
        ),
        ("UPDATE partner_periods SET revenue_minor = revenue_minor + 1", "the sum of its redemptions"),
        ("UPDATE ledger_accounts SET posted_minor = posted_minor + 1 WHERE keeps_balance", "not the sum"),
        ("UPDATE qr_codes SET price_minor = price_minor + 1 WHERE status = 'issued'", "among the vouchers"),
        ("UPDATE payment_transactions SET refunded_minor = 1 WHERE refunded_minor = 0", "gifts have brought"),
    ],
)
def test_the_proof_finds_what_is_wrong(
    world: Flask, monkeypatch: pytest.MonkeyPatch, damage: str, claim: str
) -> None:
    db.session.execute(text(damage))
    # The proof looks in a transaction of its own; here it has to see what is not committed.
    monkeypatch.setattr("portal.demo.proof.transaction", lambda: _Lent())

    with pytest.raises(NotTrue, match=claim):
        prove()


class _Lent:
    """The running session, lent to somebody who would end it."""

    def __enter__(self) -> Any:
        return db.session

    def __exit__(self, *_error: object) -> None:
        return None


@pytest.mark.parametrize(
    "table", ["pots", "donations", "qr_codes", "partner_settlements", "payouts", "refunds"]
)
def test_every_state_was_reached_step_by_step(plain: Flask, table: str) -> None:
    with plain.app_context():
        unexplained = rows(f"""
            SELECT entity.id, entity.status FROM {table} AS entity
            LEFT JOIN LATERAL (
                SELECT to_status FROM status_history AS step
                WHERE step.entity_type = '{table}' AND step.entity_id = entity.id
                ORDER BY step.occurred_at DESC, step.id DESC LIMIT 1
            ) AS last ON true
            WHERE last.to_status IS DISTINCT FROM entity.status
        """)
        there = rows(f"SELECT count(*) FROM {table}")

    assert unexplained == []
    assert there[0][0] > 0


# What people see of a world: no keys, which are drawn anew, and nothing of the crowd.
_SEEN = {
    "people": f"""
        SELECT full_name, date_of_birth, email, phone, region, city, roles::text, joined.created_at
        FROM users AS joined JOIN profiles ON user_id = id LEFT JOIN user_locations AS place ON place.user_id = id
        WHERE {_LIVED} ORDER BY full_name, phone
    """,
    "pots": """
        SELECT full_name, title, target_amount_minor, raised_minor, donor_count, birthday_date, status, outcome
        FROM pots JOIN profiles ON user_id = owner_user_id WHERE public_slug NOT LIKE 'foule%'
        ORDER BY full_name, title, birthday_date
    """,
    "gifts": """
        SELECT title, donor_name, amount_minor, donation_message, donations.status, is_held, confirmed_at
        FROM donations JOIN pots ON pots.id = pot_id WHERE public_slug NOT LIKE 'foule%'
        ORDER BY title, initiated_at, donor_name
    """,
    "codes": """
        SELECT beneficiary_name, price_minor, qr_codes.status, redeemable_from, redeemed_at
        FROM qr_codes JOIN pots ON pots.id = pot_id WHERE public_slug NOT LIKE 'foule%'
        ORDER BY beneficiary_name, redeemable_from, price_minor
    """,
    "settlements": """
        SELECT name, period_start, period_end, total_redemptions_count, total_revenue_minor, partner_share_minor,
               payable_minor, settled.status, paid_at
        FROM partner_settlements AS settled JOIN partners ON partners.id = partner_id ORDER BY name, period_start
    """,
    "packs": "SELECT name, base_price_minor, discounted_price_minor, validity_days FROM packs ORDER BY name",
    "invitations": """
        SELECT referred_name, invitation_status, pipeline_stage, sent_at FROM referrals
        ORDER BY referred_name, sent_at
    """,
}


@pytest.mark.parametrize("what", _SEEN)
def test_the_same_seed_gives_the_same_world(world: Flask, plain: Flask, what: str) -> None:
    crowded = rows(_SEEN[what])
    with plain.app_context():
        again = rows(_SEEN[what])

    assert again == crowded
    assert len(again) > 5


def test_each_demo_account_can_sign_in(world: Flask) -> None:
    first_pages = {}
    for audience, _name, email, password in DEMO_ACCOUNTS:
        client = world.test_client()
        answer = send(client, "/sign-in", {"email": email, "password": password})
        assert answer.status_code == 303, audience
        first_pages[audience] = client.get("/").location
        assert client.get(first_pages[audience]).status_code == 200, audience

    assert first_pages == {
        "client": "/home",
        "sponsor": "/home",
        "partner": "/partner/scan",
        "admin": "/admin",
    }
    valkey().flushdb()


def test_where_somebody_is_nothing_is_made_twice(world: Flask) -> None:
    before = number_of(User)
    command = world.test_cli_runner()

    for _twice in range(2):
        skipped = command.invoke(args=["portal", "demo", "--if-empty"])
        assert (skipped.exit_code, "nothing was made" in skipped.output) == (0, True)
    refused = command.invoke(args=["portal", "demo"])

    assert (refused.exit_code, "needs an empty portal" in refused.output) == (1, True)
    assert number_of(User) == before


def test_a_newcomer_finds_a_pot_that_collects(world: Flask) -> None:
    awas = db.session.scalars(select(Pot).where(Pot.title == "Les 30 ans d'Awa")).one()
    page = world.test_client().get(f"/p/{awas.public_slug}")

    assert page.status_code == 200
    assert (awas.status, awas.raised_minor > 0) == (PotStatus.OPEN, True)


@pytest.mark.covers("PPL-13", "PPL-15")
def test_of_the_young_people_one_waits_for_the_guardians_answer(world: Flask) -> None:
    confirmed = select(func.count()).where(Profile.guardian_confirmed_at.is_not(None))
    waiting = db.session.scalars(
        select(GuardianRequest).where(GuardianRequest.status == RequestStatus.WAITING)
    ).one()
    minor = db.session.get_one(Profile, waiting.minor_user_id)

    assert db.session.scalar(confirmed) == number_of(GuardianRequest) - 1
    assert (waiting.told_at is not None, minor.guardian_user_id, minor.date_of_birth) == (True, None, None)
