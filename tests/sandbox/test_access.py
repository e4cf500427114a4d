"""Who may call: the key, the signature a key can demand, and addresses that are not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal.gateways.wave import PayoutOrder, WaveRefused
from portal.gateways.wave.signature import signed_header
from portal.kernel import clock
from tests.sandbox.running import API_KEY, RunningSandbox

SIGNING = "wave_sn_AKS_sandbox2222222222222222222222222222222222222222222222"


@pytest.fixture(scope="module")
def signing_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with RunningSandbox(tmp_path_factory.mktemp("signing"), "--signing-secret", SIGNING) as running:
        yield running


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "invalid-auth"),
        ("Basic abc", "invalid-auth"),
        ("Bearer", "api-key-not-provided"),
        ("Bearer  ", "api-key-not-provided"),
        ("Bearer wave_sn_prod_of_somebody_else", "no-matching-api-key"),
    ],
)
def test_a_wrong_key_is_refused_by_the_code_for_what_is_wrong(
    sandbox: RunningSandbox, header: str, code: str
) -> None:
    answer = sandbox.get("/v1/balance", Authorization=header)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_a_refusal_of_the_key_is_told_apart_from_a_refusal_of_the_order(sandbox: RunningSandbox) -> None:
    with pytest.raises(WaveRefused) as refused:
        sandbox.wave(api_key="wave_sn_prod_wrong").get_balance()
    assert refused.value.code == "no-matching-api-key"
    assert refused.value.is_about_access


def test_every_address_wants_the_key_first(sandbox: RunningSandbox) -> None:
    for path in ("/v1/balance", "/v1/nowhere", "/v1/checkout/sessions/cos-1", "/v1/aggregated_merchants"):
        assert sandbox.get(path, Authorization="").status_code == 401


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/nowhere", 404, "not-found"),
        ("/v1/payout", 405, "method-not-allowed"),
        ("/v1/aggregated_merchants", 403, "no-permission"),
        ("/v1/b2b/payout/b2b-1", 403, "no-permission"),
        ("/v1/payout/pt-nobody", 404, "not-found"),
        ("/v1/payout-batch/pb-nobody", 404, "not-found"),
        ("/v1/checkout/sessions", 400, "request-validation-error"),
        ("/v1/payouts/search", 400, "request-validation-error"),
    ],
)
def test_other_addresses_answer_as_wave_does(
    sandbox: RunningSandbox, path: str, status: int, code: str
) -> None:
    answer = sandbox.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_client_signs_every_call_over_the_bytes_it_sends(signing_sandbox: RunningSandbox) -> None:
    wave = signing_sandbox.wave(signing_secret=SIGNING)
    order = PayoutOrder(
        receive_amount=500, mobile="+221771234567", client_reference="po-1", name="Aïssatou Bâ — Ñ"
    )
    payout = wave.create_payout(order, idempotency_key="k")
    assert payout.name == "Aïssatou Bâ — Ñ"
    wave.reverse_payout(payout.id, idempotency_key="back")
    assert wave.search_payouts("po-1") == [wave.get_payout(payout.id)]
    batch_id = wave.create_payout_batch([order], idempotency_key="b")
    assert wave.get_payout_batch(batch_id).id == batch_id
    assert len(list(wave.transactions(payout.timestamp.date()))) >= 2


def test_an_unsigned_call_with_a_signing_key_is_refused(signing_sandbox: RunningSandbox) -> None:
    with pytest.raises(WaveRefused) as refused:
        signing_sandbox.wave().get_balance()
    assert (refused.value.code, refused.value.status) == ("missing-signature", 401)


def test_a_signature_with_another_secret_is_refused(signing_sandbox: RunningSandbox) -> None:
    with pytest.raises(WaveRefused) as refused:
        signing_sandbox.wave(signing_secret="wave_sn_AKS_other").get_balance()
    assert refused.value.code == "invalid-signature"


@pytest.mark.parametrize(
    ("seconds", "code"), [(-310, "expired-signature-timestamp"), (60, "invalid-signature-timestamp")]
)
def test_a_signature_from_another_time_is_refused(
    signing_sandbox: RunningSandbox, seconds: int, code: str
) -> None:
    header = signed_header([SIGNING], b"", clock.now() + timedelta(seconds=seconds))
    assert signing_sandbox.get("/v1/balance", **{"Wave-Signature": header}).json()["code"] == code


def test_a_signature_that_cannot_be_read_is_refused(signing_sandbox: RunningSandbox) -> None:
    answer = signing_sandbox.get("/v1/balance", **{"Wave-Signature": "v1=abc"})
    assert answer.json()["code"] == "invalid-signature-format"


def test_a_signature_over_other_bytes_is_refused(signing_sandbox: RunningSandbox) -> None:
    header = signed_header([SIGNING], b"{}", clock.now())
    body = {"currency": "XOF", "receive_amount": "500", "mobile": "+221771234567"}
    answer = signing_sandbox.post("/v1/payout", body, **{"Wave-Signature": header, "Idempotency-Key": "x"})
    assert answer.json()["code"] == "invalid-signature"


def test_the_key_comes_from_the_portals_own_settings(sandbox: RunningSandbox, tmp_path: Path) -> None:
    assert sandbox.get("/v1/balance", Authorization=f"Bearer {API_KEY}").status_code == 200
    with RunningSandbox(tmp_path, "--api-key", "wave_sn_another") as other:
        assert other.get("/v1/balance").status_code == 401
        assert other.wave(api_key="wave_sn_another").get_balance().currency == "XOF"
