import io

import pytest
import time_machine
from PIL import Image

from services.tickets import filing
from tests.world import NOW


def jpeg():
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def link(client, world):
    """The signed link of a photo on the resident's ticket."""
    headers = world.headers(world.resident)
    form = {"photo": (io.BytesIO(jpeg()), "a.jpg")}
    photo = client.post("/api/v1/photos", data=form, headers=headers).json["id"]
    report = filing.Report(category="elec", text="灯不亮", building_id=world.place.building.id, photos=[photo])
    filed = filing.file_ticket(world.session, actor=world.actor(world.resident), report=report, now=NOW)
    world.session.commit()
    timeline = client.get(f"/api/v1/tickets/{filed.id}", headers=headers).json["timeline"]
    return timeline[0]["photos"][0]["url"]


def test_a_signed_link_opens_without_signing_in(client, link):
    answer = client.get(link)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")


def test_a_signed_link_ends_by_itself(client, link):
    with time_machine.travel("2036-01-01", tick=False):
        answer = client.get(link)
    assert (answer.status_code, answer.json["code"]) == (404, "link_expired")


@pytest.mark.parametrize("change", ["signature", "expires", "photo"])
def test_a_changed_link_opens_nothing(client, link, change):
    path, _, query = link.partition("?")
    expires, signature = (part.partition("=")[2] for part in query.split("&"))
    if change == "signature":
        signature = "0" * len(signature)
    elif change == "expires":
        expires = str(int(expires) + 1)
    else:
        path = path.replace("/signed", "x/signed")
    answer = client.get(f"{path}?expires={expires}&signature={signature}")
    assert (answer.status_code, answer.json["code"]) == (404, "link_expired")
