"""What the machinery remembers: runs of jobs, leases, provider tokens, answers to repeated requests."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Cipher, Text64, Text128, Text255


class JobRun(Base):
    """One run of a scheduled job."""

    __tablename__ = "job_run"
    __table_args__ = (
        sa.CheckConstraint("(finished_at is null) = (ok is null)", name="finished_well_or_not"),
        sa.Index("ix_job_run_job_started_at", "job", "started_at"),
    )

    id: Mapped[BigId]
    job: Mapped[Text64]
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    ok: Mapped[bool | None]
    changed: Mapped[int | None]
    error: Mapped[Text255 | None]


class JobLease(Base):
    """Who runs a job now.  Makes any number of workers harmless to each other."""

    __tablename__ = "job_lease"

    job: Mapped[Text64] = mapped_column(primary_key=True)
    holder: Mapped[Text64]
    leased_until: Mapped[dt.datetime]


class ProviderToken(Base):
    """An access token of an outside provider, shared by all processes."""

    __tablename__ = "provider_token"

    name: Mapped[Text128] = mapped_column(primary_key=True)
    value_sealed: Mapped[Cipher]
    expires_at: Mapped[dt.datetime]


class IdempotencyKey(Base):
    """The answer to a request that may come again with the same ``Idempotency-Key``."""

    __tablename__ = "idempotency_key"

    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    key: Mapped[Text64] = mapped_column(primary_key=True)
    request_hash: Mapped[Text64]
    status: Mapped[int]
    answer_sealed: Mapped[Cipher]
    created_at: Mapped[dt.datetime] = mapped_column(index=True)
