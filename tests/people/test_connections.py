"""Who knows whom, and who wants nothing to do with whom."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.identity.models import User
from portal.kernel.db import in_transaction, violated
from portal.kernel.errors import Conflict, IllegalTransition, InvalidInput, NotFound
from portal.kernel.states import advance
from portal.people.connections import accept_connection, request_connection
from portal.people.models import (
    CONNECTION_STEPS,
    ConnectionCategory,
    ConnectionStatus,
    DocumentStatus,
    DocumentType,
    IdentityDocument,
    UserBlock,
    UserConnection,
)
from portal.people.queries import are_connected, blocked_between, identity_verified
from tests.harness.house import acting
from tests.harness.moments import Clock
from tests.identity.doorway import open_account


@pytest.fixture
def pair(db_session: Session) -> tuple[User, User]:
    return open_account(), open_account("Moussa Sarr", email="moussa@example.org")


def ask(one: User, other: User) -> UserConnection:
    return request_connection(one.id, other.id, category=ConnectionCategory.FAMILY, by=acting(one))


def test_two_people_connect_when_the_one_who_was_asked_agrees(pair: tuple[User, User]) -> None:
    awa, moussa = pair
    row = ask(awa, moussa)
    assert not are_connected(awa.id, moussa.id)
    with pytest.raises(NotFound):
        accept_connection(row.id, awa.id, by=acting(awa))

    accept_connection(row.id, moussa.id, by=acting(moussa))

    assert are_connected(awa.id, moussa.id)
    assert are_connected(moussa.id, awa.id)
    assert row.responded_at is not None
    with pytest.raises(IllegalTransition):
        accept_connection(row.id, moussa.id, by=acting(moussa))


def test_asking_twice_or_oneself_is_refused(db_session: Session, pair: tuple[User, User]) -> None:
    awa, moussa = pair
    with pytest.raises(InvalidInput):
        ask(awa, awa)
    row = ask(awa, moussa)
    for one, other in ((awa, moussa), (moussa, awa)):
        with pytest.raises(Conflict):
            ask(one, other)
    accept_connection(row.id, moussa.id, by=acting(moussa))
    with pytest.raises(Conflict):
        ask(moussa, awa)
    assert db_session.execute(select(func.count()).select_from(UserConnection)).scalar_one() == 1


def test_a_no_is_a_no_and_an_end_can_be_mended_after_a_week(pair: tuple[User, User], clock: Clock) -> None:
    awa, moussa = pair
    clock.travel(2026, 3, 1, 12)
    row = ask(awa, moussa)
    accept_connection(row.id, moussa.id, by=acting(moussa))
    advance(row, ConnectionStatus.REMOVED, by=acting(awa))
    clock.advance(seconds=1)
    assert not are_connected(awa.id, moussa.id)
    with pytest.raises(Conflict):
        ask(moussa, awa)
    clock.advance(days=7)

    again = ask(moussa, awa)

    assert (again.id, again.requester_user_id, again.status) == (row.id, moussa.id, ConnectionStatus.PENDING)
    advance(again, ConnectionStatus.DECLINED, by=acting(awa))
    with pytest.raises(Conflict):
        ask(moussa, awa)


def test_a_block_wins_over_everything(db_session: Session, pair: tuple[User, User]) -> None:
    awa, moussa = pair
    row = ask(awa, moussa)
    accept_connection(row.id, moussa.id, by=acting(moussa))
    assert not blocked_between(awa.id, moussa.id)

    db_session.add(UserBlock(blocker_user_id=moussa.id, blocked_user_id=awa.id))
    db_session.flush()

    assert blocked_between(awa.id, moussa.id)
    assert blocked_between(moussa.id, awa.id)
    assert not are_connected(awa.id, moussa.id)
    for one, other in ((awa, moussa), (moussa, awa)):
        with pytest.raises(NotFound):
            ask(one, other)


def test_two_who_ask_each_other_at_once_share_one_row(app: Flask, committed_db: Session) -> None:
    ids = [
        in_transaction(lambda email=email: open_account("Some Body", email=email).id)
        for email in ("one@example.org", "two@example.org")
    ]

    def ask_other(number: int) -> bool:
        with app.app_context():
            one, other = ids[number % 2], ids[1 - number % 2]
            try:
                in_transaction(
                    lambda: request_connection(one, other, by=acting(committed_db.get_one(User, one)))
                )
            except Conflict:
                return False
            return True

    with ThreadPoolExecutor(6) as pool:
        asked = list(pool.map(ask_other, range(12)))

    assert sum(asked) == 1
    assert committed_db.execute(select(func.count()).select_from(UserConnection)).scalar_one() == 1


@pytest.mark.parametrize("now", list(ConnectionStatus))
@pytest.mark.parametrize("wanted", list(ConnectionStatus))
def test_a_connection_moves_along_its_table_only(
    db_session: Session, pair: tuple[User, User], now: ConnectionStatus, wanted: ConnectionStatus
) -> None:
    row = UserConnection(requester_user_id=pair[0].id, addressee_user_id=pair[1].id, status=now)
    db_session.add(row)
    db_session.flush()

    if wanted in CONNECTION_STEPS.steps[now]:
        advance(row, wanted, by=acting(pair[0]))
        assert row.status is wanted
    else:
        with pytest.raises(IllegalTransition):
            advance(row, wanted, by=acting(pair[0]))


@pytest.mark.covers("COM-02", "DEV-15")
def test_the_database_keeps_one_row_for_two_people(db_session: Session, pair: tuple[User, User]) -> None:
    awa, moussa = pair
    ask(awa, moussa)
    turned = insert(UserConnection).values(requester_user_id=moussa.id, addressee_user_id=awa.id)
    with pytest.raises(IntegrityError) as refused, db_session.begin_nested():
        db_session.execute(turned)
    assert violated(refused.value) == "uq_user_connections_pair"
    with pytest.raises(IntegrityError) as alone, db_session.begin_nested():
        db_session.execute(text("UPDATE user_connections SET addressee_user_id = requester_user_id"))
    assert violated(alone.value) == "ck_user_connections_two_people"


@pytest.mark.covers("PPL-20")
def test_a_checked_paper_verifies_one_person(db_session: Session, pair: tuple[User, User]) -> None:
    awa, moussa = pair

    def paper(user: User, status: DocumentStatus) -> IdentityDocument:
        row = IdentityDocument(
            user_id=user.id, id_type=DocumentType.PASSPORT, id_hash="x" * 64, status=status
        )
        db_session.add(row)
        db_session.flush()
        return row

    pending = paper(awa, DocumentStatus.PENDING)
    assert not identity_verified(awa.id)
    advance(pending, DocumentStatus.VERIFIED, by=acting(moussa))
    db_session.flush()
    assert identity_verified(awa.id)
    assert not identity_verified(moussa.id)

    with pytest.raises(IntegrityError) as refused, db_session.begin_nested():
        paper(moussa, DocumentStatus.VERIFIED)
    assert violated(refused.value) == "uq_identity_documents_verified"
    advance(pending, DocumentStatus.EXPIRED, by=acting(moussa))
    db_session.flush()
    assert not identity_verified(awa.id)
