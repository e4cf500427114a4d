"""Coming in by Google, Apple or Facebook, and linking them to an account that one is signed in to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, request, session, url_for

from portal.config.values import PROOF_MINUTES, value_of
from portal.gateways.providers import Begun, Claims, ProviderRefused, ProviderUnavailable
from portal.identity import providers
from portal.identity.entry import Door
from portal.identity.forms import PhoneSignUpForm
from portal.identity.models import AuthProvider
from portal.identity.sessions import confirm_session
from portal.identity.signing_in import note_refused_provider, sign_in_with_provider
from portal.identity.told_names import open_told_name, seal_told_name
from portal.identity.views.door import (
    blueprint,
    carried,
    carry_on,
    give_session,
    let_in,
    sign_in_limit,
)
from portal.identity.views.sign_in import go_on_to_second_step, why_not
from portal.identity.views.sign_up import account_from, sign_up_limit, welcome
from portal.kernel import clock
from portal.kernel.access import open_to_all, signed_in_always, step_up
from portal.kernel.crypto import same
from portal.kernel.errors import NotFound
from portal.kernel.i18n import _
from portal.kernel.pages import page, public_url, see_other
from portal.kernel.visitor import actor, known_visitor, visitor

# A provider that answers by a form of its own comes without our cookie and without our form token.
returning = Blueprint("identity_returning", __name__)

_BEGUN, _PROVED = "provider_begun", "provider_proved"
_LONGEST = 2000
_ANSWERS = ("code", "state", "error")


@blueprint.post("/sign-in/with/<name>")
@open_to_all("the door")
@sign_in_limit
def begin_provider(name: str) -> Response:
    """On to the provider, which will say who this is."""
    provider = _provider(name)
    carry_on(carried())
    return _go_to(provider, url_for(".sign_in"))


@blueprint.post("/security/providers/<name>/link")
@signed_in_always
@step_up
@sign_in_limit
def link_provider(name: str) -> Response:
    """On to the provider, which will then open the account that one is signed in to (ID-35)."""
    return _go_to(_provider(name), url_for(".overview"), links=str(known_visitor().user_id))


@returning.post("/sign-in/with/<name>/back")
@open_to_all("the browser brings the answer of a provider; it is only carried on")
def carry_answer(name: str) -> Response:
    """Carry a posted answer on to where our own cookie comes along."""
    answer = {name: request.form[name][:_LONGEST] for name in _ANSWERS if name in request.form}
    told = seal_told_name(request.form.get("user", "")[:_LONGEST], answer.get("state", ""))
    if told is not None:
        answer["told"] = told
    return see_other(url_for("identity.come_back", name=_provider(name)) + "?" + urlencode(answer))


@blueprint.get("/sign-in/with/<name>/back")
@open_to_all("the door")
def come_back(name: str) -> Response:
    """Hear what the provider says, and let in, link, or go on to open an account."""
    provider = _provider(name)
    kept: dict[str, str] = session.pop(_BEGUN, None) or {}
    after = url_for(".overview" if kept.get("links") else ".sign_in")
    code, state = request.args.get("code", ""), request.args.get("state", "")
    if kept.get("provider") != provider or not same(state, kept["state"]):
        flash(_("This way in was not begun here. Please begin again."), "warning")
        return see_other(after)
    if not code or len(code) > _LONGEST:
        flash(
            _("%(provider)s was not allowed to say who you are.", provider=providers.NAMES[provider]),
            "warning",
        )
        return see_other(after)
    begun = Begun("", kept["state"], kept["nonce"], kept["verifier"])
    try:
        claims = providers.hear(provider, begun, code, _way_back(provider), by=actor())
    except (ProviderRefused, ProviderUnavailable) as error:
        if isinstance(error, ProviderRefused):
            note_refused_provider(provider, by=actor())
        flash(_silent(provider), "warning")
        return see_other(after)
    if not claims.name:
        claims = replace(claims, name=open_told_name(request.args.get("told", "")[:_LONGEST], state))
    return _link(provider, claims, kept["links"]) if kept.get("links") else _let_in(provider, claims)


@blueprint.route("/sign-up/with", methods=["GET", "POST"])
@open_to_all("everybody may open an account")
@sign_up_limit
def finish_with_provider() -> Response:
    """Say one's name, once a provider has proved the address."""
    proved = _proved()
    if proved is None:
        return see_other(url_for(".sign_in"))
    provider, claims = proved
    brought = carried()
    form = PhoneSignUpForm(full_name=claims.name)
    if form.validate_on_submit():
        with form.attempt():
            account = account_from(form, brought)
            user = providers.register_with_provider(provider, claims, account, by=actor())
            return welcome(user, form.date_of_birth.data, brought)
    return page(
        "identity/finish_with_provider.html",
        form=form,
        email=claims.email,
        provider=providers.NAMES[provider],
        brought=brought,
        status=422 if form.errors else 200,
    )


