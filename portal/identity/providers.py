"""Ways in that an identity provider vouches for: Google, Apple, Facebook (ID-33 to ID-36).

The provider's own lasting name for a person decides who signs in, never an address. An account with the same address
is not taken over: its holder signs in to it, and links the provider there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.gateways.providers import Begun, Claims, ProviderUnavailable, begin, finish
from portal.identity.attempts import note_security_event
from portal.identity.events import way_in_changed
from portal.identity.holding import hold
from portal.identity.mail_first import holder_of
from portal.identity.models import AuthIdentity, AuthProvider, Severity, User
from portal.identity.services import NewAccount, register_user
from portal.identity.sessions import end_all_sessions
from portal.identity.ways import keep_a_way_in
from portal.kernel.actor import Actor
from portal.kernel.db import db, transaction, violated
from portal.kernel.elsewhere import leads_to_known_host
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.i18n import _
from portal.kernel.providers import IdentityProvider
from portal.kernel.visitor import Visitor

NAMES = {AuthProvider.GOOGLE: "Google", AuthProvider.APPLE: "Apple", AuthProvider.FACEBOOK: "Facebook"}


@dataclass(frozen=True, slots=True)
class LinkedProvider:
    """A provider that is configured, and since when the person is linked to it."""

    provider: AuthProvider
    name: str
    since: datetime | None


def offered() -> list[tuple[AuthProvider, str]]:
    """The providers that this portal is known to, with the names people know them by."""
    return [(AuthProvider(name), NAMES[AuthProvider(name)]) for name in _all_configured()]


def providers_of(user_id: UUID) -> Sequence[LinkedProvider]:
    """Every provider that is offered or linked, with the person's link."""
    rows = db.session.execute(
        select(AuthIdentity.provider, AuthIdentity.created_at).where(
            AuthIdentity.user_id == user_id, AuthIdentity.provider.in_(NAMES)
        )
    )
    linked = {row.provider: row.created_at for row in rows}
    names = {provider for provider, _name in offered()} | linked.keys()
    return [LinkedProvider(one, name, linked.get(one)) for one, name in NAMES.items() if one in names]


def begin_at(provider: AuthProvider, redirect_uri: str) -> Begun:
    """The way to a provider. Raises `NotFound` for one that is not offered, `ProviderUnavailable` where it leads elsewhere."""
    begun = begin(_configured(provider), redirect_uri)
    if not leads_to_known_host(begun.url):
        raise ProviderUnavailable("another host")
    return begun


def hear(provider: AuthProvider, begun: Begun, code: str, redirect_uri: str, *, by: Actor) -> Claims:
    """What the provider says of whoever came back with this code.

    Commits what was read so far: no transaction is open while the provider is asked. Raises `NotFound`,
    `ProviderRefused`, `ProviderUnavailable`.
    """
    found = _configured(provider)
    with transaction(by):
        pass
    return finish(found, begun, code, redirect_uri)


def has_account(email: str) -> bool:
    """Whether any account, open or closed, has this address, or may still have it back."""
    return holder_of(email.lower()) is not None


def register_with_provider(provider: AuthProvider, claims: Claims, account: NewAccount, *, by: Actor) -> User:
    """Open an account for somebody whose address the provider has proved. Raises as `register_user`, `Conflict`."""
    if not claims.email_is_verified or claims.email is None:
        raise Conflict(_("%(provider)s has not confirmed an e-mail address.", provider=NAMES[provider]))
    proved = replace(
        account, email=claims.email, password=None, email_is_proved=True, provider=(provider, claims.uid)
    )
    return register_user(proved, by=by)


def link_provider(person: Visitor, provider: AuthProvider, claims: Claims, *, by: Actor) -> None:
    """Let the provider open this account from now on; every other session ends. Safe to repeat.

    Raises `Conflict` when it opens another account, or the account has another one of this provider.
    """
    name = NAMES[provider]
    hold(person.user_id)
    held = db.session.scalars(
        select(AuthIdentity).where(
            AuthIdentity.provider == provider,
            (AuthIdentity.user_id == person.user_id) | (AuthIdentity.provider_uid == claims.uid),
        )
    ).all()
    if [(one.user_id, one.provider_uid) for one in held] == [(person.user_id, claims.uid)]:
        return
    _refuse_linked(any(one.user_id != person.user_id for one in held), bool(held), name)
    try:
        with db.session.begin_nested():
            db.session.add(AuthIdentity(user_id=person.user_id, provider=provider, provider_uid=claims.uid))
    except IntegrityError as error:
        _refuse_linked(violated(error) == "uq_auth_identities_provider_provider_uid", True, name)
        raise
    _tell(person, "provider_linked", Severity.INFO, name, by=by)


def unlink_provider(person: Visitor, provider: AuthProvider, *, by: Actor) -> None:
    """Let the provider open this account no more; every other session ends.

    Raises `NotFound` where it is not linked, `Conflict` for the last way in (ID-35).
    """
    hold(person.user_id)
    identity = db.session.scalars(
        select(AuthIdentity)
        .where(AuthIdentity.user_id == person.user_id, AuthIdentity.provider == provider)
        .with_for_update()
    ).one_or_none()
    if identity is None or provider not in NAMES:
        raise NotFound
    keep_a_way_in(person.user_id, without=identity.id)
    db.session.delete(identity)
    _tell(person, "provider_unlinked", Severity.WARNING, NAMES[provider], by=by)


def _refuse_linked(elsewhere: bool, at_all: bool, name: str) -> None:
    if elsewhere:
        raise Conflict(_("This %(provider)s account opens another account here.", provider=name))
    if at_all:
        raise Conflict(
            _("Another %(provider)s account is linked already. Please unlink it first.", provider=name)
        )


def _tell(person: Visitor, event: str, severity: Severity, name: str, *, by: Actor) -> None:
    end_all_sessions(person.user_id, except_id=person.session_id)
    note_security_event(person.user_id, event, severity, by=by, details={"provider": name})
    user = db.session.get_one(User, person.user_id)
    way_in_changed.send(user, name=name, is_new=event == "provider_linked", by=by)


def _configured(provider: AuthProvider) -> IdentityProvider:
    found = _all_configured().get(provider)
    if found is None:
        raise NotFound
    return found


def _all_configured() -> Mapping[str, IdentityProvider]:
    providers: Mapping[str, IdentityProvider] = current_app.config["SETTINGS"].providers
    return providers
