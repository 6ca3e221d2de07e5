"""The second sign-in of one person."""

import pytest

from models import Person
from tests.world import LONG_AGO, account_of


@pytest.fixture
def second(world):
    """The resident again: another WeChat account, no name yet."""
    person = Person(created_at=LONG_AGO)
    world.session.add(person)
    world.session.flush()
    for one in (person, world.resident, world.manager, world.community_officer):
        account_of(world.session, one)
    return person
