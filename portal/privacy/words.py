"""What consents, requests and looks of staff are called on pages and in the copy of one's data."""

from __future__ import annotations

from portal.audit.models import Opened
from portal.consent.models import ConsentPurpose
from portal.consent.texts import LegalText
from portal.kernel.i18n import lazy

PURPOSE_WORDS: dict[ConsentPurpose, str] = {
    ConsentPurpose.TERMS: lazy("Terms of use"),
    ConsentPurpose.PRIVACY: lazy("How we treat data"),
    ConsentPurpose.MARKETING_EMAIL: lazy("Offers by e-mail"),
    ConsentPurpose.MARKETING_SMS: lazy("Offers by text message"),
    ConsentPurpose.MARKETING_WHATSAPP: lazy("Offers by WhatsApp"),
    ConsentPurpose.MARKETING_PUSH: lazy("Offers on the phone's screen"),
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
}
