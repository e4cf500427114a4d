"""Wiring, and nothing but wiring."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from flask import Request, Response, redirect, request, url_for
from flask_babel import Babel
from flask_compress import Compress
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from redis import Redis
from sqlalchemy import NullPool, event
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

import portal.jobs
import portal.messages
import portal.models
import portal.personal
import portal.reactions  # noqa: F401  (each page registers its kind of furniture)
from portal import cli
from portal.identity import sessions
from portal.kernel.db import db
from portal.kernel.images import MAX_UPLOAD_BYTES
from portal.kernel.limits import limiter
from portal.kernel.pages import this_page
from portal.kernel.settings import PROJECT_ROOT, Settings
from portal.kernel.visitor import Visitor
from portal.schedule import SCHEDULE
from portal.web import (
    assets,
    changes,
    errors,
    filters,
    looking,
    metrics,
    proving,
    reading,
    routes,
    security,
    shell,
    state_words,
    templates,
)
from portal.web.application import Portal
from portal.web.languages import current_language, current_timezone
from portal.web.logs import log_as_lines
from portal.web.turns import Turns

csrf = CSRFProtect()
compress = Compress()
# Nobody waits long for what can be missed.
_VALKEY_PATIENCE = {"socket_timeout": 5, "socket_connect_timeout": 1}


def assemble(settings: Settings) -> Portal:
    """Make the application and connect its parts."""
    app = Portal("portal", template_folder=str(PROJECT_ROOT / "templates"), static_folder=None)
    # Werkzeug would lead from // to /, under whatever host the request names.
    app.url_map.merge_slashes = False
    _configure(app, settings)
    # First what names a request and looks at it, so that whatever refuses it later has a name to give.
    for part in (security, metrics, reading, looking):
        part.register(app)
    _connect(app, settings)
    templates.register(app, settings.data_dir / "templates")
    for part in (changes, filters, state_words, shell, errors):
        part.register(app)
    assets.register(app, PROJECT_ROOT / "static")
    routes.register(app)
    cli.register(app)
    _take_turns(app, settings)
    if settings.proxy_count:
        hops = settings.proxy_count
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app


def _take_turns(app: Portal, settings: Settings) -> None:
    turns = Turns(app.wsgi_app, settings.data_dir / "turns")
    app.wsgi_app = turns  # type: ignore[method-assign]
    app.jinja_env.concat = turns.join  # type: ignore[method-assign]
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", turns.give_way)


def _configure(app: Portal, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SESSION_COOKIE_NAME="__Host-form" if settings.is_production else "form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_production,
        PERMANENT_SESSION_LIFETIME=timedelta(days=1),
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES + 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=500,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        BABEL_DEFAULT_LOCALE="fr",
        BABEL_TRANSLATION_DIRECTORIES=str(PROJECT_ROOT / "portal" / "translations"),
        WTF_CSRF_TIME_LIMIT=8 * 3600,
        RATELIMIT_STORAGE_URI=settings.limiter_url,
        RATELIMIT_STORAGE_OPTIONS=_VALKEY_PATIENCE,
        RATELIMIT_SWALLOW_ERRORS=True,
        COMPRESS_MIMETYPES=["text/html", "text/csv", "application/json", "image/svg+xml"],
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_LEVEL=5,
    )
    log_as_lines(is_production=settings.is_production)


def _engine_options(settings: Settings) -> dict[str, Any]:
    """Web processes keep a pool, and open as many again when all threads ask; workers fork and keep none.

    An error of a statement ends up in logs, so it does not carry the values that people gave.
    """
    timeouts = "-c statement_timeout=30000 -c lock_timeout=10000 -c timezone=UTC"
    options: dict[str, Any] = {
        "connect_args": {"options": timeouts, "connect_timeout": 5},
        "hide_parameters": True,
    }
    if settings.db_pool_size == 0:
        return options | {"poolclass": NullPool}
    return options | {
        "pool_size": settings.db_pool_size,
        "max_overflow": settings.db_pool_size,
        "pool_timeout": 10,
    }


def _connect(app: Portal, settings: Settings) -> None:
    db.init_app(app)
    if os.environ.get("FLASK_RUN_FROM_CLI"):
        _offer_migrations(app)
    app.extensions["schedule"] = {timed.job: timed.every for timed in SCHEDULE}
    app.extensions["valkey"] = Redis.from_url(
        settings.redis_url, **_VALKEY_PATIENCE, health_check_interval=30
    )
    csrf.init_app(app)
    compress.init_app(app)
    limiter.init_app(app)
    # One for each application: it keeps the catalogs it has read, and those of one are not another's.
    Babel(app, locale_selector=current_language, timezone_selector=current_timezone)
    _guard_sign_in(app)


def _offer_migrations(app: Portal) -> None:
    # Servers and workers migrate nothing; Alembic would cost each of them nine megabytes.
    from flask_migrate import Migrate

    Migrate(
        app,
        db,
        directory=str(PROJECT_ROOT / "migrations"),
        compare_type=True,
        compare_server_default=True,
    )


def _guard_sign_in(app: Portal) -> None:
    login = LoginManager(app, add_context_processor=False)
    login.session_protection = None
    login.request_loader(_load_visitor)
    app.extensions["ask_to_sign_in"] = _ask_to_sign_in
    app.extensions["ask_to_confirm"] = proving.ask_to_confirm
    app.extensions["has_proved"] = proving.has_proved
    app.extensions["ask_staff"] = proving.ask_staff
    app.extensions["ask_to_enrol"] = proving.ask_to_enrol
    app.extensions["ask_to_agree"] = proving.ask_to_agree


def _load_visitor(_request: Request) -> Visitor | None:
    token = request.cookies.get(sessions.cookie_name())
    return sessions.resolve(token) if token and len(token) <= 100 else None


def _ask_to_sign_in() -> BaseResponse:
    if errors.wants_json():
        return errors.error_page(401)
    # Most people sign in with their phone; those who steer have passwords.
    door = "identity.sign_in" if request.path.startswith("/admin") else "identity.ask_for_code"
    target = this_page() if request.method == "GET" else None
    if request.headers.get("HX-Request") == "true":
        # A page that only looks again is told, and left as it is where somebody is writing (`signed-out.js`).
        leads = (
            {"HX-Trigger": "signed-out"}
            if target
            else {"HX-Redirect": url_for(door, next=proving.page_before())}
        )
        return Response(status=204, headers=leads)
    return redirect(url_for(door, next=target), code=303)
