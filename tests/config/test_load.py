"""Settings from the environment: every problem at once, secrets from files, nothing careless in production."""

import json
import os

import pytest

from config import Environment, InvalidSettings, load
from config.settings import SANDBOX_TEMPLATES

KEY = "k" * 40
PRODUCTION = {
    "WUYOU_ENV": "production",
    "WUYOU_PUBLIC_URL": "https://wuyou.example.cn/",
    "WUYOU_TOKEN_KEY": KEY,
    "WUYOU_LOOKUP_KEY": KEY + "2",
    "WUYOU_DATA_KEYS": f"a={KEY}3,b={KEY}4",
    "WUYOU_WECHAT_APPID": "wx1234567890abcdef",
    "WUYOU_WECHAT_SECRET": "s" * 32,
    "WUYOU_WECHAT_API_URL": "https://api.weixin.qq.com",
    "WUYOU_WECOM_URL": "https://qyapi.weixin.qq.com",
    "WUYOU_WECHAT_TEMPLATES": json.dumps(
        {kind: {"id": f"id-{kind}", "fields": dict(template.fields)} for kind, template in SANDBOX_TEMPLATES.items()}
    ),
}


@pytest.fixture
def environment(monkeypatch):
    """An environment with nothing of ours but what the test sets."""
    for name in os.environ:
        if name.startswith("WUYOU_"):
            monkeypatch.delenv(name)
    return lambda values: [monkeypatch.setenv(name, value) for name, value in values.items()]


def problems():
    with pytest.raises(InvalidSettings) as refused:
        load()
    return refused.value.problems


def test_without_settings_it_is_a_trial_against_the_sandbox(environment):
    settings = load()
    assert settings.environment is Environment.DEVELOPMENT
    assert settings.wechat.is_sandbox


def test_good_production_settings_are_taken(environment):
    environment(PRODUCTION)
    settings = load()
    assert settings.public_url == "https://wuyou.example.cn"
    assert not settings.wechat.is_sandbox
    assert list(settings.secrets.data_keys) == ["a", "b"]
    assert settings.wechat.templates["ticket_work"].template_id == "id-ticket_work"


def test_pay_is_where_the_mini_program_is(environment):
    environment({"WUYOU_WECHAT_API_URL": "http://127.0.0.1:7001/"})
    assert load().wechat.pay_url == "http://127.0.0.1:7001"
    environment(PRODUCTION)
    assert load().wechat.pay_url == "https://api.mch.weixin.qq.com"


def test_production_does_not_pay_at_simulated_counters(environment):
    environment({**PRODUCTION, "WUYOU_WECHAT_PAY_URL": "http://127.0.0.1:5051"})
    assert "sandbox" in "\n".join(problems())


def test_all_problems_are_told_at_once(environment):
    environment(
        {"WUYOU_ACCESS_MINUTES": "0", "WUYOU_DATABASE_POOL": "many", "WUYOU_LOG_LEVEL": "LOUD", "WUYOU_ENV": "moon"}
    )
    said = "\n".join(problems())
    for name in ("ACCESS_MINUTES", "DATABASE_POOL", "LOG_LEVEL", "ENV"):
        assert name in said


@pytest.mark.parametrize(
    ("name", "value", "mentioned"),
    [
        ("WUYOU_TOKEN_KEY", None, "WUYOU_TOKEN_KEY"),
        ("WUYOU_LOOKUP_KEY", None, "WUYOU_LOOKUP_KEY"),
        ("WUYOU_DATA_KEYS", None, "WUYOU_DATA_KEYS"),
        ("WUYOU_TOKEN_KEY", "short", "WUYOU_TOKEN_KEY"),
        ("WUYOU_DATA_KEYS", "a=short", "WUYOU_DATA_KEYS"),
        ("WUYOU_WECHAT_APPID", None, "sandbox"),
        ("WUYOU_WECHAT_API_URL", "http://127.0.0.1:5051", "sandbox"),
        ("WUYOU_WECHAT_API_URL", None, "sandbox"),
        ("WUYOU_PUBLIC_URL", "http://wuyou.example.cn", "https"),
    ],
)
def test_production_refuses(environment, name, value, mentioned):
    environment({key: given for key, given in PRODUCTION.items() if key != name} | ({name: value} if value else {}))
    assert any(mentioned in problem for problem in problems())


def test_bare_production_names_every_careless_default(environment):
    environment({"WUYOU_ENV": "production"})
    said = "\n".join(problems())
    for name in ("TOKEN_KEY", "LOOKUP_KEY", "DATA_KEYS", "WECHAT", "PUBLIC_URL"):
        assert name in said


def test_a_secret_may_come_from_a_file(environment, tmp_path):
    (tmp_path / "key").write_text(KEY + "from-a-file\n")
    environment(PRODUCTION)
    os.environ.pop("WUYOU_TOKEN_KEY")
    environment({"WUYOU_TOKEN_KEY_FILE": str(tmp_path / "key")})
    assert load().secrets.token_key == KEY + "from-a-file"


def test_with_a_secret_file_that_is_missing_nothing_starts(environment, tmp_path):
    environment({"WUYOU_TOKEN_KEY_FILE": str(tmp_path / "nothing")})
    with pytest.raises((InvalidSettings, ValueError), match="TOKEN_KEY"):
        load()


@pytest.mark.parametrize(
    "templates", ["{", "[]", '{"ticket_work": {}}', '{"ticket_work": {"id": "x"}, "ticket_progress": {"id": "y"}}']
)
def test_templates_that_do_not_fit_are_refused(environment, templates):
    environment({"WUYOU_WECHAT_TEMPLATES": templates})
    assert any("TEMPLATES" in problem for problem in problems())
