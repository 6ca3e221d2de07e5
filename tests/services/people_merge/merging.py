"""Merges in tests: by two phones, by the station, and what hangs on a person."""

import datetime as dt

import sqlalchemy as sa

from models import Base, ResidencyKind, Ticket
from services import inbox, people
from services.people_merge import asking, deciding
from services.privacy import consents
from tests.world import NOW, move_in

DAY = dt.timedelta(days=1)


def by_phones(world, first, other, *, yes=True, now=NOW):
    asked = asking.ask(world.session, actor=world.actor(first), now=now)
    asking.join(world.session, actor=world.actor(other), code=asked.code, now=now)
    return asking.confirm(
        world.session, actor=world.actor(first), merge_id=asked.merge.id, yes=yes, vault=world.vault, now=now
    )


def propose(world, goes, stays, by=None, evidence="本人到场，看过证件原件"):
    return deciding.propose(
        world.session, actor=world.actor(by or world.manager), from_person_id=goes.id, into_person_id=stays.id,
        evidence=evidence, vault=world.vault, now=NOW,
    )  # fmt: skip


def decide(world, merge, by=None, *, approve=True, why=None):
    return deciding.decide(
        world.session, actor=world.actor(by or world.community_officer), merge_id=merge.id, approve=approve, why=why,
        vault=world.vault, now=NOW,
    )  # fmt: skip


def undo(world, merge, person, now=NOW + DAY):
    return deciding.undo(
        world.session, actor=world.actor(person), merge_id=merge.id, why="弄错了", vault=world.vault, now=now, own=True
    )


def everything(world):
    """Every row of every table but those that only grow, to compare before and after."""
    grow = {"audit_entry", "person_merge", "person_merge_step", "rights_change", "inbox_item", "sign_in"}
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in grow:
            rows = world.session.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings()
            found[table.name] = [dict(row) for row in rows]
    return found


def fill(world, second):
    """Things that hang on the second person."""
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    people.set_phone(second, "+8615411112222", world.vault)
    inbox.put(
        world.session, person_id=second.id, neighborhood_id=None, title="您好", body="请看看。", dedupe_key="k", now=NOW
    )
    text = next(one.text for one in consents.shown(world.session, now=NOW) if one.kind.code == "share")
    consents.answer(world.session, actor=world.actor(second), text_id=text.id, given=True, now=NOW)
    filed = world.file()
    world.session.execute(sa.update(Ticket).where(Ticket.id == filed.id).values(reporter_id=second.id))
    world.session.flush()
