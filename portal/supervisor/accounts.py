"""PostgreSQL refuses to run as root: which system account runs it instead."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.supervisor.errors import SupervisorError

# Its own account if the system has one; otherwise the account that owns nothing.
_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A system account that a child process runs as."""

    uid: int
    gid: int

    def for_subprocess(self) -> dict[str, Any]:
        """The arguments that make `subprocess` run a child as this account and in no other group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may go through every folder on the way to `folder`, and into it."""
        probe = subprocess.run(["/bin/sh", "-c", 'test -x "$1"', "sh", folder], **self.for_subprocess())
        return probe.returncode == 0


def database_account(existing_data: Path) -> Account | None:
    """The account for PostgreSQL: None (oneself) unless root; the data's owner once there is data.

    Raises `SupervisorError` when the system has no account to use.
    """
    if os.geteuid() != 0:
        return None
    if existing_data.exists() and existing_data.stat().st_uid != 0:
        owner = existing_data.stat()
        return Account(owner.st_uid, owner.st_gid)
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    names = " or ".join(_CANDIDATES)
    raise SupervisorError(
        f"PostgreSQL does not run as root, and there is no system account {names}. Start as another user."
    )
