"""The pages on which people are invited, and on which the invited say yes or no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config.services import set_value
from portal.config.team_values import INVITES_PER_HOUR
from portal.config.values import SECOND_FACTOR_REQUIRED
from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.ids import new_id
from portal.kernel.jobs import valkey
from portal.notifications.models import Notification
from portal.teams.inviting import cancel
from portal.teams.models import InvitationStatus, TeamInvitation
from tests.harness.house import acting, form_token, make_admin, make_person, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.identity.doorway import open_account
from tests.teams.ground import GROUNDS, Ground, deliver, reachable, written_to

_SECRETS = re.compile(r'name="csrf_token" value="[^"]+"|nonce-[\w-]+|nonce="[^"]+"|content="[^"]{60,}"')


@dataclass(frozen=True, slots=True)
class Console:
    """Where an organisation's people are looked after: by itself, or by staff."""

    page: str
    steps: str

    def step(self, row: TeamInvitation, step: str) -> str:
        """The door that withdraws an invitation or sends it again."""
        return f"{self.steps}/{row.id}/{step}"


def console_of(ground: Ground, organisation: Any, *, of_staff: bool = False) -> Console:
    if ground is GROUNDS["house"]:
        page = f"/admin/partners/{organisation.id}" if of_staff else "/partner/team"
        return Console(page, f"{page}/team/invitations" if of_staff else f"{page}/invitations")
    page = f"/admin/companies/{organisation.id}" if of_staff else "/company"
    return Console(page, f"{page}/invitations")


def only_row(session: Session) -> TeamInvitation:
    return session.scalars(select(TeamInvitation)).one()


@pytest.mark.covers("PRT-13")
@pytest.mark.parametrize("of_staff", [False, True])
def test_inviting_seeing_sending_again_and_withdrawing(
    client: FlaskClient, db_session: Session, ground: Ground, clock: Clock, of_staff: bool
) -> None:
    clock.travel(2026, 3, 1, 12)
    organisation = ground.organisation()
    console = console_of(ground, organisation, of_staff=of_staff)
    hand = make_admin() if of_staff else ground.worker(organisation, ground.owner)
    sign_in(client, hand)
    assert "No invitation is waiting." in client.get(console.page).text

    sent = send(client, console.page, {"contact": "Binta@Example.org", "role": ground.low})
    row, shown = only_row(db_session), client.get(console.page).text
    assert (sent.status_code, sent.location) == (303, console.page)
    assert "We have sent an invitation to binta@example.org. They have 7 days to accept." in shown
    assert "binta@example.org" in client.get(console.page).text
    too_soon = send(client, console.step(row, "sending"))
    assert (too_soon.status_code, too_soon.location) == (303, console.page)
    assert "You can send it again in 24 hours." in client.get(console.page).text

    clock.travel(row.expires_at)
    sign_in(client, hand)
    assert "Expired" in client.get(console.page).text
    again = send(client, console.step(row, "sending"))
    db_session.refresh(row)
    assert (again.status_code, row.times_sent, row.is_open) == (303, 2, True)
    gone = send(client, console.step(row, "cancellation"))
    db_session.refresh(row)

    assert (gone.location, row.status) == (console.page, InvitationStatus.CANCELED)
    assert "binta@example.org" not in client.get(console.page).text
    assert send(client, console.step(row, "cancellation")).status_code == 409


def test_who_may_not_invite_sees_no_contact_and_finds_no_door(
    client: FlaskClient, db_session: Session, ground: Ground
) -> None:
    organisation, console = ground.organisation(), console_of(ground, None)
    row = ground.invited(organisation, reachable(email="binta@example.org"))
    sign_in(client, ground.worker(organisation, ground.low))

    assert "binta@example.org" not in client.get(console.page).text
    for step in ("sending", "cancellation"):
        assert send(client, console.step(row, step)).status_code == 404
    assert send(client, console.page, {"contact": "c@example.org", "role": ground.low}).status_code == 404
    assert only_row(db_session) is row
    assert row.is_open


