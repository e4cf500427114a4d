"""Other hosts that a page may lead to."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask

from portal.kernel.elsewhere import leads_to_known_host
from portal.kernel.settings import Environment


def test_people_are_sent_to_wave_and_to_nobody_who_only_looks_like_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dataclasses.replace(app.config["SETTINGS"], environment=Environment.PRODUCTION)
    monkeypatch.setitem(app.config, "SETTINGS", settings)

    with app.app_context():
        assert leads_to_known_host("https://pay.wave.com/c/cos-1?a=2500")
        for address in (
            "http://pay.wave.com/c/cos-1",
            "https://pay.wave.com.elsewhere.example/c/cos-1",
            "https://pay.wave.com@elsewhere.example/c/cos-1",
            "//elsewhere.example/c/cos-1",
            "/c/cos-1",
            "javascript:alert(1)",
        ):
            assert not leads_to_known_host(address), address
