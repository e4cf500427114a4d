"""What a part of a page answers when it cannot be had: said where the person is, and nothing else is replaced."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.config.services import set_value
from portal.config.values import CODES_PER_ADDRESS
from portal.kernel.actor import SYSTEM
from tests.harness.house import make_person, send, sign_in

FRAGMENT = {
    "HX-Request": "true",
    "HX-Request-Type": "partial",
    "HX-Current-URL": "http://localhost/partner/scan",
}


def test_a_refused_step_is_told_without_a_second_frame(client: FlaskClient) -> None:
    sign_in(client, make_person())

    answer = send(client, "/partner/scan", {"code": "7KQ2M4XD9RTA"}, headers=FRAGMENT)

    assert answer.status_code == 404
    assert 'role="alert"' in answer.text
    assert "The address may be mistyped" in answer.text
    assert "<main" not in answer.text
    assert "HX-Reswap" not in answer.headers


@pytest.mark.parametrize("kind", [None, "partial", "x"])
def test_a_limit_is_told_in_the_place_of_a_forms_errors(
    client: FlaskClient, db_session: Session, kind: str | None
) -> None:
    set_value(CODES_PER_ADDRESS.key, 2, by=SYSTEM)
    asking = {"HX-Request": "true"} | ({"HX-Request-Type": kind} if kind else {})
    for number in range(2):
        assert (
            send(client, "/sign-in/code", {"phone": f"77 123 45 0{number}"}, headers=asking).status_code
            == 303
        )

    answer = send(client, "/sign-in/code", {"phone": "77 123 45 09"}, headers=asking)

    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert 'role="alert"' in answer.text
    assert "<main" not in answer.text
    assert "<html" not in answer.text
    assert "HX-Request-Type" in answer.headers["Vary"]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Request-Type": "full"}])
def test_a_limit_is_a_page_where_a_page_was_asked_for(
    client: FlaskClient, db_session: Session, headers: dict[str, str]
) -> None:
    set_value(CODES_PER_ADDRESS.key, 1, by=SYSTEM)
    send(client, "/sign-in/code", {"phone": "77 123 45 00"}, headers=headers)

    answer = send(client, "/sign-in/code", {"phone": "77 123 45 09"}, headers=headers)

    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert "<main" in answer.text


def test_the_limit_of_a_number_is_told_in_the_same_way_as_that_of_a_network(
    client: FlaskClient, db_session: Session
) -> None:
    asking = {"HX-Request": "true"}
    answers = [send(client, "/sign-in/code", {"phone": "77 123 45 00"}, headers=asking) for _code in range(4)]

    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert 0 < int(answers[3].headers["Retry-After"]) <= 3600
    assert "<main" not in answers[3].text


def test_a_page_that_looks_again_in_vain_stays_as_it_is(client: FlaskClient) -> None:
    answer = client.get("/p/nothing-here/live?since=1", headers=FRAGMENT)

    assert (answer.status_code, answer.headers["HX-Reswap"]) == (404, "none")


def test_who_is_signed_out_meanwhile_comes_back_to_the_page_and_not_to_its_part(client: FlaskClient) -> None:
    looking = client.get("/messages/unread", headers=FRAGMENT)
    acting = send(client, "/partner/scan", {"code": "7KQ2M4XD9RTA"}, headers=FRAGMENT)

    assert (looking.status_code, "HX-Redirect" in looking.headers) == (204, False)
    assert looking.headers["HX-Trigger"] == "signed-out"
    assert (acting.status_code, acting.headers["HX-Redirect"]) == (204, "/sign-in/code?next=/partner/scan")


@pytest.mark.parametrize(
    "target", ["//elsewhere.example", "https://elsewhere.example", "//[", "/\\elsewhere", "home"]
)
def test_a_door_leads_only_to_pages_of_this_portal(client: FlaskClient, target: str) -> None:
    sign_in(client, make_person())

    answer = client.get("/sign-in", query_string={"next": target})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
