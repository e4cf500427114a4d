"""Wave's signature, against every vector of the contract (§2 and §9)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from wave_business_api import WebhookVerifier

from portal.gateways.wave import signature_ok
from portal.gateways.wave.signature import digest, parse_header, signed_header

T = "1768472430"
NOW = datetime.fromtimestamp(int(T), UTC)
FIRST = "wave_sn_WHS_sandbox0000000000000000000000000000000000000000000000"
SECOND = "wave_sn_WHS_sandbox1111111111111111111111111111111111111111111111"
V1_FIRST = "3c7fa715378d23de0826d230c5491286558e4fc52edbf6482ec303f3574d2a61"
V1_SECOND = "663b120e1dbce2aaf42d2dc2ddc3a5f70b39dca3898ec18ee82e770f9ff130cc"
HEADER = f"t={T},v1={V1_FIRST}"
ROTATED = f"t={T},v1={V1_SECOND},v1={V1_FIRST}"
BODY = (
    b'{"id":"EV_sandbox00001","type":"merchant.payment_received","data":{"id":"T_SANDBOX00001",'
    b'"amount":"2500","fee":"25","currency":"XOF","sender_mobile":"+221771234567",'
    b'"merchant_id":"M_SANDBOX0001","merchant_name":"Awa Couture","custom_fields":{"order":"A-17"},'
    b'"when_created":"2026-01-15T10:20:30Z"}}'
)

# The example that Wave publishes in its own documentation.
PUBLISHED_SECRET = "wave_sn_WHS_xz4m6g8rjs9bshxy05xj4khcvjv7j3hcp4fbpvv6met0zdrjvezg"
PUBLISHED_HEADER = "t=1667920421,v1=53c971695230e9c51b1030d673eee76e70bbcdf8a7c5b8c1d44e0b8b1329647b"
PUBLISHED_BODY = (
    b'{"id": "AE_ijzo7oGgrlM7", "type": "checkout.session.completed", "data": {"id": "cos-1b01sghpg100j", '
    b'"amount": "100", "checkout_status": "complete", "client_reference": null, "currency": "XOF", '
    b'"error_url": "https://example.com/error", "last_payment_error": null, '
    b'"business_name": "Annas Apiaries", "payment_status": "succeeded", '
    b'"success_url": "https://example.com/success", '
    b'"wave_launch_url": "https://pay.wave.com/c/cos-1b01sghpg100j?a=100&c=XOF&m=Annas%20Apiaries", '
    b'"when_completed": "2022-11-08T15:05:45Z", "when_created": "2022-11-08T15:05:32Z", '
    b'"when_expires": "2022-11-09T15:05:32Z", "transaction_id": "TCN4Y4ZC3FM"}}'
)
PUBLISHED_NOW = datetime.fromtimestamp(1667920421, UTC)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            b'{"currency":"XOF","receive_amount":"2500","mobile":"+221771234567","client_reference":"po-0001"}',
            "99e5032a177e255671f7c508d8ede426da6761af2a63afc74f5c56e2c5480d9c",
        ),
        (b"", "742d960b017fa4823d4b5d1166d02a5bd6337b296fb8fcad76c277889138ae83"),
        ('{"name":"Aïssatou"}'.encode(), "0857251d2325bebe6455cf623a694b2977f9246ca1aa13caddf2459cf8d2b978"),
    ],
)
def test_requests_are_signed_as_the_contract_computes(body: bytes, expected: str) -> None:
    secret = "wave_sn_AKS_sandbox2222222222222222222222222222222222222222222222"
    assert digest(secret, T, body) == expected
    assert signed_header([secret], body, NOW) == f"t={T},v1={expected}"


def test_the_first_vector_is_297_bytes_and_verifies() -> None:
    assert len(BODY) == 297
    assert signature_ok(HEADER, BODY, [FIRST], NOW)


def test_the_published_example_verifies_with_its_blanks_and_its_whole_secret() -> None:
    assert signature_ok(PUBLISHED_HEADER, PUBLISHED_BODY, [PUBLISHED_SECRET], PUBLISHED_NOW)


def test_a_body_that_was_parsed_and_written_again_does_not_verify() -> None:
    rewritten = json.dumps(json.loads(PUBLISHED_BODY), separators=(",", ":")).encode()
    assert not signature_ok(PUBLISHED_HEADER, rewritten, [PUBLISHED_SECRET], PUBLISHED_NOW)


def test_a_secret_without_its_prefix_or_a_dot_before_the_body_does_not_verify() -> None:
    bare = PUBLISHED_SECRET.removeprefix("wave_sn_WHS_")
    assert not signature_ok(PUBLISHED_HEADER, PUBLISHED_BODY, [bare], PUBLISHED_NOW)
    assert not signature_ok(PUBLISHED_HEADER, b"." + PUBLISHED_BODY, [PUBLISHED_SECRET], PUBLISHED_NOW)


def test_while_secrets_rotate_either_secret_opens_a_header_with_two_signatures() -> None:
    assert signature_ok(ROTATED, BODY, [FIRST], NOW)
    assert signature_ok(ROTATED, BODY, [SECOND], NOW)
    assert signature_ok(HEADER, BODY, [SECOND, FIRST], NOW)
    assert signed_header([SECOND, FIRST], BODY, NOW) == ROTATED


def test_a_message_signed_with_another_secret_or_with_none_is_refused() -> None:
    assert not signature_ok(HEADER, BODY, [SECOND], NOW)
    assert not signature_ok(HEADER, BODY, [], NOW)
    empty_secret = signed_header([""], BODY, NOW)
    assert not signature_ok(empty_secret, BODY, [""], NOW)


@pytest.mark.parametrize(
    ("seconds_later", "fits"), [(300, True), (301, False), (0, True), (-30, True), (-31, False)]
)
def test_a_message_is_believed_for_five_minutes_and_half_a_minute_ahead(
    seconds_later: int, fits: bool
) -> None:
    assert signature_ok(HEADER, BODY, [FIRST], NOW + timedelta(seconds=seconds_later)) is fits


def test_one_changed_byte_is_noticed() -> None:
    assert not signature_ok(HEADER, BODY.replace(b'"2500"', b'"9500"'), [FIRST], NOW)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        f"v1={V1_FIRST}",
        f"t={T}",
        f"t={T},t={T},v1={V1_FIRST}",
        f"t=,v1={V1_FIRST}",
        f"t=-{T},v1={V1_FIRST}",
        f"t={T}.0,v1={V1_FIRST}",
        f"t=١٧٦٨٤٧٢٤٣٠,v1={V1_FIRST}",
        f"t={'9' * 6000},v1={V1_FIRST}",
        f"t={T},v1=",
        f"t={T},v1=é{V1_FIRST}",
        f"t={T},v0={V1_FIRST}",
    ],
)
def test_a_header_in_any_other_form_is_refused_and_never_raises(header: str | None) -> None:
    assert not signature_ok(header, BODY, [FIRST], NOW)


def test_blanks_and_unknown_parts_in_a_header_do_no_harm() -> None:
    assert signature_ok(f"v0=old, v1={V1_FIRST} , t={T}", BODY, [FIRST], NOW)
    assert parse_header(f"t={T}, v1=a,v1=b") is not None


def test_the_community_verifier_agrees_about_the_vectors() -> None:
    verifier = WebhookVerifier(signing_secret=PUBLISHED_SECRET, tolerance_seconds=0)
    event = verifier.verify_and_parse(PUBLISHED_BODY.decode(), wave_signature=PUBLISHED_HEADER)
    assert event["data"]["transaction_id"] == "TCN4Y4ZC3FM"
