"""``flask wechat doctor`` over real HTTP: against the sandbox, with each trouble switched on, and our own address as WeChat
calls it."""

import dataclasses
import datetime as dt
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask, redirect

from app import create_app
from app.database import migrated
from app.doctor import steps
from app.doctor.examining import Health, Step, examine
from app.extensions import db
from app.factory import outside
from app.settings import GATEWAYS, SETTINGS
from app.transaction import READ_ENGINE, transaction
from config import Settings, WeChatSettings
from config.settings import Environment
from models import DataKey, OutboxMessage, PushEvent
from services.errors import Conflict
from services.ports import Finding
from services.sealing import keyring
from services.vault import MasterKeys
from tests.databases import settings_for
from tests.wechat.fakes import Clock, serving
from wechat.sandbox import World, create_sandbox
from wechat.trying_out import EVENT

OTHER_KEY = "b" * 43
REAL = WeChatSettings(
    appid="wx0123456789abcdef",
    secret="0123456789abcdef" * 2,
    api_url="https://api.weixin.qq.com",
    wecom_url="https://qyapi.weixin.qq.com",
    pay_url="https://api.mch.weixin.qq.com",
)


class Clinic:
    """A sandbox to be made to fail, an application of ours that WeChat can call, and another that is examined."""

    def __init__(self, settings: Settings, world: World) -> None:
        self.world = world
        self.settings = settings
        self.app = create_app(settings)

    @contextmanager
    def put_right(self) -> Iterator[None]:
        """Undo afterwards what a test did to the sandbox, to the settings and to the database."""
        given = self.settings
        with self.app.app_context():
            version = migrated()
        yield
        self.world.reset()
        self.use(given)
        with self.app.app_context(), transaction() as session:
            for table in (PushEvent, OutboxMessage, DataKey):
                session.execute(sa.delete(table))
            session.execute(sa.text("delete from alembic_version"))
            session.execute(sa.text("insert into alembic_version values (:version)"), {"version": version})

    def use(self, settings: Settings) -> "Clinic":
        """Have the examined application run with other settings, as an operator might have got them wrong."""
        self.settings = settings
        self.app.extensions[SETTINGS] = settings
        self.app.extensions[GATEWAYS] = outside(self.app, settings)
        return self

    def but(self, **changes: object) -> "Clinic":
        return self.use(dataclasses.replace(self.settings, **changes))

    def with_wechat(self, **changes: object) -> "Clinic":
        return self.but(wechat=dataclasses.replace(self.settings.wechat, **changes))

    def run(self, *words: str) -> tuple[int, str]:
        result = self.app.test_cli_runner().invoke(args=["wechat", "doctor", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    def step(self, code: str) -> dict[str, str]:
        """What the doctor says of one step; the exit status agrees with it."""
        status, output = self.run("--json")
        said = {one["code"]: one for one in json.loads(output)["steps"]}
        assert status == any(one["health"] == "ill" for one in said.values())
        return said[code]

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
            self.app.extensions[READ_ENGINE].dispose()


@contextmanager
def opened(databases, **changes: object) -> Iterator[Clinic]:
    """Open a place where the examined application and the one that WeChat calls have the same settings."""
    world = World()
    served = Flask("not yet there")
    with serving(create_sandbox(world)) as wechat, serving(served) as url:
        given = WeChatSettings(api_url=wechat, wecom_url=wechat, timeouts=(5.0, 5.0), **changes)
        settings = settings_for(databases.fresh(), public_url=url, wechat=given)
        running, place = Clinic(settings, world), Clinic(settings, world)
        served.wsgi_app = running.app.wsgi_app
        try:
            yield place
        finally:
            running.close()
            place.close()


@pytest.fixture(scope="module")
def place(databases):
    with opened(databases) as clinic:
        yield clinic


@pytest.fixture
def clinic(place):
    with place.put_right():
        yield place


def test_all_is_well_in_a_trial(clinic):
    status, output = clinic.run()
    assert (status, output.splitlines()[-1]) == (0, f"{len(steps.STEPS)}步都好。"), output
    assert "模拟微信" in output


def test_a_program_reads_the_same(clinic):
    status, output = clinic.run("--json")
    said = json.loads(output)
    assert (status, said["well"]) == (0, True)
    assert [one["code"] for one in said["steps"]] == [step.code for step in steps.STEPS]
    assert {one["health"] for one in said["steps"]} == {"well"}


TROUBLES_OF_THE_TOKEN = {
    40164: ("203.0.113.7", "IP 白名单"),
    40125: ("密钥不对", "AppSecret"),
    40013: ("AppID 不对", "照抄 AppID"),
    40243: ("冻结", "解冻"),
    89503: ("等管理员确认", "点同意"),
    50007: ("冻结", "通知中心"),
    -1: ("正忙", "过几分钟"),
    45009: ("次数用完", "接口设置"),
    99999: ("没有接受", "原话"),
}


@pytest.mark.parametrize("errcode", TROUBLES_OF_THE_TOKEN)
def test_why_there_is_no_token_and_where_to_mend_it(clinic, errcode):
    clinic.world.faults.put("token", {"errcode": errcode})
    found = clinic.step("token")
    words, mend = TROUBLES_OF_THE_TOKEN[errcode]
    assert found["health"] == "ill"
    assert words in found["words"] + found["mend"]
    assert mend in found["mend"]
    assert "rid" in found["said"]


@pytest.mark.parametrize("fault", [{"http": 500}, {"http": 429}, {"delay": 1.5}])
def test_wechat_in_trouble_is_not_our_settings(clinic, fault):
    clinic.world.faults.put("token", fault)
    found = clinic.with_wechat(timeouts=(5.0, 1.0)).step("token")
    assert (found["health"], "过几分钟" in found["mend"]) == ("ill", True)


def test_a_wrong_secret_is_found_whatever_token_is_kept(clinic):
    assert clinic.step("token")["health"] == "well"
    assert "密钥不对" in clinic.with_wechat(secret="not-the-secret").step("token")["words"]


def test_what_rests_on_an_ill_step_is_not_looked_at(clinic):
    clinic.world.faults.put("token", {"errcode": 40164})
    status, output = clinic.run()
    assert status == 1
    assert "没查　消息模板：先修好“通行证”，再看这一步。" in output
    assert output.splitlines()[-1] == f"{len(steps.STEPS)}步里有1步要修，还有2步没查。改好了再运行一次。"


@pytest.mark.parametrize(("ahead", "health"), [(50, "well"), (3600, "ill")])
def test_a_clock_that_is_off_is_seen_in_wechats_answers(clinic, ahead, health):
    clinic.world.clock.step(ahead)
    found = clinic.step("clock")
    assert found["health"] == health
    if health == "ill":
        assert "慢了3" in found["words"]
        assert "timedatectl" in found["mend"]


def test_a_clock_cannot_be_compared_with_nobody(clinic):
    clinic = clinic.with_wechat(api_url="http://127.0.0.1:1")
    assert clinic.step("clock")["words"] == "连不上微信。"


def test_templates_that_do_not_match_are_told(clinic):
    clinic.world.library.spoil("SANDBOX-notice", "事项:{{thing9.DATA}}\n")
    found = clinic.step("templates")
    assert found["health"] == "ill"
    assert "thing9" in found["words"]
    assert "我的模板" in found["mend"]


@pytest.mark.parametrize(("errcode", "words"), [(48001, "没有开通此功能"), (44991, "太频繁"), (87014, "没有接受")])
def test_a_content_check_that_refuses_us_is_told(clinic, errcode, words):
    clinic.world.faults.put("text", {"errcode": errcode})
    found = clinic.step("content")
    assert (found["health"], words in found["words"]) == ("ill", True)


@pytest.mark.parametrize("errcode", [61010, 43104])
def test_a_content_check_that_does_not_know_nobody_works(clinic, errcode):
    clinic.world.faults.put("text", {"errcode": errcode})
    assert clinic.step("content")["health"] == "well"


@pytest.mark.parametrize("mode", ["plain", "compatible"])
def test_our_own_address_is_called_as_wechat_does_in_other_modes(databases, mode):
    with opened(databases, push_mode=mode) as place:
        assert place.step("callback")["health"] == "well"
        with place.app.app_context(), transaction() as session:
            assert session.scalars(sa.select(PushEvent.event)).all() == [EVENT]


@pytest.mark.parametrize(
    ("changes", "words", "mend"),
    [
        ({"push_token": "another"}, "口令", "WUYOU_WECHAT_PUSH_TOKEN"),
        ({"push_key": OTHER_KEY}, "密钥", "WUYOU_WECHAT_PUSH_KEY"),
        ({"push_mode": "plain"}, "加密方式", "WUYOU_WECHAT_PUSH_MODE"),
        ({"push_token": ""}, "没有设置消息推送", "随机生成"),
    ],
)
def test_what_runs_with_other_settings_than_these_is_found(clinic, changes, words, mend):
    found = clinic.with_wechat(**changes).step("callback")
    assert found["health"] == "ill"
    assert words in found["words"]
    assert mend in found["mend"]


def test_another_mini_programs_server_is_found(clinic):
    # Only the callback: WeChat itself would refuse this appid before.
    found = clinic.with_wechat(appid="wxsomebodyelse0000").step("callback")
    assert "另一个小程序" in found["words"]


def test_an_address_where_nobody_answers_is_told(clinic):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = clinic.but(public_url=f"http://127.0.0.1:{free.getsockname()[1]}").step("callback")
    assert (found["health"], "打不开" in found["words"]) == ("ill", True)


@pytest.mark.parametrize(("answer", "words"), [("hello", "不是我们的程序"), ("", "会跳到别的地址")])
def test_what_is_not_ours_is_told(clinic, answer, words):
    stranger = Flask("stranger")

    @stranger.route("/callbacks/wechat/push", methods=["GET", "POST"])
    def push():
        return answer or redirect("https://wuyou.example.cn/")

    with serving(stranger) as url:
        assert words in clinic.but(public_url=url).step("callback")["words"]


def test_a_port_that_wechat_does_not_call_is_told(clinic):
    with clinic.but(public_url="https://wuyou.example.cn:8443", wechat=REAL).app.app_context():
        assert "端口" in steps.callback_reachable().words


def test_the_last_push_of_wechat_is_told_and_our_own_is_not_taken_for_it(clinic):
    for _ in range(2):
        assert "还没有推送过" in clinic.step("callback")["words"]
    with clinic.app.app_context(), transaction() as session:
        moment = dt.datetime(2026, 11, 23, 1, 5, tzinfo=dt.UTC)
        row = {"key": "k", "event": "wxa_media_check", "state": "done", "received_at": moment, "handled_at": moment}
        session.add(PushEvent(payload_sealed=None, outcome="pass", **row))
    assert "最近一次推送是11月23日 09:05" in clinic.step("callback")["words"]


def test_real_settings_are_looked_through(clinic):
    wrong = dataclasses.replace(REAL, appid="wx-mine", secret="short")
    with clinic.but(public_url="http://wuyou.example.cn", wechat=wrong).app.app_context():
        words = steps.settings_present().words
    for name in ("APPID", "SECRET", "TEMPLATES", "PUBLIC_URL", "TOKEN_KEY", "ENV"):
        assert f"WUYOU_{name}" in words or f"WUYOU_WECHAT_{name}" in words


def test_real_settings_that_are_complete_are_well(clinic):
    templates = {kind: dataclasses.replace(one, template_id=f"real-{kind}") for kind, one in REAL.templates.items()}
    secrets = dataclasses.replace(
        clinic.settings.secrets, token_key="t" * 40, lookup_key="l" * 40, data_keys={"k": "d" * 40}
    )
    right = clinic.but(
        environment=Environment.PRODUCTION,
        public_url="https://wuyou.example.cn",
        secrets=secrets,
        wechat=dataclasses.replace(REAL, templates=templates, miniprogram_state="trial"),
    )
    with right.app.app_context():
        assert steps.settings_present() == Finding(well=True, words="该有的都有。消息点开的是体验版。")


def test_a_database_of_another_version_is_told(clinic):
    with clinic.app.app_context(), transaction() as session:
        session.execute(sa.text("update alembic_version set version_num = '0001'"))
    assert "db upgrade" in clinic.step("database")["mend"]
    with clinic.app.app_context(), transaction() as session:
        session.execute(sa.text("delete from alembic_version"))
    assert "没有回答" in clinic.step("database")["words"]
    assert clinic.step("keys")["health"] == "unseen"


def test_a_master_key_that_is_missing_is_named(clinic):
    with clinic.app.app_context(), transaction() as session:
        keyring.make(session, masters=MasterKeys({"old-one": "o" * 40}), now=dt.datetime.now(dt.UTC))
    found = clinic.step("keys")
    assert (found["health"], "old-one" in found["mend"]) == ("ill", True)


def test_a_redis_that_is_away_is_told(clinic):
    found = clinic.but(redis_url="redis://:hush-hush@127.0.0.1:1/0").step("redis")
    assert (found["health"], "WUYOU_REDIS_URL" in found["mend"]) == ("ill", True)


def test_no_secret_is_printed_whatever_is_wrong(clinic, capfd):
    for endpoint in ("token", "templates", "text"):
        clinic.world.faults.put(endpoint, {"errcode": 40001})
    sick = clinic.but(redis_url="redis://:hush-hush@127.0.0.1:1/0")
    sick = sick.with_wechat(push_token="my-push-token", push_key=OTHER_KEY, secret="my-app-secret")
    said = "".join(sick.run(*words)[1] for words in ((), ("--json",))) + "".join(capfd.readouterr())
    wechat, keys = sick.settings.wechat, sick.settings.secrets
    secrets = [wechat.secret, wechat.push_token, wechat.push_key, keys.token_key, "hush-hush", "sandbox-1-"]
    assert "要修" in said
    assert [secret for secret in secrets if secret in said] == []


def test_a_step_that_breaks_is_its_own_finding_and_tells_only_its_kind():
    def broken() -> Finding:
        raise RuntimeError("postgresql://user:password@host")

    def refused() -> Finding:
        raise Conflict("现在不行。")

    found = examine([Step("a", "甲", broken), Step("b", "乙", refused), Step("c", "丙", refused, needs=("a", "b"))])
    assert [one.health for one in found] == [Health.ILL, Health.ILL, Health.UNSEEN]
    assert "password" not in found[0].words
    assert found[1].words == "现在不行。"
    assert found[2].words == "先修好“甲”“乙”，再看这一步。"


def test_the_clock_of_the_sandbox_is_in_its_answers():
    clock = Clock()
    answer = create_sandbox(World(clock=clock)).test_client().get("/sandbox/clock")
    assert answer.headers["Date"] == "Mon, 23 Nov 2026 07:00:30 GMT"


def test_without_a_merchant_one_pays_at_the_station(clinic):
    found = clinic.step("payments")
    assert (found["health"], "到服务站交费" in found["words"]) == ("well", True)
