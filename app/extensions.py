"""Flask extensions, not yet bound to an application."""

from flask_migrate import Migrate
from flask_smorest import Api
from flask_sqlalchemy import SQLAlchemy

from app.schemas.base import Problem
from models import Base

# expire_on_commit: answers are written before the commit, so reloading every row after it would be wasted work.
db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
migrate = Migrate()


class ProblemApi(Api):  # type: ignore[misc]  # untyped in the library
    """flask-smorest, but errors are answered by ``app.errors`` alone, and described as what they are."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Register none: its handlers would hide ours."""

    def _register_responses(self) -> None:
        """Describe errors as problem documents."""
        usual: str = Api.DEFAULT_RESPONSE_CONTENT_TYPE
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"
        super()._register_responses()
        self.DEFAULT_RESPONSE_CONTENT_TYPE = usual


api = ProblemApi()
