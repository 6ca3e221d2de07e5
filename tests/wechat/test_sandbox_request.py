"""``wx.request`` of the simulated phones: what the page asks reaches our API unchanged, and the answer comes back."""

import io
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Request, Response, request
from flask.testing import FlaskClient

from services.tickets.offers import ORDER
from tests.wechat.fakes import serving
from wechat.sandbox import World, create_sandbox, forward

PHONE = "/sandbox/phones/wang/request"
STATIC = Path(forward.__file__).parent / "static"


class OurApi:
    """Stands in for our API: remembers what it was asked and answers as told."""

    def __init__(self) -> None:
        self.seen: list[dict[str, object]] = []
        self.answer = Response('{"items": []}', 200, mimetype="application/json")

    def app(self) -> Flask:
        app = Flask("our-api")

        @app.route("/", defaults={"path": ""}, methods=forward.METHODS)
        @app.route("/<path:path>", methods=forward.METHODS)
        def anything(path: str) -> Response:
            self.seen.append(self.read(request))
            return self.answer

        return app

    @staticmethod
    def read(given: Request) -> dict[str, object]:
        return {
            "method": given.method,
            "path": given.full_path,
            "headers": {name.lower(): value for name, value in given.headers.items()},
            "files": {name: file.read() for name, file in given.files.items()},
            "body": given.get_data(),
        }


@pytest.fixture
def our_api() -> OurApi:
    return OurApi()


@pytest.fixture
def phone(world: World, our_api: OurApi) -> Iterator[FlaskClient]:
    world.phones.put("wang", "王桂兰")
    with serving(our_api.app()) as url:
        yield create_sandbox(world, public_url=url).test_client()


