"""A small world for tests of partners: people, houses, places, packs, funded pots, and a browser signed in."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import current_app
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from portal.campaigns.models import CompanyStatus, SponsorCompany, SponsorCompanyMember
from portal.identity.models import User
from portal.identity.sessions import cookie_name, start_session
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.ids import new_id, random_code
from portal.kernel.roles import CompanyRole, Duty, MemberRole, Role
from portal.ledger import services as ledger
from portal.ledger.accounts import pot_funds, provider_clearing
from portal.ledger.services import Cause
from portal.packs.models import Pack, PackCategory
from portal.partners.models import Partner, PartnerMember, PartnerStatus, PartnerType, PartnerVenue
from portal.people.models import Profile
from portal.pots.models import Pot, PotStatus
from portal.privacy.terms import agree
from portal.redemptions.issuing import issue_code
from portal.redemptions.models import QrCode

_BANK = UUID(int=1)


def make_person(
    name: str = "Awa Ndiaye",
    *,
    roles: Collection[str] = (Role.USER,),
    duties: Collection[str] = (),
    has_agreed: bool = True,
    **account: Any,
) -> User:
    """Somebody with an account and a name, who has agreed to the terms in force unless told otherwise."""
    number = new_id().int % 10**7
    facts = {"email": f"p{new_id().hex}@example.org", "phone": f"+22177{number:07d}"} | account
    user = User(id=new_id(), referral_code=random_code(12), roles=[str(role) for role in roles], **facts)
    user.duties = [str(duty) for duty in duties]
    db.session.add(user)
    db.session.flush()
    db.session.add(Profile(user_id=user.id, full_name=name))
    if has_agreed:
        agree(user.id, page="/sign-up", by=SYSTEM)
    db.session.flush()
    return user


def make_admin(*duties: Duty) -> User:
    """Somebody who steers the portal, with all duties or only these."""
    return make_person("Ousmane Fall", roles=(Role.USER, Role.ADMIN), duties=duties or tuple(Duty))


def acting(user: User) -> Actor:
    """The person as services see them."""
    return Actor(user_id=user.id, roles=frozenset(user.roles), ip="127.0.0.1", user_agent="tests")


def make_partner(name: str = "Le Djoloff", **facts: Any) -> Partner:
    """A verified, active house; keywords change it."""
    values: dict[str, Any] = {
        "type": PartnerType.RESTAURANT,
        "status": PartnerStatus.ACTIVE,
        "verified_at": clock.now(),
        "revenue_split_percentage": Decimal("80.00"),
    }
    partner = Partner(id=new_id(), name=name, **(values | facts))
    db.session.add(partner)
    db.session.flush()
    return partner


def make_member(partner: Partner, role: MemberRole = MemberRole.STAFF, name: str = "Moussa Sarr") -> User:
    """Somebody who works for the partner."""
    user = make_person(name, roles=(Role.USER, Role.PARTNER))
    db.session.add(PartnerMember(partner_id=partner.id, user_id=user.id, role=role))
    db.session.flush()
    return user


def make_company(name: str = "Baobab Télécom", **facts: Any) -> SponsorCompany:
    """An approved sponsor company; keywords change it."""
    company = SponsorCompany(id=new_id(), name=name, **({"status": CompanyStatus.ACTIVE} | facts))
    db.session.add(company)
    db.session.flush()
    return company


def make_company_member(
    company: SponsorCompany, role: CompanyRole = CompanyRole.VIEWER, name: str = "Adja Faye"
) -> User:
    """Somebody who works for the company."""
    user = make_person(name, roles=(Role.USER, Role.PARTNER))
    db.session.add(SponsorCompanyMember(company_id=company.id, user_id=user.id, role=role))
    db.session.flush()
    return user


def make_venue(partner: Partner, name: str = "Plateau", **facts: Any) -> PartnerVenue:
    """A place of the partner, in Dakar."""
    values = {"city": "Dakar", "region": "Dakar"} | facts
    venue = PartnerVenue(id=new_id(), partner_id=partner.id, name=name, **values)
    db.session.add(venue)
    db.session.flush()
    return venue


def make_pack(partner: Partner, price: int = 15_000, name: str = "Dîner pour deux", **facts: Any) -> Pack:
    """A pack on offer, without limits."""
    values: dict[str, Any] = {
        "slug": f"pack-{new_id().hex}",
        "description": "Un repas complet, thiéboudienne et bissap.",
        "category": PackCategory.RESTAURANT,
        "base_price_minor": price,
    }
    pack = Pack(id=new_id(), partner_id=partner.id, name=name, **(values | facts))
    db.session.add(pack)
    db.session.flush()
    return pack


def make_pot(owner: User, *, holds: int = 20_000, birthday: date | None = None, **facts: Any) -> Pot:
    """A funded pot that holds `holds` XOF; its birthday is today unless told."""
    birthday = birthday or clock.today()
    values: dict[str, Any] = {
        "title": "Anniversaire",
        "target_amount_minor": max(holds, 1),
        "status": PotStatus.FUNDED,
        "birthday_date": birthday,
        "scheduled_open_at": clock.start_of_day(birthday - timedelta(days=30)),
        "public_slug": random_code(20),
        "raised_minor": holds,
    }
    pot = Pot(id=new_id(), owner_user_id=owner.id, **(values | facts))
    db.session.add(pot)
    db.session.flush()
    if holds:
        gift = Cause("donation", "tests", pot.id, f"tests:{pot.id}:gift")
        ledger.move(provider_clearing(_BANK), pot_funds(pot.id), holds, gift, by=SYSTEM)
    return pot


def make_code(pack: Pack, owner: User | None = None, **pot: Any) -> QrCode:
    """An issued code for the pack, out of a pot that holds its price; keywords change the pot."""
    owner = owner or make_person()
    paid = make_pot(owner, holds=pot.pop("holds", pack.price_minor), **pot)
    return issue_code(paid.id, pack.id, owner_user_id=owner.id, by=acting(owner))


def sign_in(client: FlaskClient, user: User) -> None:
    """Give the browser a live session of the person."""
    token = start_session(user.id, by=SYSTEM)
    db.session.commit()
    client.set_cookie(cookie_name(), token)


def send(client: FlaskClient, url: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
    """POST a form as the page would, with its token."""
    return client.post(url, data={"csrf_token": form_token(client), **(data or {})}, **options)


def form_token(client: FlaskClient) -> str:
    """The token that every form of this browser carries."""
    secret = secrets.token_hex(20)
    with client.session_transaction() as session:
        secret = session.setdefault("csrf_token", secret)
    signer = URLSafeTimedSerializer(current_app.secret_key or "", salt="wtf-csrf-token")
    token = signer.dumps(secret)
    return token if isinstance(token, str) else token.decode()
