"""Word of mouth, messages, and the links that come by mail."""

from __future__ import annotations

from datetime import date, timedelta

import pyotp
from sqlalchemy import select

from portal.identity import passkeys, second_factor
from portal.identity.attempts import Reason, note_attempt
from portal.identity.codes import issue_code
from portal.identity.half_open import wait_for_second_step
from portal.identity.mail_first import ask_for_new_address, ask_to_sign_up
from portal.identity.models import (
    AdminSession,
    AuthIdentity,
    AuthProvider,
    ContactChange,
    ContactKind,
    DeviceRegistration,
    Passkey,
    User,
    UserSession,
)
from portal.identity.recovery import issue_password_reset
from portal.identity.sessions import start_session
from portal.identity.unlocking import tell_of_lock
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.crypto import token_hash
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.notifications.mails import unsubscribe_url
from portal.notifications.models import (
    Category,
    DeliveryStatus,
    Notification,
    NotificationDelivery,
    NotificationTemplate,
)
from portal.notifications.services import notify
from portal.people.blocking import block
from portal.people.ending import ask_for_another
from portal.people.guardians import confirm_guardianship, name_guardian
from portal.people.models import Relationship
from portal.referrals.batches import open_batch
from portal.referrals.expiring import expire_due
from portal.referrals.models import PointAward, Referral
from tests.harness.house import acting, make_person
from tests.identity.doorway import hear_of_sign_ups, last_link, open_account
from tests.pots.gifts import make_open_pot
from tests.referrals.word_of_mouth import fill_list, give_points, make_friend, send_invitation

CHILD = date(2012, 3, 15)
WAITING_NUMBER = "+221771000099"


def make_sponsoring(people: dict[str, User]) -> dict[str, str]:
    """A list with an open batch, invitations that wait and that expired, points to use and to take back."""
    sponsor = people["sponsor"]
    with clock.travel(clock.now() - timedelta(days=30)):
        expired = send_invitation(sponsor)
    expire_due()
    contacts = fill_list(sponsor, 3)
    waiting = send_invitation(sponsor)
    _friend, referral = make_friend(sponsor)
    give_points(sponsor, 5_000)
    award = db.session.scalars(select(PointAward).where(PointAward.sponsor_user_id == sponsor.id)).first()
    assert award is not None
    return {
        "contact": str(contacts[0].id),
        "batch": str(open_batch(sponsor.id, by=acting(sponsor)).id),
        "expired_referral": str(expired.id),
        "referral": str(referral.id),
        "referral_code": _code_of(waiting),
        "question": _key_of(waiting),
        "award": str(award.id),
        "points_pot": str(make_open_pot(sponsor).id),
    }


def _key_of(referral: Referral) -> str:
    """What opens the page on which whoever was invited says no."""
    key = db.session.scalar(
        select(Notification.answer_key).where(Notification.related_entity_id == referral.id)
    )
    assert key is not None
    return key


def make_messages(people: dict[str, User]) -> dict[str, str]:
    """A message in the client's centre, one that could not be delivered, and the words of a third."""
    client = people["client"]
    for email in (None, "guest@example.org"):
        notify(
            "operations_alert",
            event_key="badinput",
            data={"subject": "a", "detail": "b"},
            user_id=None if email else client.id,
            email=email,
            by=SYSTEM,
        )
    dead = db.session.scalars(
        select(NotificationDelivery).where(NotificationDelivery.recipient_identifier == "guest@example.org")
    ).one()
    dead.status, dead.is_dead, dead.error_code = DeliveryStatus.FAILED, True, "550"
    message = db.session.scalars(
        select(Notification.id).where(Notification.user_id == client.id).limit(1)
    ).one()
    template = db.session.scalars(
        select(NotificationTemplate.id).where(NotificationTemplate.template_key == "pot_opened").limit(1)
    ).one()
    unsubscribe = unsubscribe_url(client.id, Category.POT)
    assert unsubscribe is not None
    return {
        "message": str(message),
        "dead_delivery": str(dead.id),
        "template": str(template),
        "unsubscribe": unsubscribe.rsplit("/", 1)[1],
    }


