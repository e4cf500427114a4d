"""The words in which operators hear of money that needs them."""

from __future__ import annotations

from collections.abc import Mapping

from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    Category,
    MessageTemplate,
    NotificationType,
    Priority,
    Text,
)


def _alert(key: str, variables: Mapping[str, str], texts: Mapping[str, Text]) -> MessageTemplate:
    return MessageTemplate(
        key=key,
        category=Category.PAYMENT,
        type=NotificationType.SYSTEM,
        priority=Priority.URGENT,
        channels=(IN_APP, EMAIL),
        variables=variables,
        texts=texts,
    )


MESSAGES = [
    _alert(
        "payment_amount_differs",
        {"expected": "money", "received": "string", "reference": "string"},
        {
            "fr": Text(
                subject="Paiement à vérifier : le montant reçu est différent",
                body="Nous attendions {expected} et Wave a reçu {received} (référence {reference}). Rien n'a "
                "été compté. Ouvrez le paiement pour rendre l'argent ou clore la vérification.",
                action="Ouvrir le paiement",
            ),
            "en": Text(
                subject="Payment to check: another amount was received",
                body="We expected {expected} and Wave received {received} (reference {reference}). Nothing "
                "was counted. Open the payment to give the money back or to close the check.",
                action="Open the payment",
            ),
            "wo": Text(
                subject="Fey bu ñu wara xool: xaalis bi wuute na",
                body="Danu doon xaar {expected}, Wave jot {received} (référence {reference}). Waññu ñu ko. "
                "Ubbil fey bi ngir delloo xaalis bi walla jeexal saytu bi.",
                action="Ubbi fey bi",
            ),
        },
    ),
    _alert(
        "payment_paid_twice",
        {"amount": "money", "reference": "string"},
        {
            "fr": Text(
                subject="Un paiement a été réglé deux fois",
                body="Wave a reçu {amount} de trop (référence {reference}). Ce montant n'est pas compté et "
                "son remboursement est déjà demandé. Vérifiez qu'il aboutit.",
                action="Ouvrir le paiement",
            ),
            "en": Text(
                subject="A payment was made twice",
                body="Wave received {amount} too much (reference {reference}). It is not counted, and its "
                "refund has already been requested. Please check that it goes through.",
                action="Open the payment",
            ),
            "wo": Text(
                subject="Fey nañu ñaari yoon",
                body="Wave jot na {amount} lu ëpp (référence {reference}). Waññu ñu ko, te laaj nañu ñu delloo "
                "ko. Xoolal ndax dina àgg.",
                action="Ubbi fey bi",
            ),
        },
    ),
    _alert(
        "payment_unclear",
        {"amount": "money", "reference": "string"},
        {
            "fr": Text(
                subject="Paiement à vérifier : la réponse de Wave n'est pas claire",
                body="Wave n'indique ni réussite ni échec pour un paiement de {amount} (session {reference}). "
                "Rien n'a été compté. Vérifiez dans le portail Wave.",
                action="Ouvrir le paiement",
            ),
            "en": Text(
                subject="Payment to check: Wave's answer is not clear",
                body="Wave shows neither success nor failure for a payment of {amount} (session {reference}). "
                "Nothing was counted. Please check in the Wave portal.",
                action="Open the payment",
            ),
            "wo": Text(
                subject="Fey bu ñu wara xool: tontu Wave leerul",
                body="Wave waxul ndax fey bu {amount} baax na walla déet (session {reference}). Waññu ñu ko. "
                "Xoolal ci portail Wave.",
                action="Ubbi fey bi",
            ),
        },
    ),
    _alert(
        "money_unknown",
        {"amount": "money", "reference": "string"},
        {
            "fr": Text(
                subject="De l'argent inconnu est arrivé",
                body="Wave a reçu {amount} (référence {reference}) qui ne correspond à aucun de nos paiements. "
                "Rien n'a été compté.",
                action="Voir la liste",
            ),
            "en": Text(
                subject="Unknown money arrived",
                body="Wave received {amount} (reference {reference}) that belongs to none of our payments. "
                "Nothing was counted.",
                action="See the list",
            ),
            "wo": Text(
                subject="Xaalis bu ñu xamul agsi na",
                body="Wave jot na {amount} (référence {reference}) bu bokkul ci sunuy fey. Waññu ñu ko.",
                action="Xool lim bi",
            ),
        },
    ),
    _alert(
        "money_moved_unknown",
        {"amount": "money", "reference": "string"},
        {
            "fr": Text(
                subject="Un mouvement inconnu dans le portefeuille Wave",
                body="Wave montre un mouvement de {amount} (référence {reference}) que le portail n'a pas "
                "demandé. Il est noté comme inexpliqué dans les comptes. Cherchez qui l'a fait.",
                action="Voir la liste",
            ),
            "en": Text(
                subject="An unknown movement in the Wave wallet",
                body="Wave shows a movement of {amount} (reference {reference}) that the portal did not ask "
                "for. The books note it as unexplained. Please find out who made it.",
                action="See the list",
            ),
            "wo": Text(
                subject="Yëngu-yëngu bu ñu xamul ci kalpe Wave bi",
                body="Wave wone na yëngu-yëngu bu {amount} (référence {reference}) bu portail bi laajul. Bind "
                "nañu ko ni lu ñu leeralagul. Seetal ku ko def.",
                action="Xool lim bi",
            ),
        },
    ),
    _alert(
        "payout_came_back",
        {"amount": "money", "reference": "string"},
        {
            "fr": Text(
                subject="Un versement déjà arrivé a été annulé chez Wave",
                body="Wave a repris un versement de {amount} (référence {reference}). L'argent est de retour dans "
                "le portefeuille, noté comme inexpliqué. Voyez avec la personne ce qui lui est dû.",
                action="Voir les versements",
            ),
            "en": Text(
                subject="A payout that had arrived was taken back at Wave",
                body="Wave took back a payout of {amount} (reference {reference}). The money is in the wallet "
                "again, noted as unexplained. Please clear up with the recipient what is owed.",
                action="See the payouts",
            ),
            "wo": Text(
                subject="Fey bu agsi woon, Wave nangoo na ko",
                body="Wave nangoo na fey bu {amount} (référence {reference}). Xaalis bi dellusi na ci kalpe bi, "
                "bind nañu ko ni lu ñu leeralagul. Seetal ak ki ko war a jot li ñu ko ameel.",
                action="Xool fey yi",
            ),
        },
    ),
    _alert(
        "wallet_differs",
        {"amount": "money"},
        {
            "fr": Text(
                subject="Le portefeuille Wave et nos comptes ne disent pas la même chose",
                body="La différence est de {amount}, deux fois de suite. Ouvrez le grand livre : il dit ce que "
                "Wave montre et ce que disent nos comptes.",
                action="Ouvrir le grand livre",
            ),
            "en": Text(
                subject="The Wave wallet and our books do not agree",
                body="The difference is {amount}, twice in a row. Open the ledger: it says what Wave shows and "
                "what our books say.",
                action="Open the ledger",
            ),
            "wo": Text(
                subject="Kalpe Wave bi ak sunuy konte wuute nañu",
                body="Wuute gi mooy {amount}, ñaari yoon toppante. Ubbil téere konte yi: dafay wax li Wave wone "
                "ak li sunuy konte wax.",
                action="Ubbi téere konte yi",
            ),
        },
    ),
    _alert(
        "refund_made_outside",
        {"amount": "money", "reference": "string"},
        {
            "fr": Text(
                subject="Remboursement à vérifier : il n'a pas été demandé ici",
                body="Wave montre le remboursement d'un paiement de {amount} (référence {reference}) que le "
                "portail n'a pas pu enregistrer seul. Ouvrez le paiement pour régulariser.",
                action="Ouvrir le paiement",
            ),
            "en": Text(
                subject="Refund to check: it was not requested here",
                body="Wave shows the refund of a payment of {amount} (reference {reference}) that the portal "
                "could not record by itself. Open the payment to set it right.",
                action="Open the payment",
            ),
            "wo": Text(
                subject="Delloo xaalis bu ñu wara xool: laajuñu ko fii",
                body="Wave wone na ni delloo nañu fey bu {amount} (référence {reference}) te portail bi mënu ko "
                "bind. Ubbil fey bi ngir jubbanti ko.",
                action="Ubbi fey bi",
            ),
        },
    ),
    _alert(
        "refund_refused",
        {"amount": "money", "reason": "string"},
        {
            "fr": Text(
                subject="Un remboursement a été refusé",
                body="Wave n'a pas remboursé {amount} ({reason}). Corrigez la cause, puis relancez le "
                "remboursement.",
                action="Ouvrir le paiement",
            ),
            "en": Text(
                subject="A refund was refused",
                body="Wave did not give back {amount} ({reason}). Set the cause right, then start the refund "
                "again.",
                action="Open the payment",
            ),
            "wo": Text(
                subject="Bañ nañu delloo xaalis",
                body="Wave delloowul {amount} ({reason}). Jubbantil li ko waral, ba noppi tàmbali ko waat.",
                action="Ubbi fey bi",
            ),
        },
    ),
]
