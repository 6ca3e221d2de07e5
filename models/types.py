"""Column types, named once.  Every model writes ``Mapped[Text64]`` instead of repeating lengths."""

import datetime as dt
import enum
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column


class UtcDateTime(sa.TypeDecorator[dt.datetime]):
    """An aware point in time, kept in UTC.  A naive value is refused: it would be eight hours off unnoticed."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Refuse naive times; SQLite, which has no zones, gets the UTC wall clock."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: dt.datetime | None,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy passes it by name
    ) -> dt.datetime | None:
        """Give back an aware UTC time whatever the database kept."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


# SQLite numbers rows by itself only in a column declared INTEGER.
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

# Plain JSON would do on both, but PostgreSQL indexes and compares only JSONB.
JSON_TYPE = sa.JSON().with_variant(JSONB, "postgresql")

BigId = Annotated[int, mapped_column(BIG, primary_key=True)]
BigRef = Annotated[int, mapped_column(BIG)]
Text16 = Annotated[str, 16]
Text32 = Annotated[str, 32]
Text64 = Annotated[str, 64]
Text128 = Annotated[str, 128]
Text255 = Annotated[str, 255]
Text2000 = Annotated[str, 2000]
Json = Annotated[dict[str, Any], mapped_column(JSON_TYPE)]
Cipher = Annotated[bytes, mapped_column(sa.LargeBinary)]  # sealed by services.vault; never readable in a dump


def values_of(kind: type[enum.Enum]) -> list[str]:
    """Return what is stored for an enum: its values, not its names."""
    return [str(member.value) for member in kind]


def by_value(kind: type[enum.Enum], check_name: str) -> sa.Enum:
    """Return the column type of an enum whose CHECK needs a name of its own: a second column of the same kind."""
    return sa.Enum(
        kind, native_enum=False, create_constraint=True, length=32, values_callable=values_of, name=check_name
    )
