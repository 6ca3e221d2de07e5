"""The rights desk: people ask about their own data, somebody of the station or the community answers in time, with reasons.

To see and to take along is answered at once: whoever is signed in may simply have it.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ClockMode, RightsKind, RightsRequest, RightsState, Role, Standing, ToldHow
from services import audit, clocks, inbox
from services.actors import Actor
from services.clocks import local_day
from services.errors import Conflict, InvalidInput
from services.privacy import hands, recording, removal, rules, selves
from services.privacy.desk_moves import KIND_NAMES, NEXT_STEP, STATE_NAMES
from services.tickets import clockwork
from services.vault import Vault

WORDS_LABEL = "rights_request.words"
ANSWER_LABEL = "rights_request.answer"
SELF_SERVED = frozenset({RightsKind.SEE, RightsKind.TRANSFER})
READY = "已经准备好了。请点“下载”，存到您自己的手机里，不要发给别人。"
ERASED = "您的姓名、电话和微信账号已经删掉。"
PAGE = "/me/privacy"


@dataclass(frozen=True)
class Asking:
    """What is asked, and in whose right."""

    kind: RightsKind
    words: str | None = None
    standing: Standing = Standing.SELF
    standing_proof: str | None = None


def ask(session: Session, *, actor: Actor, asking: Asking, vault: Vault, now: dt.datetime) -> RightsRequest:
    """Ask about one's own data.

    Raises ``Conflict`` when the same is being dealt with, ``InvalidInput`` when it is not clear what to correct or explain.
    """
    hands.own(actor)
    _refuse_second(session, actor.person_id, asking.kind)
    return open_request(
        session, person_id=actor.person_id, kind=asking.kind, how=ToldHow.APP, actor=actor, asking=asking, vault=vault,
        now=now,
    )  # fmt: skip


def record(
    session: Session,
    *,
    actor: Actor,
    person_id: int,
    asking: Asking,
    how: ToldHow,
    asked_by_id: int | None,
    vault: Vault,
    now: dt.datetime,
) -> RightsRequest:
    """Write down what somebody in the actor's scope, or a guardian, heir or agent of theirs, asked at the window.

    Raises ``NotFound`` out of scope, ``InvalidInput`` without a proof of the standing.
    """
    person = recording.person_in_scope(session, actor=actor, person_id=person_id, vault=vault, now=now)
    if how not in {ToldHow.PAPER, ToldHow.SPOKEN}:
        raise InvalidInput("请选是写在纸上的，还是口头说的。", code="how_invalid", errors={"how": ["请选一种。"]})
    if asking.standing is not Standing.SELF and not (asking.standing_proof or "").strip():
        said = "替别人提的，请写明看过什么证件，比如“户口本”。不用抄号码。"
        raise InvalidInput(said, code="proof_missing", errors={"standing_proof": [said]})
    if asked_by_id is not None:
        recording.person_in_scope(session, actor=actor, person_id=asked_by_id, vault=vault, now=now)
    _refuse_second(session, person.id, asking.kind)
    return open_request(
        session, person_id=person.id, kind=asking.kind, how=how, actor=actor, asking=asking, vault=vault, now=now,
        asked_by_id=asked_by_id,
    )  # fmt: skip


def open_request(
    session: Session,
    *,
    person_id: int,
    kind: RightsKind,
    how: ToldHow,
    actor: Actor | None,
    now: dt.datetime,
    asking: Asking | None = None,
    vault: Vault | None = None,
    asked_by_id: int | None = None,
) -> RightsRequest:
    """Open a request; one of the same kind that is open already is returned as it is."""
    found = _open_one(session, person_id, kind)
    if found is not None:
        return found
    asking = asking or Asking(kind)
    words = (asking.words or "").strip()
    if kind in {RightsKind.CORRECT, RightsKind.EXPLAIN} and not words:
        said = "请写清楚哪里不对、应该是什么。" if kind is RightsKind.CORRECT else "请写清楚想弄明白什么。"
        raise InvalidInput(said, code="words_missing", errors={"words": [said]})
    neighborhood_id = selves.neighborhood_of(session, person_id)
    request = RightsRequest(
        neighborhood_id=neighborhood_id,
        person_id=person_id,
        asked_by_id=asked_by_id,
        standing=asking.standing,
        standing_proof=asking.standing_proof,
        kind=kind,
        how=how,
        recorded_by_id=actor.person_id if actor and how in {ToldHow.PAPER, ToldHow.SPOKEN} else None,
        state=RightsState.RECEIVED,
        words_sealed=vault.seal(words, WORDS_LABEL) if words and vault else None,
        asked_at=now,
        due_at=due_at(session, neighborhood_id=neighborhood_id, now=now),
        outcome={},
    )
    session.add(request)
    session.flush()
    note(session, actor, request, "received", now)
    _answer_at_once(session, request, actor, vault, now)
    if request.settled_at is None:
        _tell_desk(session, request, now)
    return request


def due_at(session: Session, *, neighborhood_id: int | None, now: dt.datetime) -> dt.datetime:
    """Return by when a request of now is to be answered: so many working days, by the rule of the place."""
    days = rules.value(session, rules.WORKING_DAYS, day=local_day(now), neighborhood_id=neighborhood_id)
    overrides = clockwork.overrides(session.connection(), ClockMode.WORKING_DAYS)
    return clocks.due(now, days * 24 * 60, ClockMode.WORKING_DAYS, overrides)


def note(session: Session, actor: Actor | None, request: RightsRequest, what: str, now: dt.datetime) -> None:
    """Write down what happened to a request."""
    audit.note_on(
        session,
        actor,
        request,
        f"rights_request.{what}",
        now,
        {"kind": request.kind.value, "how": request.how.value, **request.outcome},
        about_person_id=request.person_id,
    )


def tell_person(session: Session, request: RightsRequest, now: dt.datetime) -> None:
    """Say in the person's inbox that there is an answer; the answer itself is read on its page."""
    day = local_day(request.asked_at)
    inbox.put(
        session,
        person_id=request.person_id,
        neighborhood_id=request.neighborhood_id,
        title="您的申请有答复了",
        body=(
            f"您{day.month}月{day.day}日提的“{KIND_NAMES[request.kind]}”：{STATE_NAMES[request.state]}。"
            "请在“我的—我的资料”里看答复。"
        ),
        page=PAGE,
        dedupe_key=f"rights_request:{request.id}:{request.state.value}",
        now=now,
    )


