"""Commands: ``flask --app wsgi …``."""

from flask import Flask

from app.cli import database


def register(app: Flask) -> None:
    """Make every command known."""
    app.cli.add_command(database.database)
