"""How people write to the house: a sentence marks the words, [[write to us]], a page makes them a link.

Where nothing can be a link (a text message, an answer to a program) the words say the address. Without one, as in a
run that nobody has told any, they stand alone and still make sense.
"""

from __future__ import annotations

import re

from flask import current_app, has_app_context
from markupsafe import Markup, escape

_MARKED = re.compile(r"\[\[(?P<words>[^\[\]]+)\]\]")


def contact_address() -> str:
    """Where people write to; empty where nobody has said."""
    return str(current_app.config["SETTINGS"].contact_address) if has_app_context() else ""


def spelled(text: str) -> str:
    """The sentence as plain text: `write to us (bonjour@teranga.example)`."""
    address = contact_address()
    return _MARKED.sub(rf"\g<words> ({address})" if address else r"\g<words>", str(text))


def linked(text: str) -> Markup:
    """The sentence for a page: the marked words lead to a mail to us, and so does our address where it is spelled out."""
    html, address = str(escape(text)), contact_address()
    if not address:
        return Markup(_MARKED.sub(r"\g<words>", html))  # nosec B704 # noqa: S704  (escaped above)
    both = re.compile(rf"{_MARKED.pattern}|(?<![\w.@+:>-]){re.escape(address)}(?![\w@-])")
    link = f'<a href="mailto:{address}">'
    made = both.sub(lambda found: f"{link}{found['words'] or found[0]}</a>", html)
    return Markup(made)  # nosec B704 # noqa: S704  (escaped above)
