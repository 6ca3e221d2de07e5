"""Our gateways against the sandbox over HTTP: phones, session keys, content checks, templates, and pushes back to us."""

import base64
import datetime as dt
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from flask import Flask, request

from config import MessageTemplate, WeChatSettings
from services.errors import CallbackRefused, QuotaExceeded, Rejected, TryLater
from services.ports import Push
from tests.wechat.conftest import PROGRESS, Bench
from tests.wechat.fakes import serving
from wechat.push import PushReader
from wechat.sandbox.push import FORMATS, MODES
from wechat.templates import problems

PHOTO = "https://wuyou.example.cn/photo.jpg"


class Ours:
    """Our callback: believes with the real rules, remembers what it believed and why it did not."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.mode = "secure"
        self.heard: list[Push] = []
        self.refused: list[str] = []

    def app(self) -> Flask:
        app = Flask("ours")

        @app.post("/push")
        def push() -> tuple[str, int]:
            reader = PushReader(replace(WeChatSettings(), push_mode=self.mode))
            now = dt.datetime.fromtimestamp(self.bench.world.clock(), dt.UTC)
            try:
                self.heard.append(reader.read(request.args, request.get_data(), now=now))
            except CallbackRefused as refused:
                self.refused.append(refused.reason)
                return "no", 403
            return "success", 200

        return app


@pytest.fixture
def ours(bench: Bench) -> Iterator[Ours]:
    side = Ours(bench)
    with serving(side.app()) as url:
        bench.world.pushes.url = f"{url}/push"
        yield side


@pytest.fixture
def identity(bench: Bench) -> Any:
    """Zhang has just opened the mini-program."""
    return bench.gateways.login.exchange(bench.world.phones.login_code("zhang"))


def tap(bench: Bench, method: str, path: str, body: Any = None) -> Any:
    return requests.request(method, f"{bench.url}/sandbox/{path}", json=body, timeout=5).json()


def test_a_phone_number_costs_one_code(bench: Bench) -> None:
    code = bench.world.phones.phone_code("zhang")
    number = bench.gateways.phones.ask(code)
    assert number.startswith("+86138")
    for wrong in (code, "never given", bench.world.phones.login_code("zhang")):
        with pytest.raises(Rejected) as refused:
            bench.gateways.phones.ask(wrong)
        assert refused.value.reason == "wechat_code_invalid"
        assert "自己填写" in refused.value.detail


def test_an_old_phone_code_is_worth_nothing(bench: Bench) -> None:
    code = bench.world.phones.phone_code("zhang")
    bench.world.clock.step(301)
    with pytest.raises(Rejected):
        bench.gateways.phones.ask(code)


def sealed(bench: Bench, session_key: str, **watermark: Any) -> tuple[str, str]:
    now = dt.datetime.now(dt.UTC)
    mark = {"appid": bench.settings.wechat.appid, "timestamp": int(now.timestamp()), **watermark}
    plain = json.dumps({"purePhoneNumber": "13800138000", "countryCode": "86", "watermark": mark}).encode()
    plain += bytes([16 - len(plain) % 16]) * (16 - len(plain) % 16)
    encryptor = Cipher(AES(base64.b64decode(session_key)), CBC(b"i" * 16)).encryptor()
    return base64.b64encode(encryptor.update(plain)).decode(), base64.b64encode(b"i" * 16).decode()


def test_an_older_clients_number_is_read_with_the_session_key(bench: Bench, identity: Any) -> None:
    now = dt.datetime.now(dt.UTC)
    read = bench.gateways.phones.read
    assert read(*sealed(bench, identity.session_key), identity.session_key, now=now) == "+8613800138000"
    for changes, code in (({"appid": "wxother"}, "wechat_data_foreign"), ({"timestamp": 1}, "wechat_data_stale")):
        with pytest.raises(Rejected) as refused:
            read(*sealed(bench, identity.session_key, **changes), identity.session_key, now=now)
        assert refused.value.reason == code
    for rubbish in (("AAAA", "AAAA"), ("not base64!", "x"), sealed(bench, "A" * 22 + "==")):
        with pytest.raises(Rejected) as refused:
            read(*rubbish, identity.session_key, now=now)
        assert refused.value.reason == "wechat_data_unreadable"


def test_a_session_key_is_known_until_it_is_reset(bench: Bench, identity: Any) -> None:
    login = bench.gateways.login
    assert login.is_current(identity.openid, identity.session_key)
    fresh = login.reset(identity.openid, identity.session_key)
    assert fresh != identity.session_key
    assert not login.is_current(identity.openid, identity.session_key)
    assert login.is_current(identity.openid, fresh)


@pytest.mark.parametrize(
    ("text", "suggest", "label"),
    [("楼道灯不亮", "pass", 100), ("快来赌博网站", "risky", 20006), ("加我微信领鸡蛋", "review", 10001)],
)
def test_what_wechat_says_of_a_text(bench: Bench, identity: Any, text: str, suggest: str, label: int) -> None:
    verdict = bench.gateways.content.check_text(text, identity.openid)
    assert (verdict.suggest, verdict.label) == (suggest, label)
    assert verdict.trace_id


def test_somebody_who_was_not_seen_for_two_hours_is_not_checked(bench: Bench, identity: Any) -> None:
    bench.world.clock.step(2 * 3600 + 1)
    for check in (bench.gateways.content.check_text, bench.gateways.content.check_image):
        with pytest.raises(Rejected) as refused:
            check(PHOTO, identity.openid)
        assert refused.value.reason == "wechat_openid_unseen"


@pytest.mark.parametrize(
    ("endpoint", "call"),
    [
        ("phone", lambda bench, _: bench.gateways.phones.ask("code")),
        ("session", lambda bench, who: bench.gateways.login.is_current(who.openid, who.session_key)),
        ("text", lambda bench, who: bench.gateways.content.check_text("灯", who.openid)),
        ("media", lambda bench, who: bench.gateways.content.check_image(PHOTO, who.openid)),
        ("templates", lambda bench, _: bench.gateways.messages.template_problems({})),
    ],
)
def test_trouble_is_ordered_for_each_endpoint(bench: Bench, identity: Any, endpoint: str, call: Any) -> None:
    for fault, error in (({"errcode": -1}, TryLater), ({"http": 500}, TryLater), ({"errcode": 45009}, QuotaExceeded)):
        bench.world.faults.put(endpoint, {**fault, "times": 1})
        with pytest.raises(error):
            call(bench, identity)
    bench.world.tokens.expire_all()
    if endpoint == "text":
        call(bench, identity)


@pytest.mark.parametrize(("mode", "form"), list(itertools.product(MODES, FORMATS)))
def test_a_photos_result_comes_as_a_push_in_every_mode_and_form(
    bench: Bench, ours: Ours, identity: Any, mode: str, form: str
) -> None:
    ours.mode = mode
    tap(bench, "PUT", "push", {"mode": mode, "format": form})
    trace_id = bench.gateways.content.check_image(PHOTO, identity.openid)
    assert bench.world.callbacks.run_due() == 0
    bench.world.clock.step(5)
    bench.world.callbacks.run_due()
    assert ours.refused == []
    (push,) = ours.heard
    assert (push.event, push.openid, push.fields["trace_id"]) == ("wxa_media_check", identity.openid, trace_id)
    assert push.fields["result"]["suggest"] == "pass"
    assert str(push.fields["errcode"]) == "0"


@pytest.mark.parametrize(("ordered", "errcode", "suggest"), [("risky", "0", "risky"), ("unfetchable", "-1008", None)])
def test_what_comes_of_photos_is_ordered(
    bench: Bench, ours: Ours, identity: Any, ordered: str, errcode: str, suggest: str | None
) -> None:
    tap(bench, "PUT", "content", {"photos": ordered})
    bench.gateways.content.check_image(PHOTO, identity.openid)
    bench.world.clock.step(5)
    bench.world.callbacks.run_due()
    (push,) = ours.heard
    assert str(push.fields["errcode"]) == errcode
    assert push.fields.get("result", {}).get("suggest") == suggest


@pytest.mark.parametrize("form", FORMATS)
def test_taps_messages_and_settings_come_as_pushes(bench: Bench, ours: Ours, form: str) -> None:
    tap(bench, "PUT", "push", {"format": form})
    tap(bench, "POST", "phones/zhang/grants", {"template_id": PROGRESS, "answer": "accept"})
    bench.gateways.messages.send(bench.message())
    tap(bench, "DELETE", f"phones/zhang/grants/{PROGRESS}")
    tap(bench, "POST", "phones/zhang/revoke", {"info": "8"})
    tap(bench, "DELETE", "phones/zhang/account")
    bench.world.callbacks.run_due()
    assert ours.refused == []
    assert [push.event for push in ours.heard] == [
        "subscribe_msg_popup_event",
        "subscribe_msg_sent_event",
        "subscribe_msg_change_event",
        "user_authorization_revoke",
        "user_authorization_cancellation",
    ]
    tapped, sent, switched, revoked, _ = ours.heard
    assert (tapped.items[0]["TemplateId"], tapped.items[0]["SubscribeStatusString"]) == (PROGRESS, "accept")
    assert str(sent.items[0]["ErrorCode"]) == "0"
    assert switched.items[0]["SubscribeStatusString"] == "reject"
    assert (revoked.fields["OpenID"], str(revoked.fields["RevokeInfo"])) == (bench.openid, "8")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("forged", "callback_forged"), ("old", "callback_stale"), ("truncated", "callback_unreadable")],
)
def test_a_spoiled_push_is_refused_and_the_next_try_believed(bench: Bench, ours: Ours, fault: str, reason: str) -> None:
    bench.world.callbacks.faults.put("push", fault)
    tap(bench, "POST", "phones/zhang/grants", {"template_id": PROGRESS, "answer": "accept"})
    bench.world.callbacks.run_due()
    assert (ours.refused, ours.heard) == ([reason], [])
    bench.world.clock.step(6)
    bench.world.callbacks.run_due()
    assert [push.event for push in ours.heard] == ["subscribe_msg_popup_event"]


def test_a_push_for_another_mini_program_is_refused(bench: Bench, ours: Ours) -> None:
    bench.world.pushes._appid = "wxsomebodyelse0000"
    bench.world.pushes.send("debug_demo", bench.openid)
    bench.world.callbacks.run_due()
    assert ours.refused == ["callback_wrong_appid"]


def test_templates_that_match_need_nothing(bench: Bench) -> None:
    assert bench.gateways.messages.template_problems({}) == []


def test_each_difference_of_templates_is_told_in_words(bench: Bench) -> None:
    library = bench.world.library
    library.spoil(PROGRESS, "编号:{{character_string1.DATA}}\n事项:{{thing9.DATA}}\n")
    library.remove({"priTmplId": "SANDBOX-notice"})
    said = "\n".join(bench.gateways.messages.template_problems({}))
    assert "小程序里没有编号为 SANDBOX-notice 的模板" in said
    assert "模板里没有 thing2 这一项" in said
    assert "thing9 没有对应的内容" in said
    assert all(line.endswith("。") for line in said.splitlines())


def test_a_fixed_list_of_words_is_compared_with_ours(bench: Bench) -> None:
    theirs = [
        {
            "priTmplId": "T",
            "title": "进度",
            "content": "进度:{{enum1.DATA}}",
            "keywordEnumValueList": [{"keywordCode": "enum1.DATA", "enumValueList": ["已派单", "已完成"]}],
        }
    ]
    ours = MessageTemplate("T", {"state": "enum1"})
    assert problems("x", ours, theirs, {"state": ["已派单"]}) == []
    (said,) = problems("x", ours, theirs, {"state": ["已派单", "修理中"]})
    assert "修理中" in said
    assert "不固定" in problems("x", ours, theirs, {})[0]


def test_templates_are_added_and_removed_as_wechat_does(bench: Bench) -> None:
    library = bench.world.library
    added = library.add({"tid": "1101", "kidList": [1, 2], "sceneDesc": "报修"})["priTmplId"]
    assert added in {one["priTmplId"] for one in library.listed()["data"]}
    library.remove({"priTmplId": added})
    assert added not in {one["priTmplId"] for one in library.listed()["data"]}


def test_the_allowance_of_an_address_can_be_asked(bench: Bench) -> None:
    bench.grant()
    bench.gateways.messages.send(bench.message())
    token = bench.world.tokens.stable(force=False)[0]
    url = f"{bench.url}/cgi-bin/openapi/quota/get?access_token={token}"
    answer = requests.post(url, json={"cgi_path": "/cgi-bin/message/subscribe/send"}, timeout=5).json()
    assert answer["quota"] == {"daily_limit": 10_000_000, "used": 1, "remain": 9_999_999}
    assert requests.post(url, json={"cgi_path": "/moon"}, timeout=5).json()["errcode"] == 76021
