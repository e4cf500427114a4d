"""What a part of a page answers when it cannot be had: said where the person is, and nothing else is replaced."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

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


def test_a_page_that_looks_again_in_vain_stays_as_it_is(client: FlaskClient) -> None:
    answer = client.get("/p/nothing-here/live?since=1", headers=FRAGMENT)

    assert (answer.status_code, answer.headers["HX-Reswap"]) == (404, "none")


def test_who_is_signed_out_meanwhile_comes_back_to_the_page_and_not_to_its_part(client: FlaskClient) -> None:
    looking = client.get("/messages/unread", headers=FRAGMENT)
    acting = send(client, "/partner/scan", {"code": "7KQ2M4XD9RTA"}, headers=FRAGMENT)

    assert (looking.status_code, "HX-Redirect" in looking.headers) == (204, False)
    assert (acting.status_code, acting.headers["HX-Redirect"]) == (204, "/sign-in/code?next=/partner/scan")


@pytest.mark.parametrize(
    "target", ["//elsewhere.example", "https://elsewhere.example", "//[", "/\\elsewhere", "home"]
)
def test_a_door_leads_only_to_pages_of_this_portal(client: FlaskClient, target: str) -> None:
    sign_in(client, make_person())

    answer = client.get("/sign-in", query_string={"next": target})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
