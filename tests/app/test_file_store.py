"""The file store over its two kinds: a folder, and a server that speaks S3 over HTTP."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.files import open_store
from config import FileSettings
from services.errors import TryLater

KEY = "photos/2026/11/abc.jpg"


class Bucket(BaseHTTPRequestHandler):
    """A bucket as S3 answers for it: removing what is not there is a success."""

    kept: dict[str, bytes]
    is_away = False

    def do_PUT(self):
        self.kept[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, {"ETag": '"1"'})

    def do_GET(self):
        content = self.kept.get(self.path)
        more = {"ETag": '"1"', "Last-Modified": "Mon, 23 Nov 2026 01:00:00 GMT"}
        self.answer(404 if content is None else 200, more, content or b"")

    def do_DELETE(self):
        self.kept.pop(self.path, None)
        self.answer(204)

    def do_POST(self):
        """The removal of several at once, which is how the library removes one, too."""
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        keys = re.findall("<Key>(.*?)</Key>", asked)
        for key in keys:
            self.kept.pop(f"/photos/{key}", None)
        done = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self.answer(200, {"Content-Type": "application/xml"}, f"<DeleteResult>{done}</DeleteResult>".encode())

    def answer(self, status, headers=(), content=b""):
        self.send_response(403 if self.is_away else status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def bucket(monkeypatch):
    handler = type("OwnBucket", (Bucket,), {"kept": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv("AWS_REGION", "cn-north-1")
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["folder", "s3"])
def store(request, tmp_path):
    if request.param == "folder":
        return open_store(FileSettings(url=f"file://{tmp_path}"))
    request.getfixturevalue("bucket")
    return open_store(FileSettings(url="s3://photos"))


def test_what_was_kept_is_given_back(store):
    store.put(KEY, b"jpeg", "image/jpeg")
    assert store.get(KEY) == b"jpeg"


def test_what_was_removed_is_gone(store):
    store.put(KEY, b"jpeg", "image/jpeg")
    store.put(KEY + ".other", b"other", "image/jpeg")
    store.remove(KEY)
    with pytest.raises(FileNotFoundError):
        store.get(KEY)
    assert store.get(KEY + ".other") == b"other"


def test_removing_twice_is_no_trouble(store):
    store.put(KEY, b"jpeg", "image/jpeg")
    store.remove(KEY)
    assert store.remove(KEY) is None


def test_a_store_that_refuses_is_asked_again_later(bucket):
    store = open_store(FileSettings(url="s3://photos"))
    bucket.is_away = True
    with pytest.raises(TryLater) as away:
        store.remove(KEY)
    assert away.value.reason == "file_store_away"
