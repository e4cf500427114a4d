"""The settlement on paper: one PDF that is the invoice, and the receipt once it is paid (STL-06)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from fpdf import FPDF

from portal.kernel.i18n import _
from portal.kernel.settings import PROJECT_ROOT
from portal.redemptions.served import ServedGift
from portal.settlements.models import PartnerSettlement
from portal.settlements.queries import SettlementDetail

_FONTS = PROJECT_ROOT / "static" / "vendor" / "fonts"
_INDIGO = (34, 51, 92)
_GREY = (96, 96, 108)
_LINES_SHOWN = 200

# Whoever subsets the font tells of every glyph.
logging.getLogger("fontTools").setLevel(logging.WARNING)

Formatter = Callable[[Any], str]


def settlement_pdf(
    detail: SettlementDetail,
    gifts: Sequence[ServedGift],
    *,
    is_receipt: bool,
    money: Formatter,
    day: Formatter,
    moment: Formatter,
) -> bytes:
    """The invoice of a settlement, or the receipt of its payment, as PDF bytes in the language now spoken.

    `money`, `day` and `moment` write amounts (XOF), dates and instants as pages do.
    """
    settlement, partner = detail.settlement, detail.partner
    sheet = _Sheet()
    sheet.heading(_("Receipt") if is_receipt else _("Settlement invoice"), settlement.invoice_number or "")
    sheet.facts(
        [
            (_("Partner"), partner.name),
            (_("Business registration"), partner.business_registration or "–"),
            (_("Tax number"), partner.tax_id or "–"),
            (_("Period"), f"{day(settlement.period_start)} – {day(settlement.period_end)}"),
            (_("Issued on"), day(settlement.created_at)),
        ]
    )
    sheet.facts(_sums(settlement, money))
    sheet.total(_("Paid") if is_receipt else _("To be paid"), money(settlement.payable_minor))
    if is_receipt and settlement.paid_at is not None:
        sheet.note(_("Paid by Wave on %(when)s", when=moment(settlement.paid_at)))
        sheet.note(_("Reference: %(reference)s", reference=settlement.payment_reference or ""))
    for correction in detail.corrections:
        amount = money(correction.amount_minor)
        sheet.note(_("Correction of %(amount)s: %(reason)s", amount=amount, reason=correction.reason))
    sheet.list_gifts(gifts[:_LINES_SHOWN], money, day)
    if len(gifts) > _LINES_SHOWN:
        sheet.note(_("%(count)s more gifts are in the CSV file.", count=len(gifts) - _LINES_SHOWN))
    return bytes(sheet.output())


def _sums(settlement: PartnerSettlement, money: Formatter) -> list[tuple[str, str]]:
    """How the amount came about, in the order in which it adds up; corrections and carries if there are any."""
    extras = [
        (_("Corrections"), settlement.adjustment_minor),
        (_("From earlier periods"), settlement.carried_in_minor),
        (_("Carried to the next period"), -settlement.carried_out_minor),
    ]
    return [
        (_("Gifts served"), str(settlement.total_redemptions_count)),
        (_("Price of the gifts"), money(settlement.total_revenue_minor)),
        (_("Commission of the portal"), money(-settlement.platform_commission_minor)),
        (_("Share of the partner"), money(settlement.partner_share_minor)),
        *((term, money(amount)) for term, amount in extras if amount),
    ]


class _Sheet(FPDF):
    """A4 with the portal's name, one column of facts, one table, and numbered pages."""

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.add_font("Noto", "", _FONTS / "NotoSans-Regular.ttf")
        self.add_font("Noto", "B", _FONTS / "NotoSans-Bold.ttf")
        self.set_margins(18, 18)
        self.set_auto_page_break(True, margin=20)
        self.set_title("Teranga")
        self.add_page()

    def footer(self) -> None:
        """The number of the page, on every page."""
        self.set_y(-14)
        self.set_font("Noto", "", 8)
        self.set_text_color(*_GREY)
        self.cell(0, 6, f"Teranga · {self.page_no()}/{{nb}}", align="R")

    def heading(self, title: str, number: str) -> None:
        """Whose paper this is, and which."""
        self.set_text_color(*_INDIGO)
        self.set_font("Noto", "B", 20)
        self.cell(0, 12, "Teranga", new_x="LMARGIN", new_y="NEXT")
        self.set_font("Noto", "B", 14)
        self.cell(110, 10, title)
        self.cell(0, 10, number, align="R", new_x="LMARGIN", new_y="NEXT")
        self._rule()
        self.ln(3)

    def facts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Terms on the left, values on the right; a long value takes more lines."""
        self.set_font("Noto", "", 10)
        for term, value in pairs:
            self.set_text_color(*_GREY)
            self.cell(75, 7, term)
            self.set_text_color(0)
            self.multi_cell(0, 7, value, align="R", new_x="LMARGIN", new_y="NEXT")
        self.ln(3)

    def total(self, term: str, value: str) -> None:
        """The one amount that counts."""
        self._rule()
        self.set_font("Noto", "B", 14)
        self.set_text_color(*_INDIGO)
        self.cell(75, 12, term)
        self.cell(0, 12, value, align="R", new_x="LMARGIN", new_y="NEXT")
        self.ln(1)

    def note(self, text: str) -> None:
        """A sentence below the total."""
        self.set_font("Noto", "", 9)
        self.set_text_color(*_GREY)
        self.multi_cell(0, 5, text, new_x="LMARGIN", new_y="NEXT")
        self.ln(1)

    def list_gifts(self, gifts: Sequence[ServedGift], money: Formatter, day: Formatter) -> None:
        """One line a gift."""
        if not gifts:
            return
        self.ln(4)
        self.set_font("Noto", "", 8)
        self.set_text_color(0)
        self.set_draw_color(200)
        headings = (_("When"), _("Code"), _("Pack"), _("Price"), _("Share"), _("Commission"))
        with self.table(
            col_widths=(25, 34, 49, 22, 22, 22),
            text_align=("LEFT", "LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT"),
            line_height=5,
            borders_layout="HORIZONTAL_LINES",
        ) as table:
            table.row(headings)
            for gift in gifts:
                amounts = (gift.price_minor, gift.share_minor, gift.commission_minor)
                table.row((day(gift.when), gift.code, gift.pack, *map(money, amounts)))

    def _rule(self) -> None:
        self.set_draw_color(*_INDIGO)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
