"""Which pots there will be: whose, for which birthday, filled how far, and how each of them ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from uuid import UUID

from portal.demo.agenda import Days
from portal.demo.cast import FULL, Cast, Person, born_on, celebrated, share_of
from portal.demo.data import HOUSES, OFFERS, STORIES, TITLES
from portal.pots.models import Visibility

_WEEKLY = tuple(number for number, house in enumerate(HOUSES) if house.terms == "weekly")
_FATOUS_HOUSE = 0
_FIRST_BIRTHDAY = -158
# In each of them every house that is paid weekly has something to be paid for.
_RECENT_WEEKS = 3
_TARGETS = (15_000, 20_000, 25_000, 30_000, 40_000)


class Fate(StrEnum):
    """How a pot stands when the world is made."""

    REDEEMED = "redeemed"
    ISSUED = "issued"
    UNUSED = "unused"
    WALLET = "wallet"
    CHOOSING = "choosing"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    CANCELED = "canceled"
    EMPTY = "empty"
    FUNDED = "funded"
    CHOSEN = "chosen"
    OPEN = "open"
    SCHEDULED = "scheduled"


@dataclass(frozen=True, slots=True)
class _Kind:
    """Pots of one fate: how many in a full world, on which days their birthdays lie, how far they are filled."""

    fate: Fate
    number: int
    first: int
    last: int
    filled: tuple[float, float]
    has_offer: bool = True


_KINDS = (
    _Kind(Fate.ISSUED, 5, -38, -1, (1.0, 1.1)),
    _Kind(Fate.UNUSED, 2, -150, -95, (1.0, 1.1)),
    _Kind(Fate.WALLET, 3, -120, -12, (1.0, 1.2), has_offer=False),
    _Kind(Fate.CHOOSING, 2, -5, -1, (1.0, 1.15), has_offer=False),
    _Kind(Fate.EXPIRED, 2, -5, -1, (0.3, 0.8)),
    _Kind(Fate.REFUNDED, 3, -140, -12, (0.2, 0.6)),
    _Kind(Fate.CANCELED, 1, -60, -20, (0.4, 0.6)),
    _Kind(Fate.EMPTY, 2, -100, -10, (0.0, 0.0)),
    _Kind(Fate.FUNDED, 4, 2, 24, (1.0, 1.1), has_offer=False),
    _Kind(Fate.CHOSEN, 2, 3, 15, (1.0, 1.1)),
    _Kind(Fate.OPEN, 12, 3, 28, (0.15, 0.9)),
    _Kind(Fate.SCHEDULED, 6, 34, 75, (0.0, 0.0)),
)


@dataclass(slots=True, eq=False)
class Plot:
    """One pot to be; `target` and the gifts' part `filled` of it in XOF, `offer` a place in OFFERS."""

    owner: Person
    birthday: date
    fate: Fate
    offer: int | None
    target: int
    filled: float
    made: datetime
    title: str
    story: str
    visibility: Visibility
    served: datetime | None = None
    pot_id: UUID | None = None

    def opens(self, days: Days) -> datetime:
        """When it begins to collect."""
        return max(self.made, days.at((self.birthday - days.today).days - 30, 0, 15))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A pot that still needs an owner."""

    fate: Fate
    birthday: int
    offer: int | None
    filled: float
    served: datetime | None = None

    def is_before(self, moment: datetime) -> bool:
        """Whether it was served, and before that moment."""
        return self.served is not None and self.served < moment


def _of(name: str) -> str:
    """`de Moussa`, but `d'Awa`."""
    return f"d'{name}" if name[0] in "AEÉIOU" else f"de {name}"


def plan_pots(cast: Cast, people: int, days: Days, chance: Random) -> list[Plot]:
    """Every pot of the world, Awa's first; gives each owner the birthday that the pot is for."""
    free = [*(friend.person for friend in cast.friends), *cast.clients[1:]]
    plots = [_awas(cast.awa, days)]
    # Where there are few people, some gifts of long ago are served to nobody, but no fate of a pot is missing.
    last_week = days.at(-7 - days.today.weekday(), 0)
    for wanted in (_other_pots(people, chance), _served_gifts(people, days, chance)):
        found: list[Plot] = []
        for one in sorted(wanted, key=lambda one: (people < FULL and one.is_before(last_week), one.birthday)):
            owner = _owner(free, days.at(one.birthday - 6, 0), chance)
            if owner is not None:
                free.remove(owner)
                found.append(_plot(one, owner, days, chance))
        plots += sorted(found, key=lambda plot: plot.birthday)
    return plots


