"""Of a PDF only a picture of its pages is kept, drawn where nothing else can be done; what cannot be drawn is refused."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from portal.kernel import scans
from portal.kernel.draw_pdf import Ending
from portal.kernel.errors import InvalidInput, TooMany
from portal.kernel.scans import clean_scan
from portal.kernel.settings import PROJECT_ROOT
from tests.badinput.pdfs import HIDDEN, bomb, busy, locked, pdf, swelling

# For machines that do ten things at once; no test waits for it.
LONG = 60


def kept(data: bytes, *, most_pages: int = 4, seconds: int = LONG) -> Image.Image:
    whole = clean_scan(data, field="scan", most_pages=most_pages, seconds=seconds)
    picture = Image.open(io.BytesIO(whole))
    assert picture.format == "WEBP"
    return picture


def refusal(data: bytes, *, most_pages: int = 4, seconds: int = LONG) -> str:
    with pytest.raises(InvalidInput) as refused:
        clean_scan(data, field="scan", most_pages=most_pages, seconds=seconds)
    assert refused.value.field == "scan"
    return refused.value.message


def answering(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> None:
    """Another process answers in place of the one that draws."""
    script = tmp_path / "answer.py"
    script.write_text(f"import os, sys, time\nout = sys.stdout.buffer\n{code}\n")
    monkeypatch.setattr(scans, "_DRAWING", script)


@pytest.mark.covers("PPL-16", "SEC-14")
def test_the_pages_of_a_pdf_are_drawn_below_each_other(app: Flask) -> None:
    picture = kept(pdf(pages=3))

    assert picture.size == (2400, 3 * 1600)
    for number, colour in enumerate(((255, 0, 0), (0, 255, 0), (0, 0, 255))):
        seen = picture.convert("RGB").getpixel((1200, 1600 * number + 800))
        assert isinstance(seen, tuple)
        assert all(abs(one - other) < 12 for one, other in zip(seen, colour, strict=True))


@pytest.mark.covers("SEC-14")
@pytest.mark.parametrize("kind", busy())
def test_of_a_pdf_that_would_do_more_only_what_is_seen_is_kept(app: Flask, kind: str) -> None:
    data = busy()[kind]
    assert HIDDEN in data

    whole = clean_scan(data, field="scan", most_pages=1, seconds=LONG)

    assert HIDDEN not in whole
    assert b"PDF" not in whole
    with Image.open(io.BytesIO(whole)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (2400, 1600))
        assert dict(picture.getexif()) == {}


@pytest.mark.parametrize(
    ("box", "size"),
    [
        ("0 0 14400 14400", (2400, 2400)),
        ("0 0 2000000000 1000000000", (2400, 1200)),
        ("-5 -5 5 5", (2400, 2400)),
        ("0 0 100000 1", (2400, 1)),
    ],
)
def test_a_page_is_drawn_as_large_as_it_may_be(app: Flask, box: str, size: tuple[int, int]) -> None:
    assert kept(pdf(box=box)).size == size


@pytest.mark.covers("PPL-16", "SEC-14")
def test_what_cannot_be_drawn_is_refused_with_a_sentence(app: Flask) -> None:
    whole = pdf(pages=2)

    assert "asks for a password" in refusal(locked())
    for broken in (b"%PDF-1.4\n", whole[: len(whole) // 2], b"%PDF-" + bytes(range(256)) * 16, pdf(pages=0)):
        assert refusal(broken) == "This PDF is not whole. Please scan the paper again."
    assert "larger than 8 MB" in refusal(whole + bytes(8 * 1024 * 1024))


def test_more_pages_than_a_paper_has_are_refused_without_drawing_them(app: Flask) -> None:
    assert kept(pdf(pages=2), most_pages=2).size == (2400, 3200)
    assert "more than 2 pages" in refusal(pdf(pages=3), most_pages=2)
    assert "more than 1 page." in refusal(pdf(pages=2), most_pages=1)
    assert "more than 6 pages" in refusal(pdf(pages=10_000), most_pages=6)


def test_a_drawing_that_never_ends_is_ended(app: Flask) -> None:
    assert (
        refusal(swelling(), seconds=1)
        == "This PDF is too much to read. Please send a plain scan, or a photo."
    )


def test_a_picture_of_very_many_pixels_is_drawn_as_small_as_any_other(app: Flask) -> None:
    assert len(bomb()) < 50_000
    assert kept(bomb()).size == (2400, 2400)


@pytest.mark.parametrize(
    "code",
    [
        "out.write(bytes(9)); sys.exit(0)",
        "sys.exit(0)",
        "out.write((5).to_bytes(4, 'big') + b'<svg>'); sys.exit(0)",
        "out.write((2**31).to_bytes(4, 'big') + b'x'); sys.exit(0)",
    ],
    ids=["empty pages", "nothing", "no picture", "a wrong length"],
)
def test_what_the_drawing_process_answers_is_not_trusted(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str
) -> None:
    answering(monkeypatch, tmp_path, code)

    refusal(pdf())


@pytest.mark.parametrize(
    "code",
    ["while True: out.write(bytes(1 << 20))", "os.kill(os.getpid(), 11)", "sys.exit(1)"],
    ids=["flood", "crash", "error"],
)
def test_a_process_that_went_wrong_is_ended_and_said_so(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str
) -> None:
    answering(monkeypatch, tmp_path, code)

    assert "too much to read" in refusal(pdf(), most_pages=1)


def test_a_process_that_sleeps_is_woken_by_the_end_of_its_time(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answering(monkeypatch, tmp_path, "time.sleep(600)")

    assert "too much to read" in refusal(pdf(), seconds=1)


def test_the_process_knows_no_key_of_ours(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FIELD_KEY", "very secret")
    answering(monkeypatch, tmp_path, "out.write(repr(dict(os.environ)).encode()); sys.exit(7)")

    ending, said = scans._drawn(pdf(), 1, LONG)

    assert ending == 7
    # Python itself sets the one.
    assert set(literal_eval(said.decode())) <= {"LC_CTYPE"}


def test_the_process_can_open_write_and_connect_nothing() -> None:
    path = PROJECT_ROOT / "portal" / "kernel" / "draw_pdf.py"
    script = f"""