def _answer_at_once(
    session: Session, request: RightsRequest, actor: Actor | None, vault: Vault | None, now: dt.datetime
) -> None:
    """What needs no decision: one's own data for oneself, and erasing somebody on whom nothing here hangs."""
    if request.kind in SELF_SERVED and request.how is ToldHow.APP and vault is not None:
        request.answer_sealed = vault.seal(READY, ANSWER_LABEL)
    elif request.kind is RightsKind.DELETE and request.neighborhood_id is None and request.how is not ToldHow.PAPER:
        plan = removal.plan(session, person_id=request.person_id, now=now)
        if plan.blocking:
            return
        request.outcome = removal.erase(session, person_id=request.person_id, actor=actor, now=now).outcome
        request.answer_sealed = vault.seal(ERASED, ANSWER_LABEL) if vault is not None else None
    else:
        return
    request.state, request.settled_at = RightsState.GRANTED, now
    session.flush()
    note(session, actor, request, request.state.value, now)


def _open_one(session: Session, person_id: int, kind: RightsKind) -> RightsRequest | None:
    return session.scalar(
        sa.select(RightsRequest).where(
            RightsRequest.person_id == person_id, RightsRequest.kind == kind, RightsRequest.settled_at.is_(None)
        )
    )


def _refuse_second(session: Session, person_id: int, kind: RightsKind) -> None:
    found = _open_one(session, person_id, kind)
    if found is not None:
        said = f"已经提过“{KIND_NAMES[kind]}”，现在是“{STATE_NAMES[found.state]}”。{NEXT_STEP[RightsState.IN_HAND]}"
        raise Conflict(said, code="request_open", state=found.state.value)


def _tell_desk(session: Session, request: RightsRequest, now: dt.datetime) -> None:
    """Say to those who answer that something came, and by when; not about whom."""
    if request.neighborhood_id is None:
        return
    people = selves.holders(session, request.neighborhood_id, Role.STATION_MANAGER, now=now)
    people = people or selves.holders(session, request.neighborhood_id, Role.COMMUNITY_OFFICER, now=now)
    day = local_day(request.due_at)
    for person_id in people:
        inbox.put(
            session,
            person_id=person_id,
            neighborhood_id=request.neighborhood_id,
            title="有居民提了个人信息申请",
            body=(
                f"第{request.id}号申请：{KIND_NAMES[request.kind]}。请在{day.month}月{day.day}日前答复。"
                "请在“个人信息申请”里接手。"
            ),
            page=f"/desk/{request.id}",
            dedupe_key=f"rights_request:{request.id}:desk",
            now=now,
        )
