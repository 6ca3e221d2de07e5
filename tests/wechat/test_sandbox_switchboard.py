"""The switchboard: every endpoint can go wrong in every way that can be chosen, and the page offers all of it in words."""

import html
import json
import re

import pytest
from flask.testing import FlaskClient

from wechat import endpoints
from wechat.sandbox import World, faults
from wechat.sandbox.callback_faults import FAULTS
from wechat.sandbox.switchboard import (
    CALLBACK_NAMES,
    CALLBACK_TROUBLES,
    ENDPOINT_NAMES,
    PAY_NAMES,
    PAY_TROUBLES,
    SWITCHES,
    TROUBLES,
    Trouble,
)

ADDRESSES = {
    "token": endpoints.STABLE_TOKEN,
    "login": endpoints.CODE_TO_SESSION,
    "send": endpoints.SUBSCRIBE_SEND,
    "group": endpoints.ROBOT_SEND,
    "phone": endpoints.PHONE_NUMBER,
    "session": endpoints.CHECK_SESSION,
    "text": endpoints.CHECK_TEXT,
    "media": endpoints.CHECK_MEDIA,
    "templates": endpoints.TEMPLATES,
    "quota": endpoints.QUOTA,
    "code": endpoints.UNLIMITED_CODE,
    "link": endpoints.URL_LINK,
    "card": endpoints.UPDATE_CARD,
    "corp_token": endpoints.WECOM_TOKEN,
    "mass": endpoints.CUSTOMER_REMIND,
    "shipping": endpoints.UPLOAD_SHIPPING,
}
"""For each endpoint of the switchboard, one of the addresses that our own client calls."""
ASKED_BY_PHONES = {"enter"}
"""Without an address of WeChat's server: tests/app/test_chats.py."""


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was waited, without waiting."""
    seconds: list[float] = []
    monkeypatch.setattr(faults.time, "sleep", seconds.append)
    return seconds


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.label)
@pytest.mark.parametrize("place", ADDRESSES)
def test_each_endpoint_goes_wrong_in_each_way_and_is_mended_again(
    place: str, trouble: Trouble, client: FlaskClient, waited: list[float]
) -> None:
    address = ADDRESSES[place]

    def ask():
        return client.open(f"/{address.path}", method=address.method, json={})

    plain = ask().get_json()["errcode"]
    assert client.put(f"/sandbox/faults/{place}", json={**trouble.body, "times": 1}).status_code == 200
    answer = ask()
    assert answer.status_code == trouble.body.get("http", 200)
    if "errcode" in trouble.body:
        assert answer.get_json()["errcode"] == trouble.body["errcode"]
        assert "rid: " in answer.get_json()["errmsg"]
    assert waited == ([trouble.body["delay"]] if "delay" in trouble.body else [])
    assert ask().get_json()["errcode"] == plain


def test_every_endpoint_has_a_name_and_is_tried_here() -> None:
    assert set(faults.ENDPOINTS) == set(ADDRESSES) | ASKED_BY_PHONES
    assert set(faults.ENDPOINTS) <= set(ENDPOINT_NAMES)


def test_every_mishap_of_a_callback_can_be_chosen(world: World) -> None:
    assert {trouble.body["fault"] for trouble in CALLBACK_TROUBLES} == set(FAULTS)


def chosen(client: FlaskClient, order: str) -> tuple[list[str], list[dict[str, object]]]:
    """What a form of the page offers: the places, and what each way of going wrong would send."""
    page = client.get("/").get_data(as_text=True)
    form = re.search(rf'<form[^>]*data-order="{order}".*?</form>', page, re.DOTALL).group()
    where, trouble, _times = re.findall(r"<select.*?</select>", form, re.DOTALL)
    values = [re.findall(r'<option value="([^"]*)"', part) for part in (where, trouble)]
    return values[0], [json.loads(html.unescape(value)) for value in values[1]]


@pytest.mark.parametrize(("order", "listed"), [("faults", TROUBLES), ("callback-faults", CALLBACK_TROUBLES)])
def test_what_the_page_offers_is_taken_and_told_in_words(
    order: str, listed: list[Trouble], client: FlaskClient
) -> None:
    places, bodies = chosen(client, order)
    assert bodies == [dict(trouble.body) for trouble in listed]
    names = ENDPOINT_NAMES if order == "faults" else CALLBACK_NAMES
    for place in places:
        for body in bodies:
            assert client.put(f"/sandbox/{order}/{place}", json={**body, "times": None}).status_code == 200
        assert f"{names[place]}：" in client.get("/").get_data(as_text=True)
    assert places == list(names)


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.label)
def test_every_button_does_what_it_says(client: FlaskClient, switch) -> None:
    for method, url, body in switch.calls:
        assert client.open(url, method=method, json=body).status_code == 200


def test_every_address_of_wechat_pay_can_go_wrong_in_every_way_and_the_page_says_so(client: FlaskClient) -> None:
    assert set(PAY_NAMES) == set(faults.PAY_ENDPOINTS)
    for place, name in PAY_NAMES.items():
        for trouble in PAY_TROUBLES:
            assert client.put(f"/sandbox/faults/{place}", json={**trouble.body, "times": 1}).status_code == 200
        assert f"{name}：" in client.get("/").get_data(as_text=True)


def test_the_page_says_what_is_wrong_with_refunds_and_bills(client: FlaskClient) -> None:
    client.put("/sandbox/pay/settings", json={"refunds": "ABNORMAL", "bills": "amount_off"})
    client.put("/sandbox/faults/pay_refund", json={"code": "SYSTEM_ERROR", "done": True})
    page = client.get("/").get_data(as_text=True)
    for said in ("退款：到不了账", "账单：差一分钱", "退款：回答 SYSTEM_ERROR，事情其实办了"):
        assert said in page
    for method, url, body in SWITCHES[-1].calls:
        client.open(url, method=method, json=body)
    assert "现在一切正常" in client.get("/").get_data(as_text=True)
