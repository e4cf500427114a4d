"""Before something that matters, a person proves again that it is they (ASVS 7.5.3)."""

from __future__ import annotations

from inspect import getsource, unwrap

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.identity.codes import issue_code, proven_phone
from portal.identity.models import LoginAttempt, SecurityEvent, User, UserSession, VerificationToken
from portal.identity.sessions import cookie_name
from portal.kernel.access import PROOF, RULE
from portal.kernel.actor import SYSTEM
from portal.kernel.roles import MemberRole
from portal.partners.models import PartnerMember
from portal.payouts.queries import partner_destination
from tests.harness.house import make_admin, make_partner, send, sign_in
from tests.harness.moments import Clock
from tests.identity.doorway import PASSWORD, PHONE, hear_of_locks, last_code, open_account

LIST = "/admin/payments"
FILE = "/admin/payments?status=succeeded&format=csv"
ACCOUNT = "/partner/payout-account"
ASKED = "Please confirm that it is you, then send it again."


@pytest.fixture
def awa(client: FlaskClient, db_session: Session, clock: Clock) -> User:
    """Somebody with a password, a number and a house of her own, who signed in eleven minutes ago."""
    clock.travel(2026, 3, 1, 12)
    user = open_account(phone=PHONE)
    db_session.add(PartnerMember(partner_id=make_partner().id, user_id=user.id, role=MemberRole.OWNER))
    user.roles = ["partner", "user"]
    sign_in(client, user)
    clock.advance(minutes=11)
    return user