def _served_gifts(people: int, days: Days, chance: Random) -> list[_Wanted]:
    """Gifts by the moment at which a house serves them, so that every house has something to be paid for."""
    monday = -days.today.weekday()
    moments = [(_FATOUS_HOUSE, days.now - timedelta(minutes=25 + 220 * number)) for number in range(3)]
    served = []
    for house in _WEEKLY:
        often = share_of(55 if house == _FATOUS_HOUSE else 15, people) / 100
        for week in range(1, 23):
            for _ in range(2 if week <= _RECENT_WEEKS else int(chance.random() < often)):
                served.append((house, monday - 7 * week + chance.randrange(7)))
    for house in range(len(HOUSES)):
        if house not in _WEEKLY:
            served += [(house, chance.randint(_FIRST_BIRTHDAY + 3, -1)) for _ in range(share_of(2, people))]
    moments += [(house, days.at(day, chance.randint(11, 21), chance.randrange(60))) for house, day in served]
    return [_served(house, moment, days, chance) for house, moment in moments]


def _served(house: int, moment: datetime, days: Days, chance: Random) -> _Wanted:
    offers = [number for number, offer in enumerate(OFFERS) if offer.house == house and offer.stock is None]
    # The cheap pack of a house is the one that most people choose.
    offer = chance.choices(offers, [1 / OFFERS[number].price for number in offers])[0]
    day = days.number(moment)
    birthday = max(_FIRST_BIRTHDAY, day - chance.choice((0, 0, 1, 2, 3, 5, 8, 13)))
    return _Wanted(Fate.REDEEMED, min(birthday, day), offer, chance.uniform(1.0, 1.12), moment)


def _other_pots(people: int, chance: Random) -> list[_Wanted]:
    wanted = []
    for kind in _KINDS:
        for _ in range(share_of(kind.number, people)):
            offer = _offer_of(kind.fate, chance) if kind.has_offer else None
            day = chance.randint(kind.first, kind.last)
            wanted.append(_Wanted(kind.fate, day, offer, chance.uniform(*kind.filled)))
    return wanted


def _offer_of(fate: Fate, chance: Random) -> int:
    """Only packs that end soon are left unused for long enough to run out."""
    short = [number for number, offer in enumerate(OFFERS) if offer.stock is not None]
    return chance.choice(short) if fate is Fate.UNUSED else chance.randrange(len(OFFERS))


def _owner(free: list[Person], before: datetime, chance: Random) -> Person | None:
    """Somebody who has come before that moment."""
    here = [person for person in free if person.joined < before]
    return chance.choice(here) if here else None


def _plot(wanted: _Wanted, owner: Person, days: Days, chance: Random) -> Plot:
    birthday = celebrated(days.date(wanted.birthday))
    age = chance.randint(20, 45)
    owner.born = born_on(birthday, age)
    price = OFFERS[wanted.offer].price if wanted.offer is not None else chance.choice(_TARGETS)
    earliest = max(owner.joined + timedelta(hours=1), days.at(-172, 9))
    latest = min(days.at(wanted.birthday - 5, 12), days.now - timedelta(days=chance.uniform(1, 20)))
    made = days.at(wanted.birthday - chance.randint(16, 55), chance.randint(8, 21), chance.randrange(60))
    return Plot(
        owner=owner,
        birthday=birthday,
        fate=wanted.fate,
        offer=wanted.offer,
        target=-(-price // 1_000) * 1_000,
        filled=wanted.filled,
        made=min(max(made, earliest), max(latest, earliest)),
        title=chance.choice(TITLES).format(name=owner.first_name, of_name=_of(owner.first_name), age=age),
        story=chance.choice(STORIES),
        visibility=chance.choices(
            (Visibility.PUBLIC, Visibility.PRIVATE, Visibility.FRIENDS_ONLY), (60, 32, 8)
        )[0],
        served=wanted.served,
    )


def _awas(awa: Person, days: Days) -> Plot:
    """The pot that a newcomer sees first: nearly full, nine days before the birthday."""
    offer = next(number for number, offer in enumerate(OFFERS) if offer.name == "Duo bien-être")
    birthday = celebrated(days.date(9))
    awa.born = born_on(birthday, 30)
    return Plot(
        owner=awa,
        birthday=birthday,
        fate=Fate.OPEN,
        offer=offer,
        target=45_000,
        filled=0.92,
        made=days.at(-24, 18, 20),
        title="Les 30 ans d'Awa",
        story=STORIES[0],
        visibility=Visibility.PUBLIC,
    )
