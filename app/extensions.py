"""Flask extensions, not yet bound to an application."""

from flask_migrate import Migrate
from flask_smorest import Api
from flask_sqlalchemy import SQLAlchemy

from models import Base

# expire_on_commit: answers are written before the commit, so reloading every row after it would be wasted work.
db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
migrate = Migrate()
api = Api()