def leads_to(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("Location", "")


def test_a_page_that_matters_opens_after_the_proof_and_for_ten_minutes(
    client: FlaskClient, awa: User, clock: Clock
) -> None:
    asked = client.get(ACCOUNT)
    assert leads_to(asked) == (303, "/security/confirm?next=/partner/payout-account")

    proved = send(client, asked.location, {"password": PASSWORD, "next": ACCOUNT})

    assert leads_to(proved) == (303, ACCOUNT)
    assert client.get(ACCOUNT).status_code == 200
    clock.advance(minutes=9, seconds=59)
    assert client.get(ACCOUNT).status_code == 200
    clock.advance(seconds=1)
    assert client.get(ACCOUNT).status_code == 303


def test_signing_in_is_a_proof(client: FlaskClient, awa: User) -> None:
    send(client, "/sign-out")
    send(client, "/sign-in", {"email": "awa@example.org", "password": PASSWORD})

    assert client.get(ACCOUNT).status_code == 200


@pytest.mark.parametrize(
    ("headers", "back"),
    [
        (
            {"Referer": "http://localhost/partner/payout-account?from=menu"},
            "/partner/payout-account?from%3Dmenu",
        ),
        ({"Referer": "https://evil.example/partner"}, "/"),
        ({"Referer": "http://localhost//evil.example"}, "/"),
        ({}, "/"),
    ],
)
def test_a_form_is_not_sent_but_leads_back_to_the_page_it_stood_on(
    client: FlaskClient, db_session: Session, awa: User, headers: dict[str, str], back: str
) -> None:
    form = {"phone": "77 111 22 33", "holder_name": "Awa Ndiaye"}

    answer = send(client, ACCOUNT, form, headers=headers)

    assert leads_to(answer) == (303, f"/security/confirm?next={back}")
    assert ASKED in client.get(answer.location).text
    partner_id = db_session.scalars(select(PartnerMember.partner_id)).one()
    assert partner_destination(partner_id) is None


def test_a_file_leads_back_to_its_list(client: FlaskClient, db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    sign_in(client, make_admin())
    clock.advance(minutes=11)

    assert client.get(LIST).status_code == 200
    answer = client.get(FILE)

    assert leads_to(answer) == (303, "/security/confirm?next=/admin/payments?status%3Dsucceeded")


def test_programs_and_parts_of_a_page_are_told_in_their_own_way(client: FlaskClient, awa: User) -> None:
    program = client.get(ACCOUNT, headers={"Accept": "application/json"})
    part = send(
        client, ACCOUNT, headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/partner/scan"}
    )

    assert program.status_code == 403
    assert program.json is not None
    assert program.json["error"]["message"] == "Please confirm first that it is you."
    assert (part.status_code, part.headers["HX-Redirect"]) == (204, "/security/confirm?next=/partner/scan")


def test_a_session_goes_on_under_a_new_token(
    client: FlaskClient, app: Flask, db_session: Session, awa: User
) -> None:
    old = client.get_cookie(cookie_name())
    assert old is not None
    thief = app.test_client()
    thief.set_cookie(cookie_name(), old.value)
    assert thief.get("/profile").status_code == 200

    send(client, "/security/confirm", {"password": PASSWORD})

    new = client.get_cookie(cookie_name())
    assert new is not None
    assert new.value != old.value
    assert (thief.get("/profile").status_code, client.get("/profile").status_code) == (303, 200)
    assert len(db_session.scalars(select(UserSession)).all()) == 1


def test_wrong_passwords_are_counted_with_those_at_the_door_and_told_to_the_person(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    answers = [send(client, "/security/confirm", {"password": "three wrong words"}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {422}
    assert "This is not your password." in answers[0].text
    for _ in range(2):
        send(client.application.test_client(), "/sign-in", {"email": "awa@example.org", "password": "no"})

    locked = send(client, "/security/confirm", {"password": PASSWORD})

    assert locked.status_code == 422
    assert "Too many tries for this address." in locked.text
    assert client.get(ACCOUNT).status_code == 303
    assert len(hear_of_locks()) == 1
    told = db_session.scalars(select(SecurityEvent.event_type).order_by(SecurityEvent.id)).all()
    assert told == ["proof_refused"] * 3 + ["account_locked"]


def test_a_code_to_ones_own_number_is_a_proof_and_opens_no_other_door(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    sent = send(client, "/security/confirm/code/sending", {"next": ACCOUNT})
    assert leads_to(sent) == (303, f"/security/confirm/code?next={ACCOUNT}")
    assert send(client, sent.location, {"code": "000000", "next": ACCOUNT}).status_code == 422

    proved = send(client, sent.location, {"code": last_code(), "next": ACCOUNT})

    assert leads_to(proved) == (303, ACCOUNT)
    assert client.get(ACCOUNT).status_code == 200
    token = db_session.scalars(select(VerificationToken).where(VerificationToken.target == PHONE)).one()
    assert proven_phone(token.id) is None
    reasons = db_session.scalars(select(LoginAttempt.reason).order_by(LoginAttempt.id)).all()
    assert reasons == ["wrong_code", "confirmed"]


def test_a_code_for_another_number_proves_nothing(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    other = issue_code("+221779999999", locale="fr", by=SYSTEM)
    with client.session_transaction() as session:
        session["proving_code"] = str(other.id)

    answer = send(client, "/security/confirm/code", {"code": last_code("+221779999999")})

    assert answer.status_code == 422
    assert client.get(ACCOUNT).status_code == 303


def test_whoever_has_neither_password_nor_number_signs_in_again(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    sign_in(client, make_admin())

    text = client.get("/security/confirm").text

    assert "Please sign out, and sign in again." in text
    assert send(client, "/security/confirm", {"password": "anything at all"}).status_code == 409
    assert send(client, "/security/confirm/code/sending").status_code == 404


# Money, rights, ways in, sessions and payout accounts: whoever adds such a door adds it here.
MATTERS = {
    "admin.look_as", "admin.unlock_user", "admin.user_decision", "identity.prove_new_email", "identity.prove_new_phone", "people.renew_calendar", "notifications_admin.template", "pots_client.end", "pots_client.give_back", "redemptions_client.confirm", "referrals_sponsor.convert",
    "admin.revoke_staff", "identity.end_other_sessions", "identity.end_session", "identity.forget_device", "identity.begin_passkey", "identity.link_provider", "identity.new_email", "identity.new_phone", "identity.unlink_provider", "identity.new_passkey", "identity.remove_passkey",
    "identity.begin_app", "identity.enrol_app", "identity.renew_recovery_codes", "identity.switch_app_off",
    "campaigns_admin.approval", "campaigns_admin.decision", "campaigns_admin.detail", "campaigns_admin.invitation", "campaigns_admin.new", "campaigns_admin.remove_member",
    "campaigns_company.invitation", "campaigns_company.invite", "campaigns_company.member", "campaigns_company.remove_member",
    "admin.house_money", "admin.value", "partners_admin.decision", "partners_admin.detail", "partners_admin.invitation", "partners_admin.new", "partners_admin.remove_member",
    "partners_admin.terms", "partners_partner.invitation", "partners_partner.member", "partners_partner.remove_member", "partners_partner.invite",
    "payments_admin.close_review", "payments_admin.dismiss_webhook", "payments_admin.refund", "payments_admin.retry_webhook", "redemptions_admin.detail", "payments_admin.retry_refund", "payouts_admin.retry",
    "payouts_admin.stop", "payouts_partner.account", "pots_admin.end", "pots_admin.refund", "pots_admin.release",
    "admin.duties", "guardians_admin.case", "people_admin.approve", "people_admin.refuse", "privacy.ask", "privacy.leave", "referrals_admin.revoke", "settlements_admin.approve", "settlements_admin.correction",
    "settlements_admin.resolve", "teams.accept",
}  # fmt: skip
PAPERS = {
    "people.own_scan", "people_admin.paper", "people_admin.scan", "privacy.fetch", "settlements_admin.document", "settlements_admin.lines", "settlements_partner.document",
    "settlements_partner.lines",
}  # fmt: skip


def test_every_door_that_matters_asks(app: Flask) -> None:
    asking = {name: getattr(view, PROOF) for name, view in app.view_functions.items() if hasattr(view, PROOF)}

    assert {name for name, rule in asking.items() if rule != "wants_file"} == MATTERS | PAPERS
    of_files = {
        name for name, view in app.view_functions.items() if "wants_file()" in getsource(unwrap(view))
    }
    assert of_files == {name for name, rule in asking.items() if rule == "wants_file"}
    assert asking["admin.user_decision"] == "changes_something"
    assert {getattr(app.view_functions[name], RULE).split(":")[0] for name in asking} == {
        "company",
        "partner",
        "signed in",
        "staff",
    }


def test_somebody_without_a_password_is_told_so(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    """The page offers no field for one, so nobody is left alone with a page that only comes back."""
    clock.travel(2026, 3, 1, 12)
    sign_in(client, open_account(email=None, phone=PHONE))

    answer = send(client, "/security/confirm", {"password": PASSWORD})

    assert answer.status_code == 409
    assert "This account has no password." in answer.text
    assert db_session.scalars(select(LoginAttempt)).all() == []
