"""`kill -9` in the middle of an erasure: it is done or it is not, and the next run does what is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select

from portal.identity.models import User, UserStatus
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.files import files_folder, store_file
from portal.kernel.models import FilePurpose, OutboxEvent
from portal.kernel.settings import PROJECT_ROOT, Settings
from portal.kernel.work import perform, sweep
from portal.privacy.erasing import BYTES_JOB
from portal.privacy.forgetting import erase_due
from portal.privacy.leaving import ask_to_leave
from tests.harness.house import acting, make_person
from tests.harness.traces import changed, everything, in_tables
from tests.privacy.test_erasing import EMAIL, NAME, PHONE, knows

_WORDS = (NAME, PHONE, EMAIL)
_ASKED = datetime(2027, 3, 1, 12, tzinfo=UTC)
_DUE = _ASKED + timedelta(days=30, hours=1)


@pytest.fixture
def picture(committed_db: Any) -> Iterator[Path]:
    """The portrait of somebody whose time to think is over, and of whom others speak."""
    with clock.travel(_ASKED):
        user = make_person(
            NAME, phone=PHONE, email=EMAIL, phone_verified_at=clock.now(), email_verified_at=clock.now()
        )
        knows(make_person("Fatou Sow"), user)
        kept = store_file(b"face", mime_type="image/webp", purpose=FilePurpose.AVATAR, owner_user_id=user.id)
        ask_to_leave(user.id, by=acting(user))
        db.session.commit()
    with clock.travel(_DUE):
        yield files_folder() / kept.storage_key


def erase_and_die(settings: Settings, moment: str, clock_file: Path) -> None:
    """A process of its own begins to erase, and is killed at the moment."""
    clock_file.write_text(str(int((_DUE - datetime.now(UTC)).total_seconds())), encoding="ascii")
    died = subprocess.run(
        [sys.executable, "-m", "tests.privacy.dying", moment],
        cwd=PROJECT_ROOT,
        env={
            **os.environ,
            "PORTAL_ENV": "test",
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "PORTAL_DATA_DIR": str(settings.data_dir),
            "PUBLIC_URL": "http://localhost",
            "PORTAL_CLOCK_FILE": str(clock_file),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr


def status_of_leaver() -> UserStatus:
    db.session.rollback()
    return db.session.scalars(
        select(User.status).where(User.status.in_((UserStatus.ERASED, UserStatus.PENDING_DELETION)))
    ).one()


def sweep_and_work() -> None:
    """The sweep finds what the queue never heard of, and a worker does it."""
    with clock.travel(_DUE + timedelta(minutes=1)):
        sweep()
        for event_id in db.session.scalars(select(OutboxEvent.id).where(OutboxEvent.job == BYTES_JOB)).all():
            perform(BYTES_JOB, event_id=str(event_id))


@pytest.mark.covers("PRV-02", "PRV-07")
@pytest.mark.parametrize("moment", ["0", "1", "12", "30", "commit"])
def test_killed_before_its_end_it_has_changed_nothing(
    picture: Path, test_settings: Settings, tmp_path: Path, moment: str
) -> None:
    before = everything()

    erase_and_die(test_settings, moment, tmp_path / "clock")

    assert changed(before, everything()) == {}
    assert status_of_leaver() is UserStatus.PENDING_DELETION
    assert set(in_tables(_WORDS)) == set(_WORDS)
    assert picture.exists()
    db.session.rollback()
    assert erase_due() == {"erased": 1, "waiting": 0}
    sweep_and_work()
    assert in_tables(_WORDS) == {}
    assert not picture.exists()


@pytest.mark.covers("PRV-02", "PRV-07")
def test_killed_after_its_end_only_the_bytes_are_left_and_the_sweep_finds_them(
    picture: Path, test_settings: Settings, valkey: Redis, tmp_path: Path
) -> None:
    erase_and_die(test_settings, "committed", tmp_path / "clock")

    assert status_of_leaver() is UserStatus.ERASED
    assert in_tables(_WORDS) == {}
    assert picture.exists()
    assert valkey.keys("rq:job:outbox-*") == [], "nobody was told"
    db.session.rollback()
    assert erase_due() == {"erased": 0, "waiting": 0}
    sweep_and_work()
    assert not picture.exists()