@blueprint.post("/security/providers/<name>/unlink")
@signed_in_always
@step_up
def unlink_provider(name: str) -> Response:
    """Let a provider open one's account no more (ID-35)."""
    me, provider = known_visitor(), _known(name)
    providers.unlink_provider(me, provider, by=actor())
    flash(_("%(provider)s no longer opens your account.", provider=providers.NAMES[provider]), "success")
    return _renewed(see_other(url_for(".overview")))


def _go_to(provider: AuthProvider, otherwise: str, *, links: str = "") -> Response:
    try:
        begun = providers.begin_at(provider, _way_back(provider))
    except ProviderUnavailable:
        flash(_silent(provider), "warning")
        return see_other(otherwise)
    session[_BEGUN] = {
        "provider": provider,
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "links": links,
    }
    return see_other(begun.url)


def _let_in(provider: AuthProvider, claims: Claims) -> Response:
    entry = sign_in_with_provider(provider, claims.uid, by=actor())
    if entry.session_token is not None:
        return let_in(entry.session_token, carried().next)
    if entry.waiting_token is not None:
        return go_on_to_second_step(entry.waiting_token)
    if entry.door is not Door.NEW_IDENTITY:
        flash(why_not(entry), "warning")
        return see_other(url_for(".sign_in"))
    name = providers.NAMES[provider]
    if not claims.email_is_verified or claims.email is None:
        flash(
            _(
                "%(provider)s has not confirmed an e-mail address. Please open your account by phone or by e-mail, "
                "then link %(provider)s under Security.",
                provider=name,
            ),
            "warning",
        )
        return see_other(url_for(".sign_in"))
    if providers.has_account(claims.email):
        flash(
            _(
                "Your address has an account already. Please sign in to it, then link %(provider)s here.",
                provider=name,
            ),
            "warning",
        )
        return see_other(url_for(".sign_in", next=url_for(".overview")))
    session[_PROVED] = {
        "provider": provider,
        "uid": claims.uid,
        "email": claims.email,
        "name": claims.name,
        "at": clock.now().isoformat(),
    }
    return see_other(url_for(".finish_with_provider"))


def _link(provider: AuthProvider, claims: Claims, whose: str) -> Response:
    me = visitor()
    if me is None or str(me.user_id) != whose:
        flash(_("This way in was not begun here. Please begin again."), "warning")
        return see_other(url_for(".sign_in"))
    providers.link_provider(me, provider, claims, by=actor())
    flash(_("%(provider)s now opens your account.", provider=providers.NAMES[provider]), "success")
    return _renewed(see_other(url_for(".overview")))


def _renewed(response: Response) -> Response:
    """After a change of the ways in, the session goes on under a new token."""
    give_session(response, confirm_session(known_visitor().session_id, by=actor()))
    return response


def _proved() -> tuple[AuthProvider, Claims] | None:
    """What a provider has proved in this browser, while it may still open an account."""
    kept: dict[str, Any] | None = session.get(_PROVED)
    if not kept:
        return None
    lasts = timedelta(minutes=value_of(PROOF_MINUTES))
    if clock.now() - datetime.fromisoformat(kept["at"]) > lasts:
        return None
    return AuthProvider(kept["provider"]), Claims(kept["uid"], kept["email"], True, kept["name"])


def _way_back(provider: AuthProvider) -> str:
    return public_url(url_for("identity.come_back", name=provider))


def _silent(provider: AuthProvider) -> str:
    return _(
        "%(provider)s gives no usable answer now. Please try again, or choose another way.",
        provider=providers.NAMES[provider],
    )


def _known(name: str) -> AuthProvider:
    """A provider by the name in an address. Raises `NotFound`."""
    provider = next((one for one in providers.NAMES if one == name), None)
    if provider is None:
        raise NotFound
    return provider


def _provider(name: str) -> AuthProvider:
    """A provider that is offered. Raises `NotFound`."""
    provider = _known(name)
    if provider not in {one for one, _name in providers.offered()}:
        raise NotFound
    return provider
