"""Made-up people, amounts and forms for the style page, which shows every part a page can be made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired

from portal.kernel import clock
from portal.kernel.money import Money
from portal.kernel.qr import qr_svg

SHELLS = ("client", "sponsor", "partner", "admin", "public", "auth")


class SampleForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """One field of every kind."""

    name = StringField("Votre nom", [DataRequired("Écrivez votre nom.")], render_kw={"autocomplete": "name"})
    phone = TelField(
        "Numéro de téléphone", [DataRequired("Écrivez un numéro.")], description="Par exemple 77 123 45 67."
    )
    email = EmailField("E-mail")
    password = PasswordField("Mot de passe", [DataRequired("Choisissez un mot de passe.")])
    amount = IntegerField("Montant", [DataRequired("Écrivez un montant.")])
    birthday = DateField("Date de naissance", [DataRequired("Écrivez votre date de naissance.")])
    message = TextAreaField("Petit mot")
    country = SelectField("Pays", choices={"SEN": "Sénégal", "CIV": "Côte d'Ivoire", "MLI": "Mali"})
    gift = RadioField(
        "Cadeau", choices={"cinema": "Cinéma", "dinner": "Restaurant", "spa": "Spa"}, default="dinner"
    )
    method = RadioField("Langue", choices={"fr": "Français", "wo": "Wolof"}, default="fr")
    consent = BooleanField("J'accepte de recevoir les nouvelles")
    photo = FileField("Photo de la cagnotte")
    code = StringField("Code reçu par SMS")
    choice = RadioField(
        "Combien offrez-vous ?",
        choices={
            "2000": "2 000 F CFA",
            "5000": "5 000 F CFA",
            "10000": "10 000 F CFA",
            "other": "Autre montant",
        },
        default="5000",
    )
    free = IntegerField("Autre montant")


@dataclass(frozen=True, slots=True)
class SamplePage:
    """The two ends of a keyset page."""

    next_cursor: str | None = "n"
    previous_cursor: str | None = "p"


def style_context() -> dict[str, Any]:
    """What `style.html` shows, besides the shell's own context."""
    refused = SampleForm(formdata=None, prefix="refused")
    refused.phone.errors = ["Ce numéro a un chiffre de trop. Vérifiez-le et réessayez."]
    refused.gift.errors = ["Choisissez un cadeau."]
    now = clock.now()
    return {
        "form": SampleForm(formdata=None),
        "refused": refused,
        "rows": _rows(now),
        "page": SamplePage(),
        "now": now,
        "moments": [now - timedelta(minutes=4), now - timedelta(hours=5), now - timedelta(days=3)],
        "amount": Money(15000),
        "qr_svg": qr_svg("TRG-7KQ2-M4XD-9RTA", border=2),
    }


def _rows(now: datetime) -> list[dict[str, Any]]:
    people = [
        ("Aïssatou Diop", "paid", 15000),
        ("Moussa Ndiaye", "open", 5000),
        ("Fatou Sarr", "refused", 120000),
    ]
    return [
        {"name": name, "status": status, "amount": Money(minor), "at": now - timedelta(days=index)}
        for index, (name, status, minor) in enumerate(people)
    ]
