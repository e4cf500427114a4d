"""What people hear of their place in a partner's team: given, changed or ended (R-04, PRT-12)."""

from __future__ import annotations

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.notifications.catalog import EMAIL, IN_APP, MessageTemplate, Text
from portal.notifications.services import notify
from portal.notifications.urgent import standing_message
from portal.partners.events import place_changed
from portal.partners.models import Partner, PartnerMember, PartnerStatus


def _of_place(key: str, texts: dict[str, Text]) -> MessageTemplate:
    return standing_message(key, (IN_APP, EMAIL), {"house": "string", "at": "datetime"}, texts)


MESSAGES = [
    _of_place(
        "partner_place_given",
        {
            "fr": Text(
                subject="Vous travaillez maintenant pour {house}",
                body="Depuis le {at}, vous faites partie de l'équipe de {house} sur Teranga.\n\n"
                "Vous ne connaissez pas cet établissement ? Quittez son équipe et [[écrivez-nous]].",
                action="Voir l'équipe",
            ),
            "en": Text(
                subject="You now work for {house}",
                body="Since {at} you belong to the team of {house} on Teranga.\n\n"
                "You do not know this business? Leave its team and [[write to us]].",
                action="See the team",
            ),
            "wo": Text(
                subject="Léegi yaa ngi liggéeyal {house}",
                body="Li dale {at}, bokk nga ci ekibu {house} ci Teranga.\n\n"
                "Xamoo antrepriis boobu? Génnal ci ekip bi te [[bind nu]].",
                action="Gis ekip bi",
            ),
        },
    ),
    _of_place(
        "partner_place_changed",
        {
            "fr": Text(
                subject="Vos droits chez {house} ont changé",
                body="Le {at}, votre rôle dans l'équipe de {house} a été changé.\n\n"
                "Si cela vous étonne, parlez-en à un propriétaire de l'établissement.",
                action="Voir l'équipe",
            ),
            "en": Text(
                subject="Your rights at {house} have changed",
                body="On {at} your role in the team of {house} was changed.\n\n"
                "If this surprises you, ask an owner of the business.",
                action="See the team",
            ),
            "wo": Text(
                subject="Say sañ-sañ ci {house} soppeeku nañu",
                body="Ci {at}, soppi nañu sa wàll ci ekibu {house}.\n\nSu la jaaxalee, laajal boroom antrepriis bi.",
                action="Gis ekip bi",
            ),
        },
    ),
    _of_place(
        "partner_place_ended",
        {
            "fr": Text(
                subject="Vous ne travaillez plus pour {house}",
                body="Depuis le {at}, vous ne faites plus partie de l'équipe de {house} sur Teranga.\n\n"
                "Si cela vous étonne, parlez-en à un propriétaire de l'établissement.",
                action="Voir ma sécurité",
            ),
            "en": Text(
                subject="You no longer work for {house}",
                body="Since {at} you no longer belong to the team of {house} on Teranga.\n\n"
                "If this surprises you, ask an owner of the business.",
                action="See my security",
            ),
            "wo": Text(
                subject="Liggéeyalatuloo {house}",
                body="Li dale {at}, bokkatuloo ci ekibu {house} ci Teranga.\n\n"
                "Su la jaaxalee, laajal boroom antrepriis bi.",
                action="Gis sama kaaraange",
            ),
        },
    ),
]


@place_changed.connect
def tell_of_place(member: PartnerMember, *, partner: Partner, what: str, by: Actor) -> None:
    """Tell whose place it is; who has just applied for a business of their own knows it."""
    if partner.status is PartnerStatus.PENDING and member.user_id == by.user_id:
        return
    moment = clock.now()
    notify(
        f"partner_place_{what}",
        event_key=f"partner_place_{what}:{member.id}:{moment.isoformat()}",
        data={"house": partner.name, "at": moment},
        user_id=member.user_id,
        action_link="/security" if what == "ended" else "/partner/team",
        by=by,
    )
