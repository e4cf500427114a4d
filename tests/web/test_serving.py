"""The web server as production starts it, in a process of its own and spoken to byte by byte."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from portal.kernel.settings import PROJECT_ROOT
from portal.supervisor.processes import end_with_parent
from tests.kernel.test_settings import ALL
from tests.walk.outside import eventually

_NOWHERE = {"DATABASE_URL": "postgresql://portal@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9"}
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")


class Served:
    """A server, where it listens and what it has said."""

    def __init__(self, folder: Path) -> None:
        self._said = folder / "said"
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = free.getsockname()[1]
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.server", "--port", str(self.port), "--workers", "1"],
                cwd=PROJECT_ROOT,
                env=os.environ | ALL | _NOWHERE | {"PORTAL_DATA_DIR": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                preexec_fn=end_with_parent(os.getpid(), signal.SIGKILL),
            )
        eventually(self._listens, "the server listens")

    def _listens(self) -> bool:
        with closing(socket.socket()) as trial:
            return trial.connect_ex(("127.0.0.1", self.port)) == 0

    def say(self, raw: bytes) -> bytes:
        """Everything that is answered to these bytes until the server hangs up."""
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=20)) as line:
            line.sendall(raw)
            return b"".join(iter(lambda: line.recv(65536), b""))

    def lines(self) -> list[str]:
        """What it has written, line by line."""
        return self._said.read_text(encoding="utf-8").splitlines()

    def events(self) -> list[dict[str, Any]]:
        """The same, each read as the object it must be."""
        return [json.loads(line) for line in self.lines()]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("served"))
    yield server
    server.process.terminate()
    server.process.wait(timeout=30)


def request(method: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([method + b" /healthz HTTP/1.1", b"Host: teranga.example", *headers, b"", body])


def statuses(answers: bytes) -> list[int]:
    return [int(status) for status in _STATUS.findall(answers)]


def test_what_chunks_say_decides_where_a_request_ends_and_not_its_length(served: Served) -> None:
    """A length beside chunks is not waited for, and what comes after is nobody's request (ASVS 4.2.1)."""
    form = (b"Content-Type: application/x-www-form-urlencoded", b"Transfer-Encoding: chunked")
    chunks = b"0\r\n\r\n" + request(b"GET", b"Connection: close")
    alone = request(b"POST", *form, body=chunks).replace(b"/healthz", b"/language", 1)
    beside = alone.replace(b"Transfer", b"Content-Length: 99999\r\nTransfer", 1)

    assert statuses(served.say(alone)) == [400, 200]
    assert statuses(served.say(beside)) == [400]


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: 4", b"Content-Length: 5"),
        (b"Content-Length: 4, 5",),
        (b"Content-Length: +4",),
        (b"Content-Length : 4",),
        (b"Transfer-Encoding: gzip",),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Transfer-Encoding : chunked",),
    ],
)
def test_a_request_whose_end_is_unclear_is_not_read(served: Served, headers: tuple[bytes, ...]) -> None:
    answers = served.say(request(b"POST", *headers, body=b"abcd" + request(b"GET")))

    assert statuses(answers) == [400]


def test_nobody_is_spoken_to_in_another_protocol(served: Served) -> None:
    """Neither HTTP/2 without encryption, nor WebSockets (ASVS 4.4)."""
    assert served.say(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)) == b""
    upgrade = (b"Upgrade: websocket", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: dGVyYW5nYQ==")
    assert statuses(served.say(request(b"GET", b"Connection: Upgrade, close", *upgrade))) == [400]


def test_production_says_in_every_answer_how_to_treat_it(served: Served) -> None:
    """Pages, files, refusals and what goes wrong inside alike (ASVS 3.4)."""
    for path in (b"/healthz", b"/static/js/portal.js", b"/nowhere", b"/readyz", b"/packs"):
        answer = served.say(request(b"GET", b"Connection: close").replace(b"/healthz", path))
        head = answer.partition(b"\r\n\r\n")[0].lower()
        assert b"strict-transport-security: max-age=63072000; includesubdomains" in head, path
        assert b"x-content-type-options: nosniff" in head, path
        assert b"frame-ancestors 'none'" in head, path


@pytest.mark.parametrize(
    "path",
    [
        b"/static/../portal/kernel/keys.py",
        b"/static/%2e%2e/portal/kernel/keys.py",
        b"/static/..%2f..%2f..%2f..%2fetc/passwd",
        b"/static/js/..%2f..%2fwsgi.py",
        b"/static//etc/passwd",
        b"/static/",
        b"/static/js",
        b"/static/js/",
        b"/static/vendor/README.md",
        b"/.git/config",
        b"/static/../.git/config",
        b"/instance/runtime.json",
        b"/files/../runtime.json",
    ],
)
def test_nothing_but_named_files_of_one_folder_is_handed_out(served: Served, path: bytes) -> None:
    """Neither folders, nor what lies beside them, nor the history of the code (ASVS 5.3.2, 13.4.1, 13.4.3)."""
    answer = served.say(request(b"GET", b"Connection: close").replace(b"/healthz", path))

    assert statuses(answer) == [404]


def test_every_cookie_of_production_is_bound_to_this_host(served: Served) -> None:
    """Also the one that signs forms (ASVS 3.3)."""
    answer = served.say(request(b"GET", b"Connection: close").replace(b"/healthz", b"/nowhere"))
    given = re.findall(
        rb"^set-cookie: (.+)\r$", answer.partition(b"\r\n\r\n")[0], re.MULTILINE | re.IGNORECASE
    )

    assert [cookie.partition(b"=")[0] for cookie in given] == [b"__Host-form"]
    assert {b"Secure", b"HttpOnly", b"Path=/", b"SameSite=Lax"} <= set(given[0].split(b"; "))
    assert b"Domain" not in given[0]


def test_every_line_of_production_is_one_object_with_its_moment(served: Served) -> None:
    """Those of the server and of libraries too: a form without its token is told by one (ASVS 16.2.4)."""
    served.say(request(b"GET", b"Connection: close").replace(b"/healthz", b"/packs"))
    form = (b"Content-Type: application/x-www-form-urlencoded", b"Content-Length: 0", b"Connection: close")
    served.say(request(b"POST", *form).replace(b"/healthz", b"/language"))

    events = served.events()
    assert {"_granian", "flask_wtf.csrf"} <= {event.get("logger") for event in events}
    assert {"database_away", "request_refused"} <= {event["event"] for event in events}
    for event in events:
        assert event["timestamp"].endswith("Z"), event
        assert event["level"], event


def test_what_ends_a_process_of_production_is_one_line_too(tmp_path: Path) -> None:
    code = "import portal; portal.create_app(); raise RuntimeError('it\\nends')"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT_ROOT,
        env=os.environ | ALL | _NOWHERE | {"PORTAL_DATA_DIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )

    (last,) = ended.stderr.splitlines()
    told = json.loads(last)
    assert ended.returncode == 1
    assert (told["event"], told["level"]) == ("process_ended", "critical")
    assert "RuntimeError: it\nends" in told["exception"]
