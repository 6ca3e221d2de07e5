"""What it means that a service refuses."""

from typing import Any

import pytest

from services.errors import ServiceError


def raises_refusal(kind: type[ServiceError], reason: str) -> Any:
    """Expect a refusal of this kind with this code, in a whole sentence for people; fail without one."""
    return pytest.raises(kind, check=lambda error: error.reason == reason and error.detail.endswith("。"))
