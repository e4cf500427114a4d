"""People open accounts, say who they are, and find each other."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from portal.demo.accounts import PASSWORD
from portal.demo.cast import Person, share_of
from portal.demo.data import BIOS
from portal.demo.selves import plan_selves
from portal.demo.stage import Stage
from portal.identity.administration import grant_role
from portal.identity.events import email_confirmation_issued
from portal.identity.models import User
from portal.identity.recovery import confirm_email
from portal.identity.services import NewAccount, register_user
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.art import portrait
from portal.kernel.db import transaction
from portal.kernel.roles import Role
from portal.notifications.inbox import mark_all_read
from portal.people.birthdays import set_birthday
from portal.people.connections import accept_connection, request_connection
from portal.people.ending import ask_for_another
from portal.people.guardians import confirm_guardianship, name_guardian
from portal.people.models import ConnectionCategory, Relationship
from portal.people.places import Place
from portal.people.services import ProfileFacts, save_portrait, save_profile

_READ_UP_TO_DAYS = 4


def plan_people(stage: Stage) -> None:
    """Everybody who comes without an invitation; friends come in `word_of_mouth`."""
    cast, agenda = stage.cast, stage.agenda
    chance = stage.chance("people")
    choose_portraits(stage)
    for admin in cast.admins:
        is_first = admin is cast.admins[0]
        agenda.at(admin.joined, partial(_open_office, admin, is_super=is_first))
    for person in (
        *cast.owners,
        *(one for team in cast.teams for one in team),
        *cast.sponsors,
        *cast.clients,
    ):
        bio = chance.choice(BIOS) if chance.random() < 0.2 else None
        agenda.at(person.joined, partial(come, person, bio=bio))
    _plan_minors(stage, chance)
    _plan_acquaintances(stage, chance)
    plan_selves(stage)
    agenda.at(stage.days.at(-_READ_UP_TO_DAYS, 21), partial(_read_messages, stage))


def choose_portraits(stage: Stage) -> None:
    """Whoever others meet on a page shows a portrait; for the rest, the portal shows initials."""
    cast = stage.cast
    seen = [*cast.admins, *cast.owners, *(one for team in cast.teams for one in team), *cast.sponsors]
    seen += [*cast.minors, *(plot.owner for plot in stage.plots)]
    for person in seen:
        person.shows_portrait = True


def come(person: Person, *, code: str | None = None, bio: str | None = None) -> None:
    """Open an account and fill in the profile; `code` is the invitation that brought the person."""
    has_password = person.email is not None and person.email.endswith("@teranga.example")
    account = NewAccount(
        full_name=person.name,
        email=person.email,
        phone=person.phone,
        password=PASSWORD if has_password else None,
        locale=person.locale,
        invitation_code=code,
        utm={"utm_source": "whatsapp"} if code else {},
        page="/sign-up/mail" if has_password else "/sign-up/phone",
    )
    visitor = Actor(ip=person.device, user_agent=person.browser)
    with transaction(visitor):
        user = _register(account, visitor)
        person.account = user.id
        if person.born is not None:
            set_birthday(user.id, person.born, by=person.actor)
        if person.shows_portrait:
            save_portrait(user.id, portrait(person.name), by=person.actor)
        facts = ProfileFacts(person.name, bio=bio, place=Place(region=person.region, city=person.town))
        save_profile(user.id, facts, by=person.actor)


def _register(account: NewAccount, by: Actor) -> User:
    """The new account; an e-mail address is confirmed with the very link that was sent to it."""
    links: list[str] = []

    def take_link(_row: object, *, token: str, **_more: Any) -> None:
        links.append(token)

    with email_confirmation_issued.connected_to(take_link):
        user = register_user(account, by=by)
    for token in links:
        confirm_email(token, by=by)
    return user


def _open_office(admin: Person, *, is_super: bool) -> None:
    come(admin)
    roles = (Role.ADMIN, Role.SUPER_ADMIN) if is_super else (Role.ADMIN,)
    with transaction():
        for role in roles:
            grant_role(admin.user_id, role, by=SYSTEM)
    admin.roles = frozenset({Role.USER, *roles})


def _plan_minors(stage: Stage, chance: Random) -> None:
    """Young people name an adult; the last one waits for Awa's answer."""
    awa = stage.cast.awa
    for minor in stage.cast.minors:
        minor.born = None
        born = date(stage.days.today.year - 16, chance.randint(1, 12), chance.randint(1, 28))
        asks_awa = minor is stage.cast.minors[-1]
        guardian = awa if asks_awa else chance.choice(stage.cast.owners[1:])
        stage.agenda.at(minor.joined, partial(come, minor))
        asked = stage.days.at(-2, 17, 5) if asks_awa else minor.joined + timedelta(minutes=10)
        stage.agenda.at(asked, partial(_ask_guardian, minor, born, guardian))
        if not asks_awa:
            stage.agenda.at(asked + timedelta(hours=5), partial(_confirm, minor, guardian))
        if minor is stage.cast.minors[0] and not asks_awa:
            stage.agenda.at(stage.days.at(-1, 18, 20), partial(_ask_for_another, minor))


def _ask_guardian(minor: Person, born: date, guardian: Person) -> None:
    with transaction(minor.actor):
        name_guardian(minor.user_id, born, guardian.phone, Relationship.PARENT, by=minor.actor)


def _confirm(minor: Person, guardian: Person) -> None:
    with transaction(guardian.actor):
        confirm_guardianship(minor.user_id, guardian.user_id, by=guardian.actor)


def _ask_for_another(minor: Person) -> None:
    with transaction(minor.actor):
        ask_for_another(
            minor.user_id,
            "C'était le numéro d'une amie de ma mère. Je voulais nommer ma tante.",
            by=minor.actor,
        )


def _plan_acquaintances(stage: Stage, chance: Random) -> None:
    """Clients who know each other; Awa has most friends, and somebody waits for her answer."""
    cast = stage.cast
    others = [person for person in cast.clients[1:] if stage.days.number(person.joined) < -10]
    chance.shuffle(others)
    pairs = [(other, cast.awa) for other in others[:7]]
    pairs += [
        (chance.choice(others), chance.choice(others)) for _ in range(share_of(45, sum(1 for _ in cast)))
    ]
    known: set[frozenset[Person]] = set()
    for number, (asker, asked) in enumerate(pairs):
        if asker is asked or frozenset((asker, asked)) in known:
            continue
        known.add(frozenset((asker, asked)))
        first = max(stage.days.number(asker.joined), stage.days.number(asked.joined)) + 1
        day = -1 if number == 0 else chance.randint(first, -2)
        agrees = number != 0 and chance.random() < 0.85
        stage.agenda.at(
            stage.days.at(day, chance.randint(9, 21)), partial(_meet, asker, asked, agrees=agrees)
        )


def _meet(asker: Person, asked: Person, *, agrees: bool) -> None:
    with transaction(asker.actor):
        row = request_connection(
            asker.user_id, asked.user_id, category=ConnectionCategory.FAMILY, by=asker.actor
        )
        if agrees:
            with clock.travel(clock.now() + timedelta(hours=2)):
                accept_connection(row.id, asked.user_id, by=asked.actor)


def _read_messages(stage: Stage) -> None:
    """Everybody has read what is older than some days; what came since still waits."""
    with transaction():
        for user_id in _accounts(stage):
            mark_all_read(user_id)


def _accounts(stage: Stage) -> list[UUID]:
    return [person.account for person in stage.cast if person.account is not None]
