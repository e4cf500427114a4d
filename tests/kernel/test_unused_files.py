"""Pictures that were replaced leave the disk, and nothing that is shown ever does."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Session

import portal.models
from portal.kernel import clock, unused_files
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.files import files_folder, forget_file, store_file
from portal.kernel.models import FilePurpose, StoredFile
from portal.kernel.unused_files import clear_files, remove_file
from portal.packs import pictures
from portal.packs.models import Pack
from portal.people.models import Profile
from portal.people.services import remove_portrait, save_portrait
from portal.pots.models import Pot
from portal.pots.pictures import add_photo, clear_previews, keep_cover, remove_photo, share_picture
from tests.harness.house import make_pack, make_partner
from tests.payouts.world import run_follow_ups
from tests.pots.gifts import make_open_pot

JOB = "kernel.remove_file"


@pytest.fixture(autouse=True)
def _committed(committed_db: Session, app: Flask) -> None:
    """What is written here is what workers see."""


def a_picture(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(out, "PNG")
    return out.getvalue()


def on_disk(file_id: UUID | None) -> bool:
    """Whether row and bytes are there; one without the other is a mistake."""
    row = db.session.get(StoredFile, file_id, populate_existing=True)
    found = list(files_folder().glob(f"*/{file_id}.*"))
    assert (row is not None) == bool(found)
    return bool(found)


def stored(purpose: FilePurpose = FilePurpose.PACK_IMAGE, days_ago: int = 0) -> UUID:
    with transaction():
        file = store_file(b"RIFF", mime_type="image/webp", purpose=purpose)
        file.created_at = clock.now() - timedelta(days=days_ago)
        return file.id


def aged(path: Path) -> Path:
    """The file as if it had been written two days ago."""
    past = (clock.now() - timedelta(days=2)).timestamp()
    os.utime(path, (past, past))
    return path


def another_cover(pot: Pot, _pack: Pack) -> tuple[UUID | None, UUID | None]:
    before = pot.cover_file_id
    keep_cover(pot, a_picture("blue"))
    return before, pot.cover_file_id


def one_photo_less(pot: Pot, _pack: Pack) -> tuple[UUID | None, UUID | None]:
    for colour in ("red", "blue"):
        add_photo(pot.id, pot.owner_user_id, a_picture(colour), by=SYSTEM)
    gone, left = pot.gallery_file_ids
    remove_photo(pot.id, pot.owner_user_id, gone, by=SYSTEM)
    return gone, left


def another_picture_of_a_pack(_pot: Pot, pack: Pack) -> tuple[UUID | None, UUID | None]:
    pictures.set_picture(pack, a_picture())
    before = pack.image_file_id
    pictures.set_picture(pack, a_picture("blue"))
    return before, pack.image_file_id


def one_picture_of_a_pack_less(_pot: Pot, pack: Pack) -> tuple[UUID | None, UUID | None]:
    for colour in ("red", "blue"):
        pictures.add_to_gallery(pack, a_picture(colour))
    gone, left = pack.gallery_file_ids
    pictures.take_from_gallery(pack, gone)
    return gone, left


def another_portrait(pot: Pot, _pack: Pack) -> tuple[UUID | None, UUID | None]:
    profile = db.session.get_one(Profile, pot.owner_user_id)
    save_portrait(profile.user_id, a_picture(), by=SYSTEM)
    before = profile.avatar_file_id
    save_portrait(profile.user_id, a_picture("blue"), by=SYSTEM)
    return before, profile.avatar_file_id


def no_portrait(pot: Pot, _pack: Pack) -> tuple[UUID | None, UUID | None]:
    save_portrait(pot.owner_user_id, a_picture(), by=SYSTEM)
    before = db.session.get_one(Profile, pot.owner_user_id).avatar_file_id
    remove_portrait(pot.owner_user_id, by=SYSTEM)
    return before, pot.cover_file_id


@pytest.mark.covers("POT-13", "PACK-07", "PPL-03")
@pytest.mark.parametrize(
    "change",
    [
        another_cover,
        one_photo_less,
        another_picture_of_a_pack,
        one_picture_of_a_pack_less,
        another_portrait,
        no_portrait,
    ],
)
def test_a_picture_that_was_replaced_is_removed_after_the_commit(
    change: Callable[[Pot, Pack], tuple[UUID | None, UUID | None]],
) -> None:
    with transaction():
        replaced, shown = change(make_open_pot(), make_pack(make_partner()))
    assert replaced is not None
    assert shown is not None
    assert on_disk(replaced)

    for _twice in range(2):
        run_follow_ups(JOB)
        remove_file(str(replaced))
        remove_file(str(shown))

    assert not on_disk(replaced)
    assert on_disk(shown)


def test_a_replacement_that_is_undone_removes_nothing() -> None:
    with transaction():
        pot = make_open_pot()
        pot_id, cover = pot.id, pot.cover_file_id
    with pytest.raises(KeyboardInterrupt), transaction():
        keep_cover(db.session.get_one(Pot, pot_id), a_picture("blue"))
        raise KeyboardInterrupt

    run_follow_ups(JOB)

    assert on_disk(cover)


def test_a_picture_that_another_row_shows_stays_until_that_one_lets_go() -> None:
    shared = stored()
    with transaction():
        first, second, third = (make_pack(make_partner()) for _ in range(3))
        first.image_file_id = second.image_file_id = shared
        third.gallery_file_ids = [shared]
        pictures.set_picture(first, a_picture())
        packs = second.id, third.id

    run_follow_ups(JOB)
    assert on_disk(shared)
    with transaction():
        pictures.set_picture(db.session.get_one(Pack, packs[0]), a_picture())
    run_follow_ups(JOB)
    assert on_disk(shared)
    with transaction():
        pictures.take_from_gallery(db.session.get_one(Pack, packs[1]), shared)
    run_follow_ups(JOB)
    assert not on_disk(shared)


def test_what_was_missed_is_swept_once_it_has_settled_and_papers_are_kept() -> None:
    missed, fresh = stored(days_ago=2), stored()
    paper = stored(FilePurpose.SETTLEMENT_DOCUMENT, days_ago=2)
    shown = stored(FilePurpose.AVATAR, days_ago=2)
    with transaction():
        pot = make_open_pot()
        db.session.get_one(Profile, pot.owner_user_id).avatar_file_id = shown

    for _twice in range(2):
        clear_files()

    assert [on_disk(one) for one in (missed, fresh, paper, shown)] == [False, True, True, True]


def test_bytes_that_no_row_names_are_swept_once_they_have_settled() -> None:
    named = stored()
    folder = files_folder() / "zz"
    folder.mkdir(parents=True, exist_ok=True)
    left_over, unfinished, fresh = (folder / name for name in ("left-over.webp", "tmpabc", "fresh.webp"))
    for path in (left_over, unfinished, fresh):
        path.write_bytes(b"RIFF")
    for path in (left_over, unfinished, next(files_folder().glob(f"*/{named}.*"))):
        aged(path)

    swept = clear_files()

    assert swept["bytes"] >= 2
    assert [path.exists() for path in (left_over, unfinished, fresh)] == [False, False, True]
    assert on_disk(named)
    fresh.unlink()


def test_a_worker_killed_between_row_and_bytes_leaves_what_the_sweep_finds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unused = stored()
    path = next(files_folder().glob(f"*/{unused}.*"))

    def die(_key: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(unused_files, "remove_bytes", die)
        with pytest.raises(KeyboardInterrupt):
            remove_file(str(unused))
    assert path.exists()

    aged(path)
    clear_files()

    assert not on_disk(unused)


@pytest.mark.covers("POT-13")
def test_a_picture_of_a_shared_link_is_cleared_away_and_drawn_again_when_asked_for() -> None:
    with clock.travel(clock.now() + timedelta(days=8)):
        # Those that other tests have asked for.
        clear_previews()
    with transaction():
        pot = make_open_pot()
        drawn = share_picture(pot, "0 F CFA")
        [kept] = (files_folder().parent / "previews").glob("*/*")
        assert clear_previews() == 0

        with clock.travel(clock.now() + timedelta(days=8)):
            assert clear_previews() == 1
        assert not kept.exists()
        assert share_picture(pot, "0 F CFA") == drawn
    assert kept.exists()


def test_nothing_to_forget_is_no_work() -> None:
    with transaction():
        forget_file(None)

    assert run_follow_ups(JOB) == 0


def test_every_column_that_names_a_file_keeps_it() -> None:
    """A column of another name or without its key would let a picture go that is shown."""
    looked_at = str(unused_files.nothing_shows_it())
    for table in portal.models.metadata.sorted_tables:
        for column in table.columns:
            if column.name.endswith("file_id") and table.name != "stored_files":
                assert column.references(StoredFile.__table__.c.id), column
                assert f"{table.name}.{column.name}" in looked_at
            elif isinstance(column.type, ARRAY) and isinstance(column.type.item_type, Uuid):
                is_known = f"{table.name}.{column.name}" in looked_at
                assert is_known == ("file" in column.name), column
