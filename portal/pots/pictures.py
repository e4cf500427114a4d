"""The pictures of a pot: its cover, its gallery, and what a shared link shows."""

from __future__ import annotations

import hashlib
import os
import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from flask import current_app

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.art import pot_cover, pot_preview
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.files import forget_file, public_file, read_file, store_file
from portal.kernel.i18n import _
from portal.kernel.images import clean_picture
from portal.kernel.models import FilePurpose
from portal.pots.finding import lock_pot
from portal.pots.models import Pot

GALLERY_SIZE = 6
_PREVIEWS_KEPT = timedelta(days=7)


def keep_cover(pot: Pot, photo: bytes | None, *, draw_if_missing: bool = False) -> None:
    """Store `photo` as the cover, or a drawn one for a new pot without a photo (POT-13).

    Raises `InvalidInput` for what is not a picture.
    """
    if photo:
        data = clean_picture(photo, field="cover")
    elif draw_if_missing:
        data = pot_cover(str(pot.id))
    else:
        return
    forget_file(pot.cover_file_id)
    pot.cover_file_id = _store(data, pot.owner_user_id)


def add_photo(pot_id: UUID, owner_user_id: UUID, photo: bytes, *, by: Actor) -> None:
    """Add a photo to the gallery (POT-13). Raises `Conflict` when it is full, `InvalidInput` for no picture."""
    pot = lock_pot(pot_id, owner_user_id=owner_user_id)
    if len(pot.gallery_file_ids) >= GALLERY_SIZE:
        raise Conflict(
            _("A pot shows at most %(limit)s photos. Remove one first.", limit=GALLERY_SIZE), field="photo"
        )
    pot.gallery_file_ids = [*pot.gallery_file_ids, _store(clean_picture(photo), owner_user_id)]
    pot.updated_by = by.user_id


def remove_photo(pot_id: UUID, owner_user_id: UUID, file_id: UUID, *, by: Actor) -> None:
    """Take a photo out of the gallery. Raises `NotFound` when it is not in it."""
    pot = lock_pot(pot_id, owner_user_id=owner_user_id)
    if file_id not in pot.gallery_file_ids:
        raise NotFound
    pot.gallery_file_ids = [kept for kept in pot.gallery_file_ids if kept != file_id]
    forget_file(file_id)
    pot.updated_by = by.user_id


def share_picture(pot: Pot, raised_text: str) -> bytes:
    """What a shared link shows (JPEG, 1200 x 630), drawn once for each content and kept on disk."""
    percent = min(100, 100 * pot.collected_minor // pot.target_amount_minor)
    words = [pot.title, raised_text, str(percent), str(pot.cover_file_id)]
    name = hashlib.sha256("\x1f".join(words).encode()).hexdigest()
    kept = _preview_folder() / name[:2] / f"{name}.jpg"
    try:
        return kept.read_bytes()
    except FileNotFoundError:
        drawn = pot_preview(pot.title, raised_text, percent, _cover_bytes(pot))
        _keep(kept, drawn)
        return drawn


def clear_previews() -> int:
    """Remove what was drawn some days ago; how many. What a pot shows now is drawn again when it is asked for.

    Else every gift, and every cover that was taken away, would stay on the disk in a picture of its own.
    """
    drawn_before = (clock.now() - _PREVIEWS_KEPT).timestamp()
    old = [path for path in _preview_folder().glob("*/*") if path.stat().st_mtime < drawn_before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _store(data: bytes, owner_user_id: UUID) -> UUID:
    file = store_file(
        data, mime_type="image/webp", purpose=FilePurpose.POT_IMAGE, owner_user_id=owner_user_id
    )
    db.session.flush()
    return file.id


def _cover_bytes(pot: Pot) -> bytes | None:
    if pot.cover_file_id is None:
        return None
    try:
        return read_file(public_file(pot.cover_file_id))
    except NotFound:
        return None


def _preview_folder() -> Path:
    data_dir: Path = current_app.config["SETTINGS"].data_dir
    return data_dir / "previews"


def _keep(path: Path, data: bytes) -> None:
    """Write beside and rename, so that no reader ever sees half a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.replace(unfinished, path)
