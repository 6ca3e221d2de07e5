"""Environment variables become ``Settings``, once.  All problems are reported together.

Every name may also be given as ``NAME_FILE=/path`` (Docker and systemd secrets): the file's text is the value.
"""

import re
from collections.abc import Mapping
from typing import Any

from environs import EnvError, EnvValidationError, FileAwareEnv
from marshmallow import ValidationError, validate

from config.settings import (
    DEVELOPMENT_KEY,
    OPTIONAL_TEMPLATES,
    PAY_URLS,
    SANDBOX_APPID,
    SANDBOX_CORP_SECRET,
    SANDBOX_CORPID,
    SANDBOX_PUSH_KEY,
    SANDBOX_PUSH_TOKEN,
    SANDBOX_SECRET,
    SANDBOX_TEMPLATES,
    SANDBOX_URL,
    DatabaseSettings,
    Environment,
    FileSettings,
    MessageTemplate,
    SecretSettings,
    Settings,
    WeChatSettings,
)

SHORTEST_KEY = 32
PUSH_KEY_FORM = re.compile("[A-Za-z0-9]{43}")
KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}")


class InvalidSettings(Exception):
    """The settings cannot be used; ``problems`` lists every reason, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["Settings are not usable:", *(f"  - {problem}" for problem in problems)]))
        self.problems = problems


class _CollectingEnv(FileAwareEnv):
    """Notes a secret file that cannot be read with the other problems, instead of stopping at it."""

    def _get_value(self, env_key: str, default: Any) -> Any:
        try:
            return super()._get_value(env_key, default)
        except ValueError as error:
            self._errors[env_key].append(str(error))
            return default


def load() -> Settings:
    """Read the settings from the process environment, or raise ``InvalidSettings`` with every problem found."""
    env = _CollectingEnv(eager=False, prefix="WUYOU_")
    values = _read(env)
    problems: list[str] = []
    try:
        env.seal()
    except EnvValidationError as error:
        said = error.error_messages
        by_name = said.items() if isinstance(said, Mapping) else [("settings", said)]
        problems += [f"{name}: {' '.join(map(str, messages))}" for name, messages in by_name]
    except EnvError as error:
        problems.append(str(error))
    if problems:
        raise InvalidSettings(problems)
    problems += push_problems(values)
    if problems:
        raise InvalidSettings(problems)
    settings = _build(values)
    if settings.environment is Environment.PRODUCTION and (problems := production_problems(settings)):
        raise InvalidSettings(problems)
    return settings


def production_problems(settings: Settings) -> list[str]:
    """What forbids running these settings in production: default keys, the sandbox, plain http."""
    secrets = settings.secrets
    checks = [
        (secrets.token_key == DEVELOPMENT_KEY, "WUYOU_TOKEN_KEY: set an own random key"),
        (secrets.lookup_key == DEVELOPMENT_KEY, "WUYOU_LOOKUP_KEY: set an own random key"),
        (DEVELOPMENT_KEY in secrets.data_keys.values(), "WUYOU_DATA_KEYS: set own random keys"),
        (settings.wechat.is_sandbox, "WUYOU_WECHAT_*: production refuses to run against the sandbox"),
        (
            settings.wechat.templates == SANDBOX_TEMPLATES,
            "WUYOU_WECHAT_TEMPLATES: give the mini-program's own templates",
        ),
        (
            settings.wechat.push_token == SANDBOX_PUSH_TOKEN,
            "WUYOU_WECHAT_PUSH_TOKEN: everybody knows the sandbox's; set the one of WeChat's console",
        ),
        (not settings.public_url.startswith("https://"), "WUYOU_PUBLIC_URL: must start with https://"),
    ]
    keys = {"WUYOU_TOKEN_KEY": secrets.token_key, "WUYOU_LOOKUP_KEY": secrets.lookup_key}
    keys |= {f"WUYOU_DATA_KEYS[{key_id}]": key for key_id, key in secrets.data_keys.items()}
    checks += [
        (len(key) < SHORTEST_KEY, f"{name}: shorter than {SHORTEST_KEY} characters") for name, key in keys.items()
    ]
    return [problem for broken, problem in checks if broken]


def push_problems(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with the settings of WeChat's pushes."""
    key, needs_key = values["push_key"], values["push_token"] and values["push_mode"] != "plain"
    if needs_key and not key:
        return ["WUYOU_WECHAT_PUSH_KEY: needed with WUYOU_WECHAT_PUSH_TOKEN"]
    if key and not PUSH_KEY_FORM.fullmatch(key):
        return ["WUYOU_WECHAT_PUSH_KEY: has 43 letters and digits (EncodingAESKey)"]
    return []


