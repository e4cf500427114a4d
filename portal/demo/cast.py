"""Who lives in the demo world: names, places, birthdays and the day on which each of them came."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from uuid import UUID

from portal.demo.accounts import DEMO_ACCOUNTS
from portal.demo.agenda import Days
from portal.demo.data import BROWSERS, FIRST_NAMES, HOUSES, LAST_NAMES
from portal.kernel.actor import Actor
from portal.kernel.places import REGIONS
from portal.people.places import TOWNS

DEFAULT_SEED = 221
FULL = 300
FEWEST = 60
# A second pair of eyes: nobody approves alone.
SECOND_ADMIN = ("Ibrahima Sow", "ibrahima@teranga.example")
_DEMO_NAMES = {audience: (name, email) for audience, name, email, _password in DEMO_ACCOUNTS}
_TEAM_SIZES = (3, 2, 2, 1, 1, 2, 1, 1, 1, 2, 1, 1)
# Dakar holds a quarter of the country; everywhere else somebody lives too.
_WEIGHTS = tuple(8 if region == "Dakar" else 3 if region == "Thiès" else 2 for region in REGIONS)
# Prefixes that networks use, with the block 000 that they give to nobody.
_PREFIXES = ("77", "78", "76", "70")


@dataclass(slots=True, eq=False)
class Person:
    """Somebody of the demo world; `user_id` is known once the account is open."""

    name: str
    region: str
    town: str
    joined: datetime
    phone: str
    device: str
    browser: str
    locale: str = "fr-SN"
    email: str | None = None
    born: date | None = None
    roles: frozenset[str] = frozenset({"user"})
    shows_portrait: bool = False
    account: UUID | None = None

    @property
    def first_name(self) -> str:
        """What friends say."""
        return self.name.split()[0]

    @property
    def user_id(self) -> UUID:
        """The id of the account, which must be open by now."""
        assert self.account is not None, f"{self.name} has not come yet"
        return self.account

    @property
    def actor(self) -> Actor:
        """The person as services see them."""
        return Actor(user_id=self.account, roles=self.roles, ip=self.device, user_agent=self.browser)


class Way(StrEnum):
    """How a friend was brought."""

    FIRST_BATCH = "first_batch"
    SECOND_BATCH = "second_batch"
    INVITED = "invited"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Friend:
    """Somebody whom a sponsor brings."""

    person: Person
    sponsor: Person
    way: Way


@dataclass(slots=True)
class Cast:
    """Everybody, by what they do. Aminata, Fatou, Moussa and Awa come first of theirs."""

    admins: list[Person] = field(default_factory=list)
    owners: list[Person] = field(default_factory=list)
    teams: list[list[Person]] = field(default_factory=list)
    sponsors: list[Person] = field(default_factory=list)
    friends: list[Friend] = field(default_factory=list)
    minors: list[Person] = field(default_factory=list)
    clients: list[Person] = field(default_factory=list)
    strangers: list[Person] = field(default_factory=list)

    def __iter__(self) -> Iterator[Person]:
        """All who open an account; strangers only stand in address books."""
        yield from (*self.admins, *self.owners, *(one for team in self.teams for one in team))
        yield from (*self.sponsors, *(friend.person for friend in self.friends))
        yield from (*self.minors, *self.clients)

    @property
    def awa(self) -> Person:
        """The client a newcomer signs in as."""
        return self.clients[0]

    @property
    def moussa(self) -> Person:
        """The sponsor a newcomer signs in as."""
        return self.sponsors[0]


def share_of(number: int, people: int) -> int:
    """As many of something as fits a world of `people`, where a full one has `number`; at least one."""
    return max(1, round(number * people / FULL))


def choose_cast(people: int, days: Days, chance: Random) -> Cast:
    """Everybody of a world of `people`, the same for the same chance."""
    town = _Town(days, chance)
    cast = Cast()
    cast.admins = [
        town.somebody(-184, named=_DEMO_NAMES["admin"]),
        town.somebody(-184, named=SECOND_ADMIN),
    ]
    cast.owners = [
        town.somebody(-184 + number // 2, named=_DEMO_NAMES["partner"] if number == 0 else None, mail=True)
        for number in range(len(HOUSES))
    ]
    sizes = _TEAM_SIZES if people >= FULL else (1,) * len(HOUSES)
    cast.teams = [[town.somebody(-177, mail=True) for _ in range(size)] for size in sizes]
    cast.sponsors = [town.somebody(-180, named=_DEMO_NAMES["sponsor"])]
    cast.sponsors += [
        town.somebody(chance.randint(-178, -150), mail=True) for _ in range(share_of(5, people))
    ]
    cast.friends = _friends(cast.sponsors, people, town, days, chance)
    cast.minors = [town.somebody(chance.randint(-120, -20)) for _ in range(share_of(5, people))]
    cast.clients = [town.somebody(-179, named=_DEMO_NAMES["client"])]
    missing = people - sum(1 for _ in cast)
    cast.clients += [town.somebody(chance.randint(-181, -2)) for _ in range(missing)]
    cast.strangers = [town.somebody(0) for _ in range(130 + 4 * len(cast.sponsors))]
    return cast


def _friends(sponsors: list[Person], people: int, town: _Town, days: Days, chance: Random) -> list[Friend]:
    moussa, others = sponsors[0], sponsors[1:]

    def brought(number: int, by: Person, way: Way, first: int, last: int) -> list[Friend]:
        return [
            Friend(town.somebody(chance.randint(first, last)), by, way)
            for _ in range(share_of(number, people))
        ]

    friends = brought(12, moussa, Way.FIRST_BATCH, -171, -166)
    friends += brought(6, moussa, Way.SECOND_BATCH, -87, -83)
    friends += brought(2, moussa, Way.LINK, -150, -10)
    friends += brought(2, moussa, Way.INVITED, -40, -20)
    for sponsor in others:
        start = days.number(sponsor.joined) + 2
        friends += brought(3, sponsor, Way.INVITED, start, -12)
        friends += brought(1, sponsor, Way.LINK, start, -8)
    return friends


class _Town:
    """Makes people, no two with the same name, number or address."""

    def __init__(self, days: Days, chance: Random) -> None:
        self._days, self._chance = days, chance
        taken = {SECOND_ADMIN[0], *(name for name, _email in _DEMO_NAMES.values())}
        names = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
        chance.shuffle(names)
        self._names = iter([name for name in names if name not in taken])
        self._number = 0

    def somebody(self, day: int, *, named: tuple[str, str] | None = None, mail: bool = False) -> Person:
        """A new person who comes on that day; `mail` makes sure of an e-mail address."""
        chance = self._chance
        self._number += 1
        name = named[0] if named else next(self._names)
        email = named[1] if named else f"{_plain(name)}@courriel.example"
        region = self._region()
        birthday = celebrated(self._days.date(chance.randint(40, 330)))
        return Person(
            name=name,
            region=region,
            town=self._of_region(region),
            joined=self._days.at(day, chance.randint(8, 20), chance.randrange(60)),
            phone=f"+221{_PREFIXES[self._number % 4]}000{self._number:04d}",
            device=f"41.82.{self._number // 250}.{self._number % 250 + 1}",
            browser=chance.choice(BROWSERS),
            locale=chance.choices(("fr-SN", "wo", "en"), (90, 6, 4))[0] if named is None else "fr-SN",
            email=email if named or mail or chance.random() < 0.12 else None,
            born=born_on(birthday, chance.randint(20, 58)),
        )

    def _region(self) -> str:
        """Each region once at first, so that a small world has people everywhere too."""
        if self._number <= len(REGIONS):
            return REGIONS[self._number - 1]
        return self._chance.choices(REGIONS, _WEIGHTS)[0]

    def _of_region(self, region: str) -> str:
        """The region's main town as often as all its others."""
        main, *others = TOWNS[region]
        return main if self._chance.random() < 0.5 else self._chance.choice(others or [main])


def celebrated(day: date) -> date:
    """The day itself, or the 28th for the 29th of February: nobody here is born on a day that years leave out."""
    return day - timedelta(days=1) if (day.month, day.day) == (2, 29) else day


def born_on(birthday: date, age: int) -> date:
    """The day of birth of somebody who turns `age` on a birthday that every year has."""
    return birthday.replace(year=birthday.year - age)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return letters.lower().replace(" ", ".")
