"""``flask database …``: what operators do with the database, beyond ``flask db upgrade``."""

from flask.cli import AppGroup

database = AppGroup("database", help="Database upkeep.")
