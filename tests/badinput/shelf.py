"""What lies in the folder of stored files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.badinput.trying import Trial


class Shelf:
    """The files as they were, to tell what has been stored since."""

    def __init__(self, trial: Trial) -> None:
        self._root: Path = trial.app.config["SETTINGS"].data_dir
        self._before = set(self._files())

    def _files(self) -> Iterator[Path]:
        return (path for path in (self._root / "files").rglob("*") if path.is_file())

    def gone(self) -> list[Path]:
        """What lay there and does not any more."""
        return sorted(self._before - set(self._files()))

    def take_new(self) -> list[bytes]:
        """What has been stored since, which is removed: the rows that named it are gone."""
        new = [path for path in self._files() if path not in self._before]
        found = [path.read_bytes() for path in new]
        for path in new:
            path.unlink()
        return found
