"""`flask portal …`: what operators and newcomers run by hand."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from portal.kernel.db import transaction
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
