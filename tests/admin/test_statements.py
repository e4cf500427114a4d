"""Pages about people ask few questions, however much there is to say, and their lists go on page by page."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.audit.services import record
from portal.identity.attempts import Reason, note_attempt
from portal.identity.models import SecurityEvent, Severity, User
from portal.identity.sessions import start_session
from portal.kernel.actor import SYSTEM
from portal.kernel.roles import Duty
from portal.people.models import DocumentType
from portal.people.papers import PaperFacts, hand_in
from tests.badinput.pictures import photo
from tests.harness.house import acting, make_admin, make_company, make_person, sign_in
from tests.harness.statements import CountStatements
from tests.referrals.word_of_mouth import make_friend, make_sponsor

MOST = 8
_MORE_THAN_A_PAGE = 30

ONES = (
    "/admin/users/{person}",
    "/admin/users/{person}/suspension",
    "/admin/users/{person}/looking",
    "/admin/users/{colleague}/duties",
    "/admin/papers/{paper}",
    "/admin/retention",
    "/admin/companies/{company}",
)
LISTS = (
    "/admin/users",
    "/admin/users?q=example.org&status=active",
    "/admin/staff",
    "/admin/papers",
    "/admin/audit",
    "/admin/companies",
)


@pytest.fixture
def crowded(client: FlaskClient, db_session: Session) -> dict[str, UUID]:
    """A super admin at work, and somebody with much behind them, among many."""
    chief = make_person("Aminata Diop", roles=("user", "admin", "super_admin"))
    colleague = make_admin(Duty.SUPPORT)
    sponsor = make_sponsor("Binta Diop")
    person, _referral = make_friend(sponsor)
    for number in range(_MORE_THAN_A_PAGE):
        friend = make_person(f"Ami {number}")
        start_session(make_admin().id, by=acting(chief))
        papers = PaperFacts(DocumentType.PASSPORT, "SEN", f"A1234{number}")
        paper = hand_in(friend.id, papers, photo(), by=acting(friend))
        make_company(f"Entreprise {number}")
        record("user_viewed", (User.__tablename__, friend.id), by=acting(chief))
        _something_more(db_session, person, number)
    sign_in(client, chief)
    db_session.commit()
    return {"person": person.id, "colleague": colleague.id, "paper": paper.id, "company": make_company().id}


def _something_more(session: Session, person: User, number: int) -> None:
    start_session(person.id, by=SYSTEM)
    note_attempt(f"name {number}", Reason.WRONG_PASSWORD, user_id=person.id, by=SYSTEM)
    session.add(SecurityEvent(user_id=person.id, event_type="new_device", severity=Severity.INFO, details={}))


def counted(client: FlaskClient, count_statements: CountStatements, address: str) -> tuple[str, list[str]]:
    """The page once its visitor is known, with what it asked."""
    client.get("/admin")
    with count_statements() as asked:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.text, asked


@pytest.mark.parametrize("address", ONES)
def test_a_page_about_one_asks_few_questions(
    client: FlaskClient, crowded: dict[str, UUID], count_statements: CountStatements, address: str
) -> None:
    _page, asked = counted(client, count_statements, address.format_map(crowded))
    assert len(asked) <= MOST, asked


@pytest.mark.parametrize("address", LISTS)
def test_a_list_asks_few_questions_and_goes_on(
    client: FlaskClient, crowded: dict[str, UUID], count_statements: CountStatements, address: str
) -> None:
    page, asked = counted(client, count_statements, address)
    assert len(asked) <= MOST, asked
    assert "cursor=" in page
