"""The style sheet keeps its own rules: layers, tokens, one file a part, and a weight for 3G."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
LAYERS = ("reset", "tokens", "base", "layout", "components", "utilities")
FILES = [CSS / name for name in (CSS / "bundle.txt").read_text(encoding="utf-8").split()]
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def _style(path: Path) -> str:
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def test_every_style_file_is_in_the_bundle_once() -> None:
    assert sorted(FILES) == sorted(CSS.rglob("*.css"))


def test_the_first_line_declares_the_layers_in_order() -> None:
    assert FILES[0].read_text(encoding="utf-8").splitlines()[0] == f"@layer {', '.join(LAYERS)};"


@pytest.mark.parametrize("path", FILES[1:], ids=lambda path: path.stem)
def test_a_file_opens_one_layer_and_only_print_stands_above_them(path: Path) -> None:
    text = _style(path).strip()
    if path.stem == "print":
        assert text.startswith("@media print")
        return
    layer = path.stem if path.parent == CSS else path.parent.name
    assert set(re.findall(r"@layer\s+([\w-]+)\s*\{", text)) == {layer}


def test_braces_are_balanced_in_every_file() -> None:
    odd = [path.name for path in FILES if _style(path).count("{") != _style(path).count("}")]
    assert odd == []


def test_every_custom_property_used_without_fallback_is_declared() -> None:
    text = "\n".join(_style(path) for path in FILES)
    declared = set(re.findall(r"(--[\w-]+)\s*:", text))
    used = set(re.findall(r"var\(\s*(--[\w-]+)\s*\)", text))
    assert used - declared == set()


def test_every_token_is_used() -> None:
    text = "\n".join(_style(path) for path in FILES)
    tokens = set(re.findall(r"(--[\w-]+)\s*:", _style(CSS / "tokens.css")))
    used = set(re.findall(r"var\(\s*(--[\w-]+)", text))
    assert tokens - used == set()


def test_raw_colours_stand_in_the_token_file_only() -> None:
    raw = {path.name for path in FILES if re.search(r"#[0-9a-fA-F]{3,8}\b", _style(path))}
    assert raw == {"tokens.css"}


def test_nothing_is_imported_or_loaded_by_the_style_sheet() -> None:
    text = "\n".join(_style(path) for path in FILES)
    assert "@import" not in text
    assert "url(" not in text


def test_a_part_has_the_name_of_its_macro_file() -> None:
    macros = {path.stem for path in (ROOT / "templates" / "components").glob("*.html")}
    parts = {path.stem for path in FILES if path.parent.name == "components"}
    assert parts <= macros


def test_sizes_and_sides_are_logical() -> None:
    physical = re.compile(
        r"(?:margin|padding|border)-(?:left|right|top|bottom)\s*:|text-align:\s*(?:left|right)"
    )
    assert [path.name for path in FILES if physical.search(_style(path))] == []


def test_motion_stays_short_and_stops_for_those_who_ask() -> None:
    tokens = _style(CSS / "tokens.css")
    quick = re.search(r"--quick:\s*(\d+)ms", tokens)
    assert quick is not None
    assert int(quick[1]) < 200
    assert "prefers-reduced-motion: reduce" in _style(CSS / "base.css")


def test_the_whole_style_sheet_weighs_at_most_twelve_kilobytes() -> None:
    joined = b"\n".join(path.read_bytes() for path in FILES)
    assert len(gzip.compress(joined, 9)) <= 12 * 1024


def test_first_load_stays_within_sixty_kilobytes() -> None:
    scripts = [*(ROOT / "static" / "js").glob("*.js"), ROOT / "static" / "vendor" / "htmx-4.0.1.min.js"]
    joined = b"\n".join(path.read_bytes() for path in FILES)
    weight = len(gzip.compress(joined, 9))
    weight += sum(len(gzip.compress(path.read_bytes(), 9)) for path in scripts)
    weight += (ROOT / "static" / "icons" / "favicon.svg").stat().st_size
    page_allowance = 15 * 1024
    assert weight + page_allowance <= 60 * 1024


def test_vendored_files_are_the_ones_written_down() -> None:
    vendor = ROOT / "static" / "vendor"
    rows = re.findall(
        r"^\| `([^`]+)` .*`([0-9a-f]{64})`", (vendor / "README.md").read_text(encoding="utf-8"), re.M
    )
    assert {name: hashlib.sha256((vendor / name).read_bytes()).hexdigest() for name, _ in rows} == dict(rows)
    carried = {
        path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.suffix in (".js", ".ttf")
    }
    assert carried == {name for name, _ in rows}


def test_every_behaviour_is_loaded_by_the_portal_script_or_by_its_own_page() -> None:
    folder = ROOT / "static" / "js"
    imported = set(
        re.findall(r'import "\./([\w-]+\.js)"', (folder / "portal.js").read_text(encoding="utf-8"))
    )
    of_their_page = {"portal.js", "scanner.js", "result-tone.js", "send-again.js", "passkey.js"}
    assert imported | of_their_page == {path.name for path in folder.glob("*.js")}
