"""Passkeys, with a real browser and the authenticator that Chromium plays: made, used to come in and as a proof."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from portal.demo.accounts import PASSWORD
from portal.supervisor.stack import Stack

EMAIL = "moussa@teranga.example"


@pytest.fixture
def authenticator(page: Page, context: BrowserContext) -> Any:
    """A device with a finger that is always the right one."""
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    made = device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )
    return device, made["authenticatorId"]


def rows(stack: Stack, query: str) -> list[tuple[Any, ...]]:
    address = stack.owner_url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload]


@pytest.mark.covers("ID-53")
def test_a_passkey_is_made_opens_the_door_alone_proves_and_is_refused_when_copied(
    page: Page, live_stack: Stack, authenticator: Any
) -> None:
    device, authenticator_id = authenticator
    here = live_stack.url.replace("127.0.0.1", "localhost")
    page.goto(f"{here}/sign-in?next=/security")
    page.get_by_label("Adresse e-mail").fill(EMAIL)
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()

    page.get_by_role("button", name="Ajouter une clé d'accès").click()
    page.get_by_label("Nom").fill("Mon téléphone")
    page.get_by_role("button", name="Créer la clé d'accès").click()
    expect(page.locator("ol code")).to_have_count(10)
    page.goto(f"{here}/security")
    expect(page.get_by_text("Mon téléphone")).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{here}/sign-in?next=/security")
    page.get_by_role("button", name="Se connecter avec une clé d'accès").click()
    page.get_by_role("button", name="Utiliser ma clé d'accès").click()
    expect(page).to_have_url(f"{here}/security")
    ((count,),) = rows(live_stack, "SELECT sign_count FROM passkeys")

    page.goto(f"{here}/security/confirm?next=/settings")
    page.get_by_role("button", name="Avec une clé d'accès").click()
    page.get_by_role("button", name="Utiliser ma clé d'accès").click()
    expect(page).to_have_url(f"{here}/settings")
    ((later,),) = rows(live_stack, "SELECT sign_count FROM passkeys")
    assert later > count

    # Its copy has been used elsewhere since.
    rows(live_stack, "UPDATE passkeys SET sign_count = 1000 RETURNING id")
    page.context.clear_cookies()
    page.goto(f"{here}/sign-in")
    page.get_by_role("button", name="Se connecter avec une clé d'accès").click()
    page.get_by_role("button", name="Utiliser ma clé d'accès").click()
    expect(page.get_by_text("Cette clé d'accès n'a pas pu servir.")).to_be_visible()
    assert rows(live_stack, "SELECT severity FROM security_events WHERE event_type = 'passkey_copied'") == [
        ("critical",)
    ]
    assert device.send("WebAuthn.getCredentials", {"authenticatorId": authenticator_id})["credentials"]
    rows(live_stack, "DELETE FROM passkeys RETURNING id")
