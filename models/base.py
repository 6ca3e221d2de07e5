"""The base class of all models: names of constraints, and how Python types become columns."""

import datetime as dt
from enum import Enum
from typing import Any, ClassVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

from models.types import Text16, Text32, Text64, Text128, Text255, Text2000, UtcDateTime, values_of


class Base(DeclarativeBase):
    """Plain SQLAlchemy; Flask-SQLAlchemy is given its metadata in ``app.extensions``."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        Text16: sa.String(16),
        Text32: sa.String(32),
        Text64: sa.String(64),
        Text128: sa.String(128),
        Text255: sa.String(255),
        Text2000: sa.String(2000),
        dt.datetime: UtcDateTime,
        # Stored by value with a CHECK, so that a dump can be read and a wrong value cannot get in.
        Enum: sa.Enum(Enum, native_enum=False, create_constraint=True, length=32, values_callable=values_of),
    }


def table_of(model: type[Base]) -> sa.Table:
    """Return the table of a model, for statements that write rows without entities."""
    return cast(sa.Table, model.__table__)
