"""The Flask application: the only folder that knows Flask."""

from app.factory import create_app

__all__ = ["create_app"]
