"""How parts of an address become values."""

from typing import Any

from flask import Flask
from flask_smorest import Api
from werkzeug.routing import IntegerConverter

from app.schemas.base import BIGGEST_ID


class IdConverter(IntegerConverter):
    """The key of a row: no address names one that the database could not hold."""

    def __init__(self, map: Any) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, min=1, max=BIGGEST_ID)


def register(app: Flask, api: Api) -> None:
    """Make ``<id:…>`` known to the router and to the API's description."""
    app.url_map.converters["id"] = IdConverter
    api.register_converter(
        IdConverter, lambda _converter: {"type": "integer", "format": "int64", "minimum": 1, "maximum": BIGGEST_ID}
    )
