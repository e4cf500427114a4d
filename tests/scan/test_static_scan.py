"""The scan of the code refuses what it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.kernel.settings import PROJECT_ROOT
from tests.harness.static_scan import UNESCAPED, main, unescaped


def test_code_with_a_known_hole_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.py").write_text("def add(a: int, b: int) -> int:\n    return a + b\n")
    assert main([str(tmp_path)]) == 0

    (tmp_path / "bad.py").write_text(
        "import subprocess\n\n\ndef run(words):\n    subprocess.call(words, shell=True)\n"
    )
    assert main([str(tmp_path)]) == 1
    assert "B602" in capsys.readouterr().out


def test_code_that_unpacks_what_it_was_sent_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import pickle\n\n\ndef read(data):\n    return pickle.loads(data)\n")

    assert main([str(tmp_path)]) == 1


@pytest.mark.parametrize(
    "line", ["{{ name|safe }}", "{{ name | safe }}", "{%- autoescape false %}", "{{ Markup(name) }}"]
)
def test_a_template_that_shows_text_as_it_is_is_refused(
    tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.html").write_text(f"<p>\n{line}</p>\n")

    assert main([str(tmp_path)]) == 1
    assert "page.html:2" in capsys.readouterr().out


def test_the_list_of_templates_that_may_is_short_and_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT_ROOT)

    assert list(unescaped([Path("templates")])) == []
    assert all(reason and "|safe" in Path(path).read_text("utf-8") for path, reason in UNESCAPED.items())
