"""Sponsors import their contacts, invite them, and bring friends; Moussa is the busiest of them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from random import Random
from uuid import UUID

from sqlalchemy import select

from portal.demo.cast import Friend, Person, Way
from portal.demo.data import INVITATIONS
from portal.demo.people import come
from portal.demo.stage import Stage
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db, transaction
from portal.kernel.tables import csv_bytes
from portal.ledger.accounts import user_points
from portal.ledger.queries import balance
from portal.pots.models import Pot, PotStatus
from portal.referrals.answering import decline
from portal.referrals.batches import open_batch, select_contacts, send_batch
from portal.referrals.contacts import keep
from portal.referrals.converting import convert
from portal.referrals.importing import preview
from portal.referrals.inviting import Invitee, invite
from portal.referrals.links import find_link, remember_click
from portal.referrals.models import InvitationStatus, Referral
from portal.referrals.policies import within_reach

_CONTACTS, _IN_A_BATCH = 120, 50
_CONVERTED_POINTS = 1_000
_TRIES_TO_CONVERT = 25
_VISITOR = Actor(ip="41.82.200.9", user_agent="Mozilla/5.0 (Linux; Android 12) Mobile")


def plan_word_of_mouth(stage: Stage) -> None:
    """Invitations, answers, and what becomes of the points."""
    chance = stage.chance("word of mouth")
    strangers = list(stage.cast.strangers)
    _plan_batches(stage, strangers, chance)
    for friend in stage.cast.friends:
        _plan_friend(stage, friend, chance)
    for sponsor in stage.cast.sponsors[1:]:
        _plan_vain_invitations(stage, sponsor, [strangers.pop() for _ in range(4)], chance)
    moussa, days = stage.cast.moussa, stage.days
    for moment in (days.at(-3, 12), days.at(-2, 18), days.at(-1, 9), days.now - timedelta(minutes=55)):
        stage.agenda.at(moment, partial(_invite, moussa, strangers.pop(), chance.choice(INVITATIONS)))
    stage.agenda.at(days.at(-33, 20), partial(_convert, stage, _TRIES_TO_CONVERT))


def _plan_batches(stage: Stage, strangers: list[Person], chance: Random) -> None:
    """Moussa's list: two batches long sent, a third that waits for him."""
    cast, days, agenda = stage.cast, stage.days, stage.agenda
    listed: list[Person] = []
    for way in (Way.FIRST_BATCH, Way.SECOND_BATCH):
        part = [one.person for one in cast.friends if one.way is way]
        part += [strangers.pop() for _ in range(_IN_A_BATCH - len(part))]
        chance.shuffle(part)
        listed += part
    listed += [strangers.pop() for _ in range(_CONTACTS - len(listed))]
    agenda.at(days.at(-178, 10), partial(_import, cast.moussa, listed))
    friends = {friend.person for friend in cast.friends}
    first, second = listed[:_IN_A_BATCH], listed[_IN_A_BATCH : 2 * _IN_A_BATCH]
    agenda.at(
        days.at(-172, 10), partial(_send_batch, cast.moussa, _chosen(first, friends, 30), INVITATIONS[0])
    )
    refusing = [one for one in _chosen(first, friends, 30) if one not in friends][:3]
    for number, person in enumerate(refusing):
        agenda.at(days.at(-171, 10 + number), partial(_decline, cast.moussa, person))
    agenda.at(
        days.at(-88, 11), partial(_send_batch, cast.moussa, _chosen(second, friends, 20), INVITATIONS[1])
    )
    agenda.at(days.now - timedelta(minutes=40), partial(_open_batch, cast.moussa))


def _chosen(part: list[Person], friends: set[Person], number: int) -> list[Person]:
    """Whom of a batch he invites: those who will come, and some who will not."""
    return sorted(part, key=lambda one: one not in friends)[:number]


def _plan_friend(stage: Stage, friend: Friend, chance: Random) -> None:
    person, sponsor = friend.person, friend.sponsor
    if friend.way is Way.INVITED:
        asked = person.joined - timedelta(hours=chance.randint(3, 40))
        words = chance.choice(INVITATIONS)
        stage.agenda.at(
            max(asked, sponsor.joined + timedelta(hours=2)), partial(_invite, sponsor, person, words)
        )
    stage.agenda.at(person.joined, partial(_open_link, stage, friend))


