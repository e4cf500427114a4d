"""What can be seen of holes by reading the code: Bandit over the Python, and what templates may not do.

python -m tests.harness.static_scan [FOLDER …]     portal and templates unless told otherwise

Scripts, styles and handlers inside pages are refused by `tests/web/test_components.py`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

# Where a template may show text as it is, and why nothing of others stands in it.
UNESCAPED = {
    "templates/emails/message.html": "cleaned by nh3 when saved; what people typed was escaped when filled in"
}
_AS_IT_IS = re.compile(r"\|\s*safe\b|\{%-?\s*autoescape\s+false|\bMarkup\s*\(")
_FOUND = 1


def main(folders: list[str] | None = None) -> int:
    """Say each place that is refused; 1 when there is one."""
    paths = [Path(folder) for folder in folders or ("portal", "templates")]
    refused = list(unescaped(paths))
    for place in refused:
        print(f"{place}: shows text as it is; UNESCAPED in {Path(__file__).name} names where that may be.")
    flawed = _bandit([path for path in paths if any(path.rglob("*.py"))])
    if not refused and not flawed:
        print("Nothing of medium weight or more, and no text shown as it is outside the list.")
    return _FOUND if refused or flawed else 0


def unescaped(paths: Iterable[Path]) -> Iterator[str]:
    """Each line of a template that takes the escaping away and is not on the list."""
    for folder in paths:
        for path in sorted(folder.rglob("*.html")):
            if path.as_posix() not in UNESCAPED:
                for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
                    if _AS_IT_IS.search(line):
                        yield f"{path.as_posix()}:{number}"


def _bandit(paths: list[Path]) -> bool:
    """Whether Bandit finds something of medium severity or more; what, is printed."""
    if not paths:
        return False
    words = [sys.executable, "-m", "bandit", "-q", "-r", "-ll", *map(str, paths)]
    answer = subprocess.run(words, capture_output=True, text=True)
    if answer.returncode:
        print(answer.stdout or answer.stderr)
    return answer.returncode != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
