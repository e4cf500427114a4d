"""Doors that need no account: the house's front, the way in, gifts, invitations, and callers who sign."""

from __future__ import annotations

from tests.badinput.doors import DONE, EMPTY, Door, act, show
from tests.identity.doorway import PASSWORD

_TRIES = frozenset({"login_attempts", "user_security", "security_events"})
_CARRIED = frozenset({"next", "code", "invitation_code"})
_CODE = {"code": ["{asked_code}", "+221771000099"]}
_NEW_NUMBER = {"new_number": "{asked_code}"}
_PROVING_CODE = {"proving_code": "{own_code}"}
_ANYBODYS, _OWN = {"passkey": "{anybodys_challenge}"}, {"passkey": "{own_challenge}"}
_CHALLENGES = frozenset({"passkey_challenges"})
_MADE_UP = frozenset({"credential"})
_HALF_WAY = {"second_step": "{half_way}"}
_STEPS = frozenset({"pending_sign_ins"})
_PROVEN = {"proven": "{proven_code}"}
_NEW_PASSWORD = "huit pirogues bleues"

FRONT = (
    show("web.home"),
    act("web.set_locale", form={"locale": "en", "next": "/packs"}, changes=False, carried={"next"}),
    show("web.stored_picture", path={"file_id": "{cover}"}),
    show("web.manifest"),
    show("web.healthz"),
    show("web.readyz"),
    show("web.metrics"),
    show("assets.file", path={"name": "css/portal.css"}),
    show("packs_public.catalogue"),
    show("packs_public.detail", path={"slug": "{pack_slug}"}),
    show("privacy_public.legal", path={"text": "terms"}),
)

WAY_IN = (
    show("identity.sign_in", carried=_CARRIED),
    act(
        "identity.sign_in",
        form={"email": "awa@example.org", "password": PASSWORD},
        grows=_TRIES,
        carried=_CARRIED,
    ),
    show("identity.ask_for_code"),
    act("identity.ask_for_code", form={"phone": "77 123 45 67"}, carried=_CARRIED),
    show("identity.enter_code", session=_CODE),
    act(
        "identity.enter_code",
        form={"code": "000000"},
        session=_CODE,
        answer=422,
        grows=_TRIES | {"verification_tokens"},
        carried=_CARRIED,
    ),
    act("identity.send_code_again", session=_CODE),
    act("identity.sign_out", by="stranger"),
    show("identity.sign_up"),
    act(
        "identity.sign_up",
        form={"email": "ndella@example.org"},
        carried=_CARRIED,
    ),
    show("identity.sign_up_is_sent"),
    show("identity.finish_by_mail", path={"token": "{sign_up_link}"}, unknown=410),
    act(
        "identity.finish_by_mail",
        path={"token": "{sign_up_link}"},
        form={"full_name": "Ndella Mbow", "password": _NEW_PASSWORD, "date_of_birth": "15/03/1991"},
        carried=_CARRIED,
        unknown=410,
    ),
    show("identity.finish_sign_up", session=_PROVEN),
    act(
        "identity.finish_sign_up",
        form={"full_name": "Ndella Mbow", "date_of_birth": "15/03/1991"},
        session=_PROVEN,
        carried=_CARRIED,
    ),
    show("identity.forgotten"),
    act("identity.forgotten", form={"email": "awa@example.org"}),
    show("identity.link_is_sent"),
    show("identity.new_password", path={"token": "{reset}"}, unknown=410),
    act("identity.new_password", path={"token": "{reset}"}, form={"password": _NEW_PASSWORD}, unknown=410),
    show("identity.unlock", path={"token": "{unlock}"}, unknown=410),
    act("identity.unlock", path={"token": "{unlock}"}, unknown=410),
    show("identity.confirm", path={"token": "{confirmation}"}, unknown=410),
    act("identity.confirm", path={"token": "{confirmation}"}, unknown=410),
    act("identity.send_confirmation", by="unconfirmed"),
)

