"""A process that erases everybody whose time has come and is killed on the way: `python -m … MOMENT`.

MOMENT is how many changes it may send, `commit` (sent, never answered) or `committed` (nobody told of what follows).
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from portal import create_app
from portal.privacy.forgetting import erase_due


def main() -> None:
    """Begin to erase, and die at the moment."""
    moment = sys.argv[1]
    if moment == "committed":
        event.listen(Session, "after_commit", die_if_erasing, insert=True)
    elif moment == "commit":
        event.listen(Session, "before_commit", die_if_erasing, insert=True)
    else:
        die_after(int(moment))
    with create_app().app_context():
        erase_due()
    sys.exit("nothing has killed it")


def die_after(changes: int) -> None:
    """Die with the change after so many of them."""
    sent = count()

    @event.listens_for(Engine, "after_cursor_execute")
    def _count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith(("UPDATE", "DELETE")) and next(sent) == changes:
            die()


def die_if_erasing(session: Session) -> None:
    """Die at the end of the transaction that erases, not of the one that looks for who is due."""
    if session.info.get("follow_ups"):
        die()


def die() -> None:
    """As `kill -9` does: nothing more is written, nothing is said to anybody."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
