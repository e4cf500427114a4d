"""The payer's page in the two languages a payer may read; the rest of the sandbox is for developers."""

from __future__ import annotations

from collections.abc import Mapping

_FRENCH: Mapping[str, str] = {
    "language": "fr",
    "title": "Payer",
    "play_money": "Bac à sable : aucun argent réel ne bouge.",
    "asks": "vous demande",
    "your_number": "Votre numéro",
    "wrong_number": "Écrivez le numéro avec l’indicatif, par exemple +221771234567.",
    "only_number": "Seul ce numéro peut payer.",
    "last_error": "Le dernier essai a échoué. Vous pouvez réessayer.",
    "pay": "Payer",
    "fail_title": "Jouer un paiement qui échoue",
    "reason": "Raison de l’échec",
    "fail": "Faire échouer",
    "leave": "Abandonner et revenir au marchand",
    "paid_title": "C’est payé",
    "paid": "Cette demande a déjà été payée. Rien de plus ne sera débité.",
    "expired_title": "Demande expirée",
    "expired": "Le temps pour payer est passé. Demandez un nouveau lien au marchand.",
    "missing_title": "Demande inconnue",
    "missing": "Ce lien ne mène à aucune demande de paiement.",
    "back": "Revenir au marchand",
    "reference": "Numéro de transaction",
    "insufficient-funds": "Solde insuffisant",
    "blocked-account": "Compte bloqué",
    "cross-border-payment-not-allowed": "Paiement depuis un autre pays refusé",
    "customer-age-restricted": "Client trop jeune",
    "kyb-limits-exceeded": "Plafond du marchand dépassé",
    "payer-mobile-mismatch": "Mauvais numéro de payeur",
    "payment-failure": "Échec sans autre précision",
}
_ENGLISH: Mapping[str, str] = {
    "language": "en",
    "title": "Pay",
    "play_money": "Sandbox: no real money moves.",
    "asks": "asks you for",
    "your_number": "Your number",
    "wrong_number": "Write the number with its country code, for example +221771234567.",
    "only_number": "Only this number may pay.",
    "last_error": "The last try failed. You may try again.",
    "pay": "Pay",
    "fail_title": "Play a payment that fails",
    "reason": "Why it fails",
    "fail": "Make it fail",
    "leave": "Give up and go back to the merchant",
    "paid_title": "Paid",
    "paid": "This request is already paid. Nothing more will be taken.",
    "expired_title": "Request expired",
    "expired": "The time to pay is over. Ask the merchant for a new link.",
    "missing_title": "Unknown request",
    "missing": "This link leads to no request for payment.",
    "back": "Back to the merchant",
    "reference": "Transaction number",
    "insufficient-funds": "Not enough money",
    "blocked-account": "Account blocked",
    "cross-border-payment-not-allowed": "Payment from another country refused",
    "customer-age-restricted": "Customer too young",
    "kyb-limits-exceeded": "Merchant's limit exceeded",
    "payer-mobile-mismatch": "Wrong payer's number",
    "payment-failure": "Failure without further reason",
}


def words_for(language: str | None) -> Mapping[str, str]:
    """The words of the payer's page; French unless English is preferred."""
    return _ENGLISH if language == "en" else _FRENCH


_PROVIDER_FRENCH: Mapping[str, str] = {
    "language": "fr",
    "title": "Se connecter",
    "play": "Bac à sable : vous jouez qui vous êtes.",
    "with": "Se connecter avec",
    "email": "Adresse e-mail",
    "name": "Nom",
    "verified": "L’adresse est confirmée",
    "go": "Continuer",
    "refuse": "Refuser",
    "back": "Revenir au portail",
}
_PROVIDER_ENGLISH: Mapping[str, str] = {
    "language": "en",
    "title": "Sign in",
    "play": "Sandbox: you play who you are.",
    "with": "Sign in with",
    "email": "E-mail address",
    "name": "Name",
    "verified": "The address is confirmed",
    "go": "Continue",
    "refuse": "Refuse",
    "back": "Back to the portal",
}


def provider_words_for(language: str | None) -> Mapping[str, str]:
    """The words of the page on which somebody plays who they are."""
    return _PROVIDER_ENGLISH if language == "en" else _PROVIDER_FRENCH
