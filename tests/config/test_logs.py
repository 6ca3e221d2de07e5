"""Nothing personal and nothing secret reaches a log, whoever passes it by mistake."""

import pytest

from config.logs import DENIED, HIDDEN, hide_denied


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
