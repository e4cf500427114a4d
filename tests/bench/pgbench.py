"""The same SQL as pgbench does it: what the database alone can give."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from portal.supervisor.accounts import database_account
from portal.supervisor.folders import postgres_binaries
from tests.bench.recording import (
    ARRAY,
    NOW,
    NUMBER,
    NUMBER_DIGITS,
    Part,
    Script,
    Value,
    fresh_id,
    same_everywhere,
)

_RATE = re.compile(r"^tps = ([\d.]+) \(without", re.MULTILINE)
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLACE = re.compile(r"%\((\w+)\)s|%%")


def program() -> Path | None:
    """Where pgbench is; None when the wheel has none."""
    found = postgres_binaries(database_account(Path("/nonexistent"))) / "pgbench"
    return found if found.exists() else None


def write(script: Script, path: Path) -> None:
    """Keep the script as pgbench reads it; it does the requests of the numbers from `base` on."""
    lines = [r"\set n :n + 1", r"\set number :base + :n * :clients + :client_id", "BEGIN;"]
    for place, step in enumerate(script.houses[0]):
        of_houses = [steps[place].rows for steps in script.houses]
        for row_number in range(len(step.rows)):
            names = step.rows[row_number]
            values = {name: [rows[row_number][name] for rows in of_houses] for name in names}
            lines.append(_sql(step.sql, values) + ";")
    path.write_text("\n".join([*lines, "END;", ""]))


def run(program: Path, script: Path, database: str, base: int, clients: int, each: int) -> float:
    """Transactions a second of `clients` connections, each doing the script `each` times."""
    told = {"n": -1, "base": base, "clients": clients}
    done = subprocess.run(
        [
            *(str(program), "--no-vacuum", "--protocol=prepared", f"--file={script}"),
            *(f"--client={clients}", f"--jobs={min(clients, 2)}", f"--transactions={each}"),
            *(f"--define={name}={value}" for name, value in told.items()),
            database,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    rate = _RATE.search(done.stdout)
    if done.returncode or rate is None or "failed" in done.stderr or "aborted" in done.stderr:
        raise AssertionError(f"pgbench did not finish: {done.stderr[-800:]}")
    return float(rate.group(1))


def _sql(sql: str, values: dict[str, list[Value]]) -> str:
    def fill(found: re.Match[str]) -> str:
        return _expression(values[found.group(1)]) if found.group(1) else "%"

    return " ".join(_PLACE.sub(fill, sql).split())


def _expression(values: Sequence[Value]) -> str:
    if isinstance(values[0], dict):
        items = zip(*(value[ARRAY] for value in values), strict=True)
        return f"ARRAY[{', '.join(map(_expression, items))}]"
    cast = "::uuid" if _is_key(values[0]) else ""
    if same_everywhere(values):
        return _term(values[0]) + cast
    listed = ", ".join(map(_term, values))
    return f"(ARRAY[{listed}])[(1 + :number::bigint % {len(values)})::int]{cast}"


def _is_key(value: Value) -> bool:
    """Whether it is a UUID, which pgbench must say where psycopg leaves it to the server."""
    if not isinstance(value, str | list):
        return False
    digits = "0" * NUMBER_DIGITS
    marks = {NUMBER: digits, NOW: "now"}
    parts = (part if isinstance(part, str) else marks.get(part) or fresh_id(part, digits) for part in value)
    return bool(_KEY.fullmatch("".join(parts)))


def _term(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value)
    if value == [NOW]:
        return "now()"
    if isinstance(value, list):
        return f"({' || '.join(map(_part, value))})"
    return _quoted(value)


def _part(part: Part) -> str:
    if isinstance(part, str):
        return _quoted(part)
    if part == NUMBER:
        return ":number::text"
    return f"{_quoted(fresh_id(part, ''))} || :number::text"


def _quoted(text: str) -> str:
    # pgbench would take a colon before a letter for one of its variables, in a string too.
    kept = text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\072")
    return f"E'{kept}'" if kept != text else f"'{kept}'"
