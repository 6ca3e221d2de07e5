"""The whole grid: every state of a request, every step, and everybody who might try it."""

import datetime as dt

import pytest

from models import RequestState, ResidencyKind, Role
from services.errors import Conflict, NotFound
from services.residencies import answering, asking
from services.residencies.moves import EVIDENCE_FOR, MOVES, Step
from services.residencies.words import EVIDENCE_NAMES, KIND_NAMES, LEAVING_NAMES, NEXT_STEP, RIGHT_NAMES, STATE_NAMES
from tests.services.residencies.claims import claim, into, neighbors, request_of
from tests.world import NOW

S = RequestState
# From which state to which; everything that is not here must be refused.
GRID = {
    "resubmitted": {S.RETURNED: S.SUBMITTED},
    "withdrawn": dict.fromkeys((S.WAITING_VOUCHERS, S.WAITING_OWNER, S.SUBMITTED, S.RETURNED), S.WITHDRAWN),
    "vouched": {S.WAITING_VOUCHERS: S.WAITING_VOUCHERS},
    "confirmed": {S.WAITING_OWNER: S.APPROVED},
    "declined": {S.WAITING_OWNER: S.RETURNED},
    "approved": {S.SUBMITTED: S.APPROVED, S.WAITING_OWNER: S.APPROVED},
    "returned": dict.fromkeys((S.SUBMITTED, S.WAITING_OWNER, S.WAITING_VOUCHERS), S.RETURNED),
}
WHO = {
    "resubmitted": {"applicant"},
    "withdrawn": {"applicant"},
    "vouched": {"neighbor", "grid_leader", "owner"},  # the owner lives in the building, though in the home in question
    "confirmed": {"owner"},
    "declined": {"owner"},
    "approved": {"manager", "clerk", "grid_leader", "community_officer"},
    "returned": {"manager", "clerk", "grid_leader", "community_officer"},
}
EVERYBODY = (
    "applicant", "owner", "neighbor", "far_neighbor", "manager", "clerk", "grid_leader", "community_officer", "repairer",
    "stranger", "foreign_manager",
)  # fmt: skip


def do(world, step, request, actor):
    usual = {"actor": actor, "request_id": request.id, "now": NOW + dt.timedelta(hours=1)}
    calls = {
        "resubmitted": lambda: asking.resubmit(
            world.session, claim=claim(ResidencyKind.CO_OWNER), vault=world.vault, **usual
        ),
        "withdrawn": lambda: asking.withdraw(world.session, **usual),
        "vouched": lambda: answering.vouch(world.session, words="他家住了十年了。", **usual),
        "confirmed": lambda: answering.confirm(world.session, **usual),
        "declined": lambda: answering.decline(world.session, words="不认识这个人", **usual),
        "approved": lambda: answering.approve(world.session, words="房主电话里说同意", **usual),
        "returned": lambda: answering.send_back(world.session, words="照片看不清", **usual),
    }
    calls[step]()
    world.session.flush()


def people(world, applicant):
    """Everybody who might try, in the hat in which they would."""
    hats = {"owner": (world.resident, Role.RESIDENT), "applicant": (applicant, Role.RESIDENT)}
    hats["neighbor"] = (neighbors(world, 1)[0], Role.RESIDENT)
    return {name: hats.get(name) or (getattr(world, name), None) for name in EVERYBODY}


@pytest.mark.parametrize("state", S)
def test_each_step_goes_exactly_where_the_table_says_and_for_nobody_else(world, state):
    """All steps by everybody in one world: each try is taken back."""
    request, applicant = into(world, state)
    everybody = people(world, applicant)
    for step, targets in GRID.items():
        for name in EVERYBODY:
            actor = world.actor(*everybody[name])
            point = world.session.begin_nested()
            # Once approved, the applicant is a neighbor like others.
            reaches = name in WHO[step] or (step, name, state) == ("vouched", "applicant", S.APPROVED)
            if not reaches:
                with pytest.raises(NotFound):
                    do(world, step, request, actor)
            elif (step, name, state) == ("vouched", "owner", S.WAITING_VOUCHERS):
                with pytest.raises(Conflict) as refused:
                    do(world, step, request, actor)
                assert refused.value.reason == "own_household"
            elif state not in targets:
                with pytest.raises(Conflict) as refused:
                    do(world, step, request, actor)
                assert refused.value.facts == {"state": state.value}, (step, name)
                assert STATE_NAMES[state] in refused.value.detail
            else:
                do(world, step, request, actor)
                expected = targets[state]
                if (step, name) == ("vouched", "grid_leader"):  # whose word is enough alone
                    expected = S.SUBMITTED
                assert request_of(world, request).state is expected, (step, name)
            point.rollback()
            world.session.expire_all()
            assert request_of(world, request).state is state, (step, name)


def test_the_table_of_moves_is_the_hand_written_one():
    written = {step.value: set(move.sources) for step, move in MOVES.items() if move.permission is not None}
    assert written == {step: set(targets) for step, targets in GRID.items()}
    assert {step for step, move in MOVES.items() if move.permission is None} == {Step.REFER}


def test_everything_has_a_name_that_people_read():
    assert set(STATE_NAMES) == set(NEXT_STEP) == set(S)
    assert set(KIND_NAMES) == set(ResidencyKind) == set(EVIDENCE_FOR)
    for names in (KIND_NAMES, EVIDENCE_NAMES, LEAVING_NAMES, RIGHT_NAMES, STATE_NAMES):
        assert set(names) == set(type(next(iter(names))))