@pytest.mark.covers("PRT-12")
def test_another_organisation_finds_nothing(client: FlaskClient, db_session: Session, ground: Ground) -> None:
    row = ground.invited(ground.organisation(), reachable(email="binta@example.org"))
    elsewhere = ground.organisation(name="Autre")
    console = console_of(ground, None)
    sign_in(client, ground.worker(elsewhere, ground.owner))

    assert "binta@example.org" not in client.get(console.page).text
    for step in ("sending", "cancellation"):
        assert send(client, console.step(row, step)).status_code == 404
    assert row.is_open


def test_what_is_no_contact_is_said_at_its_field(
    client: FlaskClient, db_session: Session, ground: Ground
) -> None:
    organisation, console = ground.organisation(), console_of(ground, None)
    sign_in(client, ground.worker(organisation, ground.owner))

    for contact in ("", "zzz", "33 800 00 00"):
        answer = send(client, console.page, {"contact": contact, "role": ground.low})
        assert answer.status_code == 422
        assert "contact-error" in answer.text
    twice = [
        send(client, console.page, {"contact": "b@example.org", "role": ground.low}).status_code for _ in "12"
    ]
    assert twice == [303, 422]


def test_an_owner_learns_nothing_of_who_has_an_account(
    client: FlaskClient,
    db_session: Session,
    ground: Ground,
    clock: Clock,
    count_statements: CountStatements,
) -> None:
    """Answer, headers, list and every statement sent are the same: with an account, without, closed, a member's own."""
    # What a page says of the time must not turn between two of them.
    clock.travel(clock.now())
    organisation, console = ground.organisation(), console_of(ground, None)
    owner, member = ground.worker(organisation, ground.owner), ground.worker(organisation, ground.low)
    contacts = {
        "has an account": "aaaaaa@example.org",
        "has none": "bbbbbb@example.org",
        "unproved": "cccccc@example.org",
        "closed": "dddddd@example.org",
        "works there": "eeeeee@example.org",
        "is the owner": "ffffff@example.org",
    }
    reachable(email=contacts["has an account"])
    make_person(email=contacts["unproved"])
    reachable(email=contacts["closed"], status="suspended")
    member.email, owner.email = contacts["works there"], contacts["is the owner"]
    member.email_verified_at = owner.email_verified_at = owner.created_at
    sign_in(client, owner)
    client.get(console.page)

    seen = {}
    for who, contact in contacts.items():
        with count_statements() as asked:
            answer = send(client, console.page, {"contact": contact, "role": ground.low})
        shown = client.get(console.page).text
        headers = {
            name: value
            for name, value in answer.headers
            if name not in ("Set-Cookie", "Date", "X-Request-Id")
        }
        row = only_row(db_session)
        # The list afterwards, as much of it as is not the team itself.
        listed = shown[shown.index("<h2>Invited</h2>") :]
        listed = _SECRETS.sub("", listed).replace(contact, "CONTACT").replace(str(row.id), "ID")
        seen[who] = (answer.status_code, answer.text.replace(contact, "CONTACT"), headers, asked, listed)
        db_session.delete(row)
        db_session.commit()

    first = seen.pop("has an account")
    assert first[0] == 303
    assert "CONTACT" in first[4]
    for who, what in seen.items():
        for mine, theirs in zip(what, first, strict=True):
            assert mine == theirs, who


def test_a_house_cannot_invite_without_end(client: FlaskClient, db_session: Session, ground: Ground) -> None:
    set_value(INVITES_PER_HOUR.key, 3, by=SYSTEM)
    organisation, console = ground.organisation(), console_of(ground, None)
    sign_in(client, ground.worker(organisation, ground.owner))

    answers = [
        send(client, console.page, {"contact": f"b{number}@example.org", "role": ground.low}).status_code
        for number in range(4)
    ]

    assert answers == [303, 303, 303, 429]
    assert client.get(console.page).status_code == 200


