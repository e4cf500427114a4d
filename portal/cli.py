"""`flask portal …`: what operators and newcomers run by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import exists, select

from portal.audit.archives import ArchiveBroken, all_archives, read_archive
from portal.audit.chain import GENESIS, Break, Head, verify
from portal.audit.jobs import last_proof
from portal.demo.cast import DEFAULT_SEED, FEWEST, FULL
from portal.identity.administration import make_admin
from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.data_page import written
from portal.kernel.db import db, transaction
from portal.kernel.errors import DomainError, NotFound
from portal.kernel.keys import Undecryptable
from portal.kernel.pages import public_url
from portal.kernel.resealing import BATCH, Report, reseal
from portal.kernel.roles import Duty
from portal.kernel.settings import PROJECT_ROOT
from portal.ledger.jobs import LedgerOutOfBalance, self_check
from portal.notifications.templates import sync_templates
from portal.people.birthdays import correct_birthday
from portal.people.fading import due_scans, forget_scans
from portal.privacy.retention import keep_in_time, would_go

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


@portal.command("audit-verify")
@click.option(
    "--head", metavar="POSITION:HASH", help="What an earlier proof ended with, from your own notes."
)
def audit_verify_command(head: str | None) -> None:
    """Prove that no row of the audit trail was changed, deleted or inserted; name the first if one was."""
    noted = _head(head) if head else last_proof()
    found = verify(noted)
    if isinstance(found, Break):
        raise click.ClickException(f"The audit trail is broken: {found}.")
    click.echo(f"The audit trail is whole. Note its head elsewhere: {found.position}:{found.hash}")


def _head(written: str) -> Head:
    position, _colon, row_hash = written.partition(":")
    if not (position.isascii() and position.isdigit() and len(row_hash) == len(GENESIS)):
        raise click.BadParameter("a head is written POSITION:HASH, as an earlier proof has ended with")
    return Head(int(position), row_hash)


@portal.command("reseal")
@click.option(
    "--batch", type=click.IntRange(1, 10_000), default=BATCH, show_default=True, help="Rows at a time."
)
def reseal_command(batch: int) -> None:
    """Encrypt everything anew under the newest key, and say which keys can go; stop and repeat it as you like."""
    report = Report()
    for so_far in reseal(report, batch=batch):
        click.echo(f"{so_far.seen} looked at, {so_far.resealed.total()} encrypted anew", err=True)
    for what, counted in report.lines():
        click.echo(f"{what}: {counted}")
    if not report.is_complete:
        raise click.ClickException(
            "Some values could not be brought up to the newest keys; keep the older ones."
        )
    for advice in report.advice():
        click.echo(advice)


@portal.command("sync-messages")
def sync_messages_command() -> None:
    """Store the words of every message, so that operators can edit them; edited words are kept."""
    with transaction():
        written = sync_templates()
    click.echo(f"{written} versions written.")


@portal.command("data-page")
def data_page_command() -> None:
    """Write docs/personal-data.md: what is held of people, and why (PRV-05)."""
    (PROJECT_ROOT / "docs" / "personal-data.md").write_text(written())
    click.echo("The page is written.")


@portal.command("forget-scans")
@click.option("--dry-run", is_flag=True, help="Only say how many there are.")
def forget_scans_command(dry_run: bool) -> None:
    """Forget the scans of identity papers that were decided longer ago than they are kept (PPL-17)."""
    if dry_run:
        with transaction():
            found = due_scans()
    else:
        found = forget_scans()
    click.echo(f"{found} scans {'would be forgotten' if dry_run else 'forgotten'}.")


@portal.command("keep-in-time")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def keep_in_time_command(dry_run: bool) -> None:
    """Remove what has been kept long enough, and say how much of each kind (PRV-12)."""
    if dry_run:
        with transaction():
            counts = would_go()
    else:
        counts = keep_in_time()
    for key, count in counts.items():
        click.echo(f"{key}: {count} {'would go' if dry_run else 'gone'}")


@portal.command("audit-archive")
@click.argument("archive_id", required=False, type=click.UUID)
def audit_archive_command(archive_id: UUID | None) -> None:
    """List the archives of the audit trail, or prove ARCHIVE_ID and print its rows as JSON lines (PRV-13)."""
    with transaction():
        if archive_id is None:
            for one in all_archives():
                click.echo(f"{one.id}  before {one.covers_before}  {one.row_count} rows")
            return
        try:
            found = read_archive(archive_id)
        except (NotFound, ArchiveBroken, Undecryptable) as error:
            raise click.ClickException(f"This archive cannot be read: {error or 'there is none'}.") from None
    for row in found.rows:
        click.echo(json.dumps(row, ensure_ascii=False, sort_keys=True))
    click.echo(f"{found.manifest['rows']} rows, sha256 {found.manifest['sha256']}", err=True)


@portal.command("demo")
@click.option("--seed", default=DEFAULT_SEED, show_default=True, help="The same number gives the same world.")
@click.option(
    "--people", type=click.IntRange(FEWEST, FULL), default=FULL, show_default=True, help="A smaller one."
)
@click.option(
    "--scale", type=click.IntRange(1, 1000), default=1, show_default=True, help="For work under load."
)
@click.option("--if-empty", is_flag=True, help="Do nothing where somebody has an account already.")
def demo_command(seed: int, people: int, scale: int, if_empty: bool) -> None:
    """Fill an empty portal with half a year of people, pots, gifts, redemptions and settlements."""
    # Every process knows this command, and hardly any runs it.
    from portal.demo.proof import NotTrue
    from portal.demo.world import Order, make_world

    if current_app.config["SETTINGS"].is_production:
        raise click.ClickException("The demo world does not belong in production.")
    with transaction() as session:
        is_taken = session.scalar(select(exists().where(User.id.is_not(None))))
    if is_taken:
        if if_empty:
            click.echo("Somebody is here already; nothing was made.")
            return
        raise click.ClickException("The demo world needs an empty portal, and somebody has an account here.")
    try:
        with _as_owner() if scale > 1 else nullcontext():
            make_world(Order(seed, people, scale), click.echo)
    except NotTrue as error:
        raise click.ClickException(f"Nothing was made: {error}.") from None
    click.echo("The demo world is there.")


@contextmanager
def _as_owner() -> Iterator[None]:
    """Work as the owner of the tables, where it is told: a crowd is written in ways that the portal's role may not."""
    from portal import create_app

    settings = current_app.config["SETTINGS"]
    if settings.database_owner_url is None:
        yield
        return
    app = create_app(replace(settings, database_url=settings.database_owner_url))
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


