"""How templates are made into pages: strict about what is missing, and quick about what never changes."""

from __future__ import annotations

from collections.abc import MutableMapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import FileSystemBytecodeCache, StrictUndefined

from portal.kernel import clock, i18n
from portal.kernel.asking import query_link
from portal.kernel.contact import contact_address


class PortalEnvironment(Environment):
    """An environment whose templates share its globals."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The environment's own globals where a template brings none, as ours never do.

        Jinja lays a second mapping over them, and goes through both at each import of each page.
        """
        return super().make_globals(d) if d else self.globals


def register(app: Flask, compiled: Path) -> None:
    """Give templates their rules and their words, and keep what they are compiled to in a folder of their own.

    Compiled once for all processes and starts, they cost each web worker some five megabytes less; another Jinja
    compiles them anew.
    """
    compiled.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled), f"{version('jinja2')}-%s.cache")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        contact_address=contact_address,
        today=clock.today,
        query_link=query_link,
        _=i18n.in_template,
        ngettext=i18n.numbered_in_template,
    )
