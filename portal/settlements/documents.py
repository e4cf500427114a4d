"""The settlement on paper: one PDF that is the invoice, and the receipt once it is paid (STL-06)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fpdf import FPDF

from portal.kernel.i18n import _
from portal.kernel.settings import PROJECT_ROOT
from portal.settlements.models import SettlementStatus
from portal.settlements.queries import SettlementDetail

_FONTS = PROJECT_ROOT / "static" / "vendor" / "fonts"
_INDIGO = (34, 51, 92)
_GREY = (110, 110, 120)
_LINES_SHOWN = 200

Formatter = Callable[[Any], str]


def settlement_pdf(
    detail: SettlementDetail, lines: list[Any], *, money: Formatter, day: Formatter, moment: Formatter
) -> bytes:
    """The document of one settlement as PDF bytes, in the reader's language.

    `money`, `day` and `moment` write amounts (XOF), dates and instants as pages do.
    """
    sheet = _Sheet()
    settlement, partner = detail.settlement, detail.partner
    sheet.heading(_("Receipt") if settlement.status is SettlementStatus.PAID else _("Settlement"))
    sheet.facts(
        [
            (_("Number"), settlement.invoice_number or ""),
            (_("Partner"), partner.name),
            (_("Business registration"), partner.business_registration or "–"),
            (_("Tax number"), partner.tax_id or "–"),
            (_("Period"), f"{day(settlement.period_start)} – {day(settlement.period_end)}"),
        ]
    )
    sheet.facts(
        [
            (_("Gifts served"), str(settlement.total_redemptions_count)),
            (_("Price of the gifts"), money(settlement.total_revenue_minor)),
            (_("Platform commission"), money(-settlement.platform_commission_minor)),
            (_("Your share"), money(settlement.partner_share_minor)),
            (_("Corrections"), money(settlement.adjustment_minor)),
            (_("From earlier periods"), money(settlement.carried_in_minor)),
            (_("Carried to the next period"), money(-settlement.carried_out_minor)),
        ]
    )
    sheet.total(_("To be paid"), money(settlement.payable_minor))
    if settlement.paid_at is not None:
        paid = _("Paid on %(when)s", when=moment(settlement.paid_at))
        sheet.note(f"{paid} · {settlement.payment_reference}")
    sheet.table(lines[:_LINES_SHOWN], money, moment)
    if len(lines) > _LINES_SHOWN:
        sheet.note(_("%(count)s more lines are in the CSV file.", count=len(lines) - _LINES_SHOWN))
    return bytes(sheet.output())


class _Sheet(FPDF):  # type: ignore[misc]  # fpdf2 ships no types
    """A4 with the portal's name, one column of facts, one table."""

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.add_font("Noto", "", _FONTS / "NotoSans-Regular.ttf")
        self.add_font("Noto", "B", _FONTS / "NotoSans-Bold.ttf")
        self.set_margins(18, 18)
        self.set_auto_page_break(True, margin=18)
        self.add_page()
        self.set_title("Teranga")

    def heading(self, title: str) -> None:
        self.set_text_color(*_INDIGO)
        self.set_font("Noto", "B", 20)
        self.cell(0, 12, "Teranga", new_x="LMARGIN", new_y="NEXT")
        self.set_font("Noto", "B", 15)
        self.cell(0, 10, title, new_x="LMARGIN", new_y="NEXT")
        self.ln(3)

    def facts(self, pairs: list[tuple[str, str]]) -> None:
        for term, value in pairs:
            self.set_font("Noto", "", 10)
            self.set_text_color(*_GREY)
            self.cell(75, 7, term)
            self.set_text_color(0)
            self.cell(0, 7, value, align="R", new_x="LMARGIN", new_y="NEXT")
        self.ln(3)

    def total(self, term: str, value: str) -> None:
        self.set_draw_color(*_INDIGO)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.set_font("Noto", "B", 14)
        self.set_text_color(*_INDIGO)
        self.cell(75, 12, term)
        self.cell(0, 12, value, align="R", new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def note(self, text: str) -> None:
        self.set_font("Noto", "", 9)
        self.set_text_color(*_GREY)
        self.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def table(self, lines: list[Any], money: Formatter, moment: Formatter) -> None:
        if not lines:
            return
        self.set_font("Noto", "", 8)
        self.set_text_color(0)
        columns = (46, 60, 22, 22, 24)
        headings = (_("When"), _("Pack"), _("Price"), _("Your share"), _("Commission"))
        aligns = ("LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT")
        with self.table_of(columns, aligns) as table:
            table.row(headings)
            for when, _code, pack, _venue, price, share, commission in lines:
                table.row((moment(when), pack, money(price), money(share), money(commission)))

    def table_of(self, columns: tuple[int, ...], aligns: tuple[str, ...]) -> Any:
        return super().table(col_widths=columns, text_align=aligns, line_height=5)