# No identity provider answers here: what begins leads back with a word about it.
_PROVIDER = {"name": "google"}
_BEGUN = {
    "provider_begun": {
        "provider": "google",
        "state": "of-this-browser",
        "nonce": "n",
        "verifier": "v",
        "links": "",
    }
}
_VOUCHED = {
    "provider_proved": {
        "provider": "google",
        "uid": "108",
        "email": "ndella@example.org",
        "name": "Ndella Mbow",
        "at": "2999-01-01T00:00:00+00:00",
    }
}

HOUSES = (
    act("identity.begin_provider", path=_PROVIDER, changes=False, carried=_CARRIED),
    show(
        "identity.come_back",
        path=_PROVIDER,
        query={"code": "a-code", "state": "of-this-browser"},
        session=_BEGUN,
        answer=DONE,
    ),
    act(
        "identity_returning.carry_answer",
        path={"name": "apple"},
        form={"code": "a-code", "state": "s"},
        changes=False,
        carried={"code", "state"},
    ),
    show("identity.finish_with_provider", session=_VOUCHED),
    act(
        "identity.finish_with_provider",
        form={"full_name": "Ndella Mbow", "date_of_birth": "15/03/1991"},
        session=_VOUCHED,
        carried=_CARRIED,
    ),
    act("identity.link_provider", by="careful", path=_PROVIDER, changes=False),
    act("identity.unlink_provider", by="careful", path=_PROVIDER),
)

SECOND_STEP = (
    show("identity.second_step", session=_HALF_WAY),
    act("identity.second_step", form={"code": "{recovery_code}"}, session=_HALF_WAY, grows=_TRIES | _STEPS),
)

# What a browser says for a passkey is made by a device; a made-up answer is refused.
PASSKEYS = (
    act("identity.begin_passkey_sign_in"),
    show("identity.passkey_sign_in", session=_ANYBODYS),
    act(
        "identity.passkey_sign_in",
        form={"credential": "{{}}"},
        session=_ANYBODYS,
        grows=_CHALLENGES,
        carried=_MADE_UP,
    ),
    act("identity.begin_passkey_proof", by="careful"),
    show("identity.prove_with_passkey", by="careful", session=_OWN),
    act(
        "identity.prove_with_passkey",
        by="careful",
        form={"credential": "{{}}"},
        session=_OWN,
        grows=_TRIES | _CHALLENGES,
        carried=_MADE_UP,
    ),
    act("identity.begin_passkey", by="careful"),
    show("identity.new_passkey", by="careful", session=_OWN),
    act(
        "identity.new_passkey",
        by="careful",
        form={"name": "My phone", "credential": "{{}}"},
        session=_OWN,
        answer=422,
        changes=False,
    ),
    act("identity.remove_passkey", by="careful", path={"passkey_id": "{passkey}"}),
    show("identity.rename_passkey", by="careful", path={"passkey_id": "{passkey}"}),
    act("identity.rename_passkey", by="careful", path={"passkey_id": "{passkey}"}, form={"name": "My phone"}),
)

# The safety of one's account, of somebody whose app is set up and of somebody who begins with it.
SECURITY = (
    show("identity.overview", by="careful"),
    show("identity.security_events", by="careful"),
    act("identity.begin_app", by="client"),
    show("identity.enrol_app", by="beginning"),
    act("identity.enrol_app", by="beginning", form={"code": "000000"}, answer=422, changes=False),
    act("identity.switch_app_off", by="careful"),
    act("identity.renew_recovery_codes", by="careful", answer=200),
    act("identity.end_session", by="careful", path={"session_id": "{careful_session}"}),
    act("identity.end_other_sessions", by="careful"),
    act("identity.stop_looking", by="careful", changes=False),
    show("identity.change_password", by="careful"),
    act(
        "identity.change_password",
        by="careful",
        form={"present": PASSWORD, "password": "huit pirogues bleues"},
        grows=_TRIES,
    ),
    show("identity.new_email", by="careful"),
    act("identity.new_email", by="careful", form={"email": "fresh@example.org"}),
    show("identity.prove_new_email", by="careful", path={"token": "{new_address}"}, unknown=410),
    act("identity.prove_new_email", by="careful", path={"token": "{new_address}"}, unknown=410),
    show("identity.new_phone", by="careful"),
    act("identity.new_phone", by="careful", form={"phone": "77 123 45 99"}),
    show("identity.prove_new_phone", by="careful", session=_NEW_NUMBER),
    act(
        "identity.prove_new_phone",
        by="careful",
        form={"code": "000000"},
        session=_NEW_NUMBER,
        answer=422,
        grows=frozenset({"verification_tokens"}),
    ),
    show("identity.take_back", path={"token": "{take_back}"}, unknown=410),
    act("identity.take_back", path={"token": "{take_back}"}, unknown=410),
    act("identity.forget_device", by="careful", path={"device_id": "{careful_device}"}),
)

