"""What people are told about their place in a sponsor company."""

from __future__ import annotations

from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    Category,
    MessageTemplate,
    NotificationType,
    Priority,
    Text,
)


def _of_place(key: str, texts: dict[str, Text]) -> MessageTemplate:
    return MessageTemplate(
        key=key,
        category=Category.SECURITY,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables={"company": "string", "at": "datetime"},
        texts=texts,
    )


MESSAGES = [
    _of_place(
        "company_place_given",
        {
            "fr": Text(
                subject="Vous travaillez maintenant pour {company}",
                body="Depuis le {at}, vous faites partie de l'entreprise {company} sur Teranga.\n\n"
                "Vous ne la connaissez pas ? Quittez-la et [[écrivez-nous]].",
                action="Voir l'entreprise",
            ),
            "en": Text(
                subject="You now work for {company}",
                body="Since {at} you belong to the company {company} on Teranga.\n\n"
                "You do not know it? Leave it and [[write to us]].",
                action="See the company",
            ),
            "wo": Text(
                subject="Léegi yaa ngi liggéeyal {company}",
                body="Li dale {at}, bokk nga ci liggéeyukaay bii di {company} ci Teranga.\n\n"
                "Xamuloo ko? Génnal te [[bind nu]].",
                action="Gis liggéeyukaay bi",
            ),
        },
    ),
    _of_place(
        "company_place_changed",
        {
            "fr": Text(
                subject="Vos droits chez {company} ont changé",
                body="Le {at}, votre rôle dans l'entreprise {company} a été changé.\n\n"
                "Si cela vous étonne, parlez-en à un propriétaire de l'entreprise.",
                action="Voir l'entreprise",
            ),
            "en": Text(
                subject="Your rights at {company} have changed",
                body="On {at} your role in the company {company} was changed.\n\n"
                "If this surprises you, ask an owner of the company.",
                action="See the company",
            ),
            "wo": Text(
                subject="Say sañ-sañ ci {company} soppeeku nañu",
                body="Ci {at}, soppi nañu sa wàll ci liggéeyukaay bii di {company}.\n\n"
                "Su la jaaxalee, laajal boroom liggéeyukaay bi.",
                action="Gis liggéeyukaay bi",
            ),
        },
    ),
    _of_place(
        "company_place_ended",
        {
            "fr": Text(
                subject="Vous ne travaillez plus pour {company}",
                body="Depuis le {at}, vous ne faites plus partie de l'entreprise {company} sur Teranga.\n\n"
                "Si cela vous étonne, parlez-en à un propriétaire de l'entreprise.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="You no longer work for {company}",
                body="Since {at} you no longer belong to the company {company} on Teranga.\n\n"
                "If this surprises you, ask an owner of the company.",
                action="See my security",
            ),
            "wo": Text(
                subject="Liggéeyalatuloo {company}",
                body="Li dale {at}, bokkatuloo ci liggéeyukaay bii di {company} ci Teranga.\n\n"
                "Su la jaaxalee, laajal boroom liggéeyukaay bi.",
                action="Gis sama kaaraange",
            ),
        },
    ),
]
