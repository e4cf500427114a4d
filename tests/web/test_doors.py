"""Every door has a rule, every page of the menus exists, and nobody gets in without the right."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from portal.kernel.access import RULE
from portal.kernel.settings import Environment
from portal.web import security, shell

# Flask's own answers and what Flask-DebugToolbar-like extensions might add would show here.
_WITHOUT_RULE: frozenset[str] = frozenset()


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in _WITHOUT_RULE]


def address_of(app: Flask, rule: Rule) -> str:
    """An address of the rule, with an id that nobody has."""
    unknown = "01890000-0000-7000-8000-000000000000"
    values = {name: min(getattr(rule._converters[name], "items", [unknown])) for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values)


@pytest.mark.covers("ID-11")
def test_every_view_states_who_may_open_it(app: Flask) -> None:
    unguarded = [rule.endpoint for rule in rules(app) if not hasattr(app.view_functions[rule.endpoint], RULE)]

    assert unguarded == []


def test_every_entry_of_a_menu_leads_somewhere(app: Flask) -> None:
    entries = [*shell._CLIENT, *shell._SPONSOR, *shell._PARTNER, *shell._ADMIN]

    assert [endpoint for _label, endpoint, _icon in entries if endpoint not in app.view_functions] == []


@pytest.mark.covers("ID-11", "ADM-25")
def test_a_guest_is_sent_to_sign_in_from_every_closed_page(app: Flask, client: FlaskClient) -> None:
    for rule in rules(app):
        view = app.view_functions[rule.endpoint]
        if str(getattr(view, RULE)).startswith("open") or "GET" not in (rule.methods or ()):
            continue
        address = address_of(app, rule)
        answer = client.get(address)
        away = (401, "") if address.startswith("/api/") else (303, "/sign-in")
        assert (answer.status_code, answer.headers.get("Location", "")[:8]) == away, rule


def test_every_answer_carries_the_door_s_headers(client: FlaskClient) -> None:
    headers = client.get("/healthz").headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Request-Id"]


def test_production_holds_browsers_to_encrypted_connections(app: Flask) -> None:
    real = Flask("real")
    settings = app.config["SETTINGS"]
    real.config["SETTINGS"] = dataclasses.replace(settings, environment=Environment.PRODUCTION, providers={})
    security.register(real)

    headers = real.test_client().get("/nothing").headers

    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert "form-action 'self' https://pay.wave.com" in headers["Content-Security-Policy"]
