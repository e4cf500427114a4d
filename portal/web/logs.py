"""What the processes write: one line for each event, of ours and of the libraries alike (ASVS 16.2.4, 16.4.1).

In production a line is one JSON object, so that nothing in it can pass for another line.
"""

from __future__ import annotations

import logging
import sys
from types import TracebackType
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter, add_logger_name

# When and how grave, and the request it belongs to.
_ABOUT: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def log_as_lines(*, is_production: bool) -> None:
    """Have every logger of this process write alike, ours to standard output and those of libraries beside it."""
    renderer = (
        structlog.processors.JSONRenderer() if is_production else structlog.dev.ConsoleRenderer(colors=False)
    )
    ending = (structlog.processors.format_exc_info, renderer)
    of_libraries = logging.StreamHandler()
    of_libraries.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[*_ABOUT, add_logger_name],
            processors=[ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[of_libraries])
    logging.captureWarnings(is_production)
    if is_production:
        sys.excepthook = _last_words
    structlog.configure(
        processors=[*_ABOUT, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends a process is a line like every other."""
    logging.getLogger(__name__).critical("process_ended", exc_info=(kind, error, trace))
