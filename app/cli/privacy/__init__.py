"""``flask privacy``: keys, rotation, and whether the audit trail is whole."""

from app.cli.privacy import keys  # registers its commands
from app.cli.privacy.group import privacy

__all__ = ["keys", "privacy"]
