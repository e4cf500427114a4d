"""What `docs/production.md` has operators set stays in step with the portal behind it, and is strong enough."""

from __future__ import annotations

import re
import ssl

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from portal.kernel.settings import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "production.md").read_text(encoding="utf-8")
PROXY = PAGE.partition("## The proxy in front")[2].partition("\n## ")[0]
UNITS = re.findall(r"# /etc/systemd/system/(teranga-\S+)\.service(.*?)\[Install\]", PAGE, re.DOTALL)


def told(name: str) -> list[str]:
    """What each line of the proxy's settings that begins with `name` says."""
    return re.findall(rf"^\s+(?:location \S+ )?(?:= \S+ {{ )?{name} +([^;]+);", PROXY, re.MULTILINE)


def test_the_proxy_speaks_new_tls_with_strong_suites_only_and_the_strongest_first() -> None:
    """No connection without encryption is answered or led over (ASVS 4.1.2, 12.1.1, 12.1.2, 12.2.1)."""
    assert told("listen") == ["443 ssl"]
    assert told("ssl_protocols") == ["TLSv1.2 TLSv1.3"]
    assert told("ssl_prefer_server_ciphers") == ["on"]
    (named,) = told("ssl_ciphers")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(named)
    suites = [one for one in context.get_ciphers() if one["protocol"] == "TLSv1.2"]
    assert suites
    assert all(one["aead"] and one["kea"] == "kx-ecdhe" for one in suites)
    strengths = [one["strength_bits"] for one in suites if "CHACHA20" not in one["name"]]
    assert strengths == sorted(strengths, reverse=True)
    assert min(strengths) >= 128


def test_the_proxy_leads_to_the_portal_alone_and_says_itself_who_called(app: Flask) -> None:
    """What callers say of themselves is written over; addresses are in no log (ASVS 4.1.3, 13.2.5, 13.4.5)."""
    assert told("proxy_pass") == ["http://127.0.0.1:8000"]
    assert set(told("proxy_set_header")) == {
        "Host $host",
        "X-Forwarded-For $remote_addr",
        "X-Forwarded-Proto $scheme",
    }
    assert "location = /metrics { deny all; }" in PROXY
    assert told("access_log") == ["off"]
    assert told("proxy_request_buffering") == ["on"]
    (most,) = told("client_max_body_size")
    assert int(most.removesuffix("m")) * 1024 * 1024 >= app.config["MAX_CONTENT_LENGTH"]


def test_what_the_proxy_answers_by_itself_is_treated_as_the_portals_own(client: FlaskClient) -> None:
    """A page of its own would be framed, guessed at, or seen without encryption (ASVS 3.4.1, 3.4.4, 3.4.6)."""
    own = dict(re.findall(r'map \$upstream_http_x_request_id (\$own_\w+) { "" "([^"]+)"; }', PROXY))
    given = {name: own[value] for name, value in re.findall(r"add_header (\S+) (\$own_\w+) always;", PROXY)}
    headers = client.get("/healthz").headers

    assert headers["X-Request-Id"], "by which the proxy knows an answer of the portal"
    assert given.pop("Strict-Transport-Security") == "max-age=63072000; includeSubDomains"
    policy = given.pop("Content-Security-Policy").split("; ")
    assert set(policy) <= set(headers["Content-Security-Policy"].split("; "))
    assert {"default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} == set(
        policy
    )
    assert given == {name: headers[name] for name in ("X-Content-Type-Options", "Referrer-Policy")}


def test_each_process_is_kept_from_what_it_does_not_need() -> None:
    """Its user writes to one folder and sees no history of the code (ASVS 13.4.1)."""
    assert {name for name, _settings in UNITS} == {"teranga-web", "teranga-worker@", "teranga-schedule"}
    for name, settings in UNITS:
        lines = {line.strip() for line in settings.splitlines()}
        assert {
            "User=teranga",
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "ReadWritePaths=/srv/teranga/instance",
            "InaccessiblePaths=/srv/teranga/.git",
        } <= lines, name


def test_the_account_in_valkey_does_all_that_is_needed_and_steers_nothing(
    valkey: redis.Redis, valkey_url: str
) -> None:
    """The queue, a worker and the counting of requests, with the least rights (ASVS 13.2.2)."""
    (rights,) = re.findall(r"^    user teranga on >… (.+)$", PAGE, re.MULTILINE)
    valkey.execute_command("ACL", "SETUSER", "teranga", "reset", "on", ">secret", *rights.split())
    try:
        url = valkey_url.replace("unix://", "unix://teranga:secret@")
        with redis.Redis.from_url(url) as held:
            queue = Queue("rights", connection=held, serializer=JSONSerializer)
            job = queue.enqueue("builtins.len", "abc", job_id="rights", unique=True)
            SimpleWorker([queue], connection=held, serializer=JSONSerializer).work(
                burst=True, with_scheduler=True
            )
            assert job.return_value() == 3
            counter = FixedWindowRateLimiter(storage_from_string("redis+" + url))
            assert [counter.hit(parse("1/minute"), "rights") for _try in range(2)] == [True, False]
            for words in ("CONFIG GET *", "FLUSHALL", "SHUTDOWN NOSAVE", "ACL LIST", "KEYS *"):
                with pytest.raises(redis.exceptions.NoPermissionError):
                    held.execute_command(*words.split())
    finally:
        valkey.execute_command("ACL", "DELUSER", "teranga")
