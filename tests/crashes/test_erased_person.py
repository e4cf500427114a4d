"""Somebody is erased from a portal that runs: no log, cache, queue or file knows them afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from tests.crashes.portal import Phone, RunningPortal
from tests.crashes.scenes import LEAVER
from tests.harness.traces import Found, in_files, in_valkey

pytestmark = pytest.mark.xdist_group("browser")

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
# What PostgreSQL writes is asked for in its own language; what the sandbox knows, the outside world knows.
_NOT_OURS = frozenset({"postgres", "sandbox"})
# Pages greet people by their first name.
_WORDS = (*LEAVER, LEAVER[0].split()[0])
_LOGS = ("web.log", "postgres.log", "valkey.log")


def in_rows(portal: RunningPortal) -> Found:
    """In which tables each word stands."""
    found: Found = {}
    for (table,) in portal.rows(_TABLES):
        for word in _WORDS:
            if portal.one(f'SELECT EXISTS (SELECT FROM "{table}" AS r WHERE r::text ILIKE %s)', f"%{word}%"):
                found.setdefault(word, []).append(table)
    return found


def kept_by(portal: RunningPortal) -> list[Path]:
    """The folders of the portal, its logs among them."""
    root = Path(portal.stack.env["PORTAL_DATA_DIR"])
    return [path for path in root.iterdir() if path.is_dir() and path.name not in _NOT_OURS]


def in_caches(portal: RunningPortal) -> list[Found]:
    """What Valkey holds in the database of the queue and in that of the limits."""
    address = portal.stack.env["REDIS_URL"]
    return [in_valkey(_WORDS, Redis.from_url(address, db=number)) for number in (0, 1)]


def live(portal: RunningPortal, session: str) -> None:
    """What the person does and what is done in their name, also at doors that refuse it and with words that break."""
    _name, phone, email = LEAVER
    mine, guest = Phone(portal, session), Phone(portal)
    assert mine.open("/profile").status_code == 200
    chosen = mine.post("/privacy/offers", mine.form("/privacy") | {"email": "y"})
    assert chosen.status_code == 303
    assert mine.open(f"/admin/users?q={email}").status_code == 404
    assert guest.send("/sign-in", email=email, password="trois mots faux").status_code == 422
    assert guest.send("/sign-in/code", phone=phone).status_code == 303
    guest.open(f"/sign-in?next=/profile%3Fname%3D{email}")
    assert Phone(portal, portal.town["admin"]).open(f"/admin/users?q={email}").status_code == 200


@pytest.mark.covers("PRV-02", "PRV-07")
def test_no_log_no_cache_and_no_file_knows_somebody_who_was_erased(portal: RunningPortal) -> None:
    person = portal.set_scene("leaver")
    live(portal, person["session"])
    assert set(in_rows(portal)) >= {LEAVER[1], LEAVER[2]}
    portal.set_scene("goodbye")

    portal.wake("privacy.erase_due")

    def is_erased() -> bool:
        return bool(portal.one("SELECT status = 'erased' FROM users WHERE id = %s", person["id"]))

    portal.until(is_erased, "an erased person")
    portal.until(portal.is_done, "everything that was under way done")
    assert in_rows(portal) == {}
    assert in_files(_WORDS, kept_by(portal)) == {}
    assert in_caches(portal) == [{}, {}]
    logs = Path(portal.stack.env["PORTAL_DATA_DIR"]) / "logs"
    assert all((logs / name).stat().st_size for name in _LOGS), "otherwise this proves nothing"
    assert portal.is_in_balance()
    assert "is whole" in portal.outside.command("audit-verify")
