"""Giving, paying, waiting, the receipt (DON-09, DON-16, DON-18)."""

from __future__ import annotations

from uuid import UUID

import flask_babel
from flask import Blueprint, Response, request, url_for

from portal.config.limit_values import GIFTS_PER_MINUTE
from portal.config.rates import rate
from portal.kernel.access import open_to_all
from portal.kernel.elsewhere import leads_to_known_host
from portal.kernel.i18n import language_of
from portal.kernel.limits import by_address, limiter
from portal.kernel.pages import page, public_url, see_other
from portal.kernel.visitor import actor, visitor
from portal.payments.checkout import open_checkout
from portal.payments.models import PaymentStatus
from portal.pots import giving, receipts, sharing
from portal.pots.forms import GiveForm
from portal.pots.models import Donation
from portal.pots.policies import collects
from portal.pots.receipts import Progress
from portal.pots.views.public import visible_pot
from portal.pots.words import PAGE_WORDS

blueprint = Blueprint("pots_giving", __name__)
blueprint.context_processor(lambda: PAGE_WORDS)

# Many phones on mobile data share one address.
_give_limit = limiter.limit(rate(GIFTS_PER_MINUTE, "minute"), methods=["POST"], key_func=by_address)
_STILL_OPEN = frozenset({PaymentStatus.PENDING, PaymentStatus.PROCESSING})
_RETRY_AFTER = "10"


@blueprint.route("/p/<slug>/give", methods=["GET", "POST"])
@open_to_all("people give without an account")
@_give_limit
def give(slug: str) -> Response:
    """How much, from whom, with which words."""
    shown = visible_pot(slug)
    if not collects(shown.pot):
        return see_other(url_for("pots_public.show", slug=slug))
    person = visitor()
    again = receipts.gift_to_repeat(request.args.get("again"), shown.pot.id)
    form = GiveForm.of(again, person.name if person else None)
    if form.validate_on_submit():
        with form.attempt():
            donation = giving.give(
                shown.pot.id,
                form.gift(),
                form_key=form.form_key.data,
                donor_user_id=person.user_id if person else None,
                locale=language_of(str(flask_babel.get_locale() or "")),
                by=actor(),
            )
            return see_other(_next_step(donation))
    elif request.method == "GET" and request.args.get("via"):
        sharing.note_click(request.args["via"][:50], shown.pot.id)
    return page("pots/give.html", shown=shown, form=form, status=422 if form.is_submitted() else 200)


@blueprint.get("/g/<token>/pay")
@open_to_all("a guest pays; the link is the proof")
def pay(token: str) -> Response:
    """On to Wave while the pot takes gifts, or a truthful page when Wave does not answer."""
    shown = receipts.gift_page(token)
    donation_id, payment_id = shown.donation.id, shown.donation.payment_transaction_id
    if shown.progress is not Progress.WAITING or payment_id is None or not shown.takes_gifts:
        return see_other(url_for(".status", token=token))
    return _to_wave(token, donation_id, payment_id)


@blueprint.get("/g/<token>")
@open_to_all("a guest follows the gift; the link is the proof")
def status(token: str) -> Response:
    """How far a gift is, told as it is."""
    shown = receipts.gift_page(token)
    return page(
        "pots/gift.html",
        block="progress",
        shown=shown,
        takes_gifts=shown.takes_gifts,
        link=public_url(url_for("pots_public.show", slug=shown.pot.public_slug)),
    )


@blueprint.get("/g/<token>/receipt")
@open_to_all("a guest keeps the receipt; the link is the proof")
def receipt(token: str) -> Response:
    """The receipt, to print or to keep."""
    shown = receipts.gift_page(token)
    if not shown.has_receipt:
        return see_other(url_for(".status", token=token))
    return page("pots/receipt.html", shown=shown, link=public_url(url_for(".receipt", token=token)))


def _next_step(donation: Donation) -> str:
    endpoint = ".pay" if donation.payment_transaction_id else ".status"
    return url_for(endpoint, token=donation.receipt_token)


def _to_wave(token: str, donation_id: UUID, payment_id: UUID) -> Response:
    answer = open_checkout(payment_id, by=actor())
    if answer.url is not None and leads_to_known_host(answer.url):
        giving.sent_to_pay(donation_id, by=actor())
        return see_other(answer.url)
    if answer.state not in _STILL_OPEN:
        return see_other(url_for(".status", token=token))
    response = page("pots/wave_away.html", shown=receipts.gift_page(token), status=503)
    response.headers["Retry-After"] = _RETRY_AFTER
    return response
