"""Who is invited is spared: a no stays a no, many sponsors are no flood, and nobody is lured elsewhere."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.config.values import INVITATIONS_TO_ONE
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput
from portal.people.models import Profile
from portal.referrals.addresses import Reachable, Written, understood
from portal.referrals.batches import open_batch, select_contacts, send_batch
from portal.referrals.inviting import Invitee, invite
from portal.referrals.limits import places_today
from tests.harness.house import acting, form_token, send, sign_in
from tests.harness.moments import Clock
from tests.identity.doorway import sent_to
from tests.referrals.word_of_mouth import fill_list, make_sponsor, race, send_invitation, set_value

PHONE = "+221771234567"


@pytest.mark.covers("REF-09")
def test_who_has_declined_is_not_asked_again_by_the_same_sponsor(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    sponsor = make_sponsor()
    sign_in(client, sponsor)
    headers = {"X-CSRFToken": form_token(client)}
    invited = client.post("/api/v1/referrals", json={"referred_phone": PHONE}, headers=headers)
    assert send(client, f"/r/{invited.json['referral_code']}/decline").status_code == 303

    clock.advance(days=30)
    sign_in(client, sponsor)
    headers = {"X-CSRFToken": form_token(client)}
    again = client.post("/api/v1/referrals", json={"referred_phone": "77 123 45 67"}, headers=headers)

    assert again.status_code == 409
    assert places_today(sponsor.id).sent == 0
    assert len(sent_to(PHONE, "invitation")) == 1


def test_one_person_gets_a_few_invitations_a_day_whoever_sends_them(
    db_session: Session, clock: Clock
) -> None:
    set_value(INVITATIONS_TO_ONE, 2)
    for name in ("Awa Ndiaye", "Binta Ba"):
        send_invitation(make_sponsor(name), Invitee(None, PHONE, None))
    late = make_sponsor("Coumba Fall")

    with pytest.raises(Conflict) as refused:
        send_invitation(late, Invitee(None, PHONE, None))
    assert "Awa" not in refused.value.message
    assert places_today(late.id).sent == 0
    assert len(sent_to(PHONE, "invitation")) == 2

    # A message by mail reaches another box, and the next day is another day.
    send_invitation(late, Invitee(None, PHONE, "fatou@exemple.sn"))
    clock.advance(days=1, seconds=1)
    send_invitation(make_sponsor("Dieynaba Sy"), Invitee(None, PHONE, None))
    assert len(sent_to(PHONE, "invitation")) == 3


def test_another_spelling_of_one_mailbox_is_the_same_person(db_session: Session) -> None:
    set_value(INVITATIONS_TO_ONE, 2)
    sponsor = make_sponsor()
    send_invitation(sponsor, Invitee(None, None, "fatou+1@gmail.com"))
    with pytest.raises(Conflict):
        send_invitation(sponsor, Invitee(None, None, "f.a.tou@googlemail.com"))

    send_invitation(make_sponsor("Binta Ba"), Invitee(None, None, "fa.tou@gmail.com"))
    late = make_sponsor("Coumba Fall")
    with pytest.raises(Conflict):
        send_invitation(late, Invitee(None, None, "fatou+3@gmail.com"))
    send_invitation(late, Invitee(None, None, "fatou@exemple.sn"))


def test_sponsors_at_the_same_moment_do_not_pass_that_bound(app: Flask, committed_db: Session) -> None:
    set_value(INVITATIONS_TO_ONE, 1)
    sponsors = [make_sponsor(f"Awa {letter}") for letter in "ABCD"]
    invitee = Invitee(None, PHONE, None)
    work = [partial(invite, one.id, invitee, by=acting(one)) for one in sponsors]
    db.session.commit()

    results = race(app, work)

    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert len(sent_to(PHONE, "invitation")) == 1


def test_a_text_message_says_no_more_of_the_sponsor_than_a_first_name(db_session: Session) -> None:
    sponsor = make_sponsor()
    # A name from before names were looked at.
    name = "Wavebankdakarsenegalsecurite confirmez sur http://wave-sn.example/x"
    db.session.execute(update(Profile).where(Profile.user_id == sponsor.id).values(full_name=name))

    send_invitation(sponsor, Invitee(None, PHONE, None))

    (told,) = sent_to(PHONE, "invitation")
    assert told.body.startswith("Wavebankdakarsenega... vous invite sur Teranga")
    assert "wave-sn" not in told.body


@pytest.mark.parametrize(
    ("invitee", "field"),
    [
        (Invitee("Gagnez sur wave-sn.example", PHONE, None), "name"),
        (Invitee("Appelez 77 123 45 67", PHONE, None), "name"),
        (Invitee("Fatou", None, "fatou@exemple.sn", "Confirmez sur http://wave-sn.example/x"), "message"),
    ],
)
def test_an_invitation_carries_no_address_of_others(
    db_session: Session, invitee: Invitee, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        send_invitation(make_sponsor(), invitee)
    assert refused.value.field == field


def test_a_batch_with_an_address_in_its_words_is_not_sent(db_session: Session) -> None:
    sponsor = make_sponsor()
    fill_list(sponsor, 2)
    batch = open_batch(sponsor.id, by=acting(sponsor))
    select_contacts(batch.id, sponsor.id, None, by=acting(sponsor))

    with pytest.raises(InvalidInput):
        send_batch(batch.id, sponsor.id, "Viens sur wave-sn.example", by=acting(sponsor))
    assert places_today(sponsor.id).sent == 0


def test_an_address_book_keeps_the_number_and_not_the_lure(app: Flask) -> None:
    with app.app_context():
        entry = Written(1, "Gagnez sur wave-sn.example", (PHONE,), ())
        assert understood(entry) == Reachable(None, PHONE, None)


@pytest.mark.parametrize("phone", ["+449098790000", "+881612345678", "33 821 00 00"])
def test_what_gets_no_text_messages_is_not_invited(db_session: Session, phone: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        send_invitation(make_sponsor(), Invitee(None, phone, None))
    assert refused.value.field == "phone"
    assert understood(Written(1, "Awa", (phone, "77 123 45 67"), ())) == Reachable("Awa", PHONE, None)
