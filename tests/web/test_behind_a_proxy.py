"""Whom the portal takes a caller for behind a proxy, which says it last (ASVS 4.1.3, 15.3.4)."""

from __future__ import annotations

import dataclasses

import pytest
from flask import request

import portal
from portal.kernel.limits import by_address
from portal.kernel.settings import Settings


@pytest.mark.parametrize(
    ("proxies", "said", "address"),
    [
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (1, "203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.7, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
        (0, "203.0.113.9", "127.0.0.1"),
    ],
)
def test_the_address_that_the_trusted_proxy_saw_is_the_callers(
    test_settings: Settings, proxies: int, said: str, address: str
) -> None:
    app = portal.create_app(dataclasses.replace(test_settings, proxy_count=proxies))
    app.add_url_rule("/who", "who", lambda: [request.remote_addr, by_address(), request.host])
    forged = {
        "X-Forwarded-For": said,
        "X-Real-IP": "198.51.100.7",
        "Forwarded": "for=198.51.100.7",
        "X-Forwarded-Host": "evil.example",
    }

    seen = app.test_client().get("/who", headers=forged).json

    assert seen == [address, f"ip:{address}", "localhost"]
