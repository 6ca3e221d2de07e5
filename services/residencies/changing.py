"""Rights and shares changed by hand: by the station with a reason, or by the voter who hands the vote on."""

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Home, HomeRight, Residency, Right, RightSource
from services import access, audit, rights
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.residencies import history, reaching, settling, shares, standing, telling
from services.residencies.words import RIGHT_NAMES


def set_right(
    session: Session,
    *,
    actor: Actor,
    home_id: int,
    person_id: int,
    right: Right,
    held: bool,
    words: str,
    now: dt.datetime,
) -> Residency:
    """The station gives or takes a right, with the reason that the person will read.

    Giving the vote takes it from who had it: one home has one voter.  Raises ``NotFound`` for who is nothing to the home,
    ``Conflict`` for a vote of somebody who does not own, and for taking the fee from the last one who pays.
    """
    access.home_for(session, actor, home_id)
    reaching.require_uninvolved(session, actor, home_id=home_id)
    home = settling.locked(session, home_id)
    residency = _resident(session, person_id, home_id)
    current = _open_right(session, home_id, right, person_id=person_id)
    if (current is not None) == held:
        return residency
    if current is not None:
        _require_payer(session, home, current)
        _take(session, actor, current, words=words, now=now)
    else:
        _give(session, actor, residency, right, RightSource.STATION, words=words, now=now)
    return residency


def hand_on_vote(
    session: Session, *, actor: Actor, home_id: int, person_id: int, words: str, now: dt.datetime
) -> Residency:
    """The voter of a home lets another owner of it vote from now on (共有人推举一人).  Not by proxy."""
    if actor.agent_id is not None:
        raise Conflict("投票人要本人改，不能代办。请本人登录，或者到服务站登记。", code="in_person_only")
    settling.locked(session, home_id)
    mine = _open_right(session, home_id, Right.VOTE, person_id=actor.person_id)
    if mine is None or not actor.is_resident:
        raise NotFound("这套房子的投票人不是您。要改投票人，请共有人一起到服务站登记。", code="not_the_voter")
    residency = _resident(session, person_id, home_id)
    if person_id != actor.person_id:
        _give(session, actor, residency, Right.VOTE, RightSource.NAMED, words=words, now=now)
    return residency


def set_share(
    session: Session,
    *,
    actor: Actor,
    residency_id: int,
    numerator: int | None,
    denominator: int | None,
    words: str,
    now: dt.datetime,
) -> Residency:
    """The station puts an owner's share right.  Raises ``Conflict`` when all together would exceed the whole."""
    residency = reaching.residency_for(session, actor, residency_id)
    reaching.require_uninvolved(session, actor, home_id=residency.home_id)
    settling.locked(session, residency.home_id)
    share = shares.read(residency.kind, numerator, denominator)
    shares.require_room(session, residency.home_id, share, without=[residency.person_id])
    before = [residency.share_numerator, residency.share_denominator]
    residency.share_numerator, residency.share_denominator = share or (None, None)
    detail = {"from": before, "to": share}
    _note(session, actor, residency, "share_changed", words=words, detail=detail, now=now)
    return residency


def _give(
    session: Session,
    actor: Actor,
    residency: Residency,
    right: Right,
    source: RightSource,
    *,
    words: str,
    now: dt.datetime,
) -> None:
    if right is Right.VOTE:
        if residency.kind not in standing.MAY_VOTE:
            raise Conflict(
                "业主投票只有房主和共有人能投。别人要代投，得有房主写的委托书，一次一份。", code="vote_needs_owner"
            )
        voter = _open_right(session, residency.home_id, Right.VOTE)
        if voter is not None:
            _take(session, actor, voter, words=words, now=now)
    standing.begin(session, residency, right, source, starts_at=now)
    session.flush()
    _changed(session, actor, residency, right, held=True, words=words, now=now)


def _take(session: Session, actor: Actor, right: HomeRight, *, words: str, now: dt.datetime) -> None:
    standing.end(right, ends_at=now)
    session.flush()  # the one vote must be free before somebody else gets it
    residency = session.get_one(Residency, right.residency_id)
    _changed(session, actor, residency, right.right, held=False, words=words, now=now)


def _changed(
    session: Session, actor: Actor, residency: Residency, right: Right, *, held: bool, words: str, now: dt.datetime
) -> None:
    action = "right_given" if held else "right_taken"
    _note(session, actor, residency, action, words=words, detail={"right": right}, now=now)
    rights.changed(session, person_ids=[residency.person_id], now=now)
    telling.right_changed(session, residency, RIGHT_NAMES[right], held=held, words=words, now=now)


def _require_payer(session: Session, home: Home, leaving: HomeRight) -> None:
    """Somebody must be asked for the fee: the owner owes it beside whoever agreed to pay (物业管理条例 41)."""
    if leaving.right is not Right.FEE:
        return
    payers = session.scalars(
        sa.select(HomeRight.person_id).where(
            HomeRight.home_id == home.id,
            HomeRight.right == Right.FEE,
            HomeRight.ends_at.is_(None),
            HomeRight.id != leaving.id,
        )
    )
    if not list(payers):
        raise Conflict(
            "这套房子只有这一位交物业费，不能直接去掉。请先登记由谁来交，再改这里。", code="fee_needs_somebody"
        )


def _resident(session: Session, person_id: int, home_id: int) -> Residency:
    residency = settling.current(session, person_id=person_id, home_id=home_id)
    if residency is None:
        said = "这个人没有登记在这套房子里。请先核对住户名单。"
        raise InvalidInput(said, code="not_a_resident", errors={"person_id": [said]})
    return residency


def _open_right(session: Session, home_id: int, right: Right, *, person_id: int | None = None) -> HomeRight | None:
    query = sa.select(HomeRight).where(
        HomeRight.home_id == home_id, HomeRight.right == right, HomeRight.ends_at.is_(None)
    )
    if person_id is not None:
        query = query.where(HomeRight.person_id == person_id)
    return session.scalar(query.order_by(HomeRight.id).limit(1))


def _note(
    session: Session,
    actor: Actor,
    residency: Residency,
    action: str,
    *,
    words: str,
    detail: Mapping[str, object],
    now: dt.datetime,
) -> None:
    history.of_residency(session, residency, action, actor=actor, now=now, detail=detail, words=words)
    audit.note_on(session, actor, residency, f"residency.{action}", now, detail, about_person_id=residency.person_id)
