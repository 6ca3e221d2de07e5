"""Photos over HTTP: uploading, and who may look."""

import io

import pytest
from PIL import Image

from models import StoredFile
from tests.app.asking import expect_refusal
from tests.services.acting import do
from tests.services.test_files import bomb, picture, with_gps

URL = "/api/v1/photos"


def upload(client, headers, content, name="photo"):
    # Written out by hand: the test client would put a big form into a file that it never closes.
    head = f'--cut\r\nContent-Disposition: form-data; name="{name}"; filename="王桂兰家.jpg"\r\n\r\n'.encode()
    form = head + content + b"\r\n--cut--\r\n"
    return client.post(URL, data=form, content_type="multipart/form-data; boundary=cut", headers=headers)


@pytest.fixture
def headers(world):
    return world.headers(world.resident)


def test_an_upload_is_kept_without_where_it_was_taken(client, world, headers, gateways):
    answer = upload(client, headers, picture(exif=with_gps())).get_json()
    assert (answer["width"], answer["height"]) == (64, 32)
    shown = client.get(f"{URL}/{answer['id']}", headers=headers)
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert dict(Image.open(io.BytesIO(shown.get_data())).getexif()) == {}
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in shown.headers["Cache-Control"]
    assert len(shown.get_data()) == answer["size"]
    assert list(gateways.files.kept) == [world.session.query(StoredFile.storage_key).scalar()]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<html>", 422, "not_a_photo"),
        (picture()[:200], 422, "not_a_photo"),
        (b"", 422, "not_a_photo"),
        (bomb(8000, 5000), 422, "photo_too_large"),
        (b"\xff\xd8\xff" + b"\x00" * 10 * 1024 * 1024, 422, "photo_too_big"),
        (b"\x00" * 12 * 1024 * 1024, 413, "too_large"),
    ],
    ids=["html", "torn", "empty", "bomb", "10 MB", "12 MB"],
)
def test_what_is_no_photo_leaves_nothing_behind(client, headers, gateways, row_counts, content, status, code):
    before = row_counts()
    expect_refusal(upload(client, headers, content), status, code)
    assert row_counts() == before
    assert gateways.files.kept == {}


def test_a_form_without_a_photo_says_so(client, headers):
    problem = expect_refusal(upload(client, headers, picture(), name="file"), 422, "photo_missing")
    assert list(problem["errors"]) == ["photo"]
    expect_refusal(client.post(URL, json={}, headers=headers), 422, "photo_missing")


def test_only_the_uploader_sees_a_photo_that_is_not_used_yet(client, world, headers):
    token = upload(client, headers, picture()).get_json()["id"]
    assert client.get(f"{URL}/{token}", headers=headers).status_code == 200
    for name in ("neighbor", "manager", "repairer"):
        expect_refusal(
            client.get(f"{URL}/{token}", headers=world.headers(getattr(world, name))), 404, "photo_not_found"
        )


def test_a_photo_is_seen_by_whoever_sees_its_ticket(client, world, headers):
    token = upload(client, headers, picture()).get_json()["id"]
    filed = world.file(home_id=world.place.home.id, photos=[token])
    do(world, "assign", filed)
    sees = {
        name
        for name in (
            "resident", "neighbor", "far_neighbor", "manager", "clerk", "repairer", "other_repairer", "grid_leader",
            "community_officer", "stranger", "foreign_manager", "foreign_repairer",
        )
        if client.get(f"{URL}/{token}", headers=world.headers(getattr(world, name))).status_code == 200
    }  # fmt: skip
    assert sees == {"resident", "manager", "clerk", "repairer", "grid_leader", "community_officer"}


def test_a_photo_the_store_has_lost_is_not_found(client, headers, gateways):
    token = upload(client, headers, picture()).get_json()["id"]
    gateways.files.kept.clear()
    expect_refusal(client.get(f"{URL}/{token}", headers=headers), 404, "photo_not_found")


@pytest.mark.parametrize("signature", ["中文", "é", "0" * 64])
def test_a_signature_of_any_letters_is_just_wrong(client, signature):
    url = f"{URL}/some-photo/signed?expires=99999999999&signature={signature}"
    expect_refusal(client.get(url), 404, "link_expired")
