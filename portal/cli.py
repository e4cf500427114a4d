"""`flask portal …`: what operators and newcomers run by hand."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from portal.identity.administration import make_admin
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import DomainError
from portal.kernel.pages import public_url
from portal.ledger.jobs import LedgerOutOfBalance, self_check
from portal.notifications.templates import sync_templates

portal = AppGroup("portal", help="Look after the portal.")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(portal)


@portal.command("self-check")
def self_check_command() -> None:
    """Prove that the ledger sums to zero and every balance equals its entries."""
    try:
        counts = self_check()
    except LedgerOutOfBalance as error:
        raise click.ClickException(str(error)) from None
    for unit, total in sorted(counts["units"].items()):
        click.echo(f"{unit}: {total}")
    click.echo("The ledger is in balance.")


@portal.command("sync-messages")
def sync_messages_command() -> None:
    """Store the words of every message, so that operators can edit them; edited words are kept."""
    with transaction():
        written = sync_templates()
    click.echo(f"{written} versions written.")


@portal.command("make-admin")
@click.argument("email")
@click.option("--name", default="Administrator", show_default=True, help="The name of a new account.")
@click.option("--super", "is_super", is_flag=True, help="May also make and unmake other admins.")
def make_admin_command(email: str, name: str, is_super: bool) -> None:
    """Let EMAIL steer the portal, with a new account if it has none."""
    try:
        with transaction():
            token = make_admin(email, full_name=name, is_super=is_super, by=SYSTEM)
    except DomainError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"{email} is now {'a super admin' if is_super else 'an admin'}.")
    if token is not None:
        click.echo(f"Choose a password, once: {public_url(f'/password/new/{token}')}")
