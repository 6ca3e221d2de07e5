"""Nothing personal and nothing secret reaches a log, whoever passes it by mistake."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog

from config import Environment, Settings
from config.logs import DENIED, HIDDEN, configure, hide_denied

KEY = "k3y-" * 8


@pytest.mark.parametrize("field", sorted(DENIED))
def test_a_denied_field_is_hidden(field):
    assert hide_denied(None, "info", {"event": "x", field: "13800001234"}) == {"event": "x", field: HIDDEN}


@pytest.mark.parametrize("field", ["openid", "phone", "session_key", "access_token", "robot_key", "name", "text"])
def test_a_denied_field_is_hidden_inside_a_dictionary(field):
    seen = hide_denied(None, "info", {"event": "x", "data": {field: "13800001234", "id": 5}})
    assert seen["data"] == {field: HIDDEN, "id": 5}


def test_other_fields_stay():
    event = {"event": "request", "route": "/api/v1/tickets/<id:ticket_id>", "status": 200, "ms": 3.2}
    assert hide_denied(None, "info", dict(event)) == event


def test_it_hides_what_stands_deep_inside():
    event = {"event": "x", "data": [{"inner": {"phone": "13800001234", "id": 5}}]}
    assert hide_denied(None, "info", event)["data"] == [{"inner": {"phone": HIDDEN, "id": 5}}]


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """What these tests set up is theirs alone."""
    root = logging.getLogger()
    handlers, level, ours = list(root.handlers), root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**ours)


def break_with(private_key: str) -> None:
    """Fail in a frame in which a key is open."""
    opened = {"api_key": private_key}
    raise ValueError(f"a key of {len(opened['api_key'])} letters")


@pytest.mark.usefixtures("logging_as_before")
@pytest.mark.parametrize("in_json", [False, True])
@pytest.mark.parametrize("library", [False, True], ids=["ours", "library"])
def test_a_traceback_says_where_and_never_with_which_values(in_json, library, capsys):
    configure(replace(Settings(), environment=Environment.TEST, log_json=in_json))
    try:
        break_with(KEY)
    except ValueError:
        if library:
            logging.getLogger("of.a.library").exception("broken")
        else:
            structlog.get_logger().exception("broken")
    said = capsys.readouterr().err
    assert "a key of 32 letters" in said
    assert "in break_with" in said
    assert KEY not in said
