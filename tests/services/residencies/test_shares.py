"""Shares: exact, and never more than the whole, in whatever order they come and go."""

import contextlib
import itertools
from fractions import Fraction

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import Evidence, HomeRight, LeavingReason, Residency, ResidencyKind, Right
from services.errors import Conflict, InvalidInput
from services.residencies import changing, settling, shares
from services.residencies.settling import Settler
from tests.services.residencies.claims import another_home, newcomer, residency_of
from tests.world import NOW, move_in

K = ResidencyKind
SHARES = st.sampled_from([None, (1, 1), (1, 2), (1, 3), (2, 3), (1, 6), (5, 6), (1, 7), (3333, 10000), (6667, 10000)])
ACTS = st.lists(
    st.tuples(st.sampled_from(["own", "co_own", "leave", "share"]), st.integers(0, 3), SHARES), min_size=1, max_size=9
)
_rooms = itertools.count(100)


@pytest.mark.parametrize(
    ("share", "said"), [((1, 2), "2分之1"), ((2, 4), "2分之1"), ((3, 3), "全部"), (Fraction(2, 3), "3分之2")]
)
def test_a_share_is_said_as_people_say_it(share, said):
    assert shares.spoken(share) == said


@given(numerator=st.integers(-1, 12), denominator=st.integers(-1, 12))
def test_a_share_is_a_part_of_the_whole_or_refused(numerator, denominator):
    if 0 < numerator <= denominator:
        assert shares.read(K.CO_OWNER, numerator, denominator) == (numerator, denominator)
    else:
        with pytest.raises(InvalidInput):
            shares.read(K.CO_OWNER, numerator, denominator)


class Book:
    """A slow, obvious book of one home, beside the database."""

    def __init__(self):
        self.owners: dict[int, tuple[ResidencyKind, Fraction]] = {}

    def allows(self, act: str, who: int, part: Fraction) -> bool:
        kind = K.OWNER if act == "own" else K.CO_OWNER
        others = [owner for other, owner in self.owners.items() if other != who]
        if act == "leave":
            return True
        if act != "share" and who in self.owners and self.owners[who][0] is kind:
            return False
        if act == "own" and any(one is K.OWNER for one, _ in others):
            return False
        return sum((held for _, held in others), part) <= 1

    def note(self, act: str, who: int, part: Fraction) -> None:
        if act == "leave":
            del self.owners[who]
        elif act == "share":
            self.owners[who] = (self.owners[who][0], part)
        else:
            self.owners[who] = (K.OWNER if act == "own" else K.CO_OWNER, part)


def do(world, act, person, home, share):
    if act in {"leave", "share"}:
        residency = residency_of(world, person, home)
    if act == "leave":
        settling.leave(world.session, residency=residency, why=LeavingReason.SOLD, actor=None, now=NOW)
    elif act == "share":
        numerator, denominator = share or (None, None)
        changing.set_share(
            world.session, actor=world.actor(world.manager), residency_id=residency.id, numerator=numerator,
            denominator=denominator, words="按房产证", now=NOW,
        )  # fmt: skip
    else:
        kind = K.OWNER if act == "own" else K.CO_OWNER
        settler = Settler(person.id, kind, Evidence.DEED, share=share)
        settling.settle(world.session, home_id=home.id, settler=settler, actor=None, now=NOW)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_the_order_the_whole_is_never_exceeded_and_one_votes(world, acts):
    home = another_home(world, str(next(_rooms)))
    people = [newcomer(world) for _ in range(4)]
    book = Book()
    for act, who, share in acts:
        part = Fraction(*share) if share else Fraction(0)
        if act in {"leave", "share"} and who not in book.owners:
            continue
        allowed = book.allows(act, who, part)
        with contextlib.nullcontext() if allowed else pytest.raises(Conflict):  # noqa: SIM117 - the savepoint goes with it
            with world.session.begin_nested():
                do(world, act, people[who], home, share)
        if allowed:
            book.note(act, who, part)
        assert owners_of(world, home) == {people[one].id: owner for one, owner in book.owners.items()}
        assert sum((held for _, held in book.owners.values()), Fraction(0)) <= 1
        voters = world.session.scalars(
            sa.select(HomeRight.person_id).where(
                HomeRight.home_id == home.id, HomeRight.right == Right.VOTE, HomeRight.ends_at.is_(None)
            )
        ).all()
        assert len(voters) <= 1
        assert set(voters) <= {people[one].id for one in book.owners}


def owners_of(world, home):
    """Who owns a home, as the database has it."""
    world.session.flush()
    rows = world.session.execute(
        sa.select(Residency.person_id, Residency.kind, Residency.share_numerator, Residency.share_denominator).where(
            Residency.home_id == home.id, Residency.ends_at.is_(None)
        )
    )
    return {row[0]: (row[1], Fraction(row[2], row[3]) if row[2] else Fraction(0)) for row in rows}


def test_a_share_is_put_right_by_the_station(world):
    other = newcomer(world)
    move_in(world.session, other, world.place.home, K.CO_OWNER)
    mine, theirs = (residency_of(world, one, world.place.home) for one in (world.resident, other))
    manager = world.actor(world.manager)
    said = {"actor": manager, "words": "按房产证", "now": NOW}
    changing.set_share(world.session, residency_id=mine.id, numerator=1, denominator=3, **said)
    changing.set_share(world.session, residency_id=theirs.id, numerator=2, denominator=3, **said)
    with pytest.raises(Conflict) as refused:
        changing.set_share(world.session, residency_id=mine.id, numerator=34, denominator=100, **said)
    assert refused.value.reason == "shares_exceed"
    assert shares.held(world.session, world.place.home.id) == 1
