"""The rules of the house that hold everywhere, each with its reason; `docs/architecture.md` tells the walls."""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table, UniqueConstraint

import portal.jobs
import portal.models
from portal.config.registry import REGISTRY as REGISTERED
from portal.config.registry import Setting
from portal.kernel.jobs import REGISTRY
from portal.schedule import SCHEDULE

ROOT = Path(__file__).parents[2]
CODE = sorted((ROOT / "portal").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*"))
MONEY_ROOMS = (
    "audit", "campaigns", "config", "ledger", "packs", "partners", "payments", "payouts", "pots", "redemptions",
    "referrals", "settlements",
)  # fmt: skip
# Lists that are read from the top, not followed: tables, and the sentences of a room.
LISTS = ("models.py", "messages.py")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path, node: ast.AST | None = None) -> str:
    line = f":{node.lineno}" if isinstance(node, ast.stmt | ast.expr) else ""
    return f"{path.relative_to(ROOT)}{line}"


def calls(path: Path, method: str) -> Iterator[ast.Call]:
    """Every `something.method(...)` of a file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
            yield node


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, Function):
            yield node


def body_lines(function: Function) -> int:
    """How long what it does is: the lines after signature and docstring."""
    has_docstring = ast.get_docstring(function) is not None
    first = function.body[1 if has_docstring and len(function.body) > 1 else 0]
    return (function.end_lineno or 0) - first.lineno + 1


def is_view(function: Function) -> bool:
    """Whether it answers an address: a decorator of a blueprint stands above it."""
    return any(
        isinstance(mark, ast.Call)
        and isinstance(mark.func, ast.Attribute)
        and mark.func.attr in ("get", "post", "route")
        for mark in function.decorator_list
    )


def views() -> Iterator[tuple[Path, Function]]:
    for path in CODE:
        if "sandbox" not in path.parts:
            yield from ((path, one) for one in functions(path) if is_view(one))


def test_two_places_commit() -> None:
    """Whoever else commits breaks the promise that a cause and its consequence are written together (wall 2)."""
    owners = {place(path) for path in CODE if "sandbox" not in path.parts for _call in calls(path, "commit")}

    assert owners == {"portal/kernel/db.py", "portal/web/application.py"}


def test_one_place_queues() -> None:
    """A second one would forget the retry, the time limit or the commit before it (wall 2)."""
    assert [place(path) for path in CODE for _call in calls(path, "enqueue")] == ["portal/kernel/jobs.py"]


def test_views_are_short_and_ask_the_database_nothing() -> None:
    """A view loads, asks whether it may, does one thing and answers; the rest has a name in its room."""
    found = list(views())
    assert len(found) > 150

    assert [place(path, one) for path, one in found if body_lines(one) > 25] == []
    # Whether the database answers is what the load balancer asks, and nothing else.
    assert {
        place(path, one)
        for path, one in found
        for node in ast.walk(one)
        if one.name != "readyz" and isinstance(node, ast.Name) and node.id in ("db", "select")
    } == set()


def test_views_do_no_sums() -> None:
    """Arithmetic with money belongs where it is tested to the franc (anchors, line 2)."""
    assert [
        place(path, node)
        for path in CODE
        if "views" in path.parts
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.BinOp)
        for side in (node.left, node.right)
        if isinstance(side, ast.Attribute) and side.attr.endswith("_minor")
    ] == []


def test_what_moves_money_knows_no_floating_point() -> None:
    """A float cannot hold every amount; one near money is a franc that is lost some day (wall 4)."""
    assert [
        place(path, node)
        for path in CODE
        if path.relative_to(ROOT).parts[1] in MONEY_ROOMS
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float) and "minor" in ast.dump(node))
    ] == []


def test_every_limit_on_requests_is_an_operators_number() -> None:
    """A number fixed in code cannot be changed on the day on which somebody floods a door (G-31)."""
    found = [
        (path, call)
        for path in CODE
        for method in ("limit", "shared_limit")
        for call in calls(path, method)
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "limiter"
    ]
    assert len(found) > 10

    assert [place(path, call) for path, call in found if not is_rate_of_a_setting(path, call)] == []
    # There is one limiter, and nothing else may be told to limit.
    assert {place(path) for path in CODE for node in ast.walk(tree_of(path)) if names_a_limiter(node)} == {
        "portal/kernel/limits.py"
    }


def is_rate_of_a_setting(path: Path, call: ast.Call) -> bool:
    """Whether the limit is `rate(SETTING, "period")`, of a setting that operators see."""
    limit = call.args[0] if call.args else None
    if not isinstance(limit, ast.Call) or ast.unparse(limit.func) != "rate" or len(limit.args) != 2:
        return False
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    setting = getattr(module, ast.unparse(limit.args[0]), None)
    return isinstance(setting, Setting) and REGISTERED.get(setting.key) is setting


def names_a_limiter(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Limiter"


def test_rooms_know_no_request() -> None:
    """Services, queries and jobs take plain values, so that pages, jobs and commands share one rule."""
    doors = {"views", "web", "kernel", "sandbox"}
    assert [
        place(path, node)
        for path in CODE
        if not doors.intersection(path.parts)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom)
        and node.module == "flask"
        and {"request", "session", "g", "flash"}.intersection(name.name for name in node.names)
    ] == []


def test_files_and_functions_stay_small() -> None:
    """What does not fit on a few screens asks to be split by what it is about."""
    long = [
        place(path)
        for path in CODE
        if path.name not in LISTS and len(path.read_text(encoding="utf-8").splitlines()) > 300
    ]

    assert long == []
    assert [place(path, one) for path in CODE for one in functions(path) if body_lines(one) > 40] == []
    assert [place(path) for path in CODE if path.name in ("utils.py", "helpers.py", "misc.py")] == []


def test_every_module_class_and_public_function_says_what_it_promises() -> None:
    """One line is enough; what overrides a method of a library is told there."""
    silent = [place(path) for path in CODE if ast.get_docstring(tree_of(path)) is None]
    for path in CODE:
        for node in tree_of(path).body:
            if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
                silent += [place(path, node)] if ast.get_docstring(node) is None else []

    assert silent == []


def test_every_foreign_key_has_an_index() -> None:
    """Without one, taking a row away or asking for its children reads the whole table (reconciliation §8)."""
    tables = portal.models.metadata.sorted_tables
    assert len(tables) > 50

    assert [
        f"{table.name}.{key.parent.name}"
        for table in tables
        for key in table.foreign_keys
        if key.parent.name not in leading_columns(table)
    ] == []


def leading_columns(table: Table) -> set[str]:
    """The columns by which rows can be found: the first of a key or an index over all rows that have one."""
    keys = [next(iter(table.primary_key.columns)).name]
    keys += [next(iter(one.columns)).name for one in table.constraints if isinstance(one, UniqueConstraint)]
    for index in table.indexes:
        first = getattr(index.expressions[0], "name", None)
        where = index.dialect_options["postgresql"]["where"]
        if first is not None and (where is None or str(where) == f"{first} IS NOT NULL"):
            keys.append(first)
    return set(keys)


def test_every_job_is_timed_or_follows_a_commit() -> None:
    """A job that neither the schedule nor a service asks for never runs; one of both that is unknown fails."""
    timed = {one.job for one in SCHEDULE}
    assert len(timed) == len(SCHEDULE)
    assert timed <= REGISTRY.keys()
    assert timed.isdisjoint(followed_up())
    assert REGISTRY.keys() - timed == followed_up()


def followed_up() -> set[str]:
    """The names of jobs that services ask for."""
    names = set()
    for path in CODE:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "follow_up":
                names.add(value_in(path, node.args[0]))
    return names


def value_in(path: Path, expression: ast.expr) -> str:
    """What a constant of a module says."""
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    value = ast.literal_eval(expression) if isinstance(expression, ast.Constant) else None
    return str(value or getattr(module, ast.unparse(expression)))


@pytest.mark.parametrize("path", [one for one in TEMPLATES if one.suffix == ".html"], ids=str)
def test_every_page_has_a_layout_and_a_title(path: Path) -> None:
    """A page without a title is nameless in a tab, in a list of bookmarks and to a screen reader."""
    text = path.read_text(encoding="utf-8")
    inner = path.relative_to(ROOT / "templates")
    is_piece = inner.parts[0] in ("components", "layouts", "mail") or inner.name.startswith("_")

    assert is_piece or re.search(r"{% extends \"(layouts/|errors/_base)", text), "a page extends a layout"
    assert is_piece or inner.parts[0] == "errors" or "{% block title %}" in text, "a page has a title"
    assert len(text.splitlines()) <= 100, "a page is a list of pieces"


def test_every_template_is_used() -> None:
    """A file that nothing names is read by nobody but those who must keep it in step."""
    sources = [one for one in (*CODE, *TEMPLATES) if one.is_file()]
    texts = {one: one.read_text(encoding="utf-8") for one in sources}
    names = {str(one.relative_to(ROOT / "templates")) for one in TEMPLATES if one.is_file()}
    named = {name for name in names if any(name in text for text in texts.values())}

    # Error pages are named by their status.
    assert sorted(name for name in names - named if not re.fullmatch(r"errors/\d{3}\.html", name)) == []


def test_the_pages_that_gather_forget_no_room() -> None:
    """Tables, jobs, reactions and words that nobody imports do not exist when the portal runs."""
    for furniture in ("models", "jobs", "reactions", "messages"):
        page = tree_of(ROOT / "portal" / f"{furniture}.py")
        gathered = {
            name.name for node in ast.walk(page) if isinstance(node, ast.Import) for name in node.names
        }
        gathered |= {
            f"{node.module}.{name.name}"
            for node in ast.walk(page)
            if isinstance(node, ast.ImportFrom)
            for name in node.names
        }
        rooms = {
            f"portal.{path.parent.name}.{furniture}" for path in (ROOT / "portal").glob(f"*/{furniture}.py")
        }

        # The kernel's file of that name is the registry itself.
        assert rooms - gathered <= {"portal.kernel.jobs"}


def test_the_page_about_the_floors_lists_the_arrows_that_are_allowed() -> None:
    """Whoever reads the page must be able to trust it (`docs/architecture.md`)."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    floors = settings["tool"]["importlinter"]["contracts"][0]
    allowed = {
        tuple(end.removeprefix("portal.").removesuffix(".**") for end in arrow.split(" -> "))
        for arrow in floors["ignore_imports"]
    }
    told = set(
        re.findall(r"`([\w.]+) → ([\w.]+)`", (ROOT / "docs/architecture.md").read_text(encoding="utf-8"))
    )

    assert told == allowed


def test_the_top_of_the_checkout_holds_what_it_should_and_no_more() -> None:
    folders = {"portal", "templates", "static", "migrations", "tests", "bin", "docs", ".ci"}
    files = {"wsgi.py", "pyproject.toml", "requirements.txt", "README.md", "CHANGELOG.md", "Makefile"}
    ignored = {line.strip("/\n") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()}
    top = {path.name for path in ROOT.iterdir()} - ignored

    assert {name for name in top if not name.startswith(".")} | {".ci"} == folders | files