import os, resource, socket, sys
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("draw_pdf", {str(path)!r})
draw_pdf = module_from_spec(spec)
spec.loader.exec_module(draw_pdf)
draw_pdf._give_up_rights(9)
failed = []
for name, attempt in (
    ("read", lambda: open("/etc/passwd")),
    ("write", lambda: open({os.devnull!r}, "w")),
    ("connect", socket.socket),
    ("pipe", os.pipe),
    ("memory", lambda: bytes(1 << 30)),
    ("back", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)) if os.getuid() else 1 / 0),
):
    try:
        attempt()
    except (OSError, MemoryError, ValueError, ZeroDivisionError):
        failed.append(name)
print(*failed)
print(resource.getrlimit(resource.RLIMIT_CPU)[1], resource.getrlimit(resource.RLIMIT_NPROC)[1])
"""
    answer = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)

    assert answer.stdout.split("\n")[:2] == ["read write connect pipe memory back", "9 0"]


def test_what_reads_pdfs_is_never_loaded_into_the_portal() -> None:
    script = "import sys, portal.kernel.scans; print('pypdfium2' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PROJECT_ROOT
    )

    assert answer.stdout == "False\n"


def test_papers_are_read_one_at_a_time_and_nobody_waits_for_ever(app: Flask) -> None:
    with scans._one_at_a_time, pytest.raises(TooMany) as refused:
        clean_scan(pdf(), field="scan", most_pages=1, seconds=0)

    assert "Many papers" in refused.value.message


def test_the_pdf_lies_in_memory_only(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(
        monkeypatch,
        tmp_path,
        "out.write(os.readlink('/proc/self/fd/0').encode() + b' ' + sys.stdin.buffer.read()); sys.exit(7)",
    )

    _, said = scans._drawn(pdf(), 1, LONG)

    assert said.startswith(b"/memfd:pdf")
    assert said.endswith(pdf())


def test_each_ending_has_its_own_code() -> None:
    # 1 and 2 are Python's own, and a signal is below nought.
    assert {ending.value for ending in Ending} & {1, 2} == set()
