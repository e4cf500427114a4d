"""While a super admin looks at the portal as somebody else, nothing is changed: no form is taken, no page commits.

Nor is anything of the person's money theirs to take: codes of gifts are masked wherever a page or a message shows one,
and so are links of receipts, which prove to everybody who opens them that the gift is theirs.
"""

from __future__ import annotations

from flask import Flask, Response, request

from portal.kernel.access import changes_something
from portal.kernel.errors import Forbidden
from portal.kernel.i18n import _
from portal.kernel.visitor import visitor
from portal.pots.receipts import links_masked_in
from portal.redemptions.codes import masked_in

_THE_WAY_BACK = "identity.stop_looking"


def register(app: Flask) -> None:
    """Look at every request."""
    app.before_request(_refuse_changes)


def is_looked_at() -> bool:
    """Whether this request only looks with somebody else's eyes; the way back does more."""
    person = visitor()
    return person is not None and person.watcher is not None and request.endpoint != _THE_WAY_BACK


def mask_codes(response: Response) -> None:
    """Mask codes of gifts and links of receipts in what somebody only looks at; before it is compressed."""
    if response.location:
        response.location = links_masked_in(response.location)
    if response.mimetype == "text/html" and not response.is_streamed:
        response.set_data(links_masked_in(masked_in(response.get_data(as_text=True))))


def _refuse_changes() -> None:
    if changes_something() and is_looked_at():
        raise Forbidden(_("You are only looking at this account. Nothing can be changed."))
