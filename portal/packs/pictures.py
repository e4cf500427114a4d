"""The pictures of a pack: one that stands for it, and a gallery (PACK-07)."""

from __future__ import annotations

from uuid import UUID

from portal.kernel.errors import Conflict, NotFound
from portal.kernel.files import forget_file, store_file
from portal.kernel.i18n import _
from portal.kernel.images import clean_picture
from portal.kernel.models import FilePurpose
from portal.packs.models import Pack

MOST_IN_GALLERY = 6


def set_picture(pack: Pack, data: bytes) -> None:
    """Make a fresh copy of the picture the one that stands for the pack. Raises `InvalidInput`."""
    replaced = pack.image_file_id
    pack.image_file_id = _store(pack, data, field="photo")
    forget_file(replaced)


def add_to_gallery(pack: Pack, data: bytes) -> None:
    """Add a picture to the gallery. Raises `Conflict` when it is full, `InvalidInput` for another file."""
    if len(pack.gallery_file_ids) >= MOST_IN_GALLERY:
        raise Conflict(
            _("The gallery holds at most %(count)s pictures.", count=MOST_IN_GALLERY), field="gallery_photo"
        )
    pack.gallery_file_ids = [*pack.gallery_file_ids, _store(pack, data, field="gallery_photo")]


def take_from_gallery(pack: Pack, file_id: UUID) -> None:
    """Take a picture out of the gallery. Raises `NotFound`."""
    if file_id not in pack.gallery_file_ids:
        raise NotFound
    pack.gallery_file_ids = [kept for kept in pack.gallery_file_ids if kept != file_id]
    forget_file(file_id)


def _store(pack: Pack, data: bytes, *, field: str) -> UUID:
    picture = clean_picture(data, longest_side=1280, field=field)
    file = store_file(
        picture,
        mime_type="image/webp",
        purpose=FilePurpose.PACK_IMAGE,
        owner_partner_id=pack.partner_id,
    )
    return file.id
