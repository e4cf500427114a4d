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
                subject="Seen fey bu {period_start} ba {period_end}",
                body="Salaam aleekum {partner},\n\nSeen fey pare na: {amount} lañu leen di fey. "
                "Saytuleen ko; su amee lu jaarul yoon, wax leen nu ko ci xët wi.",
                action="Gis fey bi",
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
                "{period_end}. Resu bi mu ngi ci xëtu fey bi.",
                action="Gis resu bi",
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
                subject="Réponse à votre réclamation",
                body="Bonjour {partner},\n\nNous avons répondu à votre réclamation sur le relevé du "
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
                subject="Tontu ci seen kaas",
                body="Salaam aleekum {partner},\n\nTontu nañu leen ci li ngeen wax ci fey bu "
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
            "wo": Text(subject="{partner} nanguwul fey bi", body="Li tax: {reason}", action="Ubbi fey bi"),
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
                subject="Un paiement de {amount} a échoué",
                body="Wave a refusé le paiement ({code}). Le montant est de nouveau disponible ; "
                "corrigez la cause puis réessayez.",
                action="Ouvrir",
            ),
            "en": Text(
                subject="A payment of {amount} failed",
                body="Wave refused the payment ({code}). The amount is available again; mend the cause, "
                "then try again.",
                action="Open",
            ),
            "wo": Text(
                subject="Fey bu {amount} antuwul",
                body="Wave bañ na fey bi ({code}). Xaalis bi dellu na; defar leen li ko waral te jéemaat.",
                action="Ubbi",
            ),
        },
    ),
]
