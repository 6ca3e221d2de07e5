"""``flask privacy``: keys, rotation, and whether the audit trail is whole."""

from app.cli.privacy import desk, keys, trail  # they register their commands
from app.cli.privacy.group import privacy

__all__ = ["desk", "keys", "privacy", "trail"]
