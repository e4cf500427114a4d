"""Passkeys (WebAuthn): kept by a phone, a computer or a password manager, opened by a finger, a face or a PIN.

The user is always verified by the device, so a passkey alone is two factors. A challenge is signed once; the
counter of a key must grow, because one that stands still was copied.
"""

from __future__ import annotations

import json
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from flask import current_app
from sqlalchemy import exists, select, update
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.config.values import CODE_MINUTES, value_of
from portal.identity.attempts import note_security_event
from portal.identity.events import passkey_changed
from portal.identity.holding import hold
from portal.identity.models import Passkey, PasskeyChallenge, Severity, User
from portal.identity.sessions import end_all_sessions, forget_cached
from portal.identity.ways import keep_a_way_in
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id, random_token

MOST_PASSKEYS = 20
_NAME = "Teranga"
_VERIFIED = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
)


def passkeys_of(user_id: UUID) -> list[Passkey]:
    """The person's passkeys, the oldest first."""
    return [*db.session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id))]


def has_passkey(user_id: UUID) -> bool:
    """Whether the person has any."""
    return bool(db.session.execute(select(exists().where(Passkey.user_id == user_id))).scalar_one())


def new_challenge(user_id: UUID | None = None) -> UUID:
    """Something to sign: by a passkey of this person, or of anybody."""
    row = PasskeyChallenge(
        id=new_id(),
        user_id=user_id,
        challenge=random_token().encode(),
        expires_at=clock.now() + timedelta(minutes=value_of(CODE_MINUTES)),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def registration_options(challenge_id: UUID, user_id: UUID, account: str) -> str | None:
    """What the browser needs to make a passkey, as JSON; None when the challenge is used up or another's."""
    challenge = _open_challenge(challenge_id, user_id)
    if challenge is None:
        return None
    known = [PublicKeyCredentialDescriptor(id=one.credential_id) for one in passkeys_of(user_id)]
    options = webauthn.generate_registration_options(
        rp_id=_site(),
        rp_name=_NAME,
        user_id=user_id.bytes,
        user_name=account,
        challenge=challenge,
        authenticator_selection=_VERIFIED,
        exclude_credentials=known,
    )
    return webauthn.options_to_json(options)


def sign_in_options(challenge_id: UUID, user_id: UUID | None = None) -> str | None:
    """What the browser needs to use a passkey, as JSON; None when the challenge is used up or another's."""
    challenge = _open_challenge(challenge_id, user_id)
    if challenge is None:
        return None
    known = (
        [PublicKeyCredentialDescriptor(id=one.credential_id) for one in passkeys_of(user_id)]
        if user_id
        else []
    )
    options = webauthn.generate_authentication_options(
        rp_id=_site(),
        challenge=challenge,
        allow_credentials=known,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def register(
    user_id: UUID, session_id: UUID, challenge_id: UUID, *, name: str, answer: str, by: Actor
) -> Passkey:
    """Keep a new passkey; every other session ends. Raises `InvalidInput` for an answer that proves none.

    Raises `Conflict` for one that is known already, or one too many.
    """
    challenge = _take_challenge(challenge_id, user_id)
    hold(user_id)
    if len(passkeys_of(user_id)) >= MOST_PASSKEYS:
        raise Conflict(_("You have enough passkeys. Please remove one first."))
    try:
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge or b"",
            expected_rp_id=_site(),
            expected_origin=_origins(),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise InvalidInput(_no_good()) from error
    if challenge is None:
        raise InvalidInput(_no_good())
    found = select(exists().where(Passkey.credential_id == verified.credential_id))
    if db.session.execute(found).scalar_one():
        raise Conflict(_("This passkey is known already."))
    passkey = Passkey(
        id=new_id(),
        user_id=user_id,
        name=name,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
    )
    db.session.add(passkey)
    end_all_sessions(user_id, except_id=session_id)
    _tell(user_id, "passkey_added", Severity.INFO, name, by=by)
    return passkey


def remove(user_id: UUID, session_id: UUID, passkey_id: UUID, *, by: Actor) -> None:
    """Forget a passkey of the person; every other session ends.

    Raises `NotFound` for another's, `Conflict` for the last way in (ID-35).
    """
    passkey = own_passkey(user_id, passkey_id)
    keep_a_way_in(user_id, without=passkey.id)
    db.session.delete(passkey)
    end_all_sessions(user_id, except_id=session_id)
    _tell(user_id, "passkey_removed", Severity.WARNING, passkey.name, by=by)


def rename(user_id: UUID, passkey_id: UUID, name: str, *, by: Actor) -> None:
    """Call a passkey of the person otherwise. Raises `NotFound` for another's."""
    passkey = own_passkey(user_id, passkey_id)
    if passkey.name == name:
        return
    passkey.name = name
    note_security_event(user_id, "passkey_renamed", Severity.INFO, by=by, details={"device": name})


def own_passkey(user_id: UUID, passkey_id: UUID) -> Passkey:
    """A passkey of the person. Raises `NotFound` for another's."""
    hold(user_id)
    passkey = db.session.get(Passkey, passkey_id, with_for_update=True)
    if passkey is None or passkey.user_id != user_id:
        raise NotFound
    return passkey


def proven_by_passkey(
    challenge_id: UUID, answer: str, *, user_id: UUID | None = None, by: Actor
) -> UUID | None:
    """Whose passkey has signed this challenge; None when nobody's has, or not the one of `user_id`.

    The challenge is used up whatever comes of it. A refusal is a result, so that this is kept.
    """
    challenge = _take_challenge(challenge_id, user_id)
    holder_id = holder_named_in(answer)
    if holder_id is not None:
        hold(holder_id)
    passkey = _named_in(answer, lock=True)
    if challenge is None or passkey is None or (user_id is not None and passkey.user_id != user_id):
        return None
    try:
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_site(),
            expected_origin=_origins(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        return None
    if not _counter_grows(passkey.sign_count, verified.new_sign_count):
        note_security_event(
            passkey.user_id, "passkey_copied", Severity.CRITICAL, by=by, details={"device": passkey.name}
        )
        return None
    passkey.sign_count, passkey.last_used_at = verified.new_sign_count, clock.now()
    return passkey.user_id


def holder_named_in(answer: str) -> UUID | None:
    """Whose passkey an answer says it comes from, whether or not it proves it."""
    passkey = _named_in(answer, lock=False)
    return passkey.user_id if passkey else None


def _counter_grows(kept: int, new: int) -> bool:
    """Whether this signature is a later one; keys that do not count say zero for ever."""
    return new > kept or (new == 0 and kept == 0)


def _named_in(answer: str, *, lock: bool) -> Passkey | None:
    """The passkey that an answer says it comes from."""
    try:
        credential_id = base64url_to_bytes(json.loads(answer)["id"])
    except (ValueError, TypeError, KeyError):
        return None
    found = select(Passkey).where(Passkey.credential_id == credential_id)
    if lock:
        found = found.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(found).scalar_one_or_none()


def _open_challenge(challenge_id: UUID, user_id: UUID | None) -> bytes | None:
    found = select(PasskeyChallenge.challenge).where(
        PasskeyChallenge.id == challenge_id,
        PasskeyChallenge.user_id.is_not_distinct_from(user_id),
        PasskeyChallenge.used_at.is_(None),
        PasskeyChallenge.expires_at > clock.now(),
    )
    return db.session.execute(found).scalar_one_or_none()


def _take_challenge(challenge_id: UUID, user_id: UUID | None) -> bytes | None:
    """The challenge, for the one who comes first."""
    taken = (
        update(PasskeyChallenge)
        .where(
            PasskeyChallenge.id == challenge_id,
            PasskeyChallenge.user_id.is_not_distinct_from(user_id),
            PasskeyChallenge.used_at.is_(None),
            PasskeyChallenge.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(PasskeyChallenge.challenge)
    )
    return db.session.execute(taken).scalar_one_or_none()


def _tell(user_id: UUID, event: str, severity: Severity, name: str, *, by: Actor) -> None:
    note_security_event(user_id, event, severity, by=by, details={"device": name})
    db.session.flush()
    forget_cached(user_id)
    passkey_changed.send(db.session.get_one(User, user_id), name=name, is_new=event == "passkey_added", by=by)


def _no_good() -> str:
    return _("This passkey could not be used. Please try again.")


def _site() -> str:
    """The host that passkeys are bound to; an address of numbers has none, so they are this machine's own."""
    host = urlsplit(current_app.config["SETTINGS"].public_url).hostname or "localhost"
    return "localhost" if _is_number(host) else host


def _origins() -> list[str]:
    """Where a passkey may be used: the portal's public address."""
    public: str = current_app.config["SETTINGS"].public_url
    parts = urlsplit(public)
    if parts.hostname is None or not _is_number(parts.hostname):
        return [public]
    port = f":{parts.port}" if parts.port else ""
    return [f"{parts.scheme}://localhost{port}"]


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
