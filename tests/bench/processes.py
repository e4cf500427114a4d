"""What the processes of a member of the stack use: processor time and memory, as the kernel counts them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Footprint:
    """A process: whether another of its session began it, its memory, and its fair part of what it shares, in MiB."""

    pid: int
    is_child: bool
    rss: float
    pss: float


def family_of(leader: int) -> list[int]:
    """The processes of the session that `leader` opened, and its children that opened their own; it comes first."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and leader in (int(entry), *_session_and_parent(int(entry))):
            found.append(int(entry))
    return sorted(found)


def processor_seconds(leader: int) -> float:
    """Processor time of the family of `leader`, of those that have ended too."""
    families = (_fields(pid)[11:15] for pid in family_of(leader))
    return sum(int(field) for fields in families for field in fields) / _TICKS


def _session_and_parent(pid: int) -> tuple[int, int]:
    fields = _fields(pid)
    return (int(fields[3]), int(fields[1])) if fields else (0, 0)


def _fields(pid: int) -> list[str]:
    """What the kernel says of a process after its name; nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def footprint(pid: int) -> Footprint | None:
    """The memory of a process now; None when it has ended meanwhile."""
    sizes = {}
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in ("Rss", "Pss"):
                sizes[name] = int(rest.split()[0]) / 1024
        return Footprint(pid, os.getsid(pid) != pid, sizes["Rss"], sizes["Pss"])
    except (OSError, KeyError):
        return None
