"""Every page of the portal, with somebody of the demo world who may see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from flask import Flask

from portal.kernel import clock
from portal.notifications.mails import unsubscribe_url
from portal.notifications.models import Category
from portal.supervisor.stack import Stack
from tests.walk.addresses import GUEST, Atlas, Visitor, discover
from tests.walk.doorways import Doorways, Place

AUDIENCES = ("client", "sponsor", "partner", "admin", GUEST)

# Answers to GET that no person looks at as a page, and what they are instead.
NOT_PAGES = {
    "assets.file": "a static file",
    "identity_api.me": "an answer for programs",
    "referrals_api.index": "an answer for programs",
    "referrals_api.detail": "an answer for programs",
    "identity.come_back": "leads on once an identity provider has said who it is",
    "notifications.open_message": "leads on to what the message is about",
    "notifications.unread": "a number in the frame of every page",
    "people.own_scan": "a file to keep",
    "people_admin.scan": "a picture, or a file to keep",
    "people.calendar_feed": "dates for the calendar of a phone",
    "pots_giving.pay": "leads on to Wave's own page",
    "pots_public.invitation": "leads on to the pot",
    "pots_public.live": "a part of the pot's page",
    "pots_public.preview_picture": "a picture",
    "pots_public.qr": "a picture",
    "privacy.fetch": "a ZIP",
    "redemptions_client.code_png": "a picture",
    "redemptions_partner.home": "leads on to the scanner",
    "settlements_admin.document": "a PDF",
    "settlements_admin.lines": "a table as CSV",
    "settlements_partner.document": "a PDF",
    "settlements_partner.lines": "a table as CSV",
    "web.healthz": "for the load balancer",
    "web.manifest": "for the phone",
    "web.metrics": "for the monitoring",
    "web.readyz": "for the load balancer",
    "web.stored_picture": "a picture",
}


# Where the pages for choosing, for showing a code and for giving back can be seen: a pot and its owner.
_POTS_THAT_ASK = """
    SELECT DISTINCT ON (stand) id, phone FROM (
        SELECT pots.id, owner_user_id, CASE
            WHEN codes.status = 'issued' THEN 'holds a code'
            WHEN pots.status = 'expired' THEN 'missed the target'
            WHEN pots.status = 'funded' AND codes.id IS NULL THEN 'chooses'
        END AS stand
        FROM pots LEFT JOIN qr_codes AS codes ON codes.pot_id = pots.id
    ) AS pots JOIN (SELECT id AS user_id, phone FROM users) AS owners ON user_id = owner_user_id
    WHERE stand IS NOT NULL AND phone IS NOT NULL ORDER BY stand, id
"""
# A gift that its house would serve today when asked twice, and who runs the house.
_USABLE_CODE = """
    SELECT codes.code, venues.id, users.phone FROM qr_codes AS codes
    JOIN partners ON partners.id = codes.partner_id AND NOT partners.auto_approve_redemptions
    JOIN partner_venues AS venues ON venues.partner_id = partners.id
    JOIN partner_members AS members ON members.partner_id = partners.id AND members.role = 'owner'
    JOIN users ON users.id = members.user_id
    WHERE codes.status = 'issued' AND now() BETWEEN redeemable_from AND expires_at
    ORDER BY codes.id, venues.id LIMIT 1
"""
_SCAN_OF_EACH_ANSWER = """
    SELECT DISTINCT ON (error_code) logs.id, users.phone FROM qr_redemption_logs AS logs
    JOIN partner_members AS members ON members.partner_id = logs.partner_id AND members.role = 'owner'
    JOIN users ON users.id = members.user_id ORDER BY error_code, logs.id
