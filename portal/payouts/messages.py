"""What payees and admins are told about money that leaves."""

from __future__ import annotations

from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    SMS,
    Category,
    MessageTemplate,
    NotificationType,
    Priority,
    Text,
)

MESSAGES = [
    MessageTemplate(
        key="payout_destination_changed",
        category=Category.SECURITY,
        type=NotificationType.SYSTEM,
        priority=Priority.URGENT,
        channels=(IN_APP, EMAIL, SMS),
        variables={
            "partner": "string",
            "destination": "string",
            "holder": "string",
            "who": "string",
            "when": "datetime",
        },
        texts={
            "fr": Text(
                subject="{partner} sera désormais payé ailleurs",
                body="Bonjour,\n\n{who} a changé, le {when}, le compte sur lequel {partner} est payé. "
                "Désormais : {destination}, au nom de {holder}.\n\n"
                "Si ce n'était pas prévu, corrigez-le tout de suite et [[écrivez-nous]].",
                sms="Teranga : {partner} sera payé sur {destination} ({holder}), changé par {who}. "
                "Pas vous ? Corrigez-le et [[écrivez-nous]].",
                action="Vérifier le compte",
            ),
            "en": Text(
                subject="{partner} will be paid somewhere else from now on",
                body="Hello,\n\n{who} changed, on {when}, where {partner} is paid. "
                "From now on: {destination}, in the name of {holder}.\n\n"
                "If nobody meant to do this, correct it at once and [[write to us]].",
                sms="Teranga: {partner} will be paid to {destination} ({holder}), changed by {who}. "
                "Not you? Correct it and [[write to us]].",
                action="Check the account",
            ),
            "wo": Text(
                subject="Feneen lañuy feye {partner} léegi",
                body="Salaam aleekum,\n\n{who} soppi na, {when}, fi ñuy feye {partner}. "
                "Léegi: {destination}, ci turu {holder}.\n\n"
                "Su dul seen coobare, defaraatleen ko léegi te [[bind nu]].",
                sms="Teranga: {partner} léegi ci {destination} ({holder}) lañu koy feye, {who} moo ko soppi. "
                "Du yow? Defaraat ko te [[bind nu]].",
                action="Saytu fi ñuy feye",
            ),
        },
    ),
    MessageTemplate(
        key="payout_refused",
        category=Category.PAYMENT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables={"amount": "money"},
        texts={
            "fr": Text(
                subject="Wave n'a pas pu vous verser {amount}",
                body="Bonjour,\n\nWave a refusé de verser {amount} sur votre numéro : le compte ne peut pas "
                "recevoir cette somme. Votre argent est en sécurité chez nous.\n\n"
                "Vérifiez votre compte Wave, ou donnez-nous un autre numéro ; nous réessayons ensuite.",
                action="Voir où nous vous payons",
            ),
            "en": Text(
                subject="Wave could not pay you {amount}",
                body="Hello,\n\nWave refused to pay {amount} to your number: the account cannot receive it. "
                "Your money is safe with us.\n\n"
                "Check your Wave account, or give us another number; then we try again.",
                action="See where we pay you",
            ),
            "wo": Text(
                subject="Wave mënul leen a yónnee {amount}",
                body="Salaam aleekum,\n\nWave bañ na yónnee {amount} ci seen nimero: kont bi mënul ko a jot. "
                "Seen xaalis a ngi fi, dara daal ko.\n\n"
                "Saytuleen seen kont Wave, walla ngeen jox nu beneen nimero; nu jéemaat.",
                action="Gis fi nu leen di feye",
            ),
        },
    ),
    MessageTemplate(
        key="payout_failed_alert",
        category=Category.PAYMENT,
        type=NotificationType.SYSTEM,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables={"amount": "money", "code": "string"},
        texts={
            "fr": Text(
                subject="Un versement de {amount} a échoué",
                body="Wave a refusé le versement ({code}). La somme est de nouveau disponible ; "
                "réglez la cause, puis réessayez.",
                action="Ouvrir le versement",
            ),
            "en": Text(
                subject="A payout of {amount} failed",
                body="Wave refused the payout ({code}). The amount is available again; "
                "mend the cause, then try again.",
                action="Open the payout",
            ),
            "wo": Text(
                subject="Fey bu {amount} antuwul",
                body="Wave bañ na fey bi ({code}). Xaalis bi dellu na; defarleen li ko waral te jéemaat.",
                action="Ubbi fey bi",
            ),
        },
    ),
    MessageTemplate(
        key="payout_taken_back_alert",
        category=Category.PAYMENT,
        type=NotificationType.SYSTEM,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables={"amount": "money", "reference": "string"},
        texts={
            "fr": Text(
                subject="Wave a repris un versement de {amount} déjà arrivé",
                body="Wave a repris un versement déjà arrivé ({reference}). La somme est de nouveau due au "
                "bénéficiaire. Voyez avec lui ce qui s'est passé, puis payez-le de nouveau.",
                action="Ouvrir le versement",
            ),
            "en": Text(
                subject="Wave took back a payout of {amount} that had arrived",
                body="Wave took back a payout that had arrived ({reference}). The amount is owed to the payee "
                "again. Clear up with them what happened, then pay anew.",
                action="Open the payout",
            ),
            "wo": Text(
                subject="Wave nangoo na fey bu {amount} bu agsi woon",
                body="Wave nangoo na fey bu agsi woon ({reference}). Xaalis bi ameelaat nañu ko ki ko war a jot. "
                "Seetal ak moom li xew, te nga feyaat ko.",
                action="Ubbi fey bi",
            ),
        },
    ),
    MessageTemplate(
        key="payout_paid_after_its_end",
        category=Category.PAYMENT,
        type=NotificationType.SYSTEM,
        priority=Priority.URGENT,
        channels=(IN_APP, EMAIL, SMS),
        variables={"amount": "money", "reference": "string"},
        texts={
            "fr": Text(
                subject="Wave a payé {amount} que nos comptes avaient repris",
                body="Wave annonce {reference} comme payé, alors que nos comptes ont clos cette tentative sans "
                "paiement. Ne réessayez rien avant d'avoir vérifié chez Wave.",
                sms="Teranga : Wave a payé {amount} ({reference}) que nos comptes avaient repris. Vérifiez.",
                action="Ouvrir le versement",
            ),
            "en": Text(
                subject="Wave paid {amount} that our books had taken back",
                body="Wave reports {reference} as paid, while our books ended that attempt without payment. "
                "Try nothing again before you have checked with Wave.",
                sms="Teranga: Wave paid {amount} ({reference}) that our books had taken back. Please check.",
                action="Open the payout",
            ),
            "wo": Text(
                subject="Wave fey na {amount} bu sunu téere dellu woon",
                body="Wave nee na fey na {reference}, te sunu téere dafa tëj jéem boobu te feyul. "
                "Bul jéemaat dara balaa nga saytu ci Wave.",
                sms="Teranga: Wave fey na {amount} ({reference}) bu sunu téere dellu woon. Saytu ko.",
                action="Ubbi fey bi",
            ),
        },
    ),
]
