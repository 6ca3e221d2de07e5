"""The API against its own description: no answer breaks, and every answer is of a kind that was promised."""

import contextlib
import json
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from werkzeug.test import EnvironBuilder

from app.api.imports import XLSX
from tests.app.test_routes import ROUTES
from tests.services.acting import do

HATS = ("resident", "manager", "repairer")
EXAMPLES = 3
SHARES = 4
"""So many parts, so that both cores have work."""
_made = {}
"""Requests by part, kept for the other database: making them takes far longer than answering them."""


@pytest.fixture
def description(client):
    return client.get("/api/v1/openapi.json").get_json()


def operations(description):
    return [
        (method, path, operation)
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method in {"get", "post", "patch", "put", "delete"}
    ]


def test_the_description_is_valid_openapi_3_1(description):
    assert description["openapi"].startswith("3.1.")
    validate(description, cls=OpenAPIV31SpecValidator)


def test_every_route_is_described(app, description):
    routes = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and "openapi" not in rule.rule
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {(method, path) for method, path, _ in operations(description)} == routes


def test_every_operation_says_what_it_is_for_and_how_it_fails(description):
    for method, path, operation in operations(description):
        assert operation.get("summary"), (method, path)
        assert "default" in operation["responses"], (method, path)
    failure = description["components"]["responses"]["DEFAULT_ERROR"]["content"]
    assert failure == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_only_what_is_open_to_everybody_needs_no_token(description):
    assert description["security"] == [{"bearer": []}]
    public = {path for _, path, operation in operations(description) if operation.get("security") == []}
    table = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule) for _, rule, needed in ROUTES if needed == "(everybody)"}
    assert public == table


def test_the_pages_of_the_description_need_no_other_host(client):
    page = client.get("/api/docs/").get_data(as_text=True)
    addresses = re.findall(r"""(?:src|href)\s*=\s*["']([^"']+)""", page)
    assert addresses
    assert [address for address in addresses if re.match(r"(?:https?:)?//", address)] == []
    assert "/api/v1/openapi.json" in page
    for address in addresses:
        with client.get(urljoin("/api/docs/", address)) as response:
            assert response.status_code == 200, address


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_no_request_breaks_the_api(app, client, world, share):
    """Good and bad requests made from the description, each in several hats, by real ids instead of invented ones."""
    filed = world.file()
    do(world, "assign", filed)
    signed_in = [world.headers(getattr(world, name)) for name in HATS]
    ids = {"ticket_id": filed.id, "neighborhood_id": world.place.neighborhood.id, "home_id": world.place.home.id}
    world.session.commit()
    connection, broken = world.session.get_bind(), []
    if share not in _made:
        _made[share] = made_requests(app, share)
    for request in _made[share]:
        parameters = {**request.parameters, **{name: ids[name] for name in ids if name in request.parameters}}
        address = request.address.format(**parameters)
        for headers in signed_in:
            savepoint = connection.begin_nested()
            try:
                response = client.open(
                    address, method=request.method, query_string=request.query, headers=headers, **request.body
                )
            finally:
                world.session.rollback()
                savepoint.rollback()
            kinds = {"application/json", "application/problem+json", "image/jpeg", XLSX}
            promised = kinds if response.status_code < 400 else {"application/problem+json"}
            if response.status_code >= 500 or (response.get_data() and response.mimetype not in promised):
                broken.append((address, response.status_code, response.mimetype, request))
    assert broken == []


@dataclass(frozen=True)
class Made:
    """A request that schemathesis made from the description."""

    method: str
    address: str
    parameters: dict[str, str]
    query: dict[str, object]
    body: dict[str, object]


def made_requests(app, share):
    """Make the requests of every so-manyth operation."""
    made = []
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for place, result in enumerate(schema.get_all_operations()):
        if place % SHARES == share:
            for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
                draw(result.ok(), mode, made)
    return made


def draw(operation, mode, made):
    """Draw some requests of a kind; an operation with nothing to get wrong has no negative ones."""
    few = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def keep(case):
        drawn = case.as_transport_kwargs()
        body = written(drawn["data"]) if drawn.get("data") is not None else {}
        if "json" in drawn:  # written here: numbers beyond 64 bits are wanted, and the client would not write them
            body = {"data": json.dumps(drawn["json"]), "content_type": "application/json"}
        parameters = {name: quote(str(value), safe="") for name, value in (case.path_parameters or {}).items()}
        made.append(Made(case.method, case.path, parameters, drawn.get("params") or {}, body))

    with contextlib.suppress(Unsatisfiable):
        few(given(operation.as_strategy(generation_mode=mode))(keep))()


def written(data):
    """Return a form as bytes, so that it can be sent more than once."""
    environ = EnvironBuilder(method="POST", data=data).get_environ()
    return {"data": environ["wsgi.input"].read(), "content_type": environ.get("CONTENT_TYPE")}
