"""What a house is told: gifts it served, and what was decided about it."""

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

_PARTNER = {"partner": "string"}
_DECISION = {"partner": "string", "reason": "string"}

MESSAGES = [
    MessageTemplate(
        key="gift_served",
        category=Category.PAYMENT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.LOW,
        channels=(EMAIL,),
        variables={
            "pack": "string",
            "venue": "string",
            "moment": "datetime",
            "amount": "money",
            "share": "money",
        },
        texts={
            "fr": Text(
                subject="Cadeau servi : {pack}",
                body="{pack}, {amount}, servi le {moment} ({venue}).\n\nVotre part : {share}.",
                action="Voir les cadeaux servis",
            ),
            "en": Text(
                subject="Gift served: {pack}",
                body="{pack}, {amount}, served on {moment} ({venue}).\n\nYour share: {share}.",
                action="See the gifts served",
            ),
            "wo": Text(
                subject="Neexal bu ñu joxe: {pack}",
                body="{pack}, {amount}, joxe nañu ko {moment} ({venue}).\n\nSeen wàll: {share}.",
                action="Gis neexal yi ñu joxe",
            ),
        },
    ),
    MessageTemplate(
        key="partner_verified",
        category=Category.PAYMENT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables=_PARTNER,
        texts={
            "fr": Text(
                subject="Bienvenue, {partner} !",
                body="Votre établissement est vérifié. Vos formules sont au catalogue et votre scanner est "
                "ouvert : scannez le code d'un client, et votre part vous est due aussitôt.",
                action="Ouvrir le scanner",
            ),
            "en": Text(
                subject="Welcome, {partner}!",
                body="Your business is verified. Your packs are in the catalogue and your scanner is "
                "open: scan a guest's code, and your share is owed to you at once.",
                action="Open the scanner",
            ),
            "wo": Text(
                subject="Dalal ak jàmm, {partner}!",
                body="Seen antrepriis wóor na nu léegi. Seen pack yi ñu ngi ci katalog bi te seen scanner "
                "ubbi na: scanneel kodu gan gi, seen wàll dugg saa si.",
                action="Ubbi scanner bi",
            ),
        },
    ),
    MessageTemplate(
        key="partner_suspended",
        category=Category.PAYMENT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables=_DECISION,
        texts={
            "fr": Text(
                subject="{partner} est suspendu",
                body="Vos formules ne sont plus proposées et votre scanner n'accepte pas de cadeau pour "
                "le moment. Motif : {reason}.\n\nVos relevés en cours suivent leur chemin. "
                "[[Écrivez-nous]] pour en parler.",
                action="Voir mon établissement",
            ),
            "en": Text(
                subject="{partner} is suspended",
                body="Your packs are not on offer and your scanner accepts no gift for now. Reason: "
                "{reason}.\n\nSettlements under way go on. Please [[write to us]] to talk about it.",
                action="See my business",
            ),
            "wo": Text(
                subject="{partner} taxaw na",
                body="Seen pack yi nekkatuñu ci katalog bi te seen scanner du nangu neexal léegi. Li ko "
                "waral: {reason}.\n\nSeen relevé yi dañuy wéy. [[Bindleen nu]].",
                action="Gis sama antrepriis",
            ),
        },
    ),
    MessageTemplate(
        key="partner_reinstated",
        category=Category.PAYMENT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables=_DECISION,
        texts={
            "fr": Text(
                subject="{partner} peut de nouveau servir",
                body="Vos formules sont de retour au catalogue et votre scanner est ouvert. Motif : {reason}.",
                action="Ouvrir le scanner",
            ),
            "en": Text(
                subject="{partner} may serve again",
                body="Your packs are back in the catalogue and your scanner is open. Reason: {reason}.",
                action="Open the scanner",
            ),
            "wo": Text(
                subject="{partner} mën na joxeeti neexal",
                body="Seen pack yi dellusi nañu te seen scanner ubbi na. Li ko waral: {reason}.",
                action="Ubbi scanner bi",
            ),
        },
    ),
    MessageTemplate(
        key="partner_terminated",
        category=Category.PAYMENT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(IN_APP, EMAIL),
        variables=_DECISION,
        texts={
            "fr": Text(
                subject="Fin de notre contrat avec {partner}",
                body="Notre contrat est terminé. Motif : {reason}.\n\nCe qui vous est dû vous sera payé.",
                action="Accueil",
            ),
            "en": Text(
                subject="The contract with {partner} has ended",
                body="Our contract has ended. Reason: {reason}.\n\nWhat is owed to you will be paid.",
                action="Home",
            ),
            "wo": Text(
                subject="Sunu kontraa ak {partner} jeex na",
                body="Sunu kontraa jeex na. Li ko waral: {reason}.\n\nLi ñu leen ameel dinañu ko fey.",
                action="Kër gi",
            ),
        },
    ),
]
