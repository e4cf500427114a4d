"""What codes do when a pot ends, and whom they tell."""

from __future__ import annotations

from typing import Any

from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict
from portal.partners.events import partner_status_changed
from portal.partners.models import Partner
from portal.pots.events import pot_closed
from portal.pots.models import Outcome, Pot
from portal.pots.services import settle_leftover
from portal.redemptions import telling
from portal.redemptions.events import code_canceled, code_expired, code_issued
from portal.redemptions.issuing import issue_code, live_code
from portal.redemptions.models import QrCode


@pot_closed.connect
def _issue_preferred(pot: Pot, outcome: Outcome, by: Actor, **_more: Any) -> None:
    """A funded pot that ends turns into its preferred pack (G-11).

    When that is gone, or costs more than when it was wished for, the owner chooses.
    """
    if outcome is not Outcome.FUNDED:
        return
    if live_code(pot.id) is not None:
        settle_leftover(pot.id, by=by)
    elif pot.preferred_pack_id is not None:
        try:
            with db.session.begin_nested():
                issue_code(
                    pot.id,
                    pot.preferred_pack_id,
                    owner_user_id=pot.owner_user_id,
                    agreed_price=pot.preferred_price_minor,
                    by=by,
                )
        except Conflict:
            # pot.choose_until stays set: the owner is asked to choose another.
            return


@code_issued.connect
def _tell_of_code(code: QrCode, by: Actor, **_more: Any) -> None:
    telling.code_issued(code, by=by)


@code_expired.connect
def _tell_of_end(code: QrCode, by: Actor, **_more: Any) -> None:
    telling.code_expired(code, by=by)


@code_canceled.connect
def _tell_of_cancellation(code: QrCode, to_pot: bool, by: Actor, **_more: Any) -> None:
    telling.code_canceled(code, to_pot=to_pot, by=by)


@partner_status_changed.connect
def _tell_of_decision(partner: Partner, reason: str | None, by: Actor, **_more: Any) -> None:
    telling.partner_decided(partner, reason, by=by)
