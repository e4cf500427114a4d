"""Rules of identity, payment and consent are shown from the records, with their exceptions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.consent.models import ConsentPurpose
from portal.consent.services import note_consent
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.people.models import DocumentStatus, DocumentType, IdentityDocument, Profile, Relationship
from portal.pots.models import Donation
from portal.privacy.compliance import RULES, counted
from portal.privacy.models import PrivacyRequest, RequestKind, RequestStatus
from portal.referrals.models import Referral
from tests.harness.house import make_admin, make_person, sign_in
from tests.harness.statements import CountStatements
from tests.pots.gifts import make_open_pot, paid_gift
from tests.referrals.word_of_mouth import make_friend, make_sponsor


def exceptions() -> dict[str, tuple[int, int]]:
    db.session.flush()
    return {one.rule.key: (one.rows, one.exceptions) for one in counted() if one.rows}


@pytest.mark.covers("SEC-15", "PRV-06")
def test_a_house_in_order_has_no_exceptions(db_session: Session) -> None:
    sponsor = make_sponsor()
    make_friend(sponsor)
    paid_gift(make_open_pot())

    found = exceptions()

    assert found["gifts"] == (1, 0)
    assert {wrong for _rows, wrong in found.values()} == {0}


@pytest.mark.covers("SEC-15")
def test_what_breaks_a_rule_is_counted(db_session: Session) -> None:
    sponsor = make_sponsor()
    friend, referral = make_friend(sponsor)
    pot = make_open_pot()
    gift = paid_gift(pot)
    assert exceptions()["gifts"] == (1, 0)

    young = {"date_of_birth": clock.today() - timedelta(days=15 * 365), "guardian_user_id": sponsor.id}
    minors = update(Profile).where(Profile.user_id.in_((friend.id, pot.owner_user_id)))
    only_said = {"date_of_birth": None, "stated_birthday": young["date_of_birth"]}
    db.session.execute(minors.values(only_said))
    assert (exceptions()["minor_referrals"], exceptions()["minor_pots"]) == ((1, 1), (1, 1))
    stepped_back = {"relationship_type": Relationship.PARENT, "guardian_refused_at": clock.now()}
    db.session.execute(minors.values(stated_birthday=None, **young, **stepped_back))
    found = exceptions()
    assert found["minor_referrals"] == (1, 1)
    assert found["minor_pots"] == (1, 1)
    db.session.execute(update(Referral).where(Referral.id == referral.id).values(both_ids_collected=True))
    assert exceptions()["minor_referrals"] == (1, 1)
    db.session.execute(minors.values(guardian_confirmed_at=clock.now(), guardian_refused_at=None))
    assert exceptions()["minor_referrals"] == (1, 1)
    assert exceptions()["minor_pots"] == (1, 1)
    db.session.execute(minors.values(guardian_confirmed_at=clock.now() - timedelta(days=1)))
    assert exceptions()["minor_referrals"] == (1, 0)
    assert exceptions()["minor_pots"] == (1, 0)

    db.session.execute(update(Donation).where(Donation.id == gift.id).values(payment_transaction_id=None))
    assert exceptions()["gifts"] == (1, 1)

    paper = IdentityDocument(
        user_id=friend.id,
        id_type=DocumentType.PASSPORT,
        id_hash="h" * 64,
        status=DocumentStatus.VERIFIED,
        verified_at=clock.now(),
        verified_by=friend.id,
        decided_at=clock.now(),
    )
    db.session.add(paper)
    assert exceptions()["papers"] == (1, 1)
    paper.verified_by = sponsor.id
    assert exceptions()["papers"] == (1, 0)


@pytest.mark.covers("SEC-15", "PRV-03")
def test_whoever_has_not_agreed_after_their_days_is_an_exception(db_session: Session) -> None:
    user = make_person(has_agreed=False)
    assert exceptions()["terms"] == (1, 0)
    db.session.execute(
        update(User).where(User.id == user.id).values(created_at=clock.now() - timedelta(days=400))
    )
    assert exceptions()["terms"] == (1, 1)

    due = clock.now() - timedelta(days=3)
    late = PrivacyRequest(user_id=user.id, kind=RequestKind.EXPORT, due_at=due)
    db.session.add(late)
    assert exceptions()["erasures"] == (1, 1)
    for status, days, wrong in (
        (RequestStatus.FAILED, 0, 1),
        (RequestStatus.DONE, 2, 1),
        (RequestStatus.DONE, 1, 0),
        (RequestStatus.CANCELED, 2, 0),
    ):
        late.status, late.done_at = status, due + timedelta(days=days)
        assert exceptions()["erasures"] == (1, wrong)


@pytest.mark.covers("SEC-15", "PRV-03")
def test_a_yes_that_was_taken_back_or_meant_older_terms_is_none(db_session: Session) -> None:
    user = make_person()
    long_ago = clock.now() - timedelta(days=400)
    db.session.execute(update(User).where(User.id == user.id).values(created_at=long_ago))
    assert exceptions()["terms"] == (1, 0)

    note_consent(user.id, ConsentPurpose.TERMS, False, page="/privacy", by=SYSTEM)
    assert exceptions()["terms"] == (1, 1)


@pytest.mark.covers("SEC-15")
def test_the_page_says_each_rule_and_where_to_look_and_gives_a_file(
    client: FlaskClient, db_session: Session, count_statements: CountStatements
) -> None:
    sign_in(client, make_admin())
    client.get("/admin/compliance")
    with count_statements() as asked:
        shown = client.get("/admin/compliance")

    assert len(asked) <= 4, asked
    assert all(str(rule.label).split("'")[0] in shown.text for rule in RULES)
    lines = client.get("/admin/compliance?format=csv").text.splitlines()
    assert len(lines) == len(RULES) + 1
