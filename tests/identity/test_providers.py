"""Coming in by Google, Apple and Facebook, against a provider that answers over real HTTP in a process of its own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.consent.models import ConsentRecord
from portal.gateways.providers import _signed_secret
from portal.identity.models import (
    AuthIdentity,
    AuthProvider,
    LoginAttempt,
    SecurityEvent,
    User,
    UserSession,
)
from portal.identity.sessions import cookie_name
from portal.kernel.providers import IdentityProvider
from tests.harness.apple import team_key
from tests.harness.house import make_person, send, sign_in
from tests.harness.moments import Clock
from tests.identity.doorway import PASSWORD, open_account, sent_to
from tests.sandbox.running import RunningSandbox

EMAIL = "awa@example.org"
BIRTHDAY = {"full_name": "Awa Ndiaye", "date_of_birth": "15/03/1991"}


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """The providers, played by a sandbox of their own."""
    with RunningSandbox(tmp_path_factory.mktemp("providers")) as running:
        yield running


@pytest.fixture
def providers(app: Flask, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> RunningSandbox:
    """The portal knows these providers."""
    urls = {name: f"{sandbox.url}/oidc/{name}" for name in ("google", "apple")}
    urls |= {"facebook": f"{sandbox.url}/facebook"}
    settings = app.config["SETTINGS"]
    known = {
        name: dataclasses.replace(provider, url=urls[name], graph_url=urls["facebook"])
        for name, provider in settings.providers.items()
    }
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(settings, providers=known))
    sandbox.control("PUT", "/providers/spoil")
    return sandbox


def begin(
    client: FlaskClient, provider: str = "google", path: str = "/sign-in/with/{provider}", **form: str
) -> str:
    answer = send(client, path.format(provider=provider), form)
    assert answer.status_code == 303
    return str(answer.location)


def play(address: str, *, verified: bool = True, choice: str = "go", **person: str) -> str:
    """Be this person on the provider's page; the address, or the form, by which it sends back."""
    assert requests.get(address, timeout=20).status_code == 200
    asked = dict(parse_qsl(urlsplit(address).query))
    told = asked | {"choice": choice, "email": EMAIL, "name": "Awa Ndiaye"} | person
    told |= {"verified": "yes"} if verified else {}
    answer = requests.post(address.partition("?")[0], told, allow_redirects=False, timeout=20)
    return answer.headers["Location"] if answer.status_code == 303 else answer.text


def come_back(client: FlaskClient, address: str) -> TestResponse:
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def through(client: FlaskClient, provider: str = "google", **person: Any) -> TestResponse:
    """All the way through the provider and back."""
    back = play(begin(client, provider), **person)
    if provider != "apple":
        return come_back(client, back)
    return come_back(client, post_back(client, back))


def post_back(client: FlaskClient, page: str, **instead: str) -> str:
    """Send Apple's form: its page is another site, so the browser brings no cookie of ours along; where that leads."""
    posted = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    posted = {name: unescape(value) for name, value in posted.items()} | instead
    action = re.search(r'action="([^"]+)"', page)
    assert action is not None
    carried = client.application.test_client().post(urlsplit(action.group(1)).path, data=posted)
    assert carried.status_code == 303
    return str(carried.location)


def is_in(client: FlaskClient) -> bool:
    return client.get("/profile").status_code == 200


def link(client: FlaskClient, **person: Any) -> TestResponse:
    return come_back(client, play(begin(client, path="/security/providers/{provider}/link"), **person))


@pytest.mark.covers("ID-33", "ID-34", "ID-36", "ID-39")
@pytest.mark.parametrize("provider", ["google", "apple"])
def test_somebody_new_opens_an_account_and_comes_in_again_by_the_providers_name_for_them(
    client: FlaskClient, app: Flask, db_session: Session, providers: RunningSandbox, provider: str
) -> None:
    answer = through(client, provider, sub="108")
    assert answer.location == "/sign-up/with"
    assert EMAIL in client.get("/sign-up/with").text

    assert send(client, "/sign-up/with", BIRTHDAY).status_code == 303

    assert is_in(client)
    user = db_session.scalars(select(User)).one()
    assert (user.email, user.password_hash, user.signup_provider) == (EMAIL, None, provider)
    assert set(db_session.scalars(select(ConsentRecord.page))) == {"/sign-up/with"}
    assert user.email_verified_at is not None
    ways = db_session.execute(select(AuthIdentity.provider, AuthIdentity.provider_uid)).all()
    assert sorted(tuple(way) for way in ways) == sorted([("email", EMAIL), (provider, "108")])
    # The address there has changed since; who it is has not.
    again = app.test_client()
    assert through(again, provider, sub="108", email="elsewhere@example.org").location == "/"
    assert is_in(again)
    assert db_session.scalar(select(func.count()).select_from(User)) == 1


