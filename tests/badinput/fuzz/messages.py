"""Messages of providers as their contracts describe them, and a little otherwise."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.badinput.fuzz.values import numbers, texts

Strategy = st.SearchStrategy[Any]

_NONSENSE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.lists(st.text(max_size=3), max_size=2),
    texts(),
    st.just({}),
)
_AMOUNTS = st.one_of(
    st.integers(1, 100_000).map(str),
    st.sampled_from(("500", "499", "501", "500.00", "0", "-500", "1e3", "０")),
    numbers(),
)
_TIMES = st.one_of(
    st.sampled_from(
        (
            "2026-03-02T10:00:00Z",
            "2026-03-02T10:30:00Z",
            "9999-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "",
        )
    ),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
)
_CODES = st.sampled_from(("insufficient-funds", "payment-failure", "x" * 300, ""))
# The payment that waits, one that has arrived, one whose outcome a person looks at, and what is none of ours.
_OURS = ("{waiting_payment}", "{payment}", "{checked_payment}")


def _mostly(good: Strategy, times: int = 6) -> Strategy:
    return st.one_of(*[good] * times, _NONSENSE)


def sessions() -> Strategy:
    """A checkout session, open, paid or over, of a payment of ours or of nobody's."""
    return st.fixed_dictionaries(
        {
            "id": _mostly(st.sampled_from(("cos-a", "cos-b", "cos-c", "x" * 101))),
            "amount": _mostly(_AMOUNTS),
            "currency": _mostly(st.sampled_from(("XOF", "XOF", "XOF", "EUR", "xof", ""))),
            "checkout_status": _mostly(st.sampled_from(("open", "complete", "expired"))),
            "payment_status": _mostly(st.sampled_from(("processing", "succeeded", "cancelled", "failed"))),
            "wave_launch_url": _mostly(
                st.sampled_from(("https://pay.wave.com/c/cos-a", "javascript:bad()", "//[", ""))
            ),
            "when_created": _mostly(_TIMES),
            "when_expires": _mostly(_TIMES),
        },
        optional={
            "client_reference": _mostly(st.sampled_from(_OURS)),
            "transaction_id": _mostly(st.sampled_from(("T1", "T2", None))),
            "when_completed": _mostly(st.one_of(_TIMES, st.none())),
            "last_payment_error": _mostly(
                st.fixed_dictionaries({"code": _mostly(_CODES), "message": texts()})
            ),
            "aggregated_merchant_id": _NONSENSE,
            "restrict_payer_mobile": _NONSENSE,
            "success_url": _NONSENSE,
        },
    )


def wave_events() -> Strategy:
    """An envelope with a few ids, so that one comes again, also with another content."""
    kinds = (
        "checkout.session.completed",
        "checkout.session.completed",
        "checkout.session.payment_failed",
        "merchant.payment_received",
        "b2b.payment_failed",
        "test.test_event",
        "x" * 51,
    )
    return st.fixed_dictionaries(
        {
            "id": st.one_of(st.sampled_from(("EV_1", "EV_2", "EV_3")), _NONSENSE),
            "type": _mostly(st.sampled_from(kinds)),
            "data": _mostly(sessions()),
        },
        optional={"extra": _NONSENSE},
    )


def sms_receipts() -> st.SearchStrategy[list[tuple[str, str]]]:
    """The fields of Twilio's receipt, each perhaps missing, odd or there twice."""
    names = (
        "MessageSid",
        "MessageStatus",
        "SmsSid",
        "SmsStatus",
        "ErrorCode",
        "To",
        "From",
        "AccountSid",
        "ApiVersion",
        "x",
    )
    values = st.one_of(
        st.sampled_from(
            (
                "queued",
                "sent",
                "delivered",
                "undelivered",
                "failed",
                "SM" + "0" * 32,
                "30003",
                "+221771234567",
            )
        ),
        texts(),
        numbers(),
    )
    return st.lists(st.tuples(st.sampled_from(names), values), max_size=8)


def invitees() -> Strategy:
    """What a program sends to invite somebody."""
    names = ("referred_name", "referred_phone", "referred_email", "message", "id", "status", "x")
    values = st.one_of(_NONSENSE, st.sampled_from(("Modou", "77 123 45 67", "modou@example.org", "")))
    return st.one_of(st.dictionaries(st.sampled_from(names), values, max_size=5), _NONSENSE)


def cbor_values() -> Strategy:
    """What may stand where a device's answer holds CBOR."""
    leaf = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63),
        st.binary(max_size=80),
        st.text(max_size=8),
        st.floats(),
    )
    keys = st.one_of(st.sampled_from(("fmt", "attStmt", "authData", "sig", "alg", "x5c")), st.integers(-5, 5))
    return st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=10,
    )


def attestations() -> Strategy:
    """An attestation object, nearly whole."""
    return st.one_of(
        cbor_values(),
        st.fixed_dictionaries(
            {
                "fmt": st.one_of(
                    st.sampled_from(
                        (
                            "none",
                            "packed",
                            "fido-u2f",
                            "apple",
                            "tpm",
                            "android-key",
                            "android-safetynet",
                            "x",
                        )
                    ),
                    cbor_values(),
                ),
                "attStmt": st.one_of(
                    st.just({}),
                    st.fixed_dictionaries(
                        {},
                        optional={
                            "sig": cbor_values(),
                            "alg": cbor_values(),
                            "x5c": cbor_values(),
                            "response": cbor_values(),
                            "ver": cbor_values(),
                            "certInfo": cbor_values(),
                            "pubArea": cbor_values(),
                        },
                    ),
                    cbor_values(),
                ),
                "authData": st.one_of(authenticator_data(), cbor_values()),
            }
        ),
    )


@st.composite
def authenticator_data(draw: st.DrawFn) -> bytes:
    """For our own site, with any flags, counters, ids and keys after it, cut off anywhere."""
    from hashlib import sha256

    import cbor2

    site = draw(st.sampled_from((sha256(b"localhost").digest(), b"\0" * 32, b"")))
    flags = draw(st.one_of(st.sampled_from((0x45, 0xC5, 0x05, 0x41)), st.integers(0, 255)))
    credential = draw(st.binary(max_size=40))
    length = draw(st.one_of(st.just(len(credential)), st.integers(0, 65_535)))
    key = draw(
        st.one_of(
            st.just({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32}),
            st.just({1: 3, 3: -257, -1: b"n", -2: b"\1"}),
            cbor_values(),
        )
    )
    whole = b"".join(
        [
            site,
            bytes([flags]),
            draw(st.binary(min_size=4, max_size=4)),
            b"\0" * 16,
            length.to_bytes(2, "big"),
            credential,
            cbor2.dumps(key),
        ]
    )
    return whole[: draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))]