def nobody() -> str:
    """Return an address at which nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_a_body_and_its_headers_arrive_unchanged(phone: FlaskClient, our_api: OurApi) -> None:
    headers = {"Authorization": "Bearer t", "Idempotency-Key": "k-1", "If-Match": '"3"', "Cookie": "a=b"}
    answer = phone.post(f"{PHONE}/tickets/7/notes", json={"text": "灯还不亮"}, headers=headers)
    assert answer.json == {"items": []}
    seen = our_api.seen[0]
    assert (seen["method"], seen["path"]) == ("POST", "/api/v1/tickets/7/notes?")
    assert json.loads(seen["body"]) == {"text": "灯还不亮"}
    given = seen["headers"]
    assert given["authorization"] == "Bearer t"
    assert given["idempotency-key"] == "k-1"
    assert given["if-match"] == '"3"'
    assert given["content-type"] == "application/json"
    assert "cookie" not in given


def test_a_query_arrives_as_it_was(phone: FlaskClient, our_api: OurApi) -> None:
    phone.get(f"{PHONE}/neighborhoods/5/homes?text=1%E5%8F%B7%E6%A5%BC&limit=8")
    assert our_api.seen[0]["path"] == "/api/v1/neighborhoods/5/homes?text=1%E5%8F%B7%E6%A5%BC&limit=8"


def test_a_photo_arrives_whole(phone: FlaskClient, our_api: OurApi) -> None:
    phone.post(f"{PHONE}/photos", data={"photo": (io.BytesIO(b"\xff\xd8photo"), "photo.jpg")})
    assert our_api.seen[0]["files"] == {"photo": b"\xff\xd8photo"}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_every_method_goes_through(method: str, phone: FlaskClient, our_api: OurApi) -> None:
    assert phone.open(f"{PHONE}/me", method=method).status_code == 200
    assert our_api.seen[0]["method"] == method


def test_status_version_and_problem_come_back(phone: FlaskClient, our_api: OurApi) -> None:
    our_api.answer = Response('{"detail": "请重新打开。"}', 412, {"ETag": '"4"', "Set-Cookie": "a=b"})
    our_api.answer.mimetype = "application/problem+json"
    answer = phone.post(f"{PHONE}/tickets/7/accept", json={})
    assert answer.status_code == 412
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["ETag"] == '"4"'
    assert "Set-Cookie" not in answer.headers
    assert json.loads(answer.data)["detail"] == "请重新打开。"


def test_bytes_come_back_unchanged(phone: FlaskClient, our_api: OurApi) -> None:
    our_api.answer = Response(b"\xff\xd8\x00photo", 200, mimetype="image/jpeg")
    answer = phone.get(f"{PHONE}/photos/abc")
    assert (answer.data, answer.mimetype) == (b"\xff\xd8\x00photo", "image/jpeg")


def test_a_redirect_is_handed_back_and_not_followed(phone: FlaskClient, our_api: OurApi) -> None:
    our_api.answer = Response("", 302, {"Location": "http://127.0.0.1:1/elsewhere"})
    assert phone.get(f"{PHONE}/me").status_code == 302
    assert len(our_api.seen) == 1


def problem_of(client: FlaskClient, path: str = f"{PHONE}/me", **options: object) -> tuple[int, str]:
    answer = client.get(path, **options)
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, json.loads(answer.data)["detail"]


def test_our_api_away(world: World) -> None:
    world.phones.put("wang", "王桂兰")
    client = create_sandbox(world, public_url=nobody()).test_client()
    assert problem_of(client) == (502, forward.API_AWAY)


def test_our_api_unknown(world: World) -> None:
    world.phones.put("wang", "王桂兰")
    assert problem_of(create_sandbox(world).test_client()) == (502, forward.NO_ADDRESS)


def test_our_api_too_slow(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.phones.put("wang", "王桂兰")
    monkeypatch.setattr(forward, "TIMEOUTS", (1.0, 0.1))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = create_sandbox(world, public_url=f"http://127.0.0.1:{silent.getsockname()[1]}").test_client()
        assert problem_of(client) == (504, forward.API_SLOW)


def test_a_phone_that_is_not_there(phone: FlaskClient, our_api: OurApi) -> None:
    status, words = problem_of(phone, "/sandbox/phones/nobody/request/me")
    assert (status, our_api.seen) == (404, [])
    assert "刷新" in words


@pytest.mark.parametrize(
    "path", ["../../metrics", "tickets/../../../metrics", "./me", "%2e%2e/metrics", "..%2fmetrics"]
)
def test_only_paths_below_the_api(path: str, phone: FlaskClient, our_api: OurApi) -> None:
    assert phone.get(f"{PHONE}/{path}").status_code == 404
    assert our_api.seen == []


def test_an_odd_path_stays_below_the_api(phone: FlaskClient, our_api: OurApi) -> None:
    phone.get(f"{PHONE}/me%3Fa=b%23c@evil")
    assert our_api.seen[0]["path"] == "/api/v1/me?a=b#c@evil?"


def test_too_much_is_refused_before_it_is_read(phone: FlaskClient, our_api: OurApi) -> None:
    answer = phone.post(f"{PHONE}/photos", environ_overrides={"CONTENT_LENGTH": str(forward.BYTES_MOST + 1)})
    assert answer.status_code == 413
    assert json.loads(answer.data)["detail"] == forward.TOO_LARGE
    assert our_api.seen == []


def test_only_this_machine_by_default(world: World, phone: FlaskClient, our_api: OurApi) -> None:
    assert problem_of(phone, environ_base={"REMOTE_ADDR": "192.168.1.9"}) == (403, forward.NOT_HERE)
    assert problem_of(phone, headers={"Host": "evil.example"}) == (403, forward.NOT_HERE)
    elsewhere = create_sandbox(world, public_url="http://192.0.2.1:5050").test_client()
    assert problem_of(elsewhere) == (403, forward.NOT_HERE)
    assert our_api.seen == []


def test_an_open_sandbox_serves_other_machines(world: World, our_api: OurApi) -> None:
    world.phones.put("wang", "王桂兰")
    with serving(our_api.app()) as url:
        client = create_sandbox(world, public_url=url, is_open=True).test_client()
        answer = client.get(f"{PHONE}/me", environ_base={"REMOTE_ADDR": "192.168.1.9"}, headers={"Host": "pc.lan"})
    assert answer.status_code == 200


def test_pages_may_not_run_or_load_what_is_not_their_own(phone: FlaskClient) -> None:
    policy = phone.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_page_has_a_button_for_every_action_that_the_server_offers() -> None:
    source = (STATIC / "phone" / "actions.js").read_text()
    shown = set(re.findall(r"^  ([a-z_]+): \{ label", source, re.MULTILINE))
    assert shown == {action.value for action in ORDER}


def test_no_module_reads_words_as_html() -> None:
    modules = [STATIC / "sandbox.js", *(STATIC / "phone").glob("*.js")]
    assert len(modules) > 10
    for module in modules:
        text = module.read_text()
        for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert forbidden not in text, (module.name, forbidden)
        assert len(text.splitlines()) <= 300
