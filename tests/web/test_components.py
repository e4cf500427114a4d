"""Every part renders, says what it is to those who cannot see it, and works without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, flash, render_template, render_template_string
from jinja2 import StrictUndefined, UndefinedError
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FileField,
    Form,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TelField,
)
from wtforms.validators import DataRequired

from portal.kernel.asking import query_link
from portal.kernel.contact import contact_address, linked, spelled
from portal.kernel.paging import Page
from portal.web.filters import unbroken
from portal.web.shell import NavItem
from portal.web.style_samples import SHELLS, style_context

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
SCAN_KINDS = (
    "redeemed", "ready", "already_redeemed", "not_before", "expired",
    "wrong_venue", "wrong_partner", "canceled", "unknown", "forged",
)  # fmt: skip


class Outline(HTMLParser):
    """What a page is made of: its elements with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attrs
            for name, attrs in self.elements
            if name == tag and all(attrs.get(key) == value for key, value in wanted.items())
        ]

    def ids(self) -> list[str]:
        return [attrs["id"] or "" for _, attrs in self.elements if "id" in attrs]


class Words:
    """A catalog that a test can change under the templates."""

    def __init__(self) -> None:
        self.prefix = ""

    def one(self, text: str) -> str:
        return self.prefix + text

    def many(self, one: str, several: str, count: int) -> str:
        return self.prefix + (one if count == 1 else several)


WORDS = Words()


