"""Files that people sent in.  The bytes are in the file store; here is what is known about them."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text64, Text128


class StoredFile(Base):
    """One photo: already re-encoded, without EXIF."""

    __tablename__ = "stored_file"
    __table_args__ = (sa.CheckConstraint("size > 0 and width > 0 and height > 0", name="not_empty"),)

    id: Mapped[BigId]
    token: Mapped[Text64] = mapped_column(unique=True)
    """The public name: random, says nothing."""
    owner_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"), index=True)
    storage_key: Mapped[Text128] = mapped_column(unique=True)
    content_type: Mapped[Text64]
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[Text64]
    created_at: Mapped[dt.datetime]