"""
_A_PAID_GIFT = "FROM donations WHERE status = 'succeeded' ORDER BY id DESC LIMIT 1"
# What is seen of a thing depends on how it stands; one of each is visited.
_FACES_FOR_ADMINS = {
    "admin.user_decision": """
        SELECT '/admin/users/' || id || '/suspension' FROM users
        WHERE status = 'active' AND NOT roles && '{admin, super_admin}' ORDER BY id LIMIT 1
    """,
    "admin.look_as": """
        SELECT '/admin/users/' || id || '/looking' FROM users
        WHERE status = 'active' AND NOT roles && '{admin, super_admin}' ORDER BY id LIMIT 1
    """,
    "admin.duties": """
        SELECT '/admin/users/' || id || '/duties' FROM users
        WHERE 'admin' = ANY (roles) AND NOT 'super_admin' = ANY (roles) ORDER BY id LIMIT 1
    """,
    "pots_admin.refund": "SELECT '/admin/donations/' || id || '/refund' " + _A_PAID_GIFT,
    "payments_admin.refund": "SELECT '/admin/payments/' || payment_transaction_id || '/refund' "
    + _A_PAID_GIFT,
    "pots_admin.detail": "SELECT DISTINCT ON (status, outcome) '/admin/pots/' || id FROM pots",
    "settlements_admin.show": "SELECT DISTINCT ON (status) '/admin/settlements/' || id FROM partner_settlements",
}
_FACES_FOR_GUESTS = {
    "pots_public.show": "SELECT DISTINCT ON (status, outcome) '/p/' || public_slug FROM pots",
    "pots_giving.receipt": """
        SELECT '/g/' || receipt_token || '/receipt' FROM donations WHERE status = 'succeeded' ORDER BY id LIMIT 1
    """,
    "privacy_public.forget_gift": """
        SELECT '/g/' || receipt_token || '/forget' FROM donations
        WHERE status = 'succeeded' AND donor_user_id IS NULL ORDER BY id LIMIT 1
    """,
    "pots_giving.status": "SELECT DISTINCT ON (status, is_held) '/g/' || receipt_token FROM donations",
    "people.person": """
        SELECT '/people/' || user_id FROM profiles JOIN user_privacy USING (user_id) JOIN users ON users.id = user_id
        WHERE profile_visible AND status = 'active' AND date_of_birth < now() - interval '19 years'
        ORDER BY user_id LIMIT 1
    """,
    "questions.show": """
        SELECT DISTINCT ON (related_entity_type) '/q/' || answer_key FROM notifications WHERE answer_key IS NOT NULL
    """,
    "referrals_public.landing": "SELECT DISTINCT ON (invitation_status) '/r/' || referral_code FROM referrals",
}
_A_FRIEND_OF_THE_SPONSOR = """
    SELECT friends.id FROM users AS friends JOIN users AS sponsors ON sponsors.id = friends.referred_by
    JOIN user_privacy ON user_privacy.user_id = friends.id JOIN profiles ON profiles.user_id = friends.id
    WHERE sponsors.email = 'moussa@teranga.example' AND profile_visible AND allow_contact_by_sponsors
    AND friends.status = 'active' AND date_of_birth < now() - interval '19 years' ORDER BY friends.id LIMIT 1
"""
_ASKS_FOR_ANOTHER_GUARDIAN = """
    SELECT phone FROM users JOIN guardian_changes ON minor_user_id = users.id WHERE guardian_changes.status = 'waiting'
"""
_POT_THAT_TAKES_GIFTS = """
    SELECT public_slug FROM pots WHERE status = 'open' AND visibility = 'public' ORDER BY birthday_date DESC LIMIT 1
