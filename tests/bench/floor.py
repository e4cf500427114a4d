"""The floor: the least that a Flask view with a pool of connections can do for the same SQL in one transaction.

No session, no form, no page, no checks. Run behind the same server with the same flags as the portal.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask
from psycopg_pool import ConnectionPool

from portal.server import THREADS
from tests.bench.recording import Script

app = Flask("floor")
pool = ConnectionPool(
    os.environ["FLOOR_DATABASE"], min_size=THREADS, max_size=THREADS, open=False, timeout=60
)
# The server loads this before its workers, and no two of them may hold one connection.
os.register_at_fork(after_in_child=pool.open)
script = Script.load(Path(os.environ["FLOOR_SCRIPT"]))


@app.post("/<int:number>")
def do(number: int) -> str:
    """Do the statements of one request and commit."""
    with pool.connection() as connection, connection.cursor() as cursor:
        for sql, is_many, rows in script.values(number):
            if is_many:
                cursor.executemany(sql, rows)
                continue
            cursor.execute(sql, rows[0])
            if cursor.description:
                cursor.fetchall()
    return "done"


@app.get("/healthz")
def healthz() -> str:
    """Whether this process answers."""
    return "ok"
