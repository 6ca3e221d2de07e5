"""Makes the sandbox: a small web server that stands in for WeChat's."""

import os

from flask import Flask

from wechat.sandbox.control import control
from wechat.sandbox.endpoints import wechat_endpoints
from wechat.sandbox.page import page
from wechat.sandbox.world import World

# How the command hands its option to the process that granian starts.
PUBLIC_URL_VARIABLE = "WUYOU_SANDBOX_PUBLIC_URL"


def create_sandbox(world: World | None = None, *, public_url: str = "") -> Flask:
    """Return the sandbox as a WSGI application.

    ``world`` is what it remembers (a new one by default), ``public_url`` the address of the product, which the page
    links to.
    """
    world = world or World()
    app = Flask(__name__)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask types the provider by its base class
    app.register_blueprint(wechat_endpoints(world))
    app.register_blueprint(control(world))
    app.register_blueprint(page(world, public_url))
    return app


def served() -> Flask:
    """Return the sandbox that ``python -m wechat.sandbox`` serves."""
    return create_sandbox(public_url=os.environ.get(PUBLIC_URL_VARIABLE, ""))
