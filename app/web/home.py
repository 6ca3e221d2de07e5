"""The first page: what runs here, and where to go."""

from flask import Blueprint, render_template

from app.settings import settings

blp = Blueprint("home", __name__, template_folder="templates", static_folder="static", static_url_path="/static/web")


@blp.get("/")
def page() -> str:
    """Show the way to the API, its documents and, in a trial, the simulated phones."""
    return render_template("home.html", settings=settings())
