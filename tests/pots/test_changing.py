"""Pictures of a pot, what may still change, and pots that invitations make."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.models import StoredFile
from portal.pots.closing import close_pot
from portal.pots.making import Wishes, create_pot, edit_pot
from portal.pots.models import Visibility
from portal.pots.pictures import GALLERY_SIZE, add_photo, remove_photo
from portal.pots.services import pot_from_referral
from portal.referrals.models import Referral
from tests.harness.house import acting
from tests.pots.gifts import make_open_pot, make_owner, paid_gift, reload_pot

WISHES = Wishes(title="Les 30 ans d'Awa", target_minor=25_000)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#b1244c").save(out, "JPEG")
    return out.getvalue()


@pytest.mark.covers("POT-13")
def test_a_pot_has_a_cover_and_a_gallery_of_six(db_session: Session) -> None:
    owner = make_owner()
    pot = create_pot(owner.id, WISHES, cover=picture(), by=acting(owner))
    cover = db_session.get_one(StoredFile, pot.cover_file_id)
    for _number in range(GALLERY_SIZE):
        add_photo(pot.id, owner.id, picture(), by=acting(owner))

    with pytest.raises(Conflict):
        add_photo(pot.id, owner.id, picture(), by=acting(owner))

    assert cover.mime_type == "image/webp"
    assert len(reload_pot(pot.id).gallery_file_ids) == GALLERY_SIZE
    remove_photo(pot.id, owner.id, pot.gallery_file_ids[0], by=acting(owner))
    assert len(reload_pot(pot.id).gallery_file_ids) == GALLERY_SIZE - 1


@pytest.mark.covers("POT-13")
def test_a_pot_without_a_photo_gets_a_drawn_cover(db_session: Session) -> None:
    assert make_open_pot().cover_file_id is not None


@pytest.mark.covers("POT-13")
@pytest.mark.parametrize(
    "data", [b"<svg onload=alert(1)>", b"GIF89a" + bytes(50), b"\xff\xd8\xff" + bytes(200)]
)
def test_what_is_not_a_picture_is_no_cover(db_session: Session, data: bytes) -> None:
    owner = make_owner()

    with pytest.raises(InvalidInput) as refused:
        create_pot(owner.id, WISHES, cover=data, by=acting(owner))

    assert refused.value.field == "cover"


@pytest.mark.covers("POT-20")
def test_an_owner_changes_words_and_settings_of_a_pot_that_collects(db_session: Session) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    wishes = Wishes("Nouveau titre", 12_000, "Une histoire", Visibility.PUBLIC, None, False, False, False)

    edit_pot(pot.id, owner.id, wishes, by=acting(owner))

    pot = reload_pot(pot.id)
    assert (pot.title, pot.description, pot.visibility) == (
        "Nouveau titre",
        "Une histoire",
        Visibility.PUBLIC,
    )
    assert pot.target_amount_minor == 12_000
    settings = (pot.allow_anonymous_donations, pot.show_donor_names, pot.enable_messages)
    assert settings == (False, False, False)


def test_the_target_stays_once_somebody_has_given(db_session: Session) -> None:
    owner = make_owner()
    pot = make_open_pot(owner, target=10_000)
    paid_gift(pot, 1_000)

    with pytest.raises(InvalidInput) as refused:
        edit_pot(pot.id, owner.id, Wishes("Titre", 50_000), by=acting(owner))

    assert refused.value.field == "target"


def test_a_closed_pot_is_not_changed(db_session: Session) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    close_pot(pot.id, owner_user_id=owner.id, by=acting(owner))

    with pytest.raises(Conflict):
        edit_pot(pot.id, owner.id, WISHES, by=acting(owner))


def test_a_stranger_finds_no_pot_to_change(db_session: Session) -> None:
    pot, stranger = make_open_pot(), make_owner(name="Ali")

    with pytest.raises(NotFound):
        edit_pot(pot.id, stranger.id, WISHES, by=acting(stranger))
    with pytest.raises(NotFound):
        add_photo(pot.id, stranger.id, picture(), by=acting(stranger))
    with pytest.raises(NotFound):
        close_pot(pot.id, owner_user_id=stranger.id, by=acting(stranger))


@pytest.mark.covers("POT-14")
def test_an_accepted_invitation_makes_one_pot(db_session: Session) -> None:
    sponsor, friend = make_owner(name="Fatou"), make_owner(name="Ibou Diop")
    referral = _referral(db_session, sponsor.id, friend.id)

    first = pot_from_referral(referral.id, friend.id, by=acting(friend))
    second = pot_from_referral(referral.id, friend.id, by=acting(friend))

    assert first.id == second.id
    assert first.created_from_referral_id == referral.id
    assert "Ibou" in first.title


@pytest.mark.covers("POT-14")
def test_somebody_who_has_a_pot_keeps_it(db_session: Session) -> None:
    sponsor, friend = make_owner(name="Fatou"), make_owner(name="Ibou Diop")
    own = make_open_pot(friend)

    assert (
        pot_from_referral(_referral(db_session, sponsor.id, friend.id).id, friend.id, by=acting(friend)).id
        == own.id
    )


def _referral(session: Session, sponsor_id: object, friend_id: object) -> Referral:
    referral = Referral(
        referrer_id=sponsor_id,
        referred_user_id=friend_id,
        referral_code=uuid4().hex[:12].upper(),
        source="link",
    )
    session.add(referral)
    session.flush()
    return referral