@pytest.mark.covers("ID-36")
def test_an_account_with_the_same_address_is_never_taken_over(
    client: FlaskClient, app: Flask, db_session: Session, providers: RunningSandbox
) -> None:
    user = open_account()

    assert through(client, sub="666").location == "/sign-in?next=/security"

    assert not is_in(client)
    assert client.get_cookie(cookie_name()) is None
    assert client.get("/sign-up/with").location == "/sign-in"
    holder = app.test_client()
    sign_in(holder, user)
    assert link(holder, sub="666").location == "/security"
    assert through(client, sub="666").location == "/"
    assert is_in(client)


@pytest.mark.covers("ID-33", "ID-35")
def test_facebook_vouches_for_no_address_and_opens_what_it_was_linked_to(
    client: FlaskClient, app: Flask, db_session: Session, providers: RunningSandbox
) -> None:
    assert through(client, "facebook", sub="fb-1").location == "/sign-in"
    assert "has not confirmed an e-mail address" in client.get("/sign-in").text
    assert client.get("/sign-up/with").location == "/sign-in"
    holder = app.test_client()
    sign_in(holder, open_account())
    back = play(begin(holder, "facebook", "/security/providers/{provider}/link"), sub="fb-1")
    assert come_back(holder, back).location == "/security"

    assert through(client, "facebook", sub="fb-1").location == "/"
    assert is_in(client)


def test_an_address_that_the_provider_has_not_proved_opens_no_account(
    client: FlaskClient, db_session: Session, providers: RunningSandbox
) -> None:
    assert through(client, verified=False).location == "/sign-in"
    assert client.get("/sign-up/with").location == "/sign-in"
    assert db_session.scalars(select(User)).all() == []


@pytest.mark.parametrize(
    "spoiled",
    ["nonce", "audience", "issuer", "key", "expired", "unsigned", "public_key", "brought_key"],
)
def test_a_word_that_was_not_given_for_us_here_and_now_is_refused(
    client: FlaskClient, db_session: Session, providers: RunningSandbox, spoiled: str
) -> None:
    providers.control("PUT", "/providers/spoil", what=spoiled)

    answer = through(client)

    assert answer.location == "/sign-in"
    assert "gives no usable answer now" in client.get("/sign-in").text
    assert db_session.scalars(select(User)).all() == []
    tries = db_session.execute(select(LoginAttempt.identifier, LoginAttempt.reason, LoginAttempt.succeeded))
    assert [tuple(row) for row in tries] == [("google", "provider_refused", False)]


@pytest.mark.parametrize("spoiled", ["name", "door"])
@pytest.mark.parametrize("provider", ["google", "apple"])
def test_a_provider_that_calls_itself_otherwise_or_leads_elsewhere_is_not_asked(
    client: FlaskClient, providers: RunningSandbox, provider: str, spoiled: str
) -> None:
    providers.control("PUT", "/providers/spoil", what=spoiled)
    assert begin(client, provider) == "/sign-in"
    assert "gives no usable answer now" in client.get("/sign-in").text

    providers.control("PUT", "/providers/spoil")
    assert through(client, provider, sub="108").location == "/sign-up/with"


def test_an_answer_counts_in_the_browser_that_began_and_only_once(
    client: FlaskClient, app: Flask, db_session: Session, providers: RunningSandbox
) -> None:
    sign_in(client, open_account())
    link(client, sub="107")
    send(client, "/sign-out")
    back = play(begin(client), sub="107")
    victim = app.test_client()
    assert come_back(victim, back).location == "/sign-in"
    begin(victim)
    assert come_back(victim, back).location == "/sign-in"
    assert not is_in(victim)

    assert come_back(client, back).location == "/"
    assert is_in(client)
    send(client, "/sign-out")
    assert come_back(client, back).location == "/sign-in"
    assert not is_in(client)


def test_whoever_says_no_at_the_provider_is_sent_back_to_the_door(
    client: FlaskClient, db_session: Session, providers: RunningSandbox
) -> None:
    answer = through(client, choice="refuse")

    assert answer.location == "/sign-in"
    assert "was not allowed to say who you are" in client.get("/sign-in").text


