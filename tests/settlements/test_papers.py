"""The invoice and the receipt: written once, kept, and the same for whoever reads them."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from portal.kernel.db import db, transaction
from portal.kernel.errors import NotFound
from portal.kernel.files import read_file
from portal.kernel.i18n import speaking
from portal.kernel.models import FilePurpose, StoredFile
from portal.partners.models import Partner
from portal.payouts import outcomes
from portal.payouts.models import Payout
from portal.settlements.papers import FILE_JOB, Paper, file_paper, paper_to_read
from portal.settlements.queries import settlement_detail
from tests.factories.redeemed import serve_all
from tests.harness.house import acting, make_admin
from tests.harness.moments import Clock
from tests.payouts.world import run_follow_ups
from tests.settlements.world import approve, make_house, noon, settle_at, settlement

Database = scoped_session[Session]


@pytest.fixture
def january(committed_db: Database, clock: Clock) -> UUID:
    """The settlement of three gifts, on the second of February."""
    with transaction():
        partner, _owner = make_house(name="Le Djoloff")
        serve_all(partner, [15_000, 20_000, 9_000], at=noon(1, 5))
        made = settle_at(noon(2, 1))[0].id
    clock.travel(noon(2, 2))
    return made


def kept(settlement_id: UUID, paper: Paper) -> StoredFile:
    """The stored paper."""
    row = settlement(settlement_id)
    return db.session.get_one(
        StoredFile, row.invoice_file_id if paper is Paper.INVOICE else row.receipt_file_id
    )


@pytest.mark.covers("STL-06")
def test_the_invoice_is_written_by_a_worker_and_kept(january: UUID) -> None:
    assert settlement(january).invoice_file_id is None

    assert run_follow_ups(FILE_JOB) == 1

    file = kept(january, Paper.INVOICE)
    assert read_file(file).startswith(b"%PDF-")
    assert (file.purpose, file.mime_type) == (FilePurpose.SETTLEMENT_DOCUMENT, "application/pdf")
    assert file.owner_partner_id == settlement(january).partner_id


@pytest.mark.covers("STL-06")
def test_writing_it_again_keeps_the_first(january: UUID, committed_db: Database) -> None:
    run_follow_ups(FILE_JOB)
    first = kept(january, Paper.INVOICE).id

    for _ in range(2):
        with transaction():
            file_paper(january, Paper.INVOICE)

    assert kept(january, Paper.INVOICE).id == first
    assert committed_db.execute(select(func.count()).select_from(StoredFile)).scalar_one() == 1


@pytest.mark.covers("STL-06")
def test_a_receipt_is_written_once_wave_has_paid(january: UUID) -> None:
    with pytest.raises(NotFound):
        paper_to_read(settlement_detail(january), Paper.RECEIPT)
    with transaction():
        approve(january, acting(make_admin()))
        payout = db.session.get_one(Payout, settlement(january).payout_id)
        outcomes.claim(payout.id)
        outcomes.complete(payout.id, payout.idempotency_key, outcomes.Paid("pt-0001", 0))

    run_follow_ups(FILE_JOB)

    assert read_file(kept(january, Paper.RECEIPT)).startswith(b"%PDF-")
    assert paper_to_read(settlement_detail(january), Paper.RECEIPT) == read_file(kept(january, Paper.RECEIPT))


@pytest.mark.covers("STL-06")
def test_what_was_issued_stays_as_it_was(january: UUID) -> None:
    run_follow_ups(FILE_JOB)
    issued = read_file(kept(january, Paper.INVOICE))
    with transaction():
        db.session.get_one(Partner, settlement(january).partner_id).name = "Another name"

    assert paper_to_read(settlement_detail(january), Paper.INVOICE) == issued


@pytest.mark.covers("STL-06")
def test_a_reader_of_another_language_gets_the_paper_in_theirs(january: UUID, app: Flask) -> None:
    run_follow_ups(FILE_JOB)
    issued = read_file(kept(january, Paper.INVOICE))

    with app.test_request_context(headers={"Accept-Language": "en"}), speaking("en"):
        english = paper_to_read(settlement_detail(january), Paper.INVOICE)

    assert english.startswith(b"%PDF-")
    assert english != issued


def test_a_paper_that_was_lost_is_written_anew_for_its_reader(january: UUID, app: Flask) -> None:
    run_follow_ups(FILE_JOB)
    file = kept(january, Paper.INVOICE)
    Path(app.config["SETTINGS"].data_dir, "files", file.storage_key).unlink()

    assert paper_to_read(settlement_detail(january), Paper.INVOICE).startswith(b"%PDF-")
