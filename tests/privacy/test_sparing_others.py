"""What is another's stays: an address nobody proved and a name that two bear reach no further (PRV-01, PRV-02)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.models import (
    LoginAttempt,
    User,
    VerificationChannel,
    VerificationPurpose,
    VerificationToken,
)
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.personal import ERASED
from portal.notifications.models import Notification
from portal.notifications.services import notify
from portal.pots.models import Donation, PotStatus
from portal.privacy.copying import data_of
from portal.privacy.erasing import erase
from portal.privacy.person import donor_of, person_of
from tests.harness.house import make_person, make_pot

VICTIM, NAME = "victor@example.org", "Tonton Lamine"


@pytest.fixture
def claimer(db_session: Session) -> User:
    """Somebody who wrote another's address into their account and never proved it."""
    return make_person("Moussa Diop", email=VICTIM, phone_verified_at=clock.now())


def tell(somebody: User, detail: str, **about: Any) -> None:
    """Have a message say something to somebody else."""
    data = {"subject": "Un mot", "detail": detail}
    notify(
        "operations_alert", event_key=f"tests:{new_id()}", data=data, user_id=somebody.id, by=SYSTEM, **about
    )


def told() -> list[str]:
    """What messages say."""
    return [
        *db.session.scalars(select(Notification.message).order_by(Notification.created_at, Notification.id))
    ]


def somebody_else_at_the_door() -> None:
    """Two tries and two codes of whoever holds the address; one code still works."""
    for reason in ("wrong_password", "locked"):
        db.session.add(
            LoginAttempt(identifier=VICTIM, succeeded=False, reason=reason, ip_address="198.51.100.9")
        )
    for expires_in in (timedelta(minutes=-1), timedelta(minutes=10)):
        db.session.add(
            VerificationToken(
                channel=VerificationChannel.EMAIL,
                purpose=VerificationPurpose.SIGN_UP,
                target=VICTIM,
                token_hash=new_id().hex,
                attempts=0,
                expires_at=clock.now() + expires_in,
            )
        )
    db.session.flush()


def close(user: User) -> None:
    user.status = "erased"  # type: ignore[assignment]  # the state that the erasure sets first
    db.session.flush()


@pytest.mark.covers("PRV-02")
def test_a_claimed_address_stays_in_what_others_are_told(claimer: User) -> None:
    tell(make_person("Fatou Sow"), f"Écrivez à {VICTIM}.")
    close(claimer)

    erase(person_of(claimer.id))

    [said] = told()
    assert VICTIM in said


@pytest.mark.covers("PRV-02")
def test_a_proved_address_goes_from_what_others_are_told(claimer: User) -> None:
    claimer.email_verified_at = clock.now()
    tell(make_person("Fatou Sow"), f"Écrivez à {VICTIM}.")
    close(claimer)

    erase(person_of(claimer.id))

    [said] = told()
    assert VICTIM not in said
    assert ERASED in said


@pytest.mark.covers("PRV-01")
def test_a_claimed_address_is_handed_nothing_of_its_holder(claimer: User) -> None:
    somebody_else_at_the_door()

    data = data_of(person_of(claimer.id))

    assert "sign_in_attempts" not in data
    assert "codes_and_links" not in data
    claimer.email_verified_at = clock.now()
    data = data_of(person_of(claimer.id))
    assert len(data["sign_in_attempts"]) == len(data["codes_and_links"]) == 2


@pytest.mark.covers("PRV-02")
def test_erasing_a_claimer_leaves_the_holder_a_code_that_works(claimer: User) -> None:
    somebody_else_at_the_door()
    close(claimer)

    erase(person_of(claimer.id))

    assert db.session.scalars(select(LoginAttempt)).all() == []
    left = db.session.scalars(select(VerificationToken.expires_at)).one()
    assert left > clock.now()


@pytest.mark.covers("PRV-02")
def test_a_guest_who_is_forgotten_takes_no_namesake_along(db_session: Session) -> None:
    owner, namesake = make_person("Fatou Sow"), make_person(NAME)
    pot = make_pot(owner, status=PotStatus.CLOSED, holds=0)
    gift = Donation(
        id=new_id(),
        pot_id=pot.id,
        donor_name=NAME,
        amount_minor=5_000,
        receipt_token=new_id().hex,
        submission_key=new_id().hex,
        status="succeeded",
    )
    db_session.add(gift)
    db_session.flush()
    tell(owner, f"De {NAME}.", related=("donations", gift.id))
    tell(owner, f"{NAME} vous a invitée.", related=("users", namesake.id))

    erase(donor_of(gift.id))

    assert told() == [f"De {ERASED}.", f"{NAME} vous a invitée."]


@pytest.mark.covers("PRV-02")
def test_a_name_that_the_leaver_does_not_bear_goes_from_nothing_else(db_session: Session) -> None:
    """What a leaver wrote on a gift may be somebody else's name: in place of their own, or as a pseudonym."""
    owner, _namesake, leaver = make_person("Fatou Sow"), make_person(NAME), make_person("Moussa Diop")
    pot = make_pot(owner, status=PotStatus.CLOSED, holds=0)
    db_session.add(
        Donation(
            id=new_id(),
            pot_id=pot.id,
            donor_user_id=leaver.id,
            donor_name=NAME,
            amount_minor=5_000,
            receipt_token=new_id().hex,
            submission_key=new_id().hex,
            status="refunded",
        )
    )
    tell(owner, f"{NAME} vous a invitée.")
    tell(owner, "Moussa Diop vous a invitée.")
    close(leaver)

    erase(person_of(leaver.id))

    assert told() == [f"{NAME} vous a invitée.", f"{ERASED} vous a invitée."]