def test_a_provider_that_is_away_leads_back_to_the_door(client: FlaskClient, db_session: Session) -> None:
    assert begin(client) == "/sign-in"
    assert "gives no usable answer now" in client.get("/sign-in").text


def test_a_provider_that_is_not_set_up_is_neither_shown_nor_there(
    client: FlaskClient, app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "/sign-in/with/google" in client.get("/sign-in").text
    settings = app.config["SETTINGS"]
    only = {"apple": settings.providers["apple"]}
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(settings, providers=only))

    assert "/sign-in/with/google" not in client.get("/sign-in").text
    assert send(client, "/sign-in/with/google").status_code == 404
    assert client.get("/sign-in/with/google/back?code=x&state=y").status_code == 404
    assert send(client, "/sign-in/with/phone").status_code == 404


@pytest.mark.covers("ID-35", "ID-58")
def test_linking_and_unlinking_ends_other_sessions_and_is_told(
    client: FlaskClient, app: Flask, db_session: Session, providers: RunningSandbox
) -> None:
    user = open_account()
    sign_in(client, user)
    other = app.test_client()
    sign_in(other, user)
    before = client.get_cookie(cookie_name())

    assert link(client).location == "/security"

    after = client.get_cookie(cookie_name())
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert (is_in(client), is_in(other)) == (True, False)
    assert "/security/providers/google/unlink" in client.get("/security").text
    sign_in(other, user)
    assert send(client, "/security/providers/google/unlink").location == "/security"
    assert (is_in(client), is_in(other)) == (True, False)
    assert send(client, "/security/providers/google/unlink").status_code == 404
    assert through(app.test_client()).location == "/sign-in?next=/security"
    told = db_session.scalars(select(SecurityEvent.event_type).order_by(SecurityEvent.id)).all()
    assert told == ["provider_linked", "provider_unlinked"]
    assert [len(sent_to(EMAIL, key)) for key in ("provider_linked", "provider_unlinked")] == [1, 1]


@pytest.mark.covers("ID-34", "ID-35")
def test_a_provider_opens_one_account_and_an_account_has_one_of_each_provider(
    client: FlaskClient, app: Flask, db_session: Session, providers: RunningSandbox
) -> None:
    sign_in(client, open_account())
    link(client, sub="107")
    assert link(client, sub="107").location == "/security"
    other = app.test_client()
    sign_in(other, make_person("Moussa Fall"))

    assert link(other, sub="107").status_code == 409
    assert link(client, sub="108").status_code == 409
    assert db_session.scalars(
        select(AuthIdentity.provider_uid).where(AuthIdentity.provider == AuthProvider.GOOGLE)
    ).all() == ["107"]


@pytest.mark.covers("ID-35")
def test_the_last_way_in_is_not_taken_away(
    client: FlaskClient, db_session: Session, providers: RunningSandbox
) -> None:
    user = open_account()
    sign_in(client, user)
    link(client)
    db_session.execute(delete(AuthIdentity).where(AuthIdentity.provider == AuthProvider.EMAIL))
    db_session.commit()

    refused = send(client, "/security/providers/google/unlink")

    assert refused.status_code == 409
    assert "This is your last way to sign in." in refused.text
    assert db_session.scalars(select(AuthIdentity.provider)).all() == [AuthProvider.GOOGLE]


def test_linking_is_for_the_person_who_began_it(
    client: FlaskClient, app: Flask, db_session: Session, providers: RunningSandbox
) -> None:
    sign_in(client, open_account())
    back = play(begin(client, path="/security/providers/{provider}/link"))
    sign_in(client, make_person("Moussa Fall"))

    assert come_back(client, back).location == "/sign-in"

    linked = select(AuthIdentity).where(AuthIdentity.provider == AuthProvider.GOOGLE)
    assert db_session.scalars(linked).all() == []


def test_the_browser_brings_nothing_from_before_into_the_session(
    client: FlaskClient, db_session: Session, providers: RunningSandbox
) -> None:
    user = open_account()
    sign_in(client, user)
    link(client, sub="107")
    send(client, "/sign-out")
    client.set_cookie(cookie_name(), "chosen-by-somebody-else")

    through(client, sub="107")

    cookie = client.get_cookie(cookie_name())
    assert cookie is not None
    assert cookie.value != "chosen-by-somebody-else"
    assert len(db_session.scalars(select(UserSession).where(UserSession.revoked.is_(False))).all()) == 1
    assert PASSWORD not in client.get("/security").text


