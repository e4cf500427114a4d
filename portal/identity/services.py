"""Opening an account, and who brought it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from portal.identity import passwords
from portal.identity.attempts import security_of
from portal.identity.codes import take_proof
from portal.identity.directory import normal_email
from portal.identity.events import user_registered
from portal.identity.models import AuthIdentity, AuthProvider, User
from portal.identity.recovery import send_confirmation
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db, violated
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.i18n import _
from portal.kernel.ids import new_id, random_code
from portal.kernel.phones import to_e164
from portal.people.ages import is_adult
from portal.people.birthdays import check_birthday, set_birthday, state_birthday
from portal.people.services import open_profile

PERSONAL_CODE_LENGTH = 9
_CODE_ATTEMPTS = 5
_REGISTERING = "registering"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a person says when they open an account: a name, and an e-mail address or a phone number.

    A phone given here counts as proved, an address with `email_is_proved`; a `provider` is one that vouches for the
    person, under its own name for them. A day of birth under 18 is left for the step that names a guardian.
    `utm` is where they came from (PPL-34). `page` is where they agreed to the terms by going on; none when somebody
    else opens the account for them.
    """

    full_name: str
    email: str | None = None
    password: str | None = None
    phone: str | None = None
    date_of_birth: date | None = None
    locale: str = "fr-SN"
    invitation_code: str | None = None
    utm: dict[str, str] = field(default_factory=dict)
    email_is_proved: bool = False
    provider: tuple[AuthProvider, str] | None = None
    page: str | None = None


def register_user(account: NewAccount, *, by: Actor) -> User:
    """Open an account with its profile and ways to sign in, and tell the other rooms (ID-12, ID-28, ID-32).

    Raises `InvalidInput` for a name, address, number or password that cannot be used, `Conflict` when the
    address or number has an account already.
    """
    email = normal_email(account.email) if account.email else None
    phone = to_e164(account.phone) if account.phone else None
    if account.password is not None:
        passwords.check_password(account.password, owner=(email, phone, account.full_name))
    elif phone is None and account.provider is None:
        raise InvalidInput(_("Please choose a password."), field="password")
    if account.date_of_birth is not None:
        check_birthday(account.date_of_birth)
    user = _insert_user(email, phone, account, by)
    open_profile(user.id, account.full_name, locale=account.locale, attribution=account.utm, by=by)
    security_of(user.id)
    db.session.flush()
    if email is not None and not account.email_is_proved:
        send_confirmation(user, locale=account.locale, by=by)
    _tell(user, account, by)
    if account.date_of_birth is not None:
        tell = set_birthday if is_adult(account.date_of_birth) else state_birthday
        tell(user.id, account.date_of_birth, by=by)
    return user


def register_with_phone(token_id: UUID, account: NewAccount, *, by: Actor) -> User:
    """Open an account for the number that a right code has proved. Raises as `take_proof`, `register_user`."""
    proof = take_proof(token_id)
    user = register_user(replace(account, phone=proof.target), by=by)
    proof.user_id = user.id
    return user


def tie_to_sponsor(user_id: UUID, sponsor_id: UUID, *, by: Actor) -> None:
    """Remember who brought this person: once, while the account is being opened (ID-29 to ID-31).

    For receivers of `user_registered`. Raises `Conflict` at any other time, for a second sponsor and for
    oneself.
    """
    user = db.session.get(User, user_id)
    if user is None or db.session().info.get(_REGISTERING) != user_id:
        raise Conflict(_("Who brought a person is decided when the account is opened."))
    if user.referred_by is not None or sponsor_id == user_id:
        raise Conflict(_("This person already has a sponsor."))
    user.referred_by = sponsor_id
    db.session.flush()


def _tell(user: User, account: NewAccount, by: Actor) -> None:
    info = db.session().info
    info[_REGISTERING] = user.id
    try:
        user_registered.send(
            user, invitation_code=account.invitation_code, utm=account.utm, page=account.page, by=by
        )
    finally:
        del info[_REGISTERING]


def _insert_user(email: str | None, phone: str | None, account: NewAccount, by: Actor) -> User:
    """The account and its ways to sign in; a personal code that is taken is made again (ID-28, M-14)."""
    for _attempt in range(_CODE_ATTEMPTS):
        user = _new_user(email, phone, account)
        user.created_by = by.user_id or user.id
        try:
            with db.session.begin_nested():
                db.session.add(user)
                db.session.flush()
                db.session.add_all(_ways_to_sign_in(user, account))
        except IntegrityError as error:
            _refuse_taken(error)
        else:
            return user
    raise RuntimeError("no free personal code was found")


def _new_user(email: str | None, phone: str | None, account: NewAccount) -> User:
    password, moment = account.password, clock.now()
    provider = AuthProvider.PHONE if phone else AuthProvider.EMAIL
    return User(
        id=new_id(),
        email=email,
        phone=phone,
        password_hash=passwords.hash_password(password) if password else None,
        signup_provider=account.provider[0] if account.provider else provider,
        phone_verified_at=moment if phone else None,
        email_verified_at=moment if email and account.email_is_proved else None,
        referral_code=random_code(PERSONAL_CODE_LENGTH),
    )


def _ways_to_sign_in(user: User, account: NewAccount) -> list[AuthIdentity]:
    addresses = {AuthProvider.EMAIL: user.email, AuthProvider.PHONE: user.phone}
    addresses |= dict([account.provider]) if account.provider else {}
    return [
        AuthIdentity(user_id=user.id, provider=provider, provider_uid=uid, created_by=user.created_by)
        for provider, uid in addresses.items()
        if uid is not None
    ]


def _refuse_taken(error: IntegrityError) -> None:
    """Say which address is taken; come back for a personal code that is, so that another one is made."""
    constraint = violated(error)
    if constraint == "uq_users_referral_code":
        return
    if constraint == "uq_users_phone":
        raise Conflict(_("This number has an account already. Please sign in."), field="phone") from error
    if constraint in ("uq_users_email_lower", "uq_auth_identities_provider_provider_uid"):
        raise Conflict(
            _("This e-mail address has an account already. Sign in, or choose a new password."), field="email"
        ) from error
    raise error
