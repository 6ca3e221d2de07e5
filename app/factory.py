"""Puts the application together, in named steps."""

from typing import Any

import orjson
from flask import Flask
from flask.json.provider import JSONProvider
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.middleware.proxy_fix import ProxyFix

import wechat
from app import converters, database, errors, identity, links, observing
from app import settings as present
from app.api import (
    audit,
    board,
    cards,
    care,
    chats,
    codes,
    consents,
    console,
    desk,
    exports,
    groups,
    homes,
    imports,
    indices,
    mandates,
    mass,
    messaging,
    payment_desk,
    payments,
    people_merge,
    photos,
    places,
    price_list,
    revealing,
    sign_in,
    ticket_money,
    ticket_moves,
    ticket_outcomes,
    ticket_work,
    tickets,
    workers,
)
from app.api import wechat as wechat_api
from app.api.org import bodies, hats, party, units
from app.api.residencies import requests as residency_requests
from app.api.residencies import standing as residency_standing
from app.callbacks import pay, push
from app.cli import register as register_commands
from app.extensions import api, db, migrate
from app.files import open_store
from app.redis_tokens import RedisTokenStore
from app.tokens import DatabaseTokenStore
from app.web import health, home, scanned
from app.web.console import calls as console_calls
from app.web.console import care as console_care
from app.web.console import codes as console_codes
from app.web.console import consents as console_consents
from app.web.console import coverage as console_coverage
from app.web.console import desk as console_desk
from app.web.console import groups as console_groups
from app.web.console import home as console_home
from app.web.console import homes as console_homes
from app.web.console import imports as console_imports
from app.web.console import mass as console_mass
from app.web.console import me as console_me
from app.web.console import pages
from app.web.console import residencies as console_residencies
from app.web.console import reveal as console_reveal
from app.web.console import sign_in as console_sign_in
from app.web.console import tickets as console_tickets
from app.web.console.blueprint import PREFIX as CONSOLE
from config import Settings, load, logs
from services.ports import Gateways

REQUEST_MOST = 11 * 1024 * 1024  # a photo of 10 MB with its form around it
API_BLUEPRINTS = (
    wechat_api.blp,
    sign_in.blp, console.blp, tickets.blp, ticket_moves.blp, ticket_work.blp, ticket_money.blp, ticket_outcomes.blp,
    price_list.blp, workers.blp, indices.blp, photos.blp, messaging.blp, places.blp, homes.blp, mandates.blp,
    board.blp, units.blp, hats.blp, bodies.blp, party.blp,
    imports.blp, exports.blp, consents.blp, desk.blp, care.blp, people_merge.blp,
    revealing.blp, audit.blp, groups.blp, chats.blp, cards.blp, mass.blp, codes.blp,
    residency_requests.blp, residency_standing.blp,
    payments.blp, payment_desk.blp,
)  # fmt: skip
# In the order of the menu.
CONSOLE_BLUEPRINTS = (
    console_home.blp, console_tickets.blp, console_homes.blp, console_codes.blp, console_residencies.blp,
    console_calls.blp, console_groups.blp, console_mass.blp, console_imports.blp, console_desk.blp, console_care.blp,
    console_consents.blp, console_coverage.blp, console_reveal.blp, console_me.blp, console_sign_in.blp,
)  # fmt: skip
MIGRATIONS = "models/migrations"


def create_app(settings: Settings | None = None, gateways: Gateways | None = None) -> Flask:
    """Build an application.  Tests hand in their own settings and gateways; everything else is as in production."""
    settings = settings or load()
    app = Flask(__name__, static_folder=None, static_url_path="/static")
    configure(app, settings)
    if settings.proxies:
        # The address that asks is shown to who lets a computer in, and counted against guessing.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    database.configure(app, settings.database)
    migrate.init_app(app, db, directory=MIGRATIONS)
    identity.configure(app, settings.secrets.token_key)
    links.configure(app, settings.secrets.token_key)
    app.extensions[present.GATEWAYS] = gateways or outside(app, settings)
    observing.register(app)
    errors.register(app, {CONSOLE: pages.problem})
    register_api(app)
    app.register_blueprint(push.blp)
    app.register_blueprint(pay.blp)
    app.register_blueprint(health.blp)
    app.register_blueprint(home.blp)
    app.register_blueprint(scanned.blp)
    pages.configure(app, CONSOLE_BLUEPRINTS, settings.secrets.token_key)
    register_commands(app)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Settings, logs, limits and JSON."""
    logs.configure(settings)
    present.configure(app, settings)
    app.config.update(
        MAX_CONTENT_LENGTH=REQUEST_MOST,
        API_TITLE="Wuyou 五有",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.json = OrjsonProvider(app)


def outside(app: Flask, settings: Settings) -> Gateways:
    """Return the gateways to WeChat (or its sandbox) and the file store."""
    vault = present.vault_of(app)
    tokens = RedisTokenStore(settings.redis_url, vault) if settings.redis_url else DatabaseTokenStore(app, vault)
    return wechat.gateways(settings, tokens, open_store(settings.files))


def register_api(app: Flask) -> None:
    """The API, its description, and pages that show it without the internet."""
    api.init_app(app)
    converters.register(app, api)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"bearer": []}]
    for blueprint in API_BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.register_blueprint(get_swaggerui_blueprint("/api/docs", "/api/v1/openapi.json", {"app_name": "Wuyou API"}))


class OrjsonProvider(JSONProvider):
    """orjson for every answer: several times faster, and it knows dates and enums."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        """Serialise."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        """Parse."""
        return orjson.loads(s)
