"""How the values of this room read on a page and in a file; states have their words in one table for all rooms."""

from __future__ import annotations

from portal.kernel.i18n import _
from portal.ledger.models import TransferStatus
from portal.settlements.statement import Movement, StatementLine


def line_words(line: StatementLine) -> str:
    """What a line of an account statement is about, as a sentence."""
    match line.movement, line.status:
        case Movement.GIFT, _status:
            return _("Your share of a gift served: %(pack)s", pack=line.pack)
        case Movement.CORRECTION, _status:
            return _("Corrections of settlement %(number)s", number=line.settlement_number)
        case Movement.PAYMENT, TransferStatus.PENDING:
            return _("Payment of settlement %(number)s, on its way", number=line.settlement_number)
        case Movement.PAYMENT, TransferStatus.VOIDED:
            return _("Payment of settlement %(number)s, called off", number=line.settlement_number)
        case Movement.PAYMENT, _status:
            return _("Payment of settlement %(number)s", number=line.settlement_number)
    return _("Other movement")


# What every page of this room may need.
PAGE_WORDS: dict[str, object] = {"line_words": line_words}