"""
_POT_PAGES = {
    "pots_client.detail",
    "pots_client.give_back",
    "redemptions_client.choose",
    "redemptions_client.code",
    "redemptions_client.confirm",
}


class World:
    """The demo world of a running portal, with the pages that each audience has in it."""

    def __init__(self, app: Flask, stack: Stack) -> None:
        self.atlas = Atlas(app)
        self._app, self._url = app, stack.url
        self._database = stack.owner_url.replace("+psycopg", "")
        self._doors = Doorways(stack, self._rows)
        self.visitor = cache(self._visitor)
        self._open_wide()
        more = {
            "client": self._steps_of_clients,
            "sponsor": self._points_for_a_pot,
            "partner": self._answers_at_the_till,
            "admin": lambda: self._faces("admin", _FACES_FOR_ADMINS),
            GUEST: self._doors_of_guests,
        }
        self.places = {
            audience: [*self._simple(audience), *(more[audience]() if audience in more else ())]
            for audience in AUDIENCES
        }

    def address(self, endpoint: str) -> str:
        """Where the first visited page of this kind is."""
        return next(
            place.address for places in self.places.values() for place in places if place.endpoint == endpoint
        )

    def _open_wide(self) -> None:
        """Everybody comes from one address here, which the door would take for one person, and stays for long."""
        many = dict.fromkeys(("sign_ins_per_minute", "sign_ups_per_hour", "codes_per_address"), "1000")
        for value, number in (many | {"step_up_minutes": "60"}).items():
            told = {"value": number, "reason": "Many people come from one address today."}
            self.visitor("admin").send(f"/admin/values/identity.{value}", **told)

    def _visitor(self, who: str) -> Visitor:
        """The one who stands for an audience, or whoever has this phone."""
        visitor = Visitor(self._url, who)
        if who.startswith("+"):
            visitor.send("/sign-in/code", phone=who)
            self._doors.enter_code(visitor, who)
        return visitor

    def _simple(self, audience: str) -> Iterator[Place]:
        visitor = self.visitor(audience)
        for endpoint, address in discover(self.atlas, visitor, self.atlas.pages_of(audience)).items():
            yield Place(endpoint, visitor, address)

    def _steps_of_clients(self) -> Iterator[Place]:
        """What only somebody sees who has just come, is a child, or has a pot that asks for something."""
        child = self._doors.newcomer("child@walk.example", date_of_birth=f"01/02/{clock.today().year - 12}")
        yield Place("people.name_guardian", child, "/profile/guardian")
        yield Place("people.birthday", self._doors.newcomer("newcomer@walk.example"), "/profile/birthday")
        for (phone,) in self._rows(_ASKS_FOR_ANOTHER_GUARDIAN):
            yield Place("people.change_guardian", self.visitor(phone), "/profile/guardian/change")
        yield from self._doors.of_clients(self.visitor("client"))
        yield from self._seen_by_others()
        for pot_id, phone in self._rows(_POTS_THAT_ASK):
            owner = self.visitor(phone)
            for endpoint, address in discover(self.atlas, owner, _POT_PAGES, [f"/pots/{pot_id}"]).items():
                yield Place(endpoint, owner, address)

    def _seen_by_others(self) -> Iterator[Place]:
        """A person's own card, and that of somebody who lets the sponsor who brought them write."""
        client, sponsor = self.visitor("client"), self.visitor("sponsor")
        found = re.search(r'href="(/people/[0-9a-f-]{36})"', client.get("/profile").text)
        assert found is not None
        yield Place("people.person", client, found.group(1))
        for (friend,) in self._rows(_A_FRIEND_OF_THE_SPONSOR):
            yield Place("people.person", sponsor, f"/people/{friend}")

    def _points_for_a_pot(self) -> Iterator[Place]:
        sponsor = self.visitor("sponsor")
        pot = re.search(r'<option value="([0-9a-f-]{36})"', sponsor.get("/sponsor/points").text)
        assert pot is not None, "no pot takes the sponsor's points"
        address = f"/sponsor/points/conversion?pot={pot.group(1)}&points=500"
        yield Place("referrals_sponsor.conversion", sponsor, address)

    def _answers_at_the_till(self) -> Iterator[Place]:
        for log_id, phone in self._rows(_SCAN_OF_EACH_ANSWER):
            yield Place("redemptions_partner.result", self.visitor(phone), f"/partner/redemptions/{log_id}")
        for code, venue, phone in self._rows(_USABLE_CODE):
            till = self.visitor(phone)
            permit = till.send("/partner/scan", code=code, venue=venue)
            yield Place("redemptions_partner.ready", till, permit)

    def _faces(self, audience: str, queries: dict[str, str]) -> Iterator[Place]:
        for endpoint, query in queries.items():
            for (address,) in self._rows(query):
                yield Place(endpoint, self.visitor(audience), address)

    def _doors_of_guests(self) -> Iterator[Place]:
        guest = self.visitor(GUEST)
        yield from self._faces(GUEST, _FACES_FOR_GUESTS)
        yield Place("pots_giving.status", guest, self.waiting_gift())
        yield Place("notifications_public.unsubscribe", guest, self._unsubscribe())
        yield from self._doors.of_guests(guest)

    def waiting_gift(self) -> str:
        """The page of a gift that a guest has promised and not paid."""
        ((pot,),) = self._rows(_POT_THAT_TAKES_GIFTS)
        paying = self.visitor(GUEST).send(f"/p/{pot}/give", choice="5000", name="Ousmane")
        return paying.removesuffix("/pay")

    def _unsubscribe(self) -> str:
        ((person,),) = self._rows("SELECT id FROM users ORDER BY id LIMIT 1")
        with self._app.app_context():
            address = unsubscribe_url(UUID(person), Category.COMMUNITY)
        assert address is not None
        return urlsplit(address).path

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        with psycopg.connect(self._database) as connection:
            return [tuple(map(str, row)) for row in connection.execute(query).fetchall()]
