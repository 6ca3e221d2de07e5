"""What tests of the organization are told by."""

import pytest

from services.actors import Actor
from tests.world import World


@pytest.fixture
def officer(world: World) -> Actor:
    """Of the community above both neighborhoods."""
    return world.actor(world.community_officer)
