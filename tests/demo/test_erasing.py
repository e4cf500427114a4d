"""Somebody of the demo world is erased: nothing knows them any more, and the money is as it was."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.audit.chain import Head, seal, verify
from portal.demo.whole import all_or_nothing
from portal.identity.models import User, UserStatus
from portal.identity.sessions import resolve, start_session
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.files import files_folder
from portal.kernel.models import OutboxEvent, StoredFile
from portal.kernel.personal import STILL_NEEDED
from portal.kernel.work import perform
from portal.ledger.queries import disagreements, trial_balance
from portal.people.models import Profile
from portal.pots.models import Donation, Pot
from portal.privacy.copying import copy_of
from portal.privacy.erasing import BYTES_JOB, erase
from portal.privacy.exporting import EXPORT_JOB, ask_for_export, fetch_export
from portal.privacy.forgetting import erase_due
from portal.privacy.leaving import ask_to_leave, open_matters
from portal.privacy.models import PrivacyRequest
from portal.privacy.person import person_of
from portal.referrals.models import Referral
from tests.demo.conftest import NOW
from tests.harness.traces import Found, changed, everything, in_archive, in_files, in_tables, in_valkey, rows

pytestmark = pytest.mark.xdist_group("demo")
_MONEY = (
    "ledger_accounts",
    "ledger_transfers",
    "ledger_entries",
    "partner_settlements",
    "settlement_adjustments",
    "partner_periods",
)
_SUMS = (
    "SELECT id, amount_minor, status, pot_id FROM donations",
    "SELECT id, amount_minor, refunded_minor, status FROM payment_transactions",
    "SELECT id, price_minor, partner_share_minor, commission_minor, status FROM qr_codes",
    "SELECT id, amount_minor, status FROM refunds",
    "SELECT id, points, status FROM point_awards",
    "SELECT id, amount_minor, fee_minor, status FROM payouts",
)


class _Undo(Exception):
    """Nothing of it is kept for the next test."""


@contextmanager
def undone() -> Iterator[None]:
    """The world as it is, and as it is again afterwards."""
    try:
        with all_or_nothing():
            yield
            raise _Undo
    except _Undo:
        pass


def money() -> dict[str, set[str]]:
    """Every row of value, to the franc."""
    return {
        statement: rows(statement) for statement in (*[f"SELECT * FROM {table}" for table in _MONEY], *_SUMS)
    }


def proved_trail() -> Head:
    """Seal what has happened and prove all of it."""
    while seal():
        continue
    found = verify()
    assert isinstance(found, Head), str(found)
    return found


def do_what_follows() -> None:
    """What a worker does with the follow-ups that were asked for, those that were sent before apart."""
    waiting = select(OutboxEvent.job, OutboxEvent.id).where(
        OutboxEvent.done_at.is_(None), OutboxEvent.job.in_((BYTES_JOB, EXPORT_JOB))
    )
    for job, event_id in db.session.execute(waiting).all():
        perform(job, event_id=str(event_id))


def files_of(app: Flask) -> list[Path]:
    """Where files and logs lie; the sandbox is the outside world, played: what Wave knows is not ours to erase."""
    return [
        path for path in app.config["SETTINGS"].data_dir.iterdir() if path.is_dir() and path.name != "sandbox"
    ]


def somebody(*, name_is_shared: bool) -> UUID:
    """Who may leave today, and of whom most is known."""
    named = aliased(Profile)
    bearers = (
        select(func.count())
        .select_from(Profile)
        .where(Profile.full_name == named.full_name)
        .scalar_subquery()
    )
    gifts = select(func.count()).where(Donation.donor_user_id == User.id).scalar_subquery()
    candidates = db.session.scalars(
        select(User.id)
        .join(named, named.user_id == User.id)
        .where(
            (bearers > 1) if name_is_shared else (bearers == 1),
            gifts >= 2,
            User.phone_verified_at.is_not(None),
            User.status == UserStatus.ACTIVE,
        )
        .order_by(gifts.desc(), User.id)
    )
    for user_id in candidates:
        if not open_matters(user_id) and not any(look(person_of(user_id)) for look in STILL_NEEDED):
            return user_id
    raise AssertionError("nobody may leave")


def words_of(user_id: UUID) -> list[str]:
    """Name, number and address."""
    user, profile = db.session.get_one(User, user_id), db.session.get_one(Profile, user_id)
    return [word for word in (profile.full_name, user.phone, user.email) if word]


def seen_by_all(app: Flask, leaver: UUID) -> None:
    """The leaver is signed in and holds a ready copy of everything; a job and a session lie in Valkey."""
    token = start_session(leaver, by=SYSTEM)
    db.session.commit()
    assert resolve(token) is not None
    ask_for_export(leaver, by=Actor(user_id=leaver))
    db.session.commit()
    do_what_follows()


def copies_of_others(leaver: UUID, words: list[str]) -> dict[UUID, Found]:
    """What the copies of all those say who have to do with the leaver: their friends, and those they gave to."""
    friends = set(db.session.scalars(select(Referral.referrer_id).where(Referral.referred_user_id == leaver)))
    friends |= set(
        db.session.scalars(select(Referral.referred_user_id).where(Referral.referrer_id == leaver))
    )
    given = select(Donation.pot_id).where(Donation.donor_user_id == leaver)
    friends |= set(db.session.scalars(select(Pot.owner_user_id).where(Pot.id.in_(given))))
    friends -= {None, leaver}
    assert friends
    return {friend: found for friend in friends if (found := in_archive(words, copy_of(friend, "fr-SN")))}


@pytest.mark.covers("PRV-02", "PRV-07", "PRV-08", "REF-18")
def test_nothing_is_left_of_somebody_who_was_erased(
    world: Flask, valkey: Redis, capfd: pytest.CaptureFixture[str]
) -> None:
    with undone():
        leaver = somebody(name_is_shared=False)
        seen_by_all(world, leaver)
        words = words_of(leaver)
        request = db.session.scalars(select(PrivacyRequest).where(PrivacyRequest.user_id == leaver)).one()
        copy = files_folder() / db.session.get_one(StoredFile, request.file_id).storage_key
        assert set(in_archive(words, fetch_export(request.id, leaver, by=SYSTEM))) == set(words)
        before, trail, sums = money(), proved_trail(), trial_balance()
        assert all(len(in_tables(words).get(word, [])) >= 4 for word in words), (
            "otherwise this proves nothing"
        )
        assert copies_of_others(leaver, words), "otherwise this proves nothing"

        ask_to_leave(leaver, by=Actor(user_id=leaver))
        db.session.commit()
        assert erase_due() == {"erased": 0, "waiting": 0}, "there is time to think"
        with clock.travel(NOW + timedelta(days=30, hours=1)):
            assert erase_due() == {"erased": 1, "waiting": 0}
            do_what_follows()
            assert not copy.exists()
            assert copies_of_others(leaver, words) == {}
            after = proved_trail()

        assert in_tables(words) == {}
        assert in_files(words, files_of(world)) == {}
        assert in_valkey(words, valkey) == {}
        assert changed(before, money()) == {}
        assert (disagreements(), trial_balance()) == ([], sums)
        assert set(sums.values()) == {0}
        assert after.position > trail.position
        assert isinstance(verify(trail), Head), "what was proved before is still there"
        stub = db.session.get_one(User, leaver)
        assert (stub.status, stub.email, stub.phone, stub.password_hash) == (
            UserStatus.ERASED,
            None,
            None,
            None,
        )

        whole = everything()
        with clock.travel(NOW + timedelta(days=40)):
            assert erase_due() == {"erased": 0, "waiting": 0}
            erase(person_of(leaver))
            do_what_follows()
        assert changed(whole, everything()) == {}
        assert proved_trail() == after
    said = capfd.readouterr()
    assert [word for word in words if word in said.out + said.err] == []


def test_the_search_finds_what_is_there(valkey: Redis, tmp_path: Path) -> None:
    """A search that cannot find proves nothing."""
    phone, name = "+221771112233", "Rokhaya Faye"
    valkey.set("greeting", f"Bonjour {name.upper()}")
    valkey.hset("rq:job:1", mapping={"data": zlib.compress(f'["{phone}"]'.encode())})
    valkey.lpush(f"limit:{phone}", "1")
    valkey.zadd("wall", {name: 1})
    valkey.sadd("set", name)
    valkey.xadd("stream", {"who": name})
    (tmp_path / "portal.log").write_text("to=%2B221771112233")
    with zipfile.ZipFile(tmp_path / "copy.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("data.json", json.dumps({"name": name}))

    found = in_valkey([phone, name, "nobody"], valkey)

    assert {word: sorted(places) for word, places in found.items()} == {
        phone: [f"limit:{phone}", "rq:job:1"],
        name: ["greeting", "set", "stream", "wall"],
    }
    assert in_files([phone, name], [tmp_path]) == {phone: [str(tmp_path / "portal.log")]}
    assert in_archive([name], (tmp_path / "copy.zip").read_bytes()) == {name: ["data.json"]}
