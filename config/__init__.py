"""Settings and logging.  Imports nothing else of the project."""

from config.load import InvalidSettings, load
from config.settings import (
    DatabaseSettings,
    Environment,
    FileSettings,
    MessageTemplate,
    SecretSettings,
    Settings,
    WeChatSettings,
)

__all__ = [
    "DatabaseSettings",
    "Environment",
    "FileSettings",
    "InvalidSettings",
    "MessageTemplate",
    "SecretSettings",
    "Settings",
    "WeChatSettings",
    "load",
]