@pytest.fixture
def bench() -> Iterator[Flask]:
    """An app with stand-ins for what the portal gives to templates, in a request for a filtered list."""
    app = Flask(__name__, template_folder=str(TEMPLATES))
    app.secret_key = "bench"
    app.config["SETTINGS"] = SimpleNamespace(contact_address="bonjour@teranga.example")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(WORDS.one, WORDS.many, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(
        asset=lambda name: f"/static/{name}",
        csrf_token=lambda: "token-of-this-form",
        query_link=query_link,
        contact_address=contact_address,
    )
    app.jinja_env.filters.update(
        money=lambda amount: f"{getattr(amount, 'minor', amount)} F CFA",
        long_date=str, short_date=str, date_time=str, relative_time=str,
        linked_to_us=linked, spelled_out=spelled,
        unbroken=unbroken, percent=lambda part: f"{part} %",
        state_word=lambda state, of="": state, state_tone=lambda state, of="": "info",
    )  # fmt: skip
    app.add_url_rule("/gifts/<kind>", "gifts", lambda kind: "")
    app.add_url_rule("/legal/<text>", "privacy_public.legal", lambda text: "")
    app.add_url_rule("/language", "web.set_locale", lambda: "", methods=["POST"])
    WORDS.prefix = ""
    with app.test_request_context("/gifts/open?q=awa&tag=a&tag=b&sort=-amount&cursor=xyz"):
        yield app


def render(macro: str, call: str, **context: Any) -> str:
    """The HTML of one call of a macro, named as file:macro."""
    file, _, name = macro.partition(":")
    imported = f'{{% from "components/{file}.html" import {name or file} %}}'
    return render_template_string(imported + call, **context)


class Gift(Form):
    name = StringField("Nom", [DataRequired("Écrivez un nom.")], description="Comme sur la pièce.")
    phone = TelField("Téléphone")
    amount = IntegerField(
        "Montant", [DataRequired("Écrivez un montant.")], render_kw={"placeholder": "5 000"}
    )
    kind = RadioField("Cadeau", [DataRequired("Choisissez.")], choices={"a": "Cinéma", "b": "Spa"})
    country = SelectField("Pays", choices={"SEN": "Sénégal"})
    news = BooleanField("Nouvelles")
    photo = FileField("Photo")


def refused() -> Gift:
    form = Gift(MultiDict({"name": "", "kind": "z", "country": "SEN"}))
    form.validate()
    return form


def style_page(shell: str, **context: Any) -> str:
    return render_template("style.html", worn=shell, **{**style_context(), **context})


# --- the style page --------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
def test_the_style_page_renders_in_every_shell(bench: Flask, shell: str) -> None:
    html = style_page(shell)
    page = Outline(html)
    assert len(page.all("main", id="main")) == 1
    assert len(page.all("h1")) == 1
    assert page.elements[[tag for tag, _ in page.elements].index("a")][1]["href"] == "#main"
    assert "shell--" + shell in (page.all("body")[0]["class"] or "")
    assert page.all("body")[0]["hx-headers:inherited"] == '{"X-CSRFToken": "token-of-this-form"}'


def test_the_style_page_shows_every_part() -> None:
    shown = "".join(
        path.read_text(encoding="utf-8")
        for path in [*(TEMPLATES / "style").glob("*.html"), TEMPLATES / "style.html", *COMPONENTS,
                     *(TEMPLATES / "layouts").glob("*.html")]
    )  # fmt: skip
    assert [path.name for path in COMPONENTS if f"components/{path.name}" not in shown] == []


def test_no_id_stands_twice_on_the_style_page(bench: Flask) -> None:
    ids = Outline(style_page("client")).ids()
    assert sorted({id_ for id_ in ids if ids.count(id_) > 1}) == []


def test_every_input_has_a_label_and_every_post_form_a_token(bench: Flask) -> None:
    html = style_page("admin")
    page = Outline(html)
    labelled = {attrs.get("for") for attrs in page.all("label")}
    unlabelled = [
        attrs["id"]
        for tag in ("input", "select", "textarea")
        for attrs in page.all(tag)
        if attrs.get("type") not in ("hidden", "radio", "checkbox") and attrs.get("id") not in labelled
        and "data-select" not in attrs
    ]  # fmt: skip
    assert unlabelled == []
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", html, re.DOTALL)
    assert forms
    assert [form for form in forms if 'name="csrf_token"' not in form] == []


def test_pages_carry_no_style_and_no_script_of_their_own() -> None:
    inline = re.compile(r"\sstyle=|<style|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|hx-on|js:")
    guilty = [
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if "email" not in path.as_posix() and inline.search(path.read_text(encoding="utf-8"))
    ]
    assert guilty == []


def test_every_icon_named_in_a_template_is_drawn(bench: Flask) -> None:
    module = bench.jinja_env.get_template("components/icon.html").module
    drawn = set(module.shapes)  # type: ignore[attr-defined]
    named: set[str] = set()
    for path in TEMPLATES.rglob("*.html"):
        named |= set(re.findall(r'(?:\bicon\(|icon_name=)"([\w-]+)"', path.read_text(encoding="utf-8")))
    assert named - drawn == set()


def test_every_macro_that_a_page_imports_exists(bench: Flask) -> None:
    wanted = re.compile(
        r'from "(components/[\w-]+\.html)" import ([\w, ]+?)(?: with(?:out)? context)?\s*-?%}'
    )
    missing = []
    for path in TEMPLATES.rglob("*.html"):
        for file, names in wanted.findall(path.read_text(encoding="utf-8")):
            module = bench.jinja_env.get_template(file).module
            asked = [name.split(" as ")[0].strip() for name in names.split(",")]
            missing += [(path.name, file, name) for name in asked if not hasattr(module, name)]
    assert missing == []


def test_an_unknown_icon_is_an_error_and_not_a_hole(bench: Flask) -> None:
    with pytest.raises(UndefinedError):
        render("icon", '{{ icon("no-such-icon") }}')


# --- shells ----------------------------------------------------------------------------------------


def _items(count: int) -> list[NavItem]:
    return [NavItem(f"Lieu {number}", f"/{number}", "home", active=number == 0) for number in range(count)]


def test_five_places_fit_the_tab_bar_and_more_move_into_a_menu(bench: Flask) -> None:
    five = Outline(style_page("client", nav_items=_items(5)))
    assert not any("nav__more" in (attrs.get("class") or "") for attrs in five.all("li"))
    seven = Outline(style_page("client", nav_items=_items(7)))
    assert sum(attrs.get("class") == "nav__rest" for attrs in seven.all("li")) == 3
    assert any(attrs.get("class") == "nav__more" for attrs in seven.all("li"))


def test_the_present_place_is_marked(bench: Flask) -> None:
    page = Outline(style_page("admin", nav_items=_items(3)))
    assert {
        attrs["href"] for attrs in page.all("a", **{"aria-current": "page"}) if attrs["href"] == "/0"
    } == {"/0"}


@pytest.mark.parametrize(("chosen", "expected"), [("dark", "dark"), ("light", "light"), ("system", None)])
@pytest.mark.covers("PPL-32")
def test_the_persons_own_theme_wins_over_the_devices(bench: Flask, chosen: str, expected: str | None) -> None:
    person = {
        "is_looked_at": False,
        "name": "Awa Ndiaye",
        "unread_count": 2,
        "locale": "fr-SN",
        "theme": chosen,
    }
    page = Outline(style_page("client", visitor=person))
    assert page.all("html")[0].get("data-theme") == expected


def test_the_page_names_its_language_and_offers_the_others_without_a_script(bench: Flask) -> None:
    choices = [
        {"code": "fr", "label": "Français", "active": False},
        {"code": "wo", "label": "Wolof", "active": True},
    ]
    page = Outline(style_page("public", locales=choices))
    assert page.all("html")[0]["lang"] == "wo"
    assert {attrs["value"] for attrs in page.all("button", name="locale")} == {"fr", "wo"}
    assert page.all("form", action="/language", method="post")


def test_messages_are_announced(bench: Flask) -> None:
    flash("Bien reçu.", "success")
    html = render("flash:flashes", "{{ flashes() }}")
    assert 'role="status"' in html
    assert "flash--success" in html
    assert "Bien reçu." in html


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_an_error_page_speaks_plainly_and_gives_a_reference(bench: Flask, status: int) -> None:
    html = render_template(f"errors/{status}.html", message=None, request_id="0197-4f")
    page = Outline(html)
    assert len(page.all("h1")) == 1
    assert "0197-4f" in page.text
    assert str(status) not in page.text
    assert any(attrs["href"] == "/" for attrs in page.all("a"))


def test_an_error_page_prefers_the_refusals_own_words(bench: Flask) -> None:
    html = render_template("errors/409.html", message="Cette cagnotte est déjà fermée.")
    assert "Cette cagnotte est déjà fermée." in html


def test_a_mail_needs_no_style_sheet_and_its_text_twin_says_the_same(bench: Flask) -> None:
    page = '{% extends "layouts/email/base.EXT" %}{% block content %}Bonjour Awa{% endblock %}'
    html = render_template_string(page.replace("EXT", "html"))
    text = render_template_string(page.replace("EXT", "txt"))
    assert "<link" not in html
    assert "Bonjour Awa" in html
    assert text.startswith("Bonjour Awa")


# --- forms -----------------------------------------------------------------------------------------


def test_a_field_ties_hint_and_error_to_its_input(bench: Flask) -> None:
    page = Outline(render("field", "{{ field(form.name) }}", form=refused()))
    control = page.all("input", id="name")[0]
    assert control["aria-describedby"] == "name-hint name-error"
    assert control["aria-invalid"] == "true"
    assert {"name-hint", "name-error"} <= set(page.ids())


@pytest.mark.parametrize(
    ("name", "kind", "wanted"),
    [
        ("phone", "", {"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
        ("amount", "money", {"type": "text", "inputmode": "numeric", "placeholder": "5 000"}),
        ("photo", "photo", {"type": "file", "accept": "image/jpeg,image/png,image/webp"}),
        ("news", "", {"type": "checkbox"}),
    ],
)
def test_a_field_brings_the_right_keyboard(
    bench: Flask, name: str, kind: str, wanted: dict[str, str]
) -> None:
    page = Outline(render("field", "{{ field(form[name], kind=kind) }}", form=Gift(), name=name, kind=kind))
    control = page.all("input")[0]
    assert wanted.items() <= control.items()


def test_what_may_stay_empty_is_marked(bench: Flask) -> None:
    assert "(optional)" in render("field", "{{ field(form.phone) }}", form=Gift())
    assert "(optional)" not in render("field", "{{ field(form.name) }}", form=Gift())
    assert "(optional)" not in render("field", "{{ field(form.country) }}", form=Gift())


def test_radio_cards_are_a_fieldset_with_notes(bench: Flask) -> None:
    page = Outline(
        render("field", '{{ field(form.kind, kind="cards", notes={"a": "2 places"}) }}', form=Gift())
    )
    assert page.all("fieldset")
    assert len(page.all("input", type="radio")) == 2
    assert "2 places" in page.text


def test_each_line_of_the_error_summary_leads_to_its_field(bench: Flask) -> None:
    call = "{% call form(bound) %}{{ field(bound.name) }}{{ field(bound.amount) }}{{ field(bound.kind) }}{% endcall %}"
    html = render("form", '{% from "components/field.html" import field %}' + call, bound=refused())
    page = Outline(html)
    targets = [(attrs["href"] or "").removeprefix("#") for attrs in page.all("a")]
    assert targets == ["name", "amount", "kind-0"]
    assert set(targets) <= set(page.ids())
    assert page.all("input", name="csrf_token", value="token-of-this-form")


def test_a_form_without_mistakes_has_no_summary(bench: Flask) -> None:
    assert "error-summary" not in render("form", "{% call form(bound) %}{% endcall %}", bound=Gift())


def test_a_button_is_a_link_or_a_submit_and_takes_further_attributes(bench: Flask) -> None:
    link = render("button", '{{ button("Voir", href="/x", **{"hx-get": "/y"}) }}')
    assert link.startswith("<a ")
    assert 'hx-get="/y"' in link
    assert 'type="submit"' in render("button", '{{ button("Envoyer") }}')


def test_a_dangerous_action_asks_first_even_without_a_script(bench: Flask) -> None:
    call = '{{ confirm("x", "Fermer", "/close", "Fermer ?", "Pour toujours.", "Oui", "/close/confirm") }}'
    page = Outline(render("dialog:confirm", call))
    assert page.all("a", href="/close/confirm")
    assert page.all("dialog", id="x")
    assert page.all("form", action="/close", method="post")


# --- lists -----------------------------------------------------------------------------------------

COLUMNS = [
    {"key": "name", "label": "Nom", "sortable": True},
    {"key": "amount", "label": "Montant", "sortable": True, "end": True},
]


def _table(sort: str) -> Outline:
    call = "{% call(row, key) data_table('Dons', columns, rows, sort=sort) %}{{ row[key] }}{% endcall %}"
    rows = [{"name": "<Awa>", "amount": 5000}]
    return Outline(render("data_table", call, columns=COLUMNS, rows=rows, sort=sort))


def test_a_table_says_its_order_and_turns_it_keeping_the_filters(bench: Flask) -> None:
    page = _table("-amount")
    assert page.all("th", **{"aria-sort": "descending"})
    links = [attrs["href"] or "" for attrs in page.all("a", **{"class": "data-table__sort"})]
    assert all(
        link.startswith("/gifts/open?") and "q=awa" in link and "tag=a&tag=b" in link for link in links
    )
    assert "sort=amount" in links[1]
    assert not any("cursor" in link for link in links)


@pytest.mark.parametrize(
    "name", ["endpoint", "_external", "_scheme", "_method", "_anchor", "kind", "self", "<b>"]
)
def test_a_link_to_this_list_keeps_to_it_whatever_the_address_holds(bench: Flask, name: str) -> None:
    with bench.test_request_context("/gifts/open", query_string={name: "javascript:x"}):
        link = query_link(sort="amount")

    assert link == "/gifts/open?" + urlencode({name: "javascript:x", "sort": "amount"})


def test_a_cell_knows_its_column_so_that_a_row_can_become_a_card(bench: Flask) -> None:
    page = _table("")
    assert page.all("td", **{"data-label": "Montant"})
    assert page.all("th", scope="row")
    assert "<Awa>" in page.text


def test_paging_leads_by_key_and_hides_when_all_fits(bench: Flask) -> None:
    page = Outline(
        render("paging", "{{ paging(page) }}", page=Page(items=[1], next_cursor="n1", previous_cursor=None))
    )
    assert [attrs["rel"] for attrs in page.all("a")] == ["next"]
    assert "cursor=n1" in (page.all("a")[0]["href"] or "")
    alone = render(
        "paging", "{{ paging(page) }}", page=Page(items=[1], next_cursor=None, previous_cursor=None)
    )
    assert alone.strip() == ""


def test_the_csv_link_keeps_the_filters(bench: Flask) -> None:
    link = Outline(render("data_table:csv_link", "{{ csv_link() }}")).all("a")[0]["href"] or ""
    assert "format=csv" in link
    assert "q=awa" in link


# --- numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "goal", "shown"), [(0, 100, 0), (2, 3, 66), (150, 100, 100), (5, 0, 0)])
def test_progress_never_leaves_its_track(bench: Flask, value: int, goal: int, shown: int) -> None:
    page = Outline(render("progress", '{{ progress(value, goal, "mots") }}', value=value, goal=goal))
    assert page.all("progress", value=str(shown), max="100")


@pytest.mark.parametrize("macro", ["bar_chart", "line_chart", "rank_chart"])
@pytest.mark.parametrize("points", [[], [("lun.", 0)], [("lun.", 3, "3 dons"), ("mar.", 7, "7 dons")]])
def test_a_chart_has_a_name_and_its_numbers_in_a_table(bench: Flask, macro: str, points: list[Any]) -> None:
    page = Outline(render(f"chart:{macro}", f"{{{{ {macro}('Dons', points) }}}}", points=points))
    assert page.all("svg", role="img")
    assert page.all("title")
    assert len(page.all("th", scope="row")) == len(points)
    for point in points:
        assert str(point[-1]) in page.text


# --- sharing and scanning --------------------------------------------------------------------------


def test_a_shared_text_survives_every_sign(bench: Flask) -> None:
    call = '{{ share("https://t.sn/p?a=1&b=2#x", "Awa & Ibou : 100 % oui") }}'
    links = [attrs["href"] or "" for attrs in Outline(render("share", call)).all("a")]
    assert [link.split("=")[0] for link in links] == ["https://wa.me/?text", "sms:?&body", "mailto:?subject"]
    assert "Awa%20%26%20Ibou%20%3A%20100%20%25%20oui%20https%3A%2F%2Ft.sn%2Fp%3Fa%3D1%26b%3D2%23x" in links[0]


def test_no_two_scan_answers_look_alike(bench: Flask) -> None:
    seen = {}
    for kind in SCAN_KINDS:
        html = render("scan:scan_result", f'{{{{ scan_result("{kind}") }}}}')
        drawing = re.search(r'<path d="([^"]+)"', html)
        title = re.search(r"<h2[^>]*>([^<]+)", html)
        assert drawing is not None
        assert title is not None
        assert 'role="alert"' in html
        assert "data-tone=" in html
        seen[kind] = (drawing[1], title[1])
    assert len({drawing for drawing, _ in seen.values()}) == len(SCAN_KINDS)
    assert len({title for _, title in seen.values()}) == len(SCAN_KINDS)


def test_every_scan_sound_is_defined() -> None:
    template = (TEMPLATES / "components" / "scan.html").read_text(encoding="utf-8")
    sounds = (ROOT / "static" / "js" / "result-tone.js").read_text(encoding="utf-8")
    tones = set(re.findall(r'usual_text = "(\w+)", ', template))
    assert tones
    assert tones == set(re.findall(r"^  (\w+): \{ notes", sounds, re.M))


def test_the_words_of_a_part_follow_each_reader(bench: Flask) -> None:
    call = '{{ scan_result("expired") }}'
    assert ">Expired<" in render("scan:scan_result", call)
    WORDS.prefix = "wo:"
    assert ">wo:Expired<" in render("scan:scan_result", call)


def test_no_part_translates_outside_a_macro() -> None:
    """A macro file is kept between requests: a word translated at its top would stay in one language."""
    macro = re.compile(r"\{%-?\s*macro.*?endmacro\s*-?%\}|\{#.*?#\}", re.DOTALL)
    guilty = [path.name for path in COMPONENTS if "_(" in macro.sub("", path.read_text(encoding="utf-8"))]
    assert guilty == []
