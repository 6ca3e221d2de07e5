"""Other names of homes."""

from services.errors import Conflict, NotFound
from services.homes import aliases
from tests.refusals import raises_refusal
from tests.world import NOW


def add_alias(world, text, home=None):
    return aliases.add(
        world.session, actor=world.actor(world.clerk), home_id=(home or world.place.home).id, text=text, now=NOW
    )


def test_one_name_means_one_home(world):
    add_alias(world, "3栋101")
    for same in ("三栋一零一", "3-101", "3#101室"):
        with raises_refusal(Conflict, "alias_taken"):
            add_alias(world, same, world.place.other_home)
    with raises_refusal(Conflict, "alias_taken"):
        add_alias(world, "2号楼1单元201")  # the code of the other home
    with raises_refusal(Conflict, "alias_is_code"):
        add_alias(world, "1号楼1单元201室")


def test_a_name_that_was_taken_away_can_be_given_anew(world):
    alias = add_alias(world, "老锅炉房")
    actor = world.actor(world.clerk)
    aliases.end(world.session, actor=actor, home_id=world.place.home.id, alias_id=alias.id, now=NOW)
    assert add_alias(world, "老 锅炉房", world.place.other_home).key == "老锅炉房"
    with raises_refusal(NotFound, "alias_not_found"):
        aliases.end(world.session, actor=actor, home_id=world.place.home.id, alias_id=alias.id, now=NOW)
