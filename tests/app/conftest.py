"""Requests one after the other in one test, each as fresh as on a server."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, g
from flask.testing import FlaskClient

from models import Base


class FreshClient(FlaskClient):
    """The test's application context is shared by its requests; what they leave in ``g`` must not be."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        vars(g._get_current_object()).clear()
        return super().open(*args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return FreshClient(app)


@pytest.fixture
def row_counts(app: Flask, session: Any) -> Callable[[], dict[str, int]]:
    """How many rows each table has."""

    def count() -> dict[str, int]:
        tables = Base.metadata.sorted_tables
        query = sa.union_all(
            *(sa.select(sa.literal(table.name), sa.func.count()).select_from(table) for table in tables)
        )
        return dict(session.connection().execute(query).all())

    return count
