"""Who may open a view. Closed by default: a view without a rule is refused, and a test walks the URL map.

The rule is a decorator, so that it stands above the view it guards and can be listed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar, cast
from uuid import UUID

from flask import abort, current_app, g, request

from portal.kernel.cookies import read_cookie
from portal.kernel.errors import Forbidden, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.roles import CompanyRole, MemberRole, Permission
from portal.kernel.visitor import Visitor, known_visitor, visitor

P = ParamSpec("P")
R = TypeVar("R")
View = Callable[P, R]

RULE = "access_rule"
PROOF = "proof_rule"
PERMISSIONS = "staff_permissions"
PARTNER_COOKIE = "partner"
COMPANY_COOKIE = "company"

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def open_to_all(reason: str) -> Callable[[View[P, R]], View[P, R]]:
    """Anybody, also without an account; `reason` says why."""

    def guard(view: View[P, R]) -> View[P, R]:
        setattr(view, RULE, f"open: {reason}")
        return view

    return guard


def signed_in(view: View[P, R]) -> View[P, R]:
    """Any signed-in person."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        _someone_whole()
        return view(*args, **kwargs)

    setattr(guarded, RULE, "signed in")
    return guarded


def signed_in_always(view: View[P, R]) -> View[P, R]:
    """Any signed-in person, also one who has yet to set up the second factor that their rights ask for."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if visitor() is None:
            _ask_to_sign_in()
        return view(*args, **kwargs)

    setattr(guarded, RULE, "signed in")
    return guarded


def staff(*permissions: Permission) -> Callable[[View[P, R]], View[P, R]]:
    """People who steer the portal, whose staff work is open and allows one of `permissions`.

    For everybody else the page does not exist; a colleague with other duties is told so.
    """

    def guard(view: View[P, R]) -> View[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            person = _someone_whole()
            if not person.is_admin:
                raise NotFound
            question = current_app.extensions["ask_staff"](person)
            if question is not None:
                # An answer, not a way out: what was noted of work that has moved is kept.
                return cast(R, question)
            if not person.may(*permissions):
                raise Forbidden(
                    _("Your duties do not include this page. A super admin can give them to you.")
                )
            return view(*args, **kwargs)

        setattr(guarded, RULE, "staff: " + ", ".join(permissions))
        setattr(guarded, PERMISSIONS, frozenset(permissions))
        return guarded

    return guard


def partner_team(roles: Collection[MemberRole]) -> Callable[[View[P, R]], View[P, R]]:
    """Members of a partner's team with one of `roles`; the view finds the partner in `current_partner_id()`."""

    def guard(view: View[P, R]) -> View[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            held = {place.partner_id: place.role for place in _someone_enrolled().memberships}
            g.partner_id = _chosen(held, PARTNER_COOKIE, roles)
            return view(*args, **kwargs)

        setattr(guarded, RULE, "partner: " + ", ".join(sorted(roles)))
        return guarded

    return guard


def company_team(roles: Collection[CompanyRole]) -> Callable[[View[P, R]], View[P, R]]:
    """People of a sponsor company with one of `roles`; the view finds the company in `current_company_id()`."""

    def guard(view: View[P, R]) -> View[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            held = {place.company_id: place.role for place in _someone_enrolled().companies}
            g.company_id = _chosen(held, COMPANY_COOKIE, roles)
            return view(*args, **kwargs)

        setattr(guarded, RULE, "company: " + ", ".join(sorted(roles)))
        return guarded

    return guard


def step_up(view: View[P, R]) -> View[P, R]:
    """People who have proved in the last minutes that it is they; others are asked to, and come back.

    Stands under the rule that says who may come at all.
    """
    return _with_proof(view, None)


def step_up_when(is_needed: Callable[[], bool]) -> Callable[[View[P, R]], View[P, R]]:
    """As `step_up`, but only for a request of which `is_needed` is true; `wants_file`, `changes_something`."""

    def guard(view: View[P, R]) -> View[P, R]:
        return _with_proof(view, is_needed)

    return guard


def has_proved_lately() -> bool:
    """Whether the signed-in person has proved a moment ago that it is they, so that `step_up` would not ask."""
    return bool(current_app.extensions["has_proved"](known_visitor()))


def changes_something() -> bool:
    """Whether this request is more than a look."""
    return request.method not in _READING


def current_partner_id() -> UUID:
    """The partner for whom the person works in this request (set by `partner_team`)."""
    partner_id: UUID = g.partner_id
    return partner_id


def current_company_id() -> UUID:
    """The sponsor company for which the person works in this request (set by `company_team`)."""
    company_id: UUID = g.company_id
    return company_id


def _chosen(held: Mapping[UUID, str], cookie: str, roles: Collection[str]) -> UUID:
    """The organisation named by the cookie of the switcher, else the first; raises `NotFound` without the right."""
    if not held:
        raise NotFound
    wanted = parse_id(read_cookie(cookie))
    chosen = wanted if wanted is not None and wanted in held else next(iter(held))
    if held[chosen] not in roles:
        raise NotFound
    return chosen


def _with_proof(view: View[P, R], is_needed: Callable[[], bool] | None) -> View[P, R]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if is_needed is None or is_needed():
            question = current_app.extensions["ask_to_confirm"](known_visitor())
            if question is not None:
                abort(question)
        return view(*args, **kwargs)

    setattr(guarded, PROOF, is_needed.__name__ if is_needed else "always")
    return guarded


def _someone_enrolled() -> Visitor:
    """As `_someone_whole`, for the pages of a house: without the second factor that its owners need, none opens.

    Their own pages stay open to them: anybody can be made the owner of a house by somebody else.
    """
    person = _someone_whole()
    if person.must_enrol:
        _ask_to_enrol()
    return person


def _someone_whole() -> Visitor:
    """The signed-in person.

    Whoever steers and has to set up a second factor first, or has to agree to new terms, is sent to do it.
    """
    person = visitor()
    if person is None:
        _ask_to_sign_in()
    if person.must_enrol and person.is_admin:
        _ask_to_enrol()
    question = current_app.extensions["ask_to_agree"](person)
    if question is not None:
        abort(question)
    return person


def _ask_to_enrol() -> NoReturn:
    abort(current_app.extensions["ask_to_enrol"]())


def _ask_to_sign_in() -> NoReturn:
    """Leave the view with the sign-in manager's answer: a redirect to the sign-in page, or 401 for programs."""
    abort(current_app.extensions["ask_to_sign_in"]())
