"""The group that the commands of this folder join, and what they share."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.transaction import transaction
from services.errors import ServiceError

privacy = AppGroup("privacy", help="个人信息：密钥、换密钥、查留痕、保存期限、说明。")


@contextmanager
def acting() -> Iterator[Session]:
    """One transaction; a refusal is printed as it is."""
    try:
        with transaction() as session:
            yield session
    except ServiceError as error:
        raise click.ClickException(error.detail) from error