def test_inviting_asks_again_who_one_is(
    client: FlaskClient, db_session: Session, ground: Ground, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    organisation, console = ground.organisation(), console_of(ground, None)
    row = ground.invited(organisation, reachable())
    sign_in(client, ground.worker(organisation, ground.owner))
    clock.advance(minutes=11)

    for path in (console.page, console.step(row, "sending"), console.step(row, "cancellation")):
        assert send(client, path, {"contact": "b@example.org", "role": ground.low}).location.startswith(
            "/security/confirm"
        )


def test_the_person_invited_finds_reads_and_accepts(
    client: FlaskClient, db_session: Session, ground: Ground
) -> None:
    organisation, person = ground.organisation(), reachable()
    inviter = ground.worker(organisation, ground.owner)
    row = ground.invite(organisation, person.email or "", by=acting(inviter))
    sign_in(client, person)

    assert f'href="/team-invitations/{row.id}"' in client.get("/team-invitations").text
    shown = client.get(f"/team-invitations/{row.id}").text
    for words in (organisation.name, str(ground.home.roles[ground.low]).split(":")[0], "Accept", "Decline"):
        assert words in shown
    answer = send(client, f"/team-invitations/{row.id}/acceptance")

    assert (answer.status_code, answer.location) == (303, ground.home.entrance)
    assert organisation.name in client.get(ground.home.entrance).text
    assert ground.role_of(organisation, person) == ground.low
    assert "You have accepted this invitation." in client.get(f"/team-invitations/{row.id}").text
    assert send(client, f"/team-invitations/{row.id}/acceptance").status_code == 409


def test_nobody_takes_a_place_who_has_not_proved_lately_who_they_are(
    client: FlaskClient, db_session: Session, ground: Ground, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    organisation, person = ground.organisation(), reachable()
    row = ground.invited(organisation, person)
    sign_in(client, person)
    clock.advance(minutes=11)

    asked = send(client, f"/team-invitations/{row.id}/acceptance")

    assert (asked.status_code, asked.location.split("?")[0]) == (303, "/security/confirm")
    assert ground.role_of(organisation, person) is None
    assert send(client, f"/team-invitations/{row.id}/refusal").status_code == 303, "a no needs no proof"


@pytest.mark.parametrize("step", ["", "/acceptance"])
def test_the_person_is_found_also_with_a_cold_cache_of_sessions(
    client: FlaskClient, db_session: Session, ground: Ground, step: str
) -> None:
    """Then the first question of the request was asked before anybody knew who asks."""
    organisation, person = ground.organisation(), reachable()
    row = ground.invited(organisation, person)
    sign_in(client, person)
    address = f"/team-invitations/{row.id}{step}"
    form_token(client)
    valkey().flushall()

    answer = send(client, address) if step else client.get(address)

    assert answer.status_code == (303 if step else 200)


def test_who_works_elsewhere_lands_in_the_new_place(
    client: FlaskClient, db_session: Session, ground: Ground
) -> None:
    first, second = ground.organisation(), ground.organisation(name="Nouvelle Maison")
    person = ground.worker(first, ground.owner)
    person.email_verified_at = person.created_at
    row = ground.invited(second, person)
    sign_in(client, person)

    send(client, f"/team-invitations/{row.id}/acceptance")

    assert "Nouvelle Maison" in client.get(ground.home.entrance).text


def test_the_person_invited_declines(client: FlaskClient, db_session: Session, ground: Ground) -> None:
    organisation, person = ground.organisation(), reachable()
    row = ground.invited(organisation, person)
    sign_in(client, person)

    answer = send(client, f"/team-invitations/{row.id}/refusal")

    assert (answer.status_code, answer.location) == (303, "/team-invitations")
    assert "You have declined this invitation." in client.get(f"/team-invitations/{row.id}").text
    assert client.get(ground.home.entrance).status_code == 404


@pytest.mark.parametrize("who", ["stranger", "unproved", "owner", "admin"])
def test_nobody_else_finds_an_invitation(
    client: FlaskClient, db_session: Session, ground: Ground, who: str
) -> None:
    organisation = ground.organisation()
    owner = ground.worker(organisation, ground.owner)
    row = ground.invite(organisation, "binta@example.org", by=acting(owner))
    people: dict[str, User] = {
        "stranger": reachable(),
        "unproved": make_person(email="binta@example.org"),
        "owner": owner,
        "admin": make_admin(),
    }
    sign_in(client, people[who])

    assert client.get(f"/team-invitations/{row.id}").status_code == 404
    assert client.get(f"/team-invitations/{new_id()}").status_code == 404
    for step in ("acceptance", "refusal"):
        assert send(client, f"/team-invitations/{row.id}/{step}").status_code == 404
    assert str(row.id) not in client.get("/team-invitations").text
    assert row.is_open


@pytest.mark.parametrize(
    ("end", "words"),
    [("canceled", "This invitation has been withdrawn."), ("expired", "This invitation is too old.")],
)
def test_what_can_no_longer_be_answered_says_why(
    client: FlaskClient, db_session: Session, ground: Ground, clock: Clock, end: str, words: str
) -> None:
    clock.travel(2026, 3, 1, 12)
    organisation, person = ground.organisation(), reachable()
    row = ground.invited(organisation, person)
    if end == "canceled":
        cancel(ground.home, organisation.id, row.id, by=acting(make_admin()))
    else:
        clock.advance(days=7)
    sign_in(client, person)

    shown = client.get(f"/team-invitations/{row.id}")

    assert shown.status_code == 200
    assert words in shown.text
    assert "/acceptance" not in shown.text
    assert send(client, f"/team-invitations/{row.id}/acceptance").status_code == 409
    assert "No invitation waits for you" in client.get("/team-invitations").text


def test_who_works_there_already_is_told_that_nothing_changes(
    client: FlaskClient, db_session: Session, ground: Ground
) -> None:
    organisation = ground.organisation()
    person = ground.worker(organisation, ground.low)
    person.email_verified_at = person.created_at
    row = ground.invited(organisation, person, ground.owner)
    sign_in(client, person)
    assert "Your answer changes nothing." in client.get(f"/team-invitations/{row.id}").text

    answer = send(client, f"/team-invitations/{row.id}/acceptance", follow_redirects=True)

    assert "nothing has changed" in answer.text
    assert ground.role_of(organisation, person) == ground.low


def test_a_new_owner_is_asked_for_a_second_step(
    client: FlaskClient, db_session: Session, ground: Ground
) -> None:
    set_value(SECOND_FACTOR_REQUIRED.key, True, by=SYSTEM)
    organisation, person = ground.organisation(), reachable()
    row = ground.invited(organisation, person, ground.owner)
    sign_in(client, person)
    assert "second step" in client.get(f"/team-invitations/{row.id}").text

    accepted = send(client, f"/team-invitations/{row.id}/acceptance")

    assert accepted.location == ground.home.entrance
    assert client.get(ground.home.entrance).location == "/security"


def test_whoever_opens_an_account_for_the_contact_finds_the_invitation(
    client: FlaskClient, db_session: Session, ground: Ground
) -> None:
    organisation = ground.organisation()
    row = ground.invite(
        organisation, "binta@example.org", by=acting(ground.worker(organisation, ground.owner))
    )
    deliver(row)
    (mail,) = written_to("binta@example.org")
    path = f"/team-invitations/{row.id}"
    asked = client.get(str(db_session.get_one(Notification, mail.notification_id).action_link))
    assert f'href="{path}"' in asked.text
    # Without an account the page leads to the door, and the way back is kept.
    door = client.get(f"/team-invitations/{row.id}")
    assert (door.status_code, f"next=/team-invitations/{row.id}" in door.location.replace("%2F", "/")) == (
        303,
        True,
    )
    person = open_account("Binta Ba", email="binta@example.org", email_is_proved=True)
    sign_in(client, person)

    assert f"Une invitation de {organisation.name} vous attend" in client.get("/messages").text
    assert client.get(f"/team-invitations/{row.id}").status_code == 200


def test_the_pages_ask_few_questions(
    client: FlaskClient, db_session: Session, ground: Ground, count_statements: CountStatements
) -> None:
    person, admin = reachable(), make_admin()
    for number in range(5):
        one = ground.organisation(name=f"Maison {number}")
        row = ground.invited(one, person)
    for number in range(5):
        ground.invite(one, f"b{number}@example.org", by=acting(admin))
    console = console_of(ground, one, of_staff=True)
    for who, pages in (
        (person, ("/team-invitations", f"/team-invitations/{row.id}")),
        (admin, (console.page,)),
        (ground.worker(one, ground.owner), (console_of(ground, one).page,)),
    ):
        sign_in(client, who)
        for page in pages:
            client.get(page)
            with count_statements() as asked:
                assert client.get(page).status_code == 200
            assert len(asked) <= 8, asked
