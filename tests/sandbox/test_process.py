"""The sandbox as a process: remembers over restarts, bears a kill, refuses what cannot work, keeps up."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
import requests

from portal.gateways.mail import Mail
from portal.gateways.wave import PayoutOrder
from portal.sandbox.config import read_config
from portal.sandbox.store import Store, insert
from tests.sandbox.running import ROOT, SECRET, RunningSandbox, environment

ORDER = PayoutOrder(receive_amount=2500, mobile="+221771234567", client_reference="po-1")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_what_moved_is_remembered_however_the_process_ended(tmp_path: Path, how: signal.Signals) -> None:
    with RunningSandbox(tmp_path) as sandbox:
        payout = sandbox.wave().create_payout(ORDER, idempotency_key="k")
        sandbox.sms().send("+221771234567", "Bonjour")
        balance = sandbox.wave().get_balance()
        status = sandbox.stop(how)
        assert status == (-signal.SIGKILL if how is signal.SIGKILL else 0)
        sandbox.start()
        assert sandbox.wave().create_payout(ORDER, idempotency_key="k") == payout
        assert sandbox.wave().get_balance() == balance
        assert sandbox.payouts_for("po-1") == 1
        assert len(sandbox.control("GET", "/sms")["messages"]) == 1


def test_a_batch_that_a_kill_interrupted_is_paid_once_by_the_next_process(tmp_path: Path) -> None:
    with RunningSandbox(tmp_path) as sandbox:
        sandbox.control("POST", "/batches", delay_seconds=3600)
        batch_id = sandbox.wave().create_payout_batch([ORDER], idempotency_key="b")
        sandbox.stop(signal.SIGKILL)
        sandbox.start()
        assert sandbox.payouts_for("po-1") == 0
        sandbox.control("POST", "/batches/run")
        assert sandbox.wave().create_payout_batch([ORDER], idempotency_key="b") == batch_id
        assert sandbox.payouts_for("po-1") == 1


def refused_start(*arguments: str, **more: str) -> str:
    command = [sys.executable, "-m", "portal.sandbox", *arguments]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment(**more), capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_two_sandboxes_do_not_share_a_folder(tmp_path: Path) -> None:
    with RunningSandbox(tmp_path):
        said = refused_start("--port", "0", "--smtp-port", "0", "--data-dir", str(tmp_path))
    assert "another sandbox" in said


def test_a_taken_mail_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with RunningSandbox(tmp_path / "one") as sandbox:
        taken = str(sandbox.smtp_port)
        said = refused_start("--port", "0", "--smtp-port", taken, "--data-dir", str(tmp_path / "two"))
    assert said.startswith("The sandbox cannot start:")


def test_production_has_no_sandbox(tmp_path: Path) -> None:
    keys = ("SECRET_KEY", "QR_SIGNING_KEY", "FIELD_KEY", "LOOKUP_KEY")
    secrets = {name: sha256(name.encode()).hexdigest() for name in keys}
    said = refused_start("--data-dir", str(tmp_path), PORTAL_ENV="production", **_own(secrets))
    assert "production" in said


def test_the_portals_settings_say_whom_to_notify_and_with_which_secrets(tmp_path: Path) -> None:
    told = environment(PUBLIC_URL="http://127.0.0.1:8000/", PORTAL_DATA_DIR=str(tmp_path))
    config = read_config([], told)
    assert config.webhook_url == "http://127.0.0.1:8000/webhooks/wave"
    assert config.webhook_secrets == (SECRET,)
    assert config.data_dir == tmp_path / "sandbox"
    own = read_config(["--webhook-url", "http://127.0.0.1:9/x", "--webhook-secret", "a"], told)
    assert (own.webhook_url, own.webhook_secrets) == ("http://127.0.0.1:9/x", ("a",))


def test_the_first_page_explains_the_sandbox_and_health_is_one_word(sandbox: RunningSandbox) -> None:
    page = requests.get(sandbox.url, timeout=20)
    assert "no real" in page.text
    assert "/_sandbox/faults" in page.text
    assert 'href="/sms"' in page.text
    assert 'href="/mail"' in page.text
    assert requests.get(f"{sandbox.url}/healthz", timeout=20).json() == {"status": "ok"}


def test_a_thousand_mails_and_texts_are_taken_by_fifty_senders_without_loss(sandbox: RunningSandbox) -> None:
    def send(sender: int) -> None:
        texter = sandbox.sms()
        with sandbox.mail() as mailer:
            for number in range(20):
                mailer.send(
                    Mail(f"<{sender}.{number}@teranga.example>", f"p{sender}@example.org", "Bonjour", "Salut")
                )
                texter.send("+221771234567", f"{sender}.{number}")

    with ThreadPoolExecutor(50) as senders:
        list(senders.map(send, range(50)))
    for kind, field in (("mail", "message_id"), ("sms", "body")):
        kept = sandbox.control("GET", f"/{kind}?limit=1000")["messages"]
        assert len({message[field] for message in kept}) == 1000


def test_only_the_newest_twenty_thousand_messages_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "sandbox.sqlite3")
    with store.transaction() as db:
        for number in range(20_000):
            insert(
                db,
                "sms",
                sid=f"SM{number}",
                recipient="+221771234567",
                sender="x",
                body=f"message {number} of many",
                status="delivered",
                created=0,
            )
    store.close()
    with RunningSandbox(tmp_path) as sandbox:
        sandbox.sms().send("+221771234567", "the newest")
        assert sandbox.control("GET", "/sms?q=message+0+of")["messages"] == []
        assert len(sandbox.control("GET", "/sms?q=message+1+of")["messages"]) == 1
        assert sandbox.control("GET", "/sms?limit=1")["messages"][0]["body"] == "the newest"


def _own(secrets: dict[str, str]) -> dict[str, str]:
    """Production's own secrets, so that nothing but being production is wrong."""
    own = {"WAVE_WEBHOOK_SECRETS": "own", "SMS_ACCOUNT_SID": "AC2", "SMS_AUTH_TOKEN": "own"}
    stores = {"DATABASE_URL": "postgresql:///portal", "REDIS_URL": "unix:///run/valkey"}
    return secrets | own | stores | {"PUBLIC_URL": "https://teranga.example"}
