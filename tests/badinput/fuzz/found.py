"""Made-up requests that once broke something, as they were printed; whoever finds another adds it here."""

from __future__ import annotations

from tests.badinput.fuzz.sent import Sent

FOUND: tuple[Sent, ...] = (
    # Without addresses of its own the error page broke as well.
    Sent("packs_public.catalogue", "GET", "nobody", "GET", headers=(("Host", "a" * 300),)),
    Sent("identity.enrol_app", "GET", "beginning", "GET", headers=(("Host", "a" * 300),)),
    # Two strokes in a row led to one, at the host that the request named.
    Sent("identity.take_back", "GET", "nobody", "GET", path={"token": "/0"}),
    # What only asks whether a page is there was counted as a visit.
    Sent("pots_public.invitation", "HEAD", "nobody", "GET", path={"token": "{invitation}"}),
    Sent("referrals_public.landing", "HEAD", "nobody", "GET", path={"code": "{referral_code}"}),
    # The page came back without a word: it does not show the field that was refused.
    Sent("identity.prove", "POST", "staff", "POST", fields=(("password", "quatre baobabs au soleil"),)),
    Sent("privacy.leave", "POST", "client", "POST"),
    # To look wrote a row.
    Sent("people.preferences", "GET", "staff", "GET"),
    Sent("people.calendar", "GET", "staff", "GET"),
)
