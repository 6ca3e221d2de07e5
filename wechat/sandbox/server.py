"""Makes the sandbox: a small web server that stands in for WeChat's."""

import os
from email.utils import formatdate
from functools import partial
from pathlib import Path

from flask import Flask, Response

from wechat.sandbox.control import control
from wechat.sandbox.endpoints import wechat_endpoints
from wechat.sandbox.forward import forwarding
from wechat.sandbox.page import page
from wechat.sandbox.pay.endpoints import pay_endpoints
from wechat.sandbox.pay.keys import KeyChest
from wechat.sandbox.postman import start_postman
from wechat.sandbox.world import World

# How the command hands its options to the process that granian starts.
PUBLIC_URL_VARIABLE = "WUYOU_SANDBOX_PUBLIC_URL"
OPEN_VARIABLE = "WUYOU_SANDBOX_OPEN"
FOLDER_VARIABLE = "WUYOU_SANDBOX_FOLDER"

PUSH_PATH = "/callbacks/wechat/push"

# Scripts, styles and calls are this server's own; pictures may also be made in the page (blob) or be empty (data).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def create_sandbox(world: World | None = None, *, public_url: str = "", is_open: bool = False) -> Flask:
    """Return the sandbox as a WSGI application.

    ``world`` is what it remembers (a new one by default), ``public_url`` the address of the product, to which the page
    links and the phones talk; ``is_open`` lets them do so from and to other machines.
    """
    world = world or World()
    app = Flask(__name__)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask types the provider by its base class
    app.register_blueprint(wechat_endpoints(world))
    app.register_blueprint(pay_endpoints(world.pay, world.enter))
    app.register_blueprint(control(world))
    app.register_blueprint(forwarding(world, public_url, is_open=is_open))
    app.register_blueprint(page(world, public_url))
    app.after_request(_guard)
    app.after_request(partial(_dated, world))
    return app


def served() -> Flask:
    """Return the sandbox that ``python -m wechat.sandbox`` serves."""
    is_open = bool(os.environ.get(OPEN_VARIABLE))
    folder = os.environ.get(FOLDER_VARIABLE)
    world = World(chest=KeyChest(Path(folder) / "pay") if folder else None)
    public_url = os.environ.get(PUBLIC_URL_VARIABLE, "")
    if public_url:
        world.pushes.url = f"{public_url.rstrip('/')}{PUSH_PATH}"
    start_postman(world)
    return create_sandbox(world, public_url=public_url, is_open=is_open)


def _dated(world: World, response: Response) -> Response:
    """Tell the time as the simulated WeChat sees it: whoever asks may find their own clock wrong."""
    response.headers["Date"] = formatdate(world.clock(), usegmt=True)
    return response


def _guard(response: Response) -> Response:
    """Let no page of this server run or load what is not its own."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
