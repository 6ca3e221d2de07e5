"""The first page: what runs here, and where to go."""

from collections.abc import Sequence

from flask import Blueprint, render_template

from app.database import migrated
from app.settings import settings
from app.transaction import transaction
from services import channels

NO_DATABASE = "现在连不上数据库，什么都办不了。请过几分钟再试；一直这样，请打服务站的电话。"

blp = Blueprint("home", __name__, template_folder="templates", static_folder="static", static_url_path="/static/web")


@blp.get("/")
def page() -> str:
    """Show what does not work at present, and the way to the console, the documents and, in a trial, the phones."""
    return render_template("home.html", settings=settings(), troubles=troubles())


def troubles() -> Sequence[str]:
    """Return what does not work at present, in words for everybody; this page must open whatever is away."""
    if migrated() is None:
        return [NO_DATABASE]
    with transaction(read_only=True) as session:
        return [one.words for one in channels.in_trouble(channels.conditions(session))]
