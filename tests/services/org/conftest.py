"""What tests of the organization are told by."""

from typing import Any

import pytest

from services.actors import Actor
from tests.world import World


@pytest.fixture
def officer(world: World) -> Actor:
    """Of the community above both neighborhoods."""
    return world.actor(world.community_officer)


def refused(kind: type[Exception], reason: str) -> Any:
    """Expect a refusal with this code, in a sentence for people."""
    return pytest.raises(kind, check=lambda error: error.reason == reason and error.detail[-1] in "。！")
