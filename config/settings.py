"""All settings, typed and frozen.  ``config.load`` fills them from the environment; tests build their own."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

SANDBOX_URL = "http://127.0.0.1:5051"
SANDBOX_APPID = "wx0000sandbox00000"
SANDBOX_SECRET = "sandbox-secret"  # not a secret: the sandbox accepts it, WeChat never will
SANDBOX_CORPID = "ww00sandbox0000000"
SANDBOX_CORP_SECRET = "sandbox-wecom-secret"  # not a secret either
SANDBOX_PUSH_TOKEN = "sandbox-push-token"
SANDBOX_PUSH_KEY = "sandboxPushKeyThatEverybodyKnowsAndIsLong43"  # 43 letters, as WeChat's console makes them
PAY_URLS = ("https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com")
"""WeChat Pay's address, and the one that it keeps for the day when the first is out of reach."""
DEVELOPMENT_KEY = "development-only-key-never-for-production"


class Environment(enum.StrEnum):
    """Where this copy runs.  Only production refuses defaults and the sandbox."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


@dataclass(frozen=True)
class DatabaseSettings:
    """Where the data is.

    ``pool_size`` is connections per process and engine: as many as the server has blocking threads.
    ``read_url`` may name a read replica; empty means the main database.
    """

    url: str = "sqlite:///var/wuyou.db"
    read_url: str = ""
    pool_size: int = 4


@dataclass(frozen=True)
class SecretSettings:
    """Keys.  ``data_keys`` maps key id to master key; the first one wraps the data keys in the database, all unwrap.

    ``token_key`` signs sign-in tokens, ``lookup_key`` makes the keyed hashes by which encrypted phones are found;
    ``old_lookup_key`` is the former one, while hashes are changed from it (docs/privacy.md).
    """

    token_key: str = DEVELOPMENT_KEY
    lookup_key: str = DEVELOPMENT_KEY
    data_keys: Mapping[str, str] = field(default_factory=lambda: {"dev": DEVELOPMENT_KEY})
    old_lookup_key: str = ""


@dataclass(frozen=True)
class MessageTemplate:
    """A subscribe-message template of the mini-program: its id and, per value we send, its field key.

    The field keys (``thing1``, ``time2``) are chosen by WeChat when the template is added, so they differ per
    mini-program and belong to the configuration.
    """

    template_id: str
    fields: Mapping[str, str]


OPTIONAL_TEMPLATES = frozenset({"notice"})
"""Without these the messages stay in the inbox."""

# The templates that the sandbox knows.  Real ones come from WUYOU_WECHAT_TEMPLATES (docs/operations.md).
SANDBOX_TEMPLATES: Mapping[str, MessageTemplate] = {
    "ticket_progress": MessageTemplate(
        "SANDBOX-ticket-progress",
        {"number": "character_string1", "subject": "thing2", "state": "phrase3", "time": "time4", "hint": "thing5"},
    ),
    "ticket_work": MessageTemplate(
        "SANDBOX-ticket-work",
        {"number": "character_string1", "subject": "thing2", "place": "thing3", "time": "time4", "hint": "thing5"},
    ),
    "notice": MessageTemplate("SANDBOX-notice", {"subject": "thing1", "time": "time2", "hint": "thing3"}),
}


@dataclass(frozen=True)
class WeChatSettings:
    """The mini-program and how to reach WeChat.

    The URLs are bases: pointing them at the sandbox is the *only* difference between a trial
    and the real thing.  Timeouts are seconds (connect, read).
    """

    appid: str = SANDBOX_APPID
    secret: str = SANDBOX_SECRET
    api_url: str = SANDBOX_URL
    wecom_url: str = SANDBOX_URL
    wecom_corpid: str = SANDBOX_CORPID
    wecom_secret: str = SANDBOX_CORP_SECRET
    """The company at WeCom and the secret of its app; empty means that there are no mass messages."""
    pay_url: str = SANDBOX_URL
    miniprogram_state: str = "formal"
    templates: Mapping[str, MessageTemplate] = field(default_factory=lambda: dict(SANDBOX_TEMPLATES))
    timeouts: tuple[float, float] = (3.0, 5.0)
    push_token: str = SANDBOX_PUSH_TOKEN
    """What WeChat signs its pushes with; empty means that none are taken."""
    push_key: str = SANDBOX_PUSH_KEY
    """The EncodingAESKey of the pushes."""
    push_mode: str = "secure"
    """As set in WeChat's console: plain, compatible or secure."""
    phone_cap: int = 1000
    """How many phone numbers may be asked of WeChat in a month; each costs money."""

    ships: bool = False
    """Whether every payment is reported to WeChat as given (发货信息管理)."""

    @property
    def is_sandbox(self) -> bool:
        """Whether any message would go to simulated servers."""
        real = self.api_url == "https://api.weixin.qq.com" and self.wecom_url == "https://qyapi.weixin.qq.com"
        return self.appid == SANDBOX_APPID or not (real and self.pay_url in PAY_URLS)


@dataclass(frozen=True)
class FileSettings:
    """Where photos are kept: ``file:///…`` or an S3-compatible ``s3://bucket/prefix``."""

    url: str = "file://var/files"
    link_minutes: int = 60


@dataclass(frozen=True)
class Settings:
    """What the application needs to know about where it runs."""

    environment: Environment = Environment.DEVELOPMENT
    public_url: str = "http://127.0.0.1:5050"
    log_level: str = "INFO"
    log_json: bool = False
    access_minutes: int = 10
    refresh_days: int = 30
    proxies: int = 0
    """Proxies in front of us that name the caller's address: as many as we believe."""
    console_hours: int = 10
    """How long a browser stays signed in at most: a working day."""
    console_idle_minutes: int = 30
    """How long a browser stays signed in without being used."""
    redis_url: str = ""
    """Where all machines share WeChat's token; empty means in the database."""
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    secrets: SecretSettings = field(default_factory=SecretSettings)
    wechat: WeChatSettings = field(default_factory=WeChatSettings)
    files: FileSettings = field(default_factory=FileSettings)
