"""What programs send: providers' messages, signed, forged, doubled and out of order, and what devices say for a passkey."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.gateways.sms import SIGNATURE_HEADER, signature
from portal.gateways.wave.reading import Unreadable
from portal.gateways.wave.signature import HEADER, signed_header
from portal.identity.models import PasskeyChallenge
from portal.kernel import clock
from portal.kernel.db import db
from portal.ledger.queries import disagreements, trial_balance
from portal.payments.models import PaymentWebhookEvent, WebhookStatus
from portal.payments.webhooks import process_event
from portal.pots.models import Donation
from tests.badinput.doors import Door
from tests.badinput.fuzz.effort import effort
from tests.badinput.fuzz.messages import (
    attestations,
    authenticator_data,
    cbor_values,
    invitees,
    sms_receipts,
    wave_events,
)
from tests.badinput.judging import complaints
from tests.badinput.table import DOORS, knock
from tests.badinput.trying import Trial
from tests.pots.gifts import payment_of

_ROW = {door.key: door for door in DOORS}
_PASSKEYS = [
    _ROW["identity.passkey_sign_in", "POST"],
    _ROW["identity.prove_with_passkey", "POST"],
    _ROW["identity.new_passkey", "POST"],
]
_CREATE = _ROW["referrals_api.create", "POST"]
# How a message comes: signed as it should be, or not quite.
_SIGNATURES: dict[str, Callable[[Trial, bytes], str]] = {
    "right": lambda trial, body: _signed(trial, body),
    "of another body": lambda trial, body: _signed(trial, body + b" "),
    "of a stranger": lambda trial, body: signed_header(["wave_sn_WHS_stranger"], body, clock.now()),
    "none": lambda trial, body: "",
    "twice": lambda trial, body: _signed(trial, body) + ",v1=00",
}


def _signed(trial: Trial, body: bytes) -> str:
    return signed_header(trial.app.config["SETTINGS"].wave_webhook_secrets, body, clock.now())


@pytest.mark.covers("DON-20", "DON-21", "DON-23")
@effort(15, of="Wave")
@given(
    messages=st.lists(
        st.tuples(wave_events(), st.sampled_from(("right", "right", "right", "right", *_SIGNATURES))),
        min_size=1,
        max_size=4,
    ),
    order=st.randoms(use_true_random=False),
)
def test_messages_of_wave_in_any_order_are_kept_once_and_the_books_stay_right(
    trial: Trial, messages: list[tuple[dict[str, Any], str]], order: Any
) -> None:
    """Sent, sent again in another order, and understood as the worker does it, twice."""
    names = trial.world.names | {"waiting_payment": _waiting_payment(trial)}
    sent = [(_filled(event, names), signed) for event, signed in messages]
    with trial.undoing():
        before = _kept()
        statuses = [_deliver(trial, *message) for message in sent]
        order.shuffle(sent)
        statuses += [_deliver(trial, *message) for message in sent]
        assert set(statuses) <= {200, 400, 401, 413}
        known = {
            event["id"]
            for event, signed in sent
            if signed in ("right", "twice") and isinstance(event["id"], str)
        }
        assert _kept() - before <= len(known)
        for _again in range(2):
            _understand_all()
        assert not any(trial_balance().values())
        assert disagreements() == []
    trial.fingerprint.changed()
    trial.valkey.flushall()


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, names) for name, one in value.items()}
    return names.get(value[1:-1], value) if isinstance(value, str) and value.startswith("{") else value


def _waiting_payment(trial: Trial) -> str:
    gift = db.session.scalars(
        select(Donation).where(Donation.receipt_token == trial.world.names["unpaid"])
    ).one()
    return str(payment_of(gift).id)


def _deliver(trial: Trial, event: dict[str, Any], signed: str) -> int:
    body = json.dumps(event).encode()
    headers = {HEADER: _SIGNATURES[signed](trial, body)}
    answer: TestResponse = trial.app.test_client().post("/webhooks/wave", data=body, headers=headers)
    db.session.remove()
    return answer.status_code


def _kept() -> int:
    return db.session.scalar(select(func.count()).select_from(PaymentWebhookEvent)) or 0


def _understand_all() -> None:
    """What cannot be understood is kept as failed, for a person."""
    waiting = db.session.scalars(
        select(PaymentWebhookEvent.id).where(PaymentWebhookEvent.provider_event_id.like("EV\\__"))
    ).all()
    for event_id in waiting:
        try:
            process_event(event_id)
        except Unreadable:
            db.session.remove()
            assert db.session.get_one(PaymentWebhookEvent, event_id).status is WebhookStatus.FAILED
        db.session.remove()


@effort(10, of="what is sent")
@given(
    fields=sms_receipts(),
    delivery=st.sampled_from(("{dead_delivery}", "x", "", None)),
    is_signed=st.booleans(),
)
def test_receipts_of_text_messages_are_taken_or_refused(
    trial: Trial, fields: list[tuple[str, str]], delivery: str | None, is_signed: bool
) -> None:
    plain = [(name, value.encode(errors="replace").decode()) for name, value in fields]
    named = trial.world.fill(delivery) if delivery else delivery
    path = "/webhooks/sms" if named is None else f"/webhooks/sms?delivery={named}"
    settings = trial.app.config["SETTINGS"]
    key = settings.sms_auth_token if is_signed else "of-a-stranger"
    data: dict[str, list[str]] = {}
    for name, value in plain:
        data.setdefault(name, []).append(value)
    signed = signature(key, settings.public_url + path, plain)

    tried = trial.ask("POST", path, data=data, headers={SIGNATURE_HEADER: signed})

    assert [*complaints(tried, {204, 400, 403, 413, 422} if is_signed else {403, 413})] == []


@effort(10, of="programs")
@given(body=invitees())
def test_programs_invite_somebody_or_are_told_why_not(trial: Trial, body: Any) -> None:
    tried = knock(
        trial,
        _CREATE,
        form=None,
        data=json.dumps(body),
        content_type="application/json",
        headers={"X-CSRFToken": trial.token(_CREATE.by)},
    )

    assert [*complaints(tried, {201, 409, 422, 429})] == []
    if tried.status != 201:
        assert tried.changed == set()
        assert tried.answer.get_json()["error"]["message"]


@pytest.mark.parametrize("door", _PASSKEYS, ids=str)
@effort(10, of="passkeys")
@given(data=st.data())
def test_whatever_a_device_says_is_a_passkey_or_is_refused(
    trial: Trial, door: Door, data: st.DataObject
) -> None:
    (name,) = door.session.values()
    challenge = db.session.get_one(PasskeyChallenge, UUID(trial.world.fill(name))).challenge
    credential = data.draw(_credentials(), label="credential")
    told = credential["response"].get("clientDataJSON")
    if isinstance(told, dict):
        told = {
            name: _encoded(challenge) if value == "{challenge}" else value for name, value in told.items()
        }
        credential["response"]["clientDataJSON"] = _encoded(json.dumps(told).encode())

    tried = knock(trial, door, form={**(door.form or {}), "credential": json.dumps(credential)})

    assert [*complaints(tried, {303, 422}, grows=door.grows)] == []
    if tried.status == 422:
        assert tried.changed <= door.grows


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@st.composite
def _credentials(draw: st.DrawFn) -> dict[str, Any]:
    """What `credential.toJSON()` gives in a browser, with parts of it otherwise or missing."""
    ident = draw(st.sampled_from((_encoded(b"careful"), _encoded(b"other"), "", "é", "====")))
    odd = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.just([]), st.just({}))
    told = st.fixed_dictionaries(
        {
            "type": st.sampled_from(("webauthn.create", "webauthn.get", "x")),
            "challenge": st.sampled_from(("{challenge}", "x", "")),
            "origin": st.sampled_from(("http://localhost", "https://evil.example")),
        },
        optional={"crossOrigin": odd, "tokenBinding": odd},
    )
    data = authenticator_data().map(_encoded)
    response = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "clientDataJSON": st.one_of(told, told, told, odd),
                "attestationObject": st.one_of(attestations().map(cbor2.dumps).map(_encoded), odd),
                "authenticatorData": st.one_of(data, data, cbor_values().map(cbor2.dumps).map(_encoded), odd),
                "signature": st.one_of(st.binary(max_size=72).map(_encoded), odd),
                "userHandle": st.one_of(st.binary(max_size=20).map(_encoded), odd),
                "transports": odd,
            },
        )
    )
    whole = {"id": ident, "rawId": ident, "type": "public-key", "response": response}
    return whole | draw(
        st.fixed_dictionaries(
            {},
            optional={
                "type": odd,
                "rawId": odd,
                "authenticatorAttachment": odd,
                "clientExtensionResults": odd,
            },
        )
    )