def _push(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of pushes: the sandbox's with the sandbox's mini-program, none where none are given."""
    if not values["push_token"] and values["wechat_appid"] == SANDBOX_APPID:
        return {"push_token": SANDBOX_PUSH_TOKEN, "push_key": SANDBOX_PUSH_KEY, "push_mode": values["push_mode"]}
    return {name: values[name] for name in ("push_token", "push_key", "push_mode")}


def _wecom(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the company at WeCom: the sandbox's with the sandbox's mini-program, none where none is given."""
    if not values["wecom_corpid"] and values["wechat_appid"] == SANDBOX_APPID:
        return {"wecom_corpid": SANDBOX_CORPID, "wecom_secret": SANDBOX_CORP_SECRET}
    return {name: values[name] for name in ("wecom_corpid", "wecom_secret")}


def _pay_url(values: Mapping[str, Any]) -> str:
    """Return where WeChat Pay is: the sandbox for the sandbox's mini-program, the real one for any other."""
    given = str(values["pay_url"]).rstrip("/")
    return given or (values["wechat_api_url"].rstrip("/") if values["wechat_appid"] == SANDBOX_APPID else PAY_URLS[0])


def _read(env: FileAwareEnv) -> dict[str, Any]:
    """Ask for every variable; problems are collected in ``env`` until it is sealed."""

    def text(name: str, default: str) -> str:
        # A secret in a file mostly ends with a line break that is not part of it.
        return str(env.str(name, default)).strip()

    return {
        "environment": env.enum("ENV", Environment.DEVELOPMENT, enum=Environment, by_value=True),
        "public_url": text("PUBLIC_URL", Settings.public_url),
        "log_level": env.str(
            "LOG_LEVEL", Settings.log_level, validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"])
        ),
        "log_json": env.bool("LOG_JSON", Settings.log_json),
        "access_minutes": env.int("ACCESS_MINUTES", Settings.access_minutes, validate=validate.Range(1, 60)),
        "refresh_days": env.int("REFRESH_DAYS", Settings.refresh_days, validate=validate.Range(1, 365)),
        "proxies": env.int("PROXIES", Settings.proxies, validate=validate.Range(0, 5)),
        "console_hours": env.int("CONSOLE_HOURS", Settings.console_hours, validate=validate.Range(1, 24)),
        "console_idle_minutes": env.int(
            "CONSOLE_IDLE_MINUTES", Settings.console_idle_minutes, validate=validate.Range(5, 240)
        ),
        "redis_url": env.str("REDIS_URL", Settings.redis_url, validate=validate.Regexp(r"^(rediss?://.+)?$")).strip(),
        "database_url": text("DATABASE_URL", DatabaseSettings.url),
        "database_read_url": text("DATABASE_READ_URL", DatabaseSettings.read_url),
        "database_pool": env.int("DATABASE_POOL", DatabaseSettings.pool_size, validate=validate.Range(1, 200)),
        "token_key": text("TOKEN_KEY", DEVELOPMENT_KEY),
        "lookup_key": text("LOOKUP_KEY", DEVELOPMENT_KEY),
        "old_lookup_key": text("OLD_LOOKUP_KEY", ""),
        "data_keys": env.dict("DATA_KEYS", {"dev": DEVELOPMENT_KEY}, validate=[validate.Length(min=1), _check_key_ids]),
        "wechat_appid": text("WECHAT_APPID", SANDBOX_APPID),
        "wechat_secret": text("WECHAT_SECRET", SANDBOX_SECRET),
        "wechat_api_url": text("WECHAT_API_URL", SANDBOX_URL),
        "wecom_url": text("WECOM_URL", SANDBOX_URL),
        "wecom_corpid": text("WECOM_CORPID", ""),
        "wecom_secret": text("WECOM_SECRET", ""),
        "pay_url": text("WECHAT_PAY_URL", ""),
        "miniprogram_state": env.str(
            "WECHAT_STATE", WeChatSettings.miniprogram_state, validate=validate.OneOf(["developer", "trial", "formal"])
        ),
        "wechat_templates": env.json("WECHAT_TEMPLATES", None, validate=_check_templates),
        "push_token": text("WECHAT_PUSH_TOKEN", ""),
        "push_key": text("WECHAT_PUSH_KEY", ""),
        "push_mode": env.str(
            "WECHAT_PUSH_MODE", WeChatSettings.push_mode, validate=validate.OneOf(["plain", "compatible", "secure"])
        ),
        "phone_cap": env.int("WECHAT_PHONE_CAP", WeChatSettings.phone_cap, validate=validate.Range(0, 10_000_000)),
        "ships": env.bool("WECHAT_SHIPPING", WeChatSettings.ships),
        "file_url": env.str("FILE_URL", FileSettings.url, validate=validate.Regexp(r"^(file|s3)://.+")),
        "file_link_minutes": env.int("FILE_LINK_MINUTES", FileSettings.link_minutes, validate=validate.Range(1, 1440)),
    }


def _check_key_ids(value: dict[str, str]) -> None:
    """An id stands in front of every value; those that begin with ``~`` are of keys in the database."""
    wrong = [key_id for key_id in value if not KEY_ID.fullmatch(key_id)]
    if wrong:
        raise ValidationError(f"ids must be up to 32 letters, digits, '-', '_' or '.': {', '.join(wrong)}")


def _check_templates(value: object) -> None:
    """Templates look like ``{"ticket_progress": {"id": "…", "fields": {"number": "character_string1"}}}``."""
    if value is None:
        return
    known = set(SANDBOX_TEMPLATES)
    if not isinstance(value, dict) or not known - OPTIONAL_TEMPLATES <= set(value) <= known:
        raise ValidationError(f"must be an object with the keys {', '.join(SANDBOX_TEMPLATES)}")
    for kind, template in value.items():
        wanted = set(SANDBOX_TEMPLATES[kind].fields)
        given = template.get("fields") if isinstance(template, dict) else None
        if not isinstance(given, dict) or set(given) != wanted or not template.get("id"):
            raise ValidationError(f"{kind} needs id and fields {', '.join(sorted(wanted))}")


def _build(values: Mapping[str, Any]) -> Settings:
    given = values["wechat_templates"]
    templates = (
        {kind: MessageTemplate(one["id"], one["fields"]) for kind, one in given.items()} if given else SANDBOX_TEMPLATES
    )
    return Settings(
        environment=values["environment"],
        public_url=values["public_url"].rstrip("/"),
        log_level=values["log_level"],
        log_json=values["log_json"],
        access_minutes=values["access_minutes"],
        refresh_days=values["refresh_days"],
        proxies=values["proxies"],
        console_hours=values["console_hours"],
        console_idle_minutes=values["console_idle_minutes"],
        redis_url=values["redis_url"],
        database=DatabaseSettings(values["database_url"], values["database_read_url"], values["database_pool"]),
        secrets=SecretSettings(
            values["token_key"], values["lookup_key"], values["data_keys"], values["old_lookup_key"]
        ),
        wechat=WeChatSettings(
            appid=values["wechat_appid"],
            secret=values["wechat_secret"],
            api_url=values["wechat_api_url"].rstrip("/"),
            wecom_url=values["wecom_url"].rstrip("/"),
            pay_url=_pay_url(values),
            miniprogram_state=values["miniprogram_state"],
            templates=templates,
            **_push(values),
            **_wecom(values),
            phone_cap=values["phone_cap"],
            ships=values["ships"],
        ),
        files=FileSettings(values["file_url"], values["file_link_minutes"]),
    )
