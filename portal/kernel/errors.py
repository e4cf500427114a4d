"""Refusals with a reason a person can read. Each kind maps to one HTTP status, in `portal.web.errors`."""

from __future__ import annotations


class DomainError(Exception):
    """A rule said no. `message` is a translated sentence for the person; nothing was changed.

    `field` names the form field the sentence belongs to, where there is one.
    """

    status = 409

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInput(DomainError):
    """What was given cannot be used (a number out of bounds, an unreadable file)."""

    status = 422


class NotFound(DomainError):
    """There is no such thing for this person (wall 6: what someone may not see answers 404)."""

    status = 404

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


class Forbidden(DomainError):
    """The person is known and may not do this."""

    status = 403


class Conflict(DomainError):
    """The thing has moved on: a second click, a taken place, a state that does not allow the step."""

    status = 409


class TooMany(DomainError):
    """A limit was reached; `retry_after` says in how many seconds it will work again."""

    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class IllegalTransition(Conflict):
    """A state change outside the declared table; names both states."""

    def __init__(self, subject: str, current: str, wanted: str) -> None:
        super().__init__(f"{subject}: {current} → {wanted}")
        self.current = current
        self.wanted = wanted