def make_links(people: dict[str, User]) -> dict[str, str]:
    """Links and codes that came to the client, a guardian who is asked, and a number that waits."""
    client, child = people["client"], people["child"]
    reset = issue_password_reset(client.id, by=SYSTEM)
    assert reset is not None
    name_guardian(child.id, CHILD, people["guardian"].phone or "", Relationship.PARENT, by=acting(child))
    _make_ward(people)
    asked = issue_code(WAITING_NUMBER, locale="fr", by=SYSTEM)
    proven = issue_code("+221771000098", locale="fr", by=SYSTEM)
    proven.used_at = clock.now()
    own = issue_code(client.phone or "", locale="fr", by=SYSTEM)
    people["unconfirmed"] = open_account("Sokhna Ly", email="sokhna@example.org")
    db.session.flush()
    return {
        "reset": reset,
        "unlock": _unlock_link(client),
        "sign_up_link": _sign_up_link(),
        "confirmation": last_link("awa@example.org", "confirm_email").rsplit("/", 1)[1],
        "asked_code": str(asked.id),
        "proven_code": str(proven.id),
        "own_code": str(own.id),
    }


def _make_ward(people: dict[str, User]) -> None:
    """A minor who asks for another guardian than the one who has said yes, who has blocked somebody."""
    guardian = people["guardian"]
    ward = people["ward"] = open_account("Marème Sow", email="mareme@example.org")
    name_guardian(ward.id, CHILD, guardian.phone or "", Relationship.PARENT, by=acting(ward))
    confirm_guardianship(ward.id, guardian.id, by=acting(guardian))
    ask_for_another(ward.id, "Mauvaise personne", by=acting(ward))
    block(guardian.id, people["undecided"].id, by=acting(guardian))


def make_careful(people: dict[str, User]) -> dict[str, str]:
    """Somebody whose app is set up and who is signed in elsewhere, and somebody who has begun to set it up."""
    careful = people["careful"] = open_account("Rokhaya Sène", email="rokhaya@example.org")
    beginning = people["beginning"] = open_account("Abdou Faye", email="abdou@example.org")
    for person in (careful, beginning):
        second_factor.begin_enrolment(person.id)
    waiting = second_factor.enrolment_of(careful.id, "rokhaya@example.org")
    assert waiting is not None
    shown = pyotp.TOTP(waiting.secret).at(clock.now())
    codes = second_factor.finish_enrolment(careful.id, new_id(), shown, by=acting(careful))
    start_session(careful.id, by=acting(careful))
    people["chief"] = make_person("Aminata Diop", roles=("user", "admin", "super_admin"))
    start_session(people["admin"].id, by=acting(people["admin"]))
    linked = AuthIdentity(user_id=careful.id, provider=AuthProvider.GOOGLE, provider_uid="107")
    db.session.add(linked)
    device = DeviceRegistration(id=new_id(), user_id=careful.id, name="Tablette", fingerprint="tablet")
    db.session.add(device)
    passkey = Passkey(
        id=new_id(), user_id=careful.id, name="Téléphone", credential_id=b"careful", public_key=b"key"
    )
    db.session.add(passkey)
    db.session.flush()
    elsewhere = db.session.scalars(select(UserSession.id).where(UserSession.user_id == careful.id)).one()
    return {
        "half_way": wait_for_second_step(careful.id),
        "recovery_code": codes[0],
        "passkey": str(passkey.id),
        "anybodys_challenge": str(passkeys.new_challenge()),
        "own_challenge": str(passkeys.new_challenge(careful.id)),
        "careful_session": str(elsewhere),
        "new_address": _new_address(careful),
        "take_back": _take_back(beginning),
        "careful_device": str(device.id),
        "staff_work": str(db.session.scalars(select(AdminSession.id)).one()),
    }


def _sign_up_link() -> str:
    ask_to_sign_up("arriving@example.org", locale="fr-SN", brought={})
    (token,) = hear_of_sign_ups()
    return token


def _new_address(user: User) -> str:
    ask_for_new_address(user.id, "fresher@example.org", locale="fr-SN")
    (token,) = hear_of_sign_ups()
    return token


def _take_back(user: User) -> str:
    change = ContactChange(
        user_id=user.id,
        kind=ContactKind.EMAIL,
        old_value="earlier@example.org",
        new_value=user.email,
        take_back_hash=token_hash("take-back"),
        take_back_until=clock.now() + timedelta(days=7),
    )
    db.session.add(change)
    return "take-back"


def _unlock_link(user: User) -> str:
    by = acting(user)
    attempt = note_attempt(user.email or "", Reason.WRONG_PASSWORD, user_id=user.id, by=by)
    db.session.flush()
    token = tell_of_lock(attempt.id, clock.now())
    assert token is not None
    return token


def _code_of(referral: Referral) -> str:
    code: str = referral.referral_code
    return code
