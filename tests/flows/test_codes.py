"""A code's life: made, printed, scanned off the paper, opened by a link, replaced; with WeChat there and away."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import sqlalchemy as sa

from app.settings import settings_of
from app.transaction import transaction
from models import CodeWay, OrgUnit, Station, Ticket, WayKind
from tests.flows.away import MINUTE, Town, town
from tests.scanning import needs_poppler, printed_page, read_codes
from tests.world import LONG_AGO

pytestmark = needs_poppler
DAY = dt.timedelta(days=1)
PHONE = "024-43123456"


@dataclass
class Wall:
    """The door of the resident's building, and what the station can hang on it."""

    town: Town
    folder: Path
    code: dict[str, Any]

    def sheet(self) -> str:
        """What a camera reads on the sheet that the station prints now."""
        url = f"/api/v1/codes/{self.code['id']}/sheet"
        answer = self.town.app.test_client().get(url, headers=self.town.headers("manager"))
        assert answer.status_code == 200, answer.get_json()
        [said] = read_codes(printed_page(answer.get_data(), self.folder))
        return said

    def scene(self) -> str:
        """What WeChat tells the mini-program when its own picture on the sheet is scanned."""
        wechat = settings_of(self.town.app).wechat.api_url
        opened = requests.post(f"{wechat}/sandbox/codes/read", json={"text": self.sheet()}, timeout=5).json()
        assert opened["page"] == "pages/scan/index"
        return str(opened["query"]["scene"])

    def open(self, address: str) -> Any:
        """Open a printed address in a browser that follows no redirect."""
        return self.town.app.test_client().get(urlsplit(address).path)

    def scan(self, said: str) -> Any:
        """What the resident hears of what was scanned or typed."""
        client, headers = self.town.app.test_client(), self.town.headers("resident")
        return client.post("/api/v1/codes/scan", json={"scanned": said}, headers=headers).get_json()

    def link_ends_at(self) -> dt.datetime:
        """When the link of the day ends."""
        [ends_at] = self.town.read(sa.select(CodeWay.ends_at).where(CodeWay.kind == WayKind.LINK))
        return ends_at


@pytest.fixture
def wall(databases, tmp_path):
    with town(databases) as place:
        building_id = place.building_id
        with place.app.app_context(), transaction() as session:
            neighborhood_id = session.get_one(OrgUnit, building_id).neighborhood_id
            about = {"name": "彩进小区服务站", "phone": PHONE, "starts_at": LONG_AGO}
            session.add(Station(neighborhood_id=neighborhood_id, **about))
        [code] = place.tap("manager", f"neighborhoods/{neighborhood_id}/codes", {"unit_ids": [building_id]})["items"]
        yield Wall(place, tmp_path, code)


def page_behind(link: str) -> dict[str, Any]:
    """What WeChat opens for somebody who taps a link: the page, and what it is given."""
    ticket = link.rpartition("/")[2]
    answer = requests.get(f"{link.removesuffix(f'l/{ticket}')}sandbox/links/{ticket}", timeout=5)
    return {"status": answer.status_code, **answer.json()}


def test_a_report_is_filed_from_the_picture_that_was_printed(wall):
    wall.town.pass_time(MINUTE)
    found = wall.scan(wall.scene())
    assert (found["label"], found["number"]) == ("1号楼", wall.code["number"])
    wall.town.tap("resident", "tickets", {"category": "elec", "text": "门口的灯不亮", **found["report"]})
    assert wall.town.read(sa.select(Ticket.building_id)) == [wall.town.building_id]


def test_a_printed_address_leads_into_the_mini_program_once_wechat_has_made_its_link(wall):
    address = wall.sheet()
    wall.town.pass_time(MINUTE)
    answer = wall.open(address)
    assert answer.status_code == 302
    opened = page_behind(answer.headers["Location"])
    assert (opened["status"], opened["page"]) == (200, "pages/scan/index")
    assert wall.scan(f"h={opened['query']['h']}")["label"] == "1号楼"


def test_while_wechat_is_away_sheets_are_printed_and_their_address_has_words(wall):
    wall.town.go_away({"http": 502})
    wall.town.pass_time(MINUTE)
    address = wall.sheet()
    answer = wall.open(address)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert [words for words in ("彩进小区 1号楼", PHONE, wall.code["number"]) if words not in page] == []
    assert wall.scan(address)["report"] == {"building_id": wall.town.building_id}
    assert wall.scan(wall.code["number"])["report"] == {"building_id": wall.town.building_id}
    wall.town.wechat.faults.clear()
    wall.town.pass_time(2 * MINUTE)
    assert wall.open(address).status_code == 302


def test_the_address_on_the_wall_outlives_wechats_links(wall):
    address = wall.sheet()
    wall.town.pass_time(MINUTE)
    first = wall.open(address).headers["Location"]
    wall.town.pass_time(26 * DAY)
    wall.town.run_jobs()
    wall.town.pass_time(MINUTE)
    assert wall.link_ends_at() > wall.town.moment + 29 * DAY
    wall.town.pass_time(10 * DAY)
    assert page_behind(first)["status"] == 409
    second = wall.open(address).headers["Location"]
    assert page_behind(second)["status"] == 200


def test_an_old_sheet_says_what_to_do_and_the_new_one_works(wall):
    address = wall.sheet()
    wall.town.pass_time(MINUTE)
    scene, number = wall.scene(), wall.code["number"]
    wall.code = wall.town.tap("manager", f"codes/{wall.code['id']}/replace", {"why": "lost"})
    assert wall.code["number"] == number
    answer = wall.open(address)
    assert (answer.status_code, "请扫旁边新贴的码" in answer.get_data(as_text=True)) == (410, True)
    refused = wall.scan(scene)
    assert refused["code"] == "code_replaced"
    assert f"报编号{number}" in refused["detail"]
    wall.town.pass_time(MINUTE)
    assert wall.scene() != scene
    assert wall.scan(wall.scene())["report"] == {"building_id": wall.town.building_id}
