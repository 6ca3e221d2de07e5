"""Codes and links against the sandbox over real HTTP: pictures told from refusals, limits, ends."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import requests
import structlog
from flask import Response
from hypothesis import given, settings
from hypothesis import strategies as st

import wechat
from services.errors import GatewayError, Misconfigured, QuotaExceeded, Rejected, TryLater
from services.ports import Gateways, LinkFacts
from tests.scanning import read_codes, scene_in
from tests.wechat.conftest import Bench
from tests.wechat.fakes import MemoryFiles, Scripted
from wechat.sandbox.code_pictures import draw, heard, spoken
from wechat.sandbox.refusal import Refusal
from wechat.sandbox.scan_codes import SCENE, Allowance

PAGE = "pages/scan/index"
SCENE_TEXT = "h=7Qm2ZtVb0sXyK4LwN9dPaR"
CODE = "/wxa/getwxacodeunlimit"


def moment(bench: Bench, **later: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(bench.clock(), dt.UTC) + dt.timedelta(**later)


def link(bench: Bench, *, path: str = PAGE, query: str = SCENE_TEXT, **later: float) -> str:
    return bench.gateways.codes.link(path=path, query=query, ends_at=moment(bench, **(later or {"days": 30})))


def in_state(bench: Bench, state: str) -> Gateways:
    ours = replace(bench.settings, wechat=replace(bench.settings.wechat, miniprogram_state=state))
    return wechat.gateways(ours, bench.tokens, MemoryFiles())


@contextmanager
def raises_code(code: int, kind: type[GatewayError]) -> Iterator[None]:
    with pytest.raises(kind) as caught:
        yield
    assert (type(caught.value), caught.value.provider_code) == (kind, code)


def test_a_picture_carries_page_and_scene(bench: Bench) -> None:
    image = bench.gateways.codes.image(SCENE_TEXT, page=PAGE, width=640)
    assert image.content_type == "image/jpeg"
    assert scene_in(image.content) == (PAGE, SCENE_TEXT)


@pytest.mark.parametrize(("clear", "content_type"), [(False, "image/jpeg"), (True, "image/png")])
def test_a_clear_ground_makes_it_a_png(bench: Bench, clear: bool, content_type: str) -> None:
    token = bench.world.tokens.stable(force=False)[0]
    body = {"scene": "a=1", "page": PAGE, "is_hyaline": clear}
    answer = requests.post(bench.url + CODE, params={"access_token": token}, json=body, timeout=5)
    assert answer.headers["Content-Type"] == content_type
    assert answer.content[:3] == (b"\x89PN" if clear else b"\xff\xd8\xff")


@pytest.mark.parametrize("scene", ["", "h=" + "a" * 31, "h=楼", "h=%20", "a b", "h=1\n"])
def test_a_scene_that_is_too_long_or_has_other_characters_is_refused(bench: Bench, scene: str) -> None:
    with raises_code(40129, Rejected):
        bench.gateways.codes.image(scene, page=PAGE)


@pytest.mark.parametrize("page", ["/pages/scan/index", "pages/scan/index?a=1", "pages/nowhere/index"])
def test_a_page_that_is_not_in_the_release_is_for_the_operator(bench: Bench, page: str) -> None:
    with raises_code(41030, Misconfigured):
        bench.gateways.codes.image(SCENE_TEXT, page=page)


def test_a_trial_build_may_have_pages_that_are_not_released(bench: Bench) -> None:
    image = in_state(bench, "trial").codes.image(SCENE_TEXT, page="pages/new/index")
    assert scene_in(image.content) == ("pages/new/index", SCENE_TEXT)
    assert bench.world.codes.listing()[0]["version"] == "trial"


def test_words_that_are_reserved_are_refused(bench: Bench) -> None:
    with raises_code(85096, Rejected):
        bench.gateways.codes.image("scancode_time=1", page=PAGE)


@pytest.mark.parametrize("width", [279, 1281])
def test_a_width_has_limits(bench: Bench, width: int) -> None:
    with raises_code(40097, Rejected):
        bench.gateways.codes.image(SCENE_TEXT, page=PAGE, width=width)


def test_the_code_after_the_last_of_a_minute_waits_for_the_next(bench: Bench) -> None:
    bench.world.codes.codes_left = Allowance(2)
    for _ in range(2):
        bench.gateways.codes.image(SCENE_TEXT, page=PAGE)
    with raises_code(45011, QuotaExceeded):
        bench.gateways.codes.image(SCENE_TEXT, page=PAGE)
    bench.clock.forward(30)
    assert bench.gateways.codes.image(SCENE_TEXT, page=PAGE).content


def test_the_allowances_are_those_of_the_pages(bench: Bench) -> None:
    codes = bench.world.codes
    assert (codes.codes_left.most, codes.links_a_second.most, codes.links_left.most) == (5_000, 100, 500_000)


def test_a_stale_token_is_replaced_once(bench: Bench) -> None:
    bench.gateways.codes.image(SCENE_TEXT, page=PAGE)
    bench.world.tokens.expire_all()
    assert scene_in(bench.gateways.codes.image(SCENE_TEXT, page=PAGE).content)[1] == SCENE_TEXT
    assert bench.world.calls["code"] == 3


Answering = Callable[[Any], Any]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda _: {"errcode": 0, "errmsg": "ok"}, TryLater),
        (lambda _: Response(b"<html>busy</html>", content_type="text/html"), TryLater),
        (lambda _: Response(b"", content_type="image/jpeg"), TryLater),
        (lambda _: Response(b'{"errcode":41030,"errmsg":"invalid page"}', content_type="image/jpeg"), Misconfigured),
        (lambda _: ("away", 503), TryLater),
    ],
)
def test_what_is_no_picture_is_never_taken_for_one(
    answer: Answering, kind: type[GatewayError], scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    scripted.answers[CODE] = answer
    with pytest.raises(kind):
        against(scripted.url).codes.image(SCENE_TEXT, page=PAGE)


def test_the_picture_counts_whatever_its_content_type_says(
    scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    content, _ = draw(spoken("wx", PAGE, "a=1"), 300, clear=False)
    scripted.answers[CODE] = lambda _: Response(content, content_type="application/octet-stream")
    assert against(scripted.url).codes.image("a=1", page=PAGE).content_type == "image/jpeg"


def test_a_link_opens_its_page_until_it_ends(bench: Bench) -> None:
    ticket = link(bench).rpartition("/")[2]
    assert bench.world.codes.open(ticket) == {"page": PAGE, "query": {"h": "7Qm2ZtVb0sXyK4LwN9dPaR"}}
    control = f"{bench.url}/sandbox/links/{ticket}"
    assert requests.get(control, timeout=5).json()["page"] == PAGE
    bench.clock.forward(30 * 86_400)
    assert requests.get(control, timeout=5).status_code == 409


def test_a_link_can_be_looked_up(bench: Bench) -> None:
    made = link(bench, days=7)
    ends_at = moment(bench, days=7).replace(microsecond=0)
    assert bench.gateways.codes.look_up(made) == LinkFacts(PAGE, SCENE_TEXT, ends_at)
    with pytest.raises(Rejected) as caught:
        bench.gateways.codes.look_up(made + "x")
    assert caught.value.reason == "wechat_link_unknown"


def test_a_scheme_is_a_weixin_address(bench: Bench) -> None:
    made = bench.gateways.codes.scheme(path=PAGE, query=SCENE_TEXT, ends_at=moment(bench, days=1))
    assert made.startswith("weixin://")


@pytest.mark.parametrize(("later", "fits"), [(59, False), (60, True), (30 * 86_400, True), (30 * 86_400 + 1, False)])
def test_a_link_lives_a_minute_to_thirty_days(bench: Bench, later: int, fits: bool) -> None:
    bench.clock.seconds = float(int(bench.clock.seconds))
    if fits:
        assert link(bench, seconds=later)
        return
    with raises_code(85401, Rejected):
        link(bench, seconds=later)


@pytest.mark.parametrize(
    ("given", "code"),
    [({"path": "pages/nowhere"}, 40165), ({"query": "no-pair"}, 40212), ({"query": "h=楼"}, 40212)],
)
def test_a_link_has_a_known_page_and_a_proper_query(bench: Bench, given: dict[str, str], code: int) -> None:
    with raises_code(code, Rejected):
        link(bench, **given)  # type: ignore[arg-type]


def test_links_and_schemes_share_the_days_allowance(bench: Bench) -> None:
    bench.world.codes.links_left = Allowance(2)
    link(bench)
    bench.gateways.codes.scheme(path=PAGE, query=SCENE_TEXT, ends_at=moment(bench, days=1))
    with raises_code(44993, QuotaExceeded):
        link(bench)
    bench.clock.forward(9 * 3600)  # past midnight in Beijing
    assert link(bench)


def test_too_many_links_in_a_second_wait_for_the_next(bench: Bench) -> None:
    bench.world.codes.links_a_second = Allowance(1)
    link(bench)
    with pytest.raises(QuotaExceeded) as caught:
        link(bench)
    assert (caught.value.provider_code, caught.value.retry_after) == (44990, 1.0)


def test_links_opened_too_often_stay_shut_for_the_day(bench: Bench) -> None:
    bench.world.codes.visits_left = Allowance(1)
    ticket = link(bench).rpartition("/")[2]
    assert [requests.get(f"{bench.url}/sandbox/links/{ticket}", timeout=5).status_code for _ in range(2)] == [200, 409]


@pytest.mark.parametrize("code", [40002, 40013, 85079, 85402, 85407, 85408])
def test_what_only_the_operator_can_mend_is_told_apart(bench: Bench, code: int) -> None:
    bench.world.faults.put("link", {"errcode": code})
    kind = Rejected if code == 85402 else Misconfigured
    with raises_code(code, kind):
        link(bench)


def test_neither_scene_nor_query_reaches_the_log(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    scripted.answers[CODE] = lambda asked: {"errcode": 41030, "errmsg": f"bad: {asked.get_json(force=True)['scene']}"}
    with structlog.testing.capture_logs() as logs, pytest.raises(Misconfigured):
        against(scripted.url).codes.image(SCENE_TEXT, page=PAGE)
    assert [entry["errmsg"] for entry in logs] == ["bad: ***"]


@settings(max_examples=15, deadline=None)
@given(scene=st.from_regex(SCENE, fullmatch=True))
def test_every_scene_that_is_allowed_is_read_back(scene: str) -> None:
    content, _ = draw(spoken("wx0000sandbox00000", PAGE, scene), 430, clear=False)
    (text,) = read_codes(content)
    assert heard(text) == (PAGE, scene)


@given(most=st.integers(1, 20), takes=st.lists(st.integers(0, 3), max_size=60))
def test_an_allowance_gives_as_much_as_it_has_in_each_stretch(most: int, takes: list[int]) -> None:
    allowance, stretches, given_out = Allowance(most), sorted(takes), []
    for stretch in stretches:
        try:
            allowance.take(stretch, Refusal(1, "no"))
            given_out.append(stretch)
        except Refusal:
            assert given_out.count(stretch) == most
    assert all(given_out.count(one) == min(stretches.count(one), most) for one in set(stretches))