# Somebody signed in is asked again who they are.
PROVING = (
    show("identity.prove", by="unconfirmed", carried={"next"}),
    act(
        "identity.prove",
        by="unconfirmed",
        form={"password": PASSWORD, "next": "/settings"},
        grows=_TRIES,
        carried={"next"},
    ),
    act("identity.send_proof_code", by="client", form={"next": "/settings"}, carried={"next"}),
    show("identity.prove_with_code", by="client", session=_PROVING_CODE, carried={"next"}),
    act(
        "identity.prove_with_code",
        by="client",
        form={"code": "000000", "next": "/settings"},
        session=_PROVING_CODE,
        answer=422,
        grows=_TRIES | {"verification_tokens"},
        carried={"next"},
    ),
    show("identity.prove_with_app", by="careful", carried={"next"}),
    act(
        "identity.prove_with_app",
        by="careful",
        form={"code": "{recovery_code}", "next": "/settings"},
        grows=_TRIES,
        carried={"next"},
    ),
)

_POT = {"slug": "{slug}"}
_GIFT = {
    "choice": "other",
    "amount": "2500",
    "name": "Moussa",
    "message": "Bonne fête",
    "email": "moussa@example.org",
    "phone": "77 111 22 44",
    "form_key": "a-key-of-this-page",
}
# Somebody goes on to Wave, whose answer does not come: the payment waits for it.
_ASKING = frozenset({"payment_transactions", "status_history"})

_QUESTION = {"key": "{question}"}

# What somebody without an account was asked.
QUESTIONS = (
    show("questions.show", path=_QUESTION),
    act("questions.reply", path=_QUESTION, form={"answer": "never"}),
)

GIVING = (
    show("pots_public.show", path=_POT),
    show("pots_public.live", path=_POT, answer=DONE),
    show("pots_public.preview_picture", path=_POT),
    show("pots_public.qr", path=_POT | {"kind": "svg"}),
    act("pots_public.count_share", path=_POT, answer=EMPTY, changes=False),
    show("pots_public.invitation", path={"token": "{invitation}"}, answer=DONE, changes=True),
    show("pots_public.public_list"),
    show("pots_giving.give", path=_POT),
    act("pots_giving.give", path=_POT, form=_GIFT),
    show("pots_giving.pay", path={"token": "{unpaid}"}, answer=503, changes=True, grows=_ASKING),
    show("pots_giving.status", path={"token": "{receipt}"}),
    show("pots_giving.receipt", path={"token": "{receipt}"}),
    show("privacy_public.forget_gift", path={"token": "{receipt}"}),
    act("privacy_public.forget_gift", path={"token": "{receipt}"}, form={"sure": "y"}),
    show("privacy_public.ask_by_contact"),
    act("privacy_public.ask_by_contact", form={"contact": "awa@example.org"}),
    show("privacy_public.forget_by_code", session={"forget": "{asked_code}"}),
    act(
        "privacy_public.forget_by_code",
        session={"forget": "{asked_code}"},
        form={"code": "123456"},
        answer=422,
        changes=False,
    ),
    show(
        "referrals_public.landing",
        path={"code": "{referral_code}"},
        changes=True,
        grows={"referral_clicks"},
    ),
    act("referrals_public.refuse", path={"code": "{referral_code}"}),
)

SIGNED = (
    show("notifications_public.unsubscribe", path={"token": "{unsubscribe}"}),
    act("notifications_public.unsubscribe", path={"token": "{unsubscribe}"}, answer=200),
    Door("notifications_public.sms_receipt", "POST", form={}, answer=403),
    Door("payments_public.wave_webhook", "POST", form={}, answer=401),
)