@portal.command("correct-birthday")
@click.argument("user_id", type=click.UUID)
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--reason", required=True, help="What shows that the day is right.")
def correct_birthday_command(user_id: UUID, day: datetime, reason: str) -> None:
    """Put right the day of birth that the person USER_ID has said as a minor without a guardian."""
    try:
        with transaction():
            correct_birthday(user_id, day.date(), reason=reason, by=SYSTEM)
    except DomainError as error:
        raise click.ClickException(error.message) from None
    click.echo("The day of birth is put right.")


@portal.command("make-admin")
@click.argument("email")
@click.option("--name", default="Administrator", show_default=True, help="The name of a new account.")
@click.option("--super", "is_super", is_flag=True, help="May also make and unmake other admins.")
@click.option(
    "--duty",
    "duties",
    type=click.Choice([duty.value for duty in Duty]),
    multiple=True,
    help="What the admin is there for; repeat for more. Without it: everything.",
)
def make_admin_command(email: str, name: str, is_super: bool, duties: tuple[str, ...]) -> None:
    """Let EMAIL steer the portal, with a new account if it has none."""
    try:
        with transaction():
            token = make_admin(
                email,
                full_name=name,
                is_super=is_super,
                duties=[Duty(duty) for duty in duties or Duty],
                by=SYSTEM,
            )
    except DomainError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"{email} is now {'a super admin' if is_super else 'an admin'}.")
    if token is not None:
        click.echo(f"Choose a password, once: {public_url(f'/password/new/{token}')}")
