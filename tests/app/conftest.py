"""Requests one after the other in one test, each as fresh as on a server."""

from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from tests.services.acting import count_rows


class FreshClient(FlaskClient):
    """The test's application context is shared by its requests; what they leave in ``g`` must not be."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        vars(g._get_current_object()).clear()
        return super().open(*args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return FreshClient(app)


@pytest.fixture
def row_counts(session: Any) -> Any:
    """A function that says how many rows each table has."""

    def count() -> dict[str, int]:
        counted = count_rows(session)
        session.commit()  # a request begins with no transaction open
        return counted

    return count
