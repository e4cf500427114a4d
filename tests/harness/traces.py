"""Looking for words in everything that a portal keeps: tables, files, archives, Valkey and its jobs."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy import text

from portal.kernel.db import Base, db

Found = dict[str, list[str]]


def rows(statement: str) -> set[str]:
    """Each row that a statement finds, as it is."""
    found = db.session.execute(text(f"SELECT row_to_json(r)::text FROM ({statement}) AS r"))
    return {row[0] for row in found}


def everything() -> dict[str, set[str]]:
    """Every row of every table."""
    return {table.name: rows(f'SELECT * FROM "{table.name}"') for table in Base.metadata.sorted_tables}


def changed(before: dict[str, set[str]], after: dict[str, set[str]]) -> dict[str, set[str]]:
    """Rows that are not on both sides."""
    return {name: before[name] ^ after[name] for name in before if before[name] != after[name]}


def in_tables(words: Sequence[str]) -> Found:
    """In which tables each word stands; words that stand nowhere are left out."""
    found: Found = {}
    for table in Base.metadata.sorted_tables:
        where = " OR ".join(f'"{column.name}"::text ILIKE :word' for column in table.columns)
        for word in words:
            query = text(f'SELECT EXISTS (SELECT 1 FROM "{table.name}" WHERE {where})')
            if db.session.scalar(query, {"word": f"%{word}%"}):
                found.setdefault(word, []).append(table.name)
    return found


def in_files(words: Sequence[str], folders: Iterable[Path]) -> Found:
    """In which files, by what they are called or hold, each word stands."""
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return _places(words, ((str(path), [path.name.encode(), path.read_bytes()]) for path in paths))


def in_archive(words: Sequence[str], archive: bytes) -> Found:
    """In which parts of a ZIP each word stands."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return _places(words, ((name, [name.encode(), packed.read(name)]) for name in packed.namelist()))


def in_valkey(words: Sequence[str], client: Redis) -> Found:
    """In which keys each word stands: their names and everything they hold, what RQ has packed opened."""
    keys = [key for key in client.scan_iter(match="*", count=500) if isinstance(key, bytes)]
    return _places(words, ((key.decode(errors="replace"), [key, *_values(client, key)]) for key in keys))


def _places(words: Sequence[str], places: Iterable[tuple[str, Iterable[bytes]]]) -> Found:
    found: Found = {}
    for name, parts in places:
        lowered = [part.lower() for part in parts]
        for word in words:
            if any(spelling in part for spelling in _spellings(word) for part in lowered):
                found.setdefault(word, []).append(name)
    return found


def _spellings(word: str) -> set[bytes]:
    """The word as it stands, and as JSON and addresses spell it."""
    lower = word.lower()
    return {
        lower.encode(),
        json.dumps(lower)[1:-1].lower().encode(),
        lower.replace("+", "%2b").replace("@", "%40").encode(),
    }


def _values(client: Redis, key: bytes) -> Iterator[bytes]:
    kind = client.type(key)
    read: Any = {
        b"string": lambda: [client.get(key)],
        b"hash": lambda: [part for pair in client.hgetall(key).items() for part in pair],
        b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1),
        b"stream": lambda: [
            part for _id, held in client.xrange(key) for pair in held.items() for part in pair
        ],
        # Gone between the listing and the look.
        b"none": list,
    }[kind]
    for value in read():
        if value is not None:
            yield value
            yield _opened(value)


def _opened(value: bytes) -> bytes:
    """What RQ keeps of a job and of its failure is packed."""
    try:
        return zlib.decompress(value)
    except zlib.error:
        return b""
