"""Bodies that no page of ours sends: another kind of content, no form at all, no token, too much of it."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import encode_multipart

from tests.badinput.doors import Door
from tests.badinput.hostile import NUL, SCRIPT
from tests.badinput.judging import complaints
from tests.badinput.table import DOORS, address, filled, knock
from tests.badinput.trying import NOBODY, Trial, Tried

_SIGNED = ("payments_public", "notifications_public")
POSTS = [door for door in DOORS if door.method == "POST" and not door.endpoint.startswith(_SIGNED)]
_FORMS = [door for door in POSTS if door.form]
_ANOTHER_KIND = (
    "application/json",
    "text/plain",
    "application/xml",
    "application/octet-stream",
    "image/png",
    "x",
)
_NO_MULTIPART = (
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x",
    'multipart/form-data; boundary="' + "x" * 5_000 + '"',
    "multipart/form-data; boundary=\xff",
)


def _raw(trial: Trial, door: Door, data: bytes | str, content_type: str, **headers: str) -> Tried:
    """Any bytes, with the token of the browser in the header, as the pages' script sends it."""
    sent = {"X-CSRFToken": trial.token(door.by)} | headers
    return knock(
        trial, door, form=None, files={}, session={}, data=data, content_type=content_type, headers=sent
    )


@pytest.mark.parametrize("door", [door for door in POSTS if not door.is_for_programs], ids=str)
def test_another_kind_of_content_is_refused_before_it_is_read(trial: Trial, door: Door) -> None:
    values: dict[str, Any] = filled(door.form or {}, trial.world)
    bodies = (json.dumps(values), "[1, 2]", '"text"', "5", "null", "{", "\x00", "[" * 5_000)
    for content_type in _ANOTHER_KIND:
        for body in bodies if content_type == "application/json" else bodies[:1]:
            tried = _raw(trial, door, body, content_type)
            assert [*complaints(tried, {415})] == [], f"{content_type}: {body[:40]}"
            assert "We cannot read what was sent" in tried.page
            assert tried.changed == set()


@pytest.mark.parametrize("door", _FORMS, ids=str)
def test_a_form_that_cannot_be_taken_apart_is_an_empty_one(trial: Trial, door: Door) -> None:
    """Never a crash; what is required is asked for, and what an empty form means is what it means."""
    for content_type in _NO_MULTIPART:
        for body in (
            b"",
            b"--x\r\n",
            b"--x\r\nContent-Disposition: form-data\r\n\r\n",
            b"\xff" * 500,
            b"--x--",
        ):
            tried = _raw(trial, door, body, content_type)
            assert tried.status < 500, content_type
            found = complaints(tried, {tried.status}, grows=door.grows)
            assert [*found] == [], content_type


@pytest.mark.parametrize("door", _FORMS, ids=str)
def test_a_file_where_a_text_belongs_is_no_text(trial: Trial, door: Door) -> None:
    good = filled(door.form, trial.world)
    for name in good:
        form = {key: value for key, value in good.items() if key != name}
        tried = knock(trial, door, form=form, files={name: (SCRIPT.encode(), "x.txt")})
        found = complaints(tried, {door.answer, 404, 409, 422}, grows=door.grows)
        assert [*found] == [], name


@pytest.mark.parametrize("door", _FORMS, ids=str)
def test_bytes_that_are_no_text_and_fields_nobody_asked_for_do_no_harm(trial: Trial, door: Door) -> None:
    good = filled(door.form, trial.world)
    token = f"csrf_token={trial.token(door.by)}"
    for raw in ("%FF%FE", "%ED%A0%80", "\xff", "%", "%zz", "%00"):
        body = "&".join([token, *(f"{name}={raw}" for name in good)])
        tried = _raw(trial, door, body.encode("latin-1"), "application/x-www-form-urlencoded")
        assert [*complaints(tried, {door.answer, 303, 404, 409, 422}, grows=door.grows)] == [], raw
    more = dict.fromkeys(("id", "user_id", "roles", "is_admin", "status", "__class__", "balance_minor"), "1")
    tried = knock(trial, door, form=good | more)
    expected = {422} if door.is_for_programs else {door.answer}
    assert [*complaints(tried, expected, grows=door.grows)] == []


# Others send these: a house that somebody comes in by; what it sends carries a state of ours instead.
_FROM_ELSEWHERE = {("identity_returning.carry_answer", "POST")}


@pytest.mark.parametrize("door", [door for door in POSTS if door.key not in _FROM_ELSEWHERE], ids=str)
def test_without_a_token_of_ours_nothing_is_done(trial: Trial, door: Door) -> None:
    """None, one that is made up, one of another browser, one cut short."""
    good = filled(door.form or {}, trial.world)
    other = trial.token("stranger" if door.by != "stranger" else NOBODY)
    for token in (None, "", "made-up", NUL, other, trial.token(door.by)[:-2], SCRIPT):
        data = good if token is None else good | {"csrf_token": token}
        tried = knock(trial, door, form=None, files={}, data=data)
        assert [*complaints(tried, {400})] == [], token
        assert "This form was open for too long" in tried.page
        assert tried.changed == set()


@pytest.mark.parametrize("door", POSTS, ids=str)
def test_too_much_is_refused_with_a_sentence_before_it_is_read(trial: Trial, door: Door) -> None:
    announced = {"CONTENT_LENGTH": str(10**9), "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    path = address(trial.app, door, trial.world)

    tried = trial.ask("POST", path, by=door.by, environ_overrides=announced)

    assert [*complaints(tried, {413})] == []
    assert "This file is too large" in tried.page
    assert tried.changed == set()


def test_a_form_without_end_is_refused_with_a_sentence(trial: Trial) -> None:
    """Of millions of signs, or of very many parts."""
    limit = trial.app.config["MAX_FORM_MEMORY_SIZE"]
    parts = {f"x{number}": "1" for number in range(600)}
    for values in ({"x": "A" * (limit + 1)}, parts):
        # Encoded here: the client would keep a large form in a file that it leaves open.
        boundary, body = encode_multipart(values)
        content_type = f"multipart/form-data; boundary={boundary}"
        tried = trial.ask("POST", "/sign-up", data=body, content_type=content_type)
        assert [*complaints(tried, {413})] == []
        assert tried.changed == set()


def test_a_squeezed_form_is_never_unpacked(trial: Trial) -> None:
    """It is a form without fields, however much it would swell to."""
    door = next(door for door in _FORMS if door.endpoint == "identity.sign_up")
    body = gzip.compress(urlencode({**filled(door.form, trial.world), "x": "A" * 20_000_000}).encode())

    tried = _raw(trial, door, body, "application/x-www-form-urlencoded", **{"Content-Encoding": "gzip"})

    assert [*complaints(tried, {422})] == []
    assert tried.changed == set()
