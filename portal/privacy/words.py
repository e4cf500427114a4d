"""What consents, requests and looks of staff are called on pages and in the copy of one's data."""

from __future__ import annotations

from typing import NamedTuple

from portal.audit.models import Opened
from portal.consent.models import Asked, ConsentPurpose
from portal.consent.texts import LegalText
from portal.kernel.i18n import lazy
from portal.privacy.questions import Answer

PURPOSE_WORDS: dict[ConsentPurpose, str] = {
    ConsentPurpose.TERMS: lazy("Terms of use"),
    ConsentPurpose.PRIVACY: lazy("How we treat data"),
    ConsentPurpose.MARKETING_EMAIL: lazy("Offers by e-mail"),
    ConsentPurpose.MARKETING_SMS: lazy("Offers by text message"),
    ConsentPurpose.MARKETING_WHATSAPP: lazy("Offers by WhatsApp"),
    ConsentPurpose.MARKETING_PUSH: lazy("Offers on the phone's screen"),
}
# Where a yes or a no was said: the first part of the page's address.
_PLACE_WORDS: dict[str, str] = {
    "sign-up": lazy("when I opened my account"),
    "sign-in": lazy("when I opened my account"),
    "privacy": lazy("on the page “My data”"),
    "settings": lazy("on the page “What I want to hear”"),
    "unsubscribe": lazy("by the link below an e-mail"),
}
TEXT_WORDS: dict[LegalText, str] = {
    LegalText.TERMS: lazy("Terms of use"),
    LegalText.PRIVACY: lazy("How we treat data"),
    LegalText.MARKETING: lazy("What offers we send"),
}
OPENED_WORDS: dict[Opened, str] = {
    Opened.PERSON_PAGE: lazy("Your page"),
    Opened.SEARCH: lazy("Found by your address, number or name"),
    Opened.IDENTITY_PAPER: lazy("Your identity paper"),
    Opened.GIFT: lazy("A gift of yours"),
    Opened.FILE: lazy("A list you are in, as a file"),
    Opened.LOOKED_AS: lazy("The portal as you see it"),
    Opened.PAYMENT: lazy("A payment of yours"),
    Opened.INVITATION: lazy("An invitation from you or to you"),
}


def place_words(page: str | None) -> str:
    """Where a consent was given or taken back, as its person would say it; the address where there is no word."""
    if not page:
        return "—"
    return _PLACE_WORDS.get(page.strip("/").partition("/")[0], page)


class AskedWords(NamedTuple):
    """How a question is put on its page; `title` and `about` name who asks as `who`."""

    title: str
    about: str
    way_in: str


ASKED_WORDS: dict[Asked, AskedWords] = {
    Asked.GUARDIAN: AskedWords(
        lazy("%(who)s asks you to be their guardian"),
        lazy(
            "%(who)s is under 18 and names you as the adult who answers for them. To say yes you need an account of"
            " your own with this address or number, and must be 18 or older."
        ),
        lazy("Say yes from my account"),
    ),
    Asked.TEAM: AskedWords(
        lazy("%(who)s invites you into its team"),
        lazy("To accept you need an account of your own with this address or number."),
        lazy("See the invitation"),
    ),
    Asked.FRIEND: AskedWords(
        lazy("%(who)s invites you to Teranga"),
        lazy("For your birthday, the people close to you put money together, and you choose your gift."),
        lazy("See the invitation"),
    ),
}
NEVER_WORDS: dict[Asked, str] = {
    Asked.GUARDIAN: lazy(
        "No young person's question to be their guardian reaches this address or number again."
    ),
    Asked.TEAM: lazy("No invitation into a team reaches this address or number again."),
    Asked.FRIEND: lazy("No friend's invitation reaches this address or number again."),
}
ANSWERED_WORDS: dict[Answer, str] = {
    Answer.NO: lazy("Thank you. Your answer is no."),
    Answer.NEVER: lazy("Thank you. We do not write to you about this again."),
    Answer.FORGET: lazy("Thank you. We are erasing your address or number, and do not write to it again."),
}
