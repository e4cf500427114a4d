"""The portal's own messages: those of the door, what sessions and staff do to an account, alerts, the digest."""

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
from portal.notifications.contact_messages import CONTACTS
from portal.notifications.safety_messages import SAFETY
from portal.notifications.urgent import security_message

MESSAGES = [
    *CONTACTS,
    *SAFETY,
    security_message(
        "new_device",
        (IN_APP, EMAIL),
        {"at": "datetime", "device": "string"},
        {
            "fr": Text(
                subject="Connexion depuis un nouvel appareil",
                body="Quelqu'un s'est connecté à votre compte le {at} depuis un appareil que nous ne connaissions "
                "pas : {device}.\n\nC'était vous ? Tout va bien. Sinon, fermez cette session et choisissez un "
                "nouveau mot de passe.",
                action="Voir mes sessions",
            ),
            "en": Text(
                subject="Signed in from a new device",
                body="Somebody signed in to your account on {at} from a device that we did not know: {device}.\n\n"
                "Was it you? Then all is well. If not, end this session and choose a new password.",
                action="See my sessions",
            ),
            "wo": Text(
                subject="Dugg nañu ak aparey bu bees",
                body="Am na ku dugg ci sa kont ci {at} ak aparey bu nu xamul woon: {device}.\n\nYow la woon? Baax "
                "na. Su dul loolu, tëjal session boobu te tànn mot de passe bu bees.",
                action="Gis samay session",
            ),
        },
    ),
    security_message(
        "staff_work_elsewhere",
        (IN_APP, EMAIL),
        {"at": "datetime", "device": "string"},
        {
            "fr": Text(
                subject="Votre session d'administration a été fermée",
                body="Le {at}, votre session d'administration a été utilisée dans un autre navigateur : {device}. "
                "Nous l'avons fermée.\n\nSi ce n'était pas vous, fermez toutes vos sessions et choisissez un nouveau "
                "mot de passe.",
                action="Voir mes sessions",
            ),
            "en": Text(
                subject="Your staff session was closed",
                body="On {at} your staff session was used in another browser: {device}. We have closed it.\n\nIf that "
                "was not you, end all of your sessions and choose a new password.",
                action="See my sessions",
            ),
            "wo": Text(
                subject="Tëj nañu sa session administration",
                body="Ci {at}, am na ku jëfandikoo sa session administration ci beneen navigateur: {device}. Tëj nañu "
                "ko.\n\nSu dul yow, tëjal say session yépp te tànn mot de passe bu bees.",
                action="Gis samay session",
            ),
        },
    ),
    security_message(
        "account_suspended",
        (EMAIL, SMS),
        {},
        {
            "fr": Text(
                subject="Votre compte est suspendu",
                body="Notre équipe a suspendu votre compte Teranga. Votre argent est en sécurité.\n\n"
                "Répondez à ce message si vous pensez que c'est une erreur.",
                sms="Teranga : votre compte est suspendu. Votre argent est en sécurité. [[Écrivez-nous]] si "
                "c'est une erreur.",
            ),
            "en": Text(
                subject="Your account is suspended",
                body="Our team has suspended your Teranga account. Your money is safe.\n\nAnswer this message "
                "if you think that this is a mistake.",
                sms="Teranga: your account is suspended. Your money is safe. [[Write to us]] if this is a mistake.",
            ),
            "wo": Text(
                subject="Taxawal nañu sa kont",
                body="Sunu ekip taxawal na sa kontu Teranga. Sa xaalis mu ngi ci kaaraange.\n\nTontul bataaxal "
                "bii su fekkee da ngaa yaakaar ne njuumte la.",
                sms="Teranga: taxawal nañu sa kont. Sa xaalis mu ngi ci kaaraange. [[Bind nu]] su dee njuumte.",
            ),
        },
    ),
    security_message(
        "account_reopened",
        (IN_APP, EMAIL, SMS),
        {},
        {
            "fr": Text(
                subject="Votre compte est de nouveau ouvert",
                body="Notre équipe a rouvert votre compte Teranga. Vous pouvez vous connecter comme avant.",
                sms="Teranga : votre compte est de nouveau ouvert. Vous pouvez vous connecter.",
            ),
            "en": Text(
                subject="Your account is open again",
                body="Our team has reopened your Teranga account. You can sign in as before.",
                sms="Teranga: your account is open again. You can sign in.",
            ),
            "wo": Text(
                subject="Ubbiwaat nañu sa kont",
                body="Sunu ekip ubbiwaat na sa kontu Teranga. Mën nga dugg ni nga ko daan defee.",
                sms="Teranga: ubbiwaat nañu sa kont. Mën nga dugg.",
            ),
        },
    ),
    security_message(
        "operations_alert",
        (IN_APP, EMAIL),
        {"subject": "string", "detail": "string"},
        {
            "fr": Text(subject="À vérifier : {subject}", body="{detail}", action="Ouvrir l'administration"),
            "en": Text(subject="Please check: {subject}", body="{detail}", action="Open administration"),
            "wo": Text(subject="Xoolal: {subject}", body="{detail}", action="Ubbi saytu bi"),
        },
    ),
    MessageTemplate(
        key="digest",
        category=Category.COMMUNITY,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(EMAIL,),
        variables={"count": "number", "news": "string"},
        texts={
            "fr": Text(
                subject="Vos nouvelles Teranga ({count})",
                body="Bonjour, voici ce qui s'est passé depuis notre dernier message.\n\n{news}",
                action="Ouvrir mes messages",
            ),
            "en": Text(
                subject="Your news from Teranga ({count})",
                body="Hello, here is what happened since our last message.\n\n{news}",
                action="Open my messages",
            ),
            "wo": Text(
                subject="Sa xibaari Teranga ({count})",
                body="Salaam aleekum, lii moo xew ginnaaw sunu bataaxal bu mujj.\n\n{news}",
                action="Ubbi samay bataaxal",
            ),
        },
    ),
]