def _plan_vain_invitations(stage: Stage, sponsor: Person, asked: list[Person], chance: Random) -> None:
    """Invitations that nobody answers; the last one is still open."""
    first = stage.days.number(sponsor.joined) + 1
    for number, person in enumerate(asked):
        day = -2 if number == 0 else chance.randint(first, -9)
        moment = stage.days.at(day, chance.randint(9, 21), chance.randrange(60))
        stage.agenda.at(moment, partial(_invite, sponsor, person, chance.choice(INVITATIONS)))


def _import(sponsor: Person, people: list[Person]) -> None:
    """As the page does it: a file, a preview, and what it found is kept."""
    file = csv_bytes(("Nom", "Téléphone"), [(person.name, person.phone) for person in people])
    with transaction(sponsor.actor):
        found = [contact.who for contact in preview(file).contacts]
        keep(sponsor.user_id, found, source="csv", by=sponsor.actor)


def _open_batch(sponsor: Person) -> None:
    with transaction(sponsor.actor):
        open_batch(sponsor.user_id, by=sponsor.actor)


def _send_batch(sponsor: Person, people: list[Person], message: str | None) -> None:
    phones = {person.phone for person in people}
    with transaction(sponsor.actor):
        batch = open_batch(sponsor.user_id, by=sponsor.actor)
        chosen = [entry["id"] for entry in batch.contact_snapshot if entry["phone"] in phones]
        select_contacts(batch.id, sponsor.user_id, chosen, by=sponsor.actor)
        send_batch(batch.id, sponsor.user_id, message, by=sponsor.actor)


def _invite(sponsor: Person, person: Person, message: str | None) -> None:
    with transaction(sponsor.actor):
        invite(sponsor.user_id, Invitee(person.name, person.phone, None, message), by=sponsor.actor)


def _decline(sponsor: Person, person: Person) -> None:
    with transaction():
        code = _code_for(sponsor, person)
        remember_click(find_link(code), {}, by=_VISITOR)
        decline(code, by=_VISITOR)


def _open_link(stage: Stage, friend: Friend) -> None:
    """The friend looks at the link, and opens an account a few minutes later."""
    with transaction():
        if friend.way is Way.LINK:
            code = db.session.get_one(User, friend.sponsor.user_id).referral_code
        else:
            code = _code_for(friend.sponsor, friend.person)
        visitor = Actor(ip=friend.person.device, user_agent=friend.person.browser)
        remember_click(find_link(code), {"utm_source": "whatsapp"}, by=visitor)
    stage.agenda.at(clock.now() + timedelta(minutes=4), partial(come, friend.person, code=code))


def _code_for(sponsor: Person, person: Person) -> str:
    """The code of the open invitation that this person has got."""
    return db.session.execute(
        select(Referral.referral_code).where(
            Referral.referrer_id == sponsor.user_id,
            Referral.referred_phone == person.phone,
            Referral.invitation_status == InvitationStatus.SENT,
        )
    ).scalar_one()


def _convert(stage: Stage, tries: int) -> None:
    """Moussa puts points into the pot of a friend; on the next day when none collects, or he has too few."""
    moussa = stage.cast.moussa
    with transaction(moussa.actor):
        pot_id = _pot_of_a_friend(moussa.user_id)
        available = balance(user_points(moussa.user_id)).available
        if pot_id is not None and available >= _CONVERTED_POINTS:
            convert(moussa.user_id, pot_id, _CONVERTED_POINTS, f"demo:{tries}", by=moussa.actor)
            return
    if tries:
        stage.agenda.at(clock.now() + timedelta(days=1), partial(_convert, stage, tries - 1))


def _pot_of_a_friend(sponsor_id: UUID) -> UUID | None:
    statement = select(Pot.id).where(
        within_reach(sponsor_id), Pot.status == PotStatus.OPEN, Pot.birthday_date > clock.today()
    )
    return db.session.execute(statement.order_by(Pot.birthday_date, Pot.id).limit(1)).scalar()
