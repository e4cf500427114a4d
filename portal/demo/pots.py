"""Owners make their pots, pass them on, and decide what they become."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random
from uuid import UUID

from portal.demo.plots import Fate, Plot
from portal.demo.stage import Stage
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.pots import counters
from portal.pots.closing import close_pot
from portal.pots.finding import live_pot
from portal.pots.making import Wishes, create_pot, edit_pot
from portal.pots.models import Pot, PotStatus, ShareMethod
from portal.pots.sharing import Invitation, follow_invitation, invite, note_click
from portal.redemptions.issuing import issue_code

_PLACES = ("Facebook", "Groupe de la famille", "Statut WhatsApp", "Instagram")


def plan_pots_of(stage: Stage) -> None:
    """Everything that owners do with the planned pots."""
    chance = stage.chance("pots")
    for plot in stage.plots:
        stage.agenda.at(plot.made, partial(_make, stage, plot))
        opens = plot.opens(stage.days)
        if plot.fate is not Fate.SCHEDULED and chance.random() < 0.45:
            stage.agenda.at(opens + timedelta(hours=9), partial(_share, plot, chance.choice(_PLACES), chance))
        if plot.fate is Fate.CANCELED:
            stage.agenda.at(stage.days.at(_day(stage, plot) - 2, 19), partial(_call_off, plot))
        if plot.fate is Fate.CHOSEN:
            stage.agenda.at(stage.days.now - timedelta(hours=7), partial(_choose_early, stage, plot))
        stage.agenda.at(
            stage.days.now - timedelta(minutes=3), partial(_count_views, plot, chance.randint(8, 90))
        )


def _day(stage: Stage, plot: Plot) -> int:
    """The number of the birthday's day."""
    return (plot.birthday - stage.days.today).days


def _make(stage: Stage, plot: Plot) -> None:
    """A new pot, or the one that came with an accepted invitation, in the owner's own words."""
    owner = plot.owner
    wishes = Wishes(
        title=plot.title,
        target_minor=plot.target,
        story=plot.story,
        visibility=plot.visibility,
        preferred_pack_id=stage.packs[plot.offer] if plot.offer is not None else None,
    )
    with transaction(owner.actor):
        given = live_pot(owner.user_id, plot.birthday)
        if given is None:
            pot = create_pot(owner.user_id, wishes, by=owner.actor)
        else:
            # A sponsor's points may be in it already; then its target stands.
            target = given.target_amount_minor if given.collected_minor else plot.target
            pot = edit_pot(given.id, owner.user_id, replace(wishes, target_minor=target), by=owner.actor)
        plot.pot_id = pot.id


def pot_of(plot: Plot) -> UUID:
    """The id of the pot, which must be made by now."""
    assert plot.pot_id is not None, f"the pot of {plot.owner.name} is not made yet"
    return plot.pot_id


def _share(plot: Plot, place: str, chance: Random) -> None:
    """Two tracked links; the first is opened, and sometimes leads to a gift."""
    owner = plot.owner
    with transaction(owner.actor):
        if db.session.get_one(Pot, pot_of(plot)).status not in (PotStatus.OPEN, PotStatus.FUNDED):
            return
        shared = invite(pot_of(plot), owner.user_id, Invitation(ShareMethod.SOCIAL, place), by=owner.actor)
        number = f"+22177000{chance.randint(8000, 9999)}"
        invite(pot_of(plot), owner.user_id, Invitation(ShareMethod.WHATSAPP, number), by=owner.actor)
        token = shared.tracking_token
        with clock.travel(clock.now() + timedelta(hours=2)):
            follow_invitation(token, is_reader=True)
            if chance.random() < 0.6:
                note_click(token, pot_of(plot))


def _call_off(plot: Plot) -> None:
    with transaction(plot.owner.actor):
        close_pot(
            pot_of(plot),
            owner_user_id=plot.owner.user_id,
            everything_back=True,
            reason="Nous fêterons autrement.",
            by=plot.owner.actor,
        )


def _choose_early(stage: Stage, plot: Plot) -> None:
    """The pack is chosen as soon as the pot is full."""
    assert plot.offer is not None
    with transaction(plot.owner.actor):
        issue_code(
            pot_of(plot),
            stage.packs[plot.offer],
            owner_user_id=plot.owner.user_id,
            by=plot.owner.actor,
        )


def _count_views(plot: Plot, views: int) -> None:
    if plot.pot_id is not None and plot.fate is not Fate.SCHEDULED:
        for _ in range(views):
            counters.count(counters.Counter.VIEWS, plot.pot_id)
