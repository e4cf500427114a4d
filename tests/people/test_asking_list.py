"""Many who ask push nobody off a guardian's page, and a no leads back to where the list stood."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.identity.models import User
from portal.kernel.paging import PAGE_SIZE
from portal.notifications.models import NotificationDelivery
from portal.people.minors import asking
from portal.people.models import RequestStatus, UserBlock
from tests.harness.house import send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.identity.doorway import open_account
from tests.people.questions import agree, let_know, name, newest_of, proved

pytestmark = pytest.mark.covers("PPL-13", "PPL-15")
FAKES = PAGE_SIZE + 3


@pytest.fixture(autouse=True)
def june(clock: Clock) -> None:
    clock.travel(2026, 6, 1, 12)


@pytest.fixture
def fatou(db_session: Session) -> User:
    return proved()


@pytest.fixture
def ibou(db_session: Session, fatou: User) -> User:
    """A boy of 14 who has asked before many others did."""
    user = child("Ibou Sow")
    for letters in range(FAKES):
        child(f"Zz {chr(97 + letters // 26)}{chr(97 + letters % 26)}")
    return user


def child(full_name: str) -> User:
    user = open_account(full_name, email=f"{full_name.lower().replace(' ', '.')}@example.org")
    name(user)
    return user


def names_on(page: str) -> list[str]:
    return re.findall(r'<h3 class="card__title">(?:<a [^>]*>)?([^<]+)', page)


def test_each_is_shown_once_page_by_page_with_how_many_there_are(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    sign_in(client, fatou)

    first = client.get("/guardian").text
    assert names_on(first)[0] == "Ibou Sow"
    assert len(names_on(first)) == PAGE_SIZE
    assert f"{FAKES + 1} young people ask you" in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = client.get(following.group(1).replace("&amp;", "&")).text

    assert len(names_on(second)) == FAKES + 1 - PAGE_SIZE
    assert len({*names_on(first), *names_on(second)}) == FAKES + 1
    assert f"{FAKES + 1} young people ask you" in second
    assert 'rel="prev"' in second


def test_a_no_leads_back_to_its_page_of_the_list_and_a_block_lets_them_ask_no_more(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User
) -> None:
    sign_in(client, fatou)
    cursor = asking(fatou.id).page.next_cursor
    here = f"/guardian?cursor={cursor}"
    last = asking(fatou.id, cursor).page.items[-1]
    assert f'name="next" value="{here}"' in client.get(here).text
    question = client.get(f"/guardian/{last.user_id}/refuse", query_string={"next": here})
    assert f'name="next" value="{here}"' in question.text

    answer = send(client, f"/guardian/{last.user_id}/refuse", {"next": here, "block": "y"})

    assert answer.location == here
    fake = db_session.get_one(User, last.user_id)
    assert newest_of(db_session, fake).status is RequestStatus.REFUSED
    assert db_session.get(UserBlock, (fatou.id, fake.id)) is not None
    told = select(NotificationDelivery.template_key).where(NotificationDelivery.user_id == fake.id)
    assert "guardian_declined" in db_session.scalars(told).all()
    # Asked again, the question is as any other to the minor, and reaches nobody.
    name(fake)
    let_know()
    assert newest_of(db_session, fake).status is RequestStatus.WAITING
    assert last.user_id not in {one.user_id for one in asking(fatou.id, cursor).page.items}
    assert send(client, f"/guardian/{fake.id}/confirm").status_code == 404
    assert (
        send(client, "/guardian/" + str(fake.id) + "/refuse", {"next": "//evil.example"}).status_code == 404
    )


def test_a_block_is_taken_back(client: FlaskClient, db_session: Session, fatou: User) -> None:
    fake = child("Zz Zz")
    sign_in(client, fatou)
    send(client, f"/guardian/{fake.id}/refuse", {"block": "y"})
    name(fake)
    assert asking(fatou.id).count == 0
    assert f"/guardian/{fake.id}/unblock" in client.get("/guardian").text

    answers = [send(client, f"/guardian/{fake.id}/unblock") for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 404]

    assert asking(fatou.id).count == 1
    done = select(AuditLog.action).where(AuditLog.resource_id == fake.id, AuditLog.actor_user_id == fatou.id)
    assert sorted(db_session.scalars(done)) == ["guardian_refused", "person_blocked", "person_unblocked"]


def test_a_no_without_the_tick_blocks_nobody(client: FlaskClient, db_session: Session, fatou: User) -> None:
    minor = child("Ibou Sow")
    sign_in(client, fatou)
    send(client, f"/guardian/{minor.id}/refuse")
    assert db_session.scalars(select(UserBlock)).all() == []


def test_a_full_page_asks_few_statements(
    client: FlaskClient, db_session: Session, fatou: User, ibou: User, count_statements: CountStatements
) -> None:
    agree(ibou, fatou)
    sign_in(client, fatou)
    client.get("/guardian")
    with count_statements() as asked:
        client.get("/guardian")
    assert len(asked) <= 12, asked
