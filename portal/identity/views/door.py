"""What the pages at the door share: where a person is going, who invited them, and the session cookie."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field

import flask_babel
from flask import Blueprint, Response, request, session, url_for

from portal.config.rates import rate
from portal.config.values import CODES_PER_ADDRESS, SESSION_DAYS, SIGN_INS_PER_MINUTE, value_of
from portal.identity.devices import recognise
from portal.identity.sessions import COOKIE, end_session_of
from portal.kernel.cookies import forget_cookie, keep_cookie, read_cookie
from portal.kernel.i18n import STORED, language_of
from portal.kernel.limits import by_address, limiter
from portal.kernel.pages import safe_next, see_other
from portal.kernel.visitor import actor

blueprint = Blueprint("identity", __name__)

INVITATION_COOKIE = "invitation"
DEVICE_COOKIE = "device"
_A_DAY = 24 * 3600
_INVITATION = re.compile(r"[A-Z0-9]{4,20}")
_CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_CARRIED = "carried"
_LONGEST_TOKEN = 100
# The longest that browsers keep a cookie.
_DEVICE_DAYS = 400


@dataclass(frozen=True, slots=True)
class Carried:
    """What a person brings along through sign-in and sign-up. What makes no sense is dropped, not refused."""

    next: str
    invitation_code: str | None = None
    utm: dict[str, str] = field(default_factory=dict)


def carried() -> Carried:
    """From the address or the form of this request, else from the earlier step, else from the cookie."""
    earlier = session.get(_CARRIED, {})
    following = safe_next(request.values.get("next") or earlier.get("next"), url_for("web.home"))
    code = (
        _invitation(request.values.get("invitation_code"))
        or _invitation(request.args.get("code"))
        or _invitation(earlier.get("invitation_code"))
        or _invitation(read_cookie(INVITATION_COOKIE))
    )
    utm = {name: value for name in _CAMPAIGN if (value := _tidy(request.args.get(name)))}
    return Carried(following, code, utm or earlier.get("utm", {}))


def this_door() -> str:
    """The path of the page that is asked for, without what is secret in it: `/sign-up/mail`."""
    return str(request.url_rule).partition("/<")[0]


def carry_on(what: Carried) -> None:
    """Keep it for the next step, in the signed cookie."""
    session[_CARRIED] = asdict(what)


def let_in(token: str, where: str) -> Response:
    """Send the person on with a new session; the browser's old one ends, and so does every form made for it."""
    old = read_cookie(COOKIE)
    if old and len(old) <= _LONGEST_TOKEN:
        end_session_of(old)
    session.clear()
    response = see_other(where)
    give_session(response, token)
    device = recognise(token, read_cookie(DEVICE_COOKIE), by=actor())
    keep_cookie(response, DEVICE_COOKIE, device, seconds=_DEVICE_DAYS * _A_DAY)
    return response


def give_session(response: Response, token: str) -> None:
    """Let the browser keep the clear token of its session."""
    keep_cookie(response, COOKIE, token, seconds=value_of(SESSION_DAYS) * _A_DAY)


def let_out(where: str) -> Response:
    """Send the person on without a session."""
    session.clear()
    response = see_other(where)
    forget_cookie(response, COOKIE)
    return response


def stored_locale() -> str:
    """The reader's language as it is kept with an account."""
    return STORED[language_of(str(flask_babel.get_locale() or ""))]


sign_in_limit = limiter.shared_limit(
    rate(SIGN_INS_PER_MINUTE, "minute"), scope="sign_in", methods=["POST"], key_func=by_address
)
code_limit = limiter.shared_limit(
    rate(CODES_PER_ADDRESS, "hour"), scope="codes", methods=["POST"], key_func=by_address
)


def _invitation(text: object) -> str | None:
    code = text.strip().upper() if isinstance(text, str) else ""
    return code if _INVITATION.fullmatch(code) else None


def _tidy(text: str | None) -> str:
    return "".join(sign for sign in (text or "")[:100] if sign.isprintable()).strip()
