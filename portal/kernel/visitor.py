"""The person behind a request, as small as a page needs and cached beside the session."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import g, has_request_context, request
from flask_login import UserMixin, current_user

from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.roles import ADMIN_ROLES
from portal.kernel.scope import declare, present_scope


@dataclass(frozen=True)
class Membership:
    """A place in a partner's team."""

    partner_id: UUID
    role: str


@dataclass(frozen=True)
class CompanyPlace:
    """A place in a sponsor company."""

    company_id: UUID
    role: str


@dataclass(frozen=True)
class AdminPass:
    """Staff work that is open.

    Which, when it was last seen, when it ends if nothing more is done, what it allows, from where it is done (marks
    of browser and network), and as whom its holder looks at the portal.
    """

    id: UUID
    seen_at: datetime
    ends_at: datetime
    permissions: frozenset[str]
    places: frozenset[str] = frozenset()
    looks_as: UUID | None = None


@dataclass(frozen=True)
class Watcher:
    """The super admin who looks at the portal as somebody else, and in which staff work."""

    user_id: UUID
    work_id: UUID


@dataclass(frozen=True, eq=False)
class Visitor(UserMixin):  # type: ignore[misc]  # flask-login ships no types
    """A signed-in person: who, in which session, with which rights and language."""

    user_id: UUID
    session_id: UUID
    name: str
    locale: str
    timezone: str
    theme: str
    roles: frozenset[str]
    memberships: tuple[Membership, ...] = field(default=())
    companies: tuple[CompanyPlace, ...] = field(default=())
    # When they last proved in this session that it is they: by signing in, or when asked again.
    confirmed_at: datetime | None = None
    # Whether nothing is open to them before they have set up a second factor.
    must_enrol: bool = False
    # What opens the pages of those who steer, besides the right itself.
    admin: AdminPass | None = None
    # The version of the terms they agreed to last, as far as was known when this was read.
    agreed_terms: str | None = None
    # Who really looks, when a super admin sees the portal as this person does; then nothing can be changed.
    watcher: Watcher | None = None

    def get_id(self) -> str:
        return str(self.user_id)

    @property
    def is_admin(self) -> bool:
        """Whether the person steers the portal."""
        return not self.roles.isdisjoint(ADMIN_ROLES)

    def may(self, *permissions: str) -> bool:
        """Whether the person's open staff work allows one of these."""
        return self.admin is not None and not self.admin.permissions.isdisjoint(permissions)

    @property
    def works_for_partner(self) -> bool:
        """Whether the person belongs to any partner's team."""
        return bool(self.memberships)

    def role_at(self, partner_id: UUID) -> str | None:
        """The person's role in that partner's team, None for a stranger."""
        return next((place.role for place in self.memberships if place.partner_id == partner_id), None)

    @property
    def works_for_company(self) -> bool:
        """Whether the person has a place in any sponsor company."""
        return bool(self.companies)

    def role_in_company(self, company_id: UUID) -> str | None:
        """The person's role in that company, None for a stranger."""
        return next((place.role for place in self.companies if place.company_id == company_id), None)

    def to_json(self) -> dict[str, Any]:
        """A plain form for the cache."""
        plain = asdict(self)
        plain["roles"] = sorted(self.roles)
        plain["user_id"] = str(self.user_id)
        plain["session_id"] = str(self.session_id)
        plain["memberships"] = [[str(place.partner_id), place.role] for place in self.memberships]
        plain["companies"] = [[str(place.company_id), place.role] for place in self.companies]
        if self.admin is not None:
            held = self.admin
            plain["admin"] = [
                str(held.id),
                held.seen_at.isoformat(),
                held.ends_at.isoformat(),
                sorted(held.permissions),
                sorted(held.places),
            ]
        if self.watcher is not None:
            plain["watcher"] = [str(self.watcher.user_id), str(self.watcher.work_id)]
        plain["confirmed_at"] = self.confirmed_at.isoformat() if self.confirmed_at else None
        return plain

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Visitor:
        """The visitor that `to_json` wrote."""
        # An entry that an older portal wrote is without it for as long as the cache keeps it.
        confirmed_at = plain.get("confirmed_at")
        return cls(
            user_id=UUID(plain["user_id"]),
            session_id=UUID(plain["session_id"]),
            name=plain["name"],
            locale=plain["locale"],
            timezone=plain["timezone"],
            theme=plain["theme"],
            roles=frozenset(plain["roles"]),
            memberships=tuple(Membership(UUID(where), role) for where, role in plain["memberships"]),
            companies=tuple(CompanyPlace(UUID(where), role) for where, role in plain.get("companies", ())),
            confirmed_at=datetime.fromisoformat(confirmed_at) if confirmed_at else None,
            must_enrol=plain.get("must_enrol", False),
            admin=_admin_pass(plain.get("admin")),
            agreed_terms=plain.get("agreed_terms"),
            watcher=Watcher(*map(UUID, plain["watcher"])) if plain.get("watcher") else None,
        )


def _admin_pass(plain: list[Any] | None) -> AdminPass | None:
    # An entry that an older portal wrote tells less: staff work begins anew.
    if plain is None or len(plain) != 5:
        return None
    held, seen_at, ends_at, permissions, places = plain
    return AdminPass(
        UUID(held),
        datetime.fromisoformat(seen_at),
        datetime.fromisoformat(ends_at),
        frozenset(permissions),
        frozenset(places),
    )


def visitor() -> Visitor | None:
    """The signed-in person of this request, None for a guest."""
    if not has_request_context():
        return None
    if "visitor" not in g:
        person = current_user._get_current_object()
        g.visitor = person if isinstance(person, Visitor) else None
        if g.visitor is not None:
            # What was asked before anybody knew who asks was asked as a guest.
            declare(db.session(), present_scope())
    found: Visitor | None = g.visitor
    return found


def ask_no_more() -> None:
    """Whoever is not known by now stays a guest: for a page that must not ask the database who reads it."""
    g.setdefault("visitor", None)


def known_visitor() -> Visitor:
    """The signed-in person, where the view's access rule has already made sure of one."""
    person = visitor()
    if person is None:
        raise RuntimeError("this view needs an access rule")
    return person


def actor() -> Actor:
    """Who acts in this request, with what the audit trail keeps of it."""
    if not has_request_context():
        return SYSTEM
    person = visitor()
    return Actor(
        user_id=person.user_id if person else None,
        roles=person.roles if person else frozenset(),
        ip=request.remote_addr,
        user_agent=(request.user_agent.string or "")[:500],
        request_id=g.get("request_id"),
    )