def test_apple_says_a_name_once_and_no_log_can_read_it(
    client: FlaskClient, app: Flask, db_session: Session, providers: RunningSandbox
) -> None:
    leads_to = post_back(client, play(begin(client, "apple"), sub="201", name="Awa Ndiaye"))
    assert come_back(client, leads_to).location == "/sign-up/with"

    assert "Awa" not in leads_to
    assert 'value="Awa Ndiaye"' in client.get("/sign-up/with").text
    # Whoever turned back comes again, and has to say it themselves.
    again = app.test_client()
    assert "told=" not in (second := post_back(again, play(begin(again, "apple"), sub="201")))
    assert come_back(again, second).location == "/sign-up/with"
    assert 'value="Awa Ndiaye"' not in again.get("/sign-up/with").text


def test_a_name_counts_only_with_the_answer_that_it_came_with(
    client: FlaskClient, app: Flask, db_session: Session, providers: RunningSandbox
) -> None:
    theirs = post_back(client, play(begin(client, "apple"), sub="202", name="Modou Gueye"))
    told = dict(parse_qsl(urlsplit(theirs).query))["told"]
    other = app.test_client()
    mine = post_back(other, play(begin(other, "apple"), sub="203", name=""))

    assert come_back(other, f"{mine}&told={told}").location == "/sign-up/with"

    assert "Modou" not in other.get("/sign-up/with").text


@pytest.mark.parametrize(
    "user", ["", "{", "[]", '{"name": 3}', '{"name": {"firstName": ["x"]}}', '{"name": {}}']
)
def test_what_apple_tells_of_somebody_may_be_nonsense(
    client: FlaskClient, db_session: Session, providers: RunningSandbox, user: str
) -> None:
    leads_to = post_back(client, play(begin(client, "apple"), sub=f"204{len(user)}"), user=user)

    assert "told=" not in leads_to
    assert come_back(client, leads_to).location == "/sign-up/with"


@pytest.mark.parametrize("wrong", ["key", "team_id", "key_id", "hours"])
def test_apple_refuses_whoever_is_not_signed_for_by_the_team(
    client: FlaskClient,
    app: Flask,
    db_session: Session,
    providers: RunningSandbox,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
    wrong: str,
) -> None:
    page = play(begin(client, "apple"), sub="205")
    if wrong == "hours":
        # Signed long ago: a secret that nobody renewed.
        monkeypatch.setattr("portal.gateways.providers._SECRET_SECONDS", -300)
    else:
        settings = app.config["SETTINGS"]
        apple = settings.providers["apple"]
        other = {"key": {"pem": team_key()}, "team_id": {"team_id": "TEAM2"}, "key_id": {"key_id": "KEY2"}}
        known = dataclasses.replace(apple, key=dataclasses.replace(apple.key, **other[wrong]))
        changed = dataclasses.replace(settings, providers=settings.providers | {"apple": known})
        monkeypatch.setitem(app.config, "SETTINGS", changed)

    assert come_back(client, post_back(client, page)).location == "/sign-in"

    assert "gives no usable answer now" in client.get("/sign-in").text
    assert not is_in(client)


def test_the_secret_for_apple_is_made_for_each_question_and_lasts_minutes(app: Flask, clock: Clock) -> None:
    clock.travel(2026, 3, 2, 10)
    apple = app.config["SETTINGS"].providers["apple"]
    first = signed_secret(apple)
    clock.advance(days=200)
    second = signed_secret(apple)

    assert first["iss"] == apple.key.team_id
    assert (first["sub"], first["aud"]) == (apple.client_id, apple.url)
    assert first["exp"] - first["iat"] == second["exp"] - second["iat"] == 300
    assert second["iat"] - first["iat"] == 200 * 24 * 3600


def signed_secret(apple: IdentityProvider) -> dict[str, Any]:
    """What is said, as the public half of the team's key reads it."""
    assert apple.key is not None
    public = ECKey.import_key(ECKey.import_key(apple.key.pem).as_pem(private=False))
    token = jwt.decode(_signed_secret(apple, apple.key), public, algorithms=["ES256"])
    assert token.header == {"alg": "ES256", "kid": apple.key.key_id, "typ": "JWT"}
    return dict(token.claims)
