"""Numbers for the scraper: counted, closed to strangers, about nobody."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.kernel.settings import Environment


def test_requests_are_counted_by_endpoint_and_status(client: FlaskClient) -> None:
    client.get("/healthz")
    client.open("/healthz", method="BREW")

    text = client.get("/metrics").text

    assert 'portal_answers_total{endpoint="web.healthz",method="GET",status="200"}' in text
    assert 'portal_request_seconds_bucket{endpoint="web.healthz",le="0.25",method="GET"}' in text
    assert "portal_queue_jobs 0.0" in text
    assert "BREW" not in text


@pytest.mark.parametrize(
    ("changes", "caller", "header", "status"),
    [
        ({}, "127.0.0.1", "", 200),
        ({}, "192.0.2.7", "", 404),
        ({"environment": Environment.PRODUCTION}, "127.0.0.1", "", 404),
        ({"metrics_token": "s3cret"}, "127.0.0.1", "", 404),
        ({"metrics_token": "s3cret"}, "192.0.2.7", "Bearer s3cret", 200),
        ({"metrics_token": "s3cret"}, "192.0.2.7", "Bearer wrong", 404),
    ],
)
def test_the_numbers_are_for_this_machine_or_for_whoever_shows_the_token(
    app: Flask,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, object],
    caller: str,
    header: str,
    status: int,
) -> None:
    changed = dataclasses.replace(app.config["SETTINGS"], **changes)
    monkeypatch.setitem(app.config, "SETTINGS", changed)

    answer = client.get(
        "/metrics", environ_overrides={"REMOTE_ADDR": caller}, headers={"Authorization": header}
    )

    assert answer.status_code == status
