"""What every page's frame shows: where one can go, one's hats, unread messages, languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask, current_app, request, url_for

from portal.kernel.access import PERMISSIONS
from portal.kernel.i18n import _, marked
from portal.kernel.pages import this_page
from portal.kernel.visitor import Visitor, visitor
from portal.notifications.queries import unread_count
from portal.web.languages import LANGUAGES, current_language


@dataclass(frozen=True, slots=True)
class NavItem:
    """One place in a menu."""

    label: str
    url: str
    icon: str
    active: bool = False
    badge: int = 0
    method: str = "get"


@dataclass(frozen=True, slots=True)
class Language:
    """One choice of the language switch."""

    code: str
    label: str
    active: bool


class PageVisitor:
    """The signed-in person as a layout sees them; counts are asked for only when shown."""

    def __init__(self, person: Visitor) -> None:
        self._person = person

    @property
    def name(self) -> str:
        """The first name."""
        return self._person.name or _("My account")

    @property
    def is_looked_at(self) -> bool:
        """Whether a super admin sees the portal as this person does."""
        return self._person.watcher is not None

    @property
    def theme(self) -> str:
        """light, dark or system."""
        return self._person.theme

    @property
    def locale(self) -> str:
        """The stored locale."""
        return self._person.locale

    @cached_property
    def unread_count(self) -> int:
        """Unread messages, one statement."""
        return unread_count(self._person.user_id)


def register(app: Flask) -> None:
    """Give every template its frame."""
    app.context_processor(_frame)


def _frame() -> dict[str, Any]:
    person = visitor()
    language = current_language()
    return {
        "visitor": PageVisitor(person) if person else None,
        "locales": [Language(code, name, code == language) for code, name in LANGUAGES.items()],
        "audiences": list(_audiences(person)),
        "nav_items": list(_nav_items(person)),
        "account_items": list(_account_items(person)),
        "notifications_url": url_for("notifications.center") if person else "",
        "sign_in_url": "" if person else _sign_in_url(),
        "home_url": url_for("web.home"),
        "current_path": this_page(),
    }


def _sign_in_url() -> str:
    """To the door that most people use, the phone's, and back to this page afterwards."""
    comes_back = request.method == "GET" and request.path != "/"
    return url_for("identity.ask_for_code", next=this_page() if comes_back else None)


def _audience() -> str:
    """Which shell the address belongs to."""
    first = request.path.split("/", 2)[1]
    return first if first in ("sponsor", "company", "partner", "admin") else "client"


def _audiences(person: Visitor | None) -> Iterator[tuple[str, str, bool]]:
    if person is None:
        return
    now = _audience()
    yield _("My pots"), url_for("web.feed"), now == "client"
    yield _("Sponsor"), url_for("referrals_sponsor.dashboard"), now == "sponsor"
    if person.works_for_company:
        yield _("Company"), url_for("campaigns_company.overview"), now == "company"
    if person.works_for_partner:
        yield _("Partner"), url_for("redemptions_partner.scanner"), now == "partner"
    if person.is_admin:
        yield _("Administration"), url_for("admin.overview"), now == "admin"


def _account_items(person: Visitor | None) -> Iterator[NavItem]:
    if person is None:
        return
    yield NavItem(_("My profile"), url_for("people.profile"), "user")
    yield NavItem(_("What I gave"), url_for("pots_client.my_gifts"), "receipt")
    yield NavItem(_("Settings"), url_for("people.preferences"), "cog")
    yield NavItem(_("Sign out"), url_for("identity.sign_out"), "logout", method="post")


def _nav_items(person: Visitor | None) -> Iterator[NavItem]:
    if person is None:
        return
    menu = {
        "client": _CLIENT,
        "sponsor": _SPONSOR,
        "company": _COMPANY,
        "partner": _PARTNER,
        "admin": _ADMIN,
    }[_audience()]
    menu = tuple(entry for entry in menu if _may_open(person, entry[1]))
    here = _place_of({endpoint for _label, endpoint, _icon in menu})
    for label, endpoint, icon in menu:
        yield NavItem(_(label), url_for(endpoint), icon, active=endpoint == here)


