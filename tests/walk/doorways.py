"""The pages at the door and about one's own safety, as somebody stands before them who has come that far."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyotp

from portal.demo.accounts import PASSWORD
from portal.kernel import clock
from portal.supervisor.stack import Stack
from tests.walk.addresses import GUEST, Visitor
from tests.walk.outside import Outside, play_at_provider

_A_PASSKEY = """
    INSERT INTO passkeys (id, user_id, name, credential_id, public_key, sign_count, transports, created_at)
    SELECT gen_random_uuid(), id, 'Téléphone', 'walk', 'key', 0, '[]', now() FROM users WHERE email = '{email}'
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A page that `visitor` may see."""

    endpoint: str
    visitor: Visitor
    address: str


class Doorways:
    """People who are on their way in, or look after their account, before a running portal."""

    def __init__(self, stack: Stack, rows: Callable[[str], list[tuple[str, ...]]]) -> None:
        self._url, self._rows = stack.url, rows
        self._outside = Outside(stack)

    def of_clients(self, client: Visitor) -> Iterator[Place]:
        """What only somebody sees who proves who they are, or sets up a second step."""
        yield self._asked_who_they_are(client)
        yield self._setting_up_an_app()
        yield from self._with_passkeys()
        yield from self._changing_contacts("moving@walk.example", "+221770009003")

    def of_guests(self, guest: Visitor) -> Iterator[Place]:
        """What only somebody sees who is half way in."""
        yield self._half_way_in()
        yield from self._proving_a_number("+221770009001", "+221770009002")
        yield from self._proving_an_address(guest, "confirming@walk.example")
        yield self._locked_out(guest, "locked@walk.example")
        yield self._vouched_for("vouched@walk.example")
        guest.send("/sign-up", email="arriving@walk.example")
        link = self._outside.mail_to("arriving@walk.example", r"(/sign-up/mail/\S+)")
        yield Place("identity.finish_by_mail", guest, link)

    def newcomer(self, email: str, **more: str) -> Visitor:
        """Somebody who has just opened an account."""
        visitor = Visitor(self._url, email)
        visitor.send("/sign-up", email=email)
        link = self._outside.mail_to(email, r"(/sign-up/mail/\S+)")
        visitor.send(link, full_name="Khady Mbaye", password=PASSWORD, **more)
        return visitor

    def enter_code(self, visitor: Visitor, phone: str) -> None:
        """Type the code that was sent to the phone."""
        visitor.send("/sign-in/code/enter", code=self._outside.sms_to(phone, r"\b(\d{6})\b"))

    def _asked_who_they_are(self, client: Visitor) -> Place:
        client.send("/security/confirm", to="/security/confirm/code/sending")
        return Place("identity.prove_with_code", client, "/security/confirm/code")

    def _setting_up_an_app(self) -> Place:
        newcomer = self.newcomer("careful@walk.example")
        newcomer.send("/security", to="/security/app/begin")
        return Place("identity.enrol_app", newcomer, "/security/app")

    def _with_passkeys(self) -> Iterator[Place]:
        making, proving = self.newcomer("making@walk.example"), self.newcomer("proving@walk.example")
        making.send("/security", to="/security/passkeys/begin")
        yield Place("identity.new_passkey", making, "/security/passkeys/new")
        proving.send("/security", to="/security/confirm/passkey/begin")
        yield Place("identity.prove_with_passkey", proving, "/security/confirm/passkey")
        guest = Visitor(self._url, GUEST)
        guest.send("/sign-in", to="/sign-in/passkey/begin")
        yield Place("identity.passkey_sign_in", guest, "/sign-in/passkey")
        ((passkey,),) = self._rows(_A_PASSKEY.format(email="making@walk.example"))
        yield Place("identity.rename_passkey", making, f"/security/passkeys/{passkey}/name")

    def _changing_contacts(self, email: str, phone: str) -> Iterator[Place]:
        moving = self.newcomer(email)
        moving.send("/security/phone", phone=phone)
        yield Place("identity.prove_new_phone", moving, "/security/phone/code")
        other = f"other.{email}"
        moving.send("/security/email", email=other)
        moving.send(self._outside.mail_to(other, r"(/security/email/\S+)"))
        guest = Visitor(self._url, GUEST)
        yield Place("identity.take_back", guest, self._outside.mail_to(email, r"(/take-back/\S+)"))
        moving.send("/security/email", email=f"third.{email}")
        again = self._outside.mail_to(f"third.{email}", r"(/security/email/\S+)")
        yield Place("identity.prove_new_email", moving, again)

    def _half_way_in(self) -> Place:
        email = "halfway@walk.example"
        owner, guest = self.newcomer(email), Visitor(self._url, GUEST)
        owner.send("/security", to="/security/app/begin")
        shown = re.search(r"<code>([A-Z2-7 ]+)</code>", owner.get("/security/app").text)
        assert shown is not None
        code = pyotp.TOTP(shown.group(1).replace(" ", "")).at(clock.now())
        owner.send("/security/app", answers=200, code=code)
        guest.send("/sign-in", email=email, password=PASSWORD)
        return Place("identity.second_step", guest, "/sign-in/second-step")

    def _proving_a_number(self, phone: str, other: str) -> Iterator[Place]:
        waiting, proven = Visitor(self._url, GUEST), Visitor(self._url, GUEST)
        waiting.send("/sign-in/code", phone=phone)
        yield Place("identity.enter_code", waiting, "/sign-in/code/enter")
        waiting.send("/gifts/forget", contact=phone)
        yield Place("privacy_public.forget_by_code", waiting, "/gifts/forget/code")
        proven.send("/sign-in/code", phone=other)
        self.enter_code(proven, other)
        yield Place("identity.finish_sign_up", proven, "/sign-up/phone")

    def _proving_an_address(self, guest: Visitor, email: str) -> Iterator[Place]:
        newcomer = self.newcomer(email)
        self._rows(f"UPDATE users SET email_verified_at = NULL WHERE email = '{email}' RETURNING id")
        newcomer.send("/profile", to="/confirm")
        yield Place("identity.confirm", newcomer, self._outside.mail_to(email, r"(/confirm/\S+)"))
        guest.send("/password/forgotten", email=email)
        yield Place("identity.new_password", guest, self._outside.mail_to(email, r"(/password/new/\S+)"))

    def _locked_out(self, guest: Visitor, email: str) -> Place:
        self.newcomer(email)
        for _ in range(5):
            guest.send("/sign-in", answers=422, email=email, password="three wrong words")
        return Place("identity.unlock", guest, self._outside.mail_to(email, r"(/unlock/\S+)"))

    def _vouched_for(self, email: str) -> Place:
        guest = Visitor(self._url, GUEST)
        elsewhere = guest.send("/sign-in", to="/sign-in/with/google")
        guest.go_on(play_at_provider(elsewhere, email=email, name="Khady Mbaye"))
        return Place("identity.finish_with_provider", guest, "/sign-up/with")
