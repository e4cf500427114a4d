"""What partners and admins are told about settlements."""

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

_PERIOD = {"partner": "string", "amount": "money", "period_start": "date", "period_end": "date"}

MESSAGES = [
    MessageTemplate(
        key="settlement_ready",
        category=Category.PAYMENT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.MEDIUM,
        channels=(IN_APP, EMAIL),
        variables=_PERIOD,
        texts={
            "fr": Text(
                subject="Votre relevé du {period_start} au {period_end}",
                body="Bonjour {partner},\n\nVotre relevé est prêt : {amount} à vous payer. "
                "Vérifiez-le ; si quelque chose ne va pas, dites-le nous depuis la page du relevé.",
                action="Voir le relevé",
            ),
            "en": Text(
                subject="Your settlement from {period_start} to {period_end}",
                body="Hello {partner},\n\nYour settlement is ready: {amount} to be paid to you. "
                "Please check it; if something is wrong, tell us from its page.",
                action="See the settlement",
            ),
            "wo": Text(
                subject="Seen relevé bu {period_start} ba {period_end}",
                body="Salaam aleekum {partner},\n\nSeen relevé noppi na: {amount} lañu leen di fey. "
                "Saytuleen ko; su amee lu jaarul yoon, wax leen nu ko ci xët wi.",
                action="Gis relevé bi",
            ),
        },
    ),
    MessageTemplate(
        key="settlement_carried",
        category=Category.PAYMENT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.MEDIUM,
        channels=(IN_APP, EMAIL),
        variables=_PERIOD,
        texts={
            "fr": Text(
                subject="Votre relevé du {period_start} au {period_end}",
                body="Bonjour {partner},\n\nVotre relevé est prêt. Le solde de {amount} est en dessous de votre "
                "versement minimum : il est reporté sur le relevé suivant.",
                action="Voir le relevé",
            ),
            "en": Text(
                subject="Your settlement from {period_start} to {period_end}",
                body="Hello {partner},\n\nYour settlement is ready. Its balance of {amount} is under your smallest "
                "payout and is carried to the next settlement.",
                action="See the settlement",
            ),
            "wo": Text(
                subject="Seen relevé bu {period_start} ba {period_end}",
                body="Salaam aleekum {partner},\n\nSeen relevé noppi na. {amount} bi ci des matul li ñuy feye: "
                "dañu koy boole ci relevé biy ñëw.",
                action="Gis relevé bi",
            ),
        },
    ),
    MessageTemplate(
        key="settlement_paid",
        category=Category.PAYMENT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables=_PERIOD,
        texts={
            "fr": Text(
                subject="{amount} vous ont été payés",
                body="Bonjour {partner},\n\nNous venons de vous payer {amount} pour la période du "
                "{period_start} au {period_end}. Le reçu vous attend sur la page du relevé.",
                action="Voir le reçu",
            ),
            "en": Text(
                subject="{amount} were paid to you",
                body="Hello {partner},\n\nWe have just paid you {amount} for the period from "
                "{period_start} to {period_end}. The receipt is on the settlement's page.",
                action="See the receipt",
            ),
            "wo": Text(
                subject="Fey nañu leen {amount}",
                body="Salaam aleekum {partner},\n\nFey nañu leen {amount} ngir diggante {period_start} ak "
                "{period_end}. Reçu bi mu ngi ci xëtu relevé bi.",
                action="Gis reçu bi",
            ),
        },
    ),
    MessageTemplate(
        key="settlement_unpaid",
        category=Category.PAYMENT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables=_PERIOD,
        texts={
            "fr": Text(
                subject="Wave a repris les {amount} que nous vous avions payés",
                body="Bonjour {partner},\n\nWave a repris le paiement de {amount} pour la période du "
                "{period_start} au {period_end}. Cette somme vous est de nouveau due ; nous vous contactons "
                "avant de la payer encore une fois.",
                action="Voir le relevé",
            ),
            "en": Text(
                subject="Wave took back the {amount} that we had paid you",
                body="Hello {partner},\n\nWave took back the payment of {amount} for the period from "
                "{period_start} to {period_end}. We owe you this amount again, and will get in touch before we "
                "pay it once more.",
                action="See the settlement",
            ),
            "wo": Text(
                subject="Wave nangoo na {amount} bi nu leen feyoon",
                body="Salaam aleekum {partner},\n\nWave nangoo na fey bu {amount} ngir diggante {period_start} ak "
                "{period_end}. Ameelaat nañu leen ko; dinanu leen woo balaa nu koy feyaat.",
                action="Gis relevé bi",
            ),
        },
    ),
    MessageTemplate(
        key="settlement_resolved",
        category=Category.PAYMENT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables=_PERIOD,
        texts={
            "fr": Text(
                subject="Réponse à votre contestation",
                body="Bonjour {partner},\n\nNous avons répondu à votre contestation sur le relevé du "
                "{period_start} au {period_end}.",
                action="Lire la réponse",
            ),
            "en": Text(
                subject="An answer to your objection",
                body="Hello {partner},\n\nWe have answered your objection to the settlement from "
                "{period_start} to {period_end}.",
                action="Read the answer",
            ),
            "wo": Text(
                subject="Tontu ci seen ñaxtu",
                body="Salaam aleekum {partner},\n\nTontu nañu leen ci li ngeen wax ci relevé bu "
                "{period_start} ba {period_end}.",
                action="Jàng tontu bi",
            ),
        },
    ),
    MessageTemplate(
        key="settlement_disputed_alert",
        category=Category.PAYMENT,
        type=NotificationType.SYSTEM,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables={"partner": "string", "reason": "string"},
        texts={
            "fr": Text(
                subject="{partner} conteste un relevé",
                body="Motif : {reason}",
                action="Ouvrir le relevé",
            ),
            "en": Text(
                subject="{partner} disputes a settlement",
                body="Reason: {reason}",
                action="Open the settlement",
            ),
            "wo": Text(
                subject="{partner} nanguwul relevé bi", body="Li tax: {reason}", action="Ubbi relevé bi"
            ),
        },
    ),
    MessageTemplate(
        key="settlement_blocked_alert",
        category=Category.PAYMENT,
        type=NotificationType.SYSTEM,
        priority=Priority.URGENT,
        channels=(IN_APP, EMAIL),
        variables={"partner": "string", "period_end": "date", "why": "string"},
        texts={
            "fr": Text(
                subject="{partner} : la période n'a pas pu être réglée",
                body="La période qui finit le {period_end} reste ouverte : {why}\n\n"
                "Rien n'a été écrit. Le calcul sera repris tout seul une fois la cause levée.",
                action="Ouvrir le partenaire",
            ),
            "en": Text(
                subject="{partner}: the period could not be settled",
                body="The period that ends on {period_end} stays open: {why}\n\n"
                "Nothing was written. It is computed again by itself once the cause is gone.",
                action="Open the partner",
            ),
            "wo": Text(
                subject="{partner}: fey bi mënul nekk",
                body="Diir bi jeex {period_end} ubbeeku na ba léegi: {why}\n\n"
                "Bindu ñu dara. Dinañu ko jéemaat bu li ko waral deñee.",
                action="Ubbi partner bi",
            ),
        },
    ),
]