def _may_open(person: Visitor, endpoint: str) -> bool:
    """Whether the page exists, and is among the person's duties where it is for staff."""
    view = current_app.view_functions.get(endpoint)
    needed = getattr(view, PERMISSIONS, None)
    return view is not None and (needed is None or person.may(*needed))


def _place_of(menu: set[str]) -> str | None:
    """The menu's place that the present address belongs to: the longest one it lies under."""
    elsewhere = {page: place for page, place in _BELONGS_TO.items() if place in menu}
    addresses = {url_for(page): place for page, place in (elsewhere | {one: one for one in menu}).items()}
    under = [url for url in addresses if f"{request.path}/".startswith(url.rstrip("/") + "/")]
    return addresses[max(under, key=len)] if under else None


# Pages that stand in no menu, under an address of their own, and the menu's place they are reached from.
_BELONGS_TO = {
    "admin.staff_work": "admin.users",
    "identity.overview": "people.profile",
    "notifications.preferences": "notifications.center",
    "payouts_partner.account": "settlements_partner.index",
    "people.guardian": "people.profile",
    "people.preferences": "people.profile",
    "pots_client.my_gifts": "pots_client.index",
    "privacy.overview": "people.profile",
    "privacy_admin.compliance": "admin.audit_log",
    "privacy_admin.retention": "admin.jobs",
    "referrals_sponsor.batches": "referrals_sponsor.contacts",
    "settlements_partner.statement": "settlements_partner.index",
}
_CLIENT = (
    (marked("Home"), "web.feed", "home"),
    (marked("Pots"), "pots_client.index", "gift"),
    (marked("Packs"), "packs_public.catalogue", "ticket"),
    (marked("Messages"), "notifications.center", "bell"),
    (marked("Profile"), "people.profile", "user"),
)
_SPONSOR = (
    (marked("Score"), "referrals_sponsor.dashboard", "chart"),
    (marked("Invite"), "referrals_sponsor.invite", "invite"),
    (marked("Contacts"), "referrals_sponsor.contacts", "list"),
    (marked("Invitations"), "referrals_sponsor.invitations", "mail"),
    (marked("Points"), "referrals_sponsor.points", "star"),
)
_COMPANY = ((marked("Company"), "campaigns_company.overview", "store"),)
_PARTNER = (
    (marked("Scan"), "redemptions_partner.scanner", "scan"),
    (marked("At a glance"), "settlements_partner.dashboard", "chart"),
    (marked("Redemptions"), "redemptions_partner.log", "list"),
    (marked("Settlements"), "settlements_partner.index", "receipt"),
    (marked("Packs"), "packs_partner.index", "ticket"),
    (marked("Venues"), "partners_partner.venues", "map-pin"),
    (marked("Team"), "partners_partner.team", "user"),
    (marked("Organisation"), "partners_partner.organisation", "cog"),
)
_ADMIN = (
    (marked("Overview"), "admin.overview", "home"),
    (marked("Users"), "admin.users", "user"),
    (marked("Identity papers"), "people_admin.papers", "document"),
    (marked("Guardians"), "guardians_admin.index", "users"),
    (marked("Partners"), "partners_admin.index", "store"),
    (marked("Companies"), "campaigns_admin.index", "store"),
    (marked("Packs"), "packs_admin.index", "ticket"),
    (marked("Pots"), "pots_admin.index", "gift"),
    (marked("Donations"), "pots_admin.donations", "wallet"),
    (marked("Refunds"), "payments_admin.refunds", "undo"),
    (marked("Payments"), "payments_admin.transactions", "receipt"),
    (marked("Messages of Wave"), "payments_admin.webhooks", "download"),
    (marked("Redemptions"), "redemptions_admin.log", "scan"),
    (marked("Settlements"), "settlements_admin.index", "bank"),
    (marked("Payouts"), "payouts_admin.index", "wallet"),
    (marked("Referrals"), "referrals_admin.index", "invite"),
    (marked("Notifications"), "notifications_admin.deliveries", "bell"),
    (marked("Ledger"), "admin.ledger", "list"),
    (marked("Jobs"), "admin.jobs", "clock"),
    (marked("Audit log"), "admin.audit_log", "shield"),
    (marked("Values"), "admin.values", "cog"),
    (marked("Health"), "admin.health", "info"),
)
