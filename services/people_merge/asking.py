"""One human being with two phones: one asks, the other enters the code, the first says yes.

Both hands have to be on both phones, so that nobody becomes an old neighbour by talking them out of one code.  Where more
hangs on it (an office, two homes, two different names), the station looks at it besides.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Membership, MergeState, OrgUnit, Person, PersonMerge, Residency
from services import audit, inbox
from services.actors import Actor
from services.clocks import local_day
from services.errors import Conflict, InvalidInput, NotFound
from services.people_merge import carrying
from services.people_merge.moves import MOVES, MergeAction, require
from services.privacy import hands, rules, selves
from services.residencies.invitations import code_hash, new_code
from services.terms import in_force
from services.vault import Vault

EVIDENCE_LABEL = "merge.evidence"
BY_PHONES = "两部手机都确认了。"
CODE_UNKNOWN = "合并码不对，或者已经过期。请在第一部手机上重新要一个。"
MISSING = "没有找到这次合并。请重新要一个合并码。"


@dataclass(frozen=True)
class Asked:
    """A merge and its code, which is shown only now."""

    merge: PersonMerge
    code: str
    code_until: dt.datetime


def ask(session: Session, *, actor: Actor, now: dt.datetime) -> Asked:
    """Ask on one phone; the code is entered on the other.  Earlier codes of this person no longer work."""
    hands.own(actor)
    _lapse_earlier(session, actor.person_id)
    minutes = rules.value(session, rules.MERGE_CODE_MINUTES, day=local_day(now))
    code = new_code()
    until = now + dt.timedelta(minutes=minutes)
    merge = PersonMerge(
        into_person_id=actor.person_id,
        state=MergeState.ASKED,
        asked_at=now,
        asked_by_id=actor.person_id,
        code_hash=code_hash(code),
        code_until=until,
        filled={},
    )
    session.add(merge)
    session.flush()
    return Asked(merge, code, until)


def join(session: Session, *, actor: Actor, code: str, now: dt.datetime) -> PersonMerge:
    """Enter the code on the other phone.

    Raises ``NotFound`` for a wrong or old code, ``InvalidInput`` on the same phone, ``Conflict`` when a merge of this
    person is under way.
    """
    hands.own(actor)
    merge = session.scalar(sa.select(PersonMerge).where(PersonMerge.code_hash == code_hash(code)).with_for_update())
    if merge is None or merge.code_until is None or merge.code_until <= now:
        raise NotFound(CODE_UNKNOWN, code="code_unknown")
    require(merge, MergeAction.JOIN)
    if merge.asked_by_id == actor.person_id:
        raise InvalidInput("这就是要合并码的那个微信。请在另一部手机上输入。", code="same_person")
    # The one on whom more hangs stays; both the same: the one who asked.
    stays, goes = merge.asked_by_id, actor.person_id
    if _weight(session, goes, now) > _weight(session, stays, now):
        stays, goes = goes, stays
    refuse_busy(session, goes)
    merge.into_person_id, merge.from_person_id = stays, goes
    merge.neighborhood_id = selves.neighborhood_of(session, stays) or selves.neighborhood_of(session, goes)
    merge.state = MOVES[MergeAction.JOIN].target
    session.flush()
    note(session, actor, merge, "joined", now)
    return merge


def confirm(session: Session, *, actor: Actor, merge_id: int, yes: bool, vault: Vault, now: dt.datetime) -> PersonMerge:
    """Say yes or no on the phone that asked.  Yes merges at once, or sends it to the station where more hangs on it."""
    hands.own(actor)
    merge = session.scalar(
        sa.select(PersonMerge)
        .where(PersonMerge.id == merge_id, PersonMerge.asked_by_id == actor.person_id)
        .with_for_update()
    )
    if merge is None:
        raise NotFound(MISSING, code="merge_not_found")
    require(merge, MergeAction.CONFIRM)
    if not yes:
        merge.state, merge.refused_why = MOVES[MergeAction.DECLINE].target, "本人没有确认"
        note(session, actor, merge, "refused", now)
    elif needs_station(session, merge, vault, now):
        merge.evidence_sealed = vault.seal(BY_PHONES, EVIDENCE_LABEL)
        merge.state = MOVES[MergeAction.SEND_ON].target
        note(session, actor, merge, "proposed", now)
    else:
        done(session, actor, merge, vault, now)
    return merge


def done(session: Session, actor: Actor, merge: PersonMerge, vault: Vault, now: dt.datetime) -> None:
    """Merge, write it down, and tell the person how long it can be undone."""
    carrying.carry(session, merge=merge, vault=vault, now=now)
    note(session, actor, merge, "done", now)
    assert merge.undo_until is not None
    day = local_day(merge.undo_until)
    inbox.put(
        session,
        person_id=merge.into_person_id,
        neighborhood_id=merge.neighborhood_id,
        title="您的两份登记合成一份了",
        body=(
            "您的两份登记已经合成一份，两部手机看到的一样。"
            f"要是弄错了，{day.month}月{day.day}日以前请马上在“我的—我的资料”里点“拆开”，或者告诉服务站。"
        ),
        page="/me/privacy",
        dedupe_key=f"merge:{merge.id}:done",
        now=now,
    )


def refuse_busy(session: Session, person_id: int) -> None:
    """Raise ``Conflict`` when a merge of this person is under way or done."""
    busy = session.scalar(
        sa.select(PersonMerge.id).where(
            PersonMerge.from_person_id == person_id,
            PersonMerge.state.in_((MergeState.JOINED, MergeState.PROPOSED, MergeState.DONE)),
        )
    )
    if busy is not None:
        raise Conflict("这份登记已经在合并，或者合并过了。请等办完，或者先拆开。", code="merge_open")


def needs_station(session: Session, merge: PersonMerge, vault: Vault, now: dt.datetime) -> bool:
    """Whether more hangs on it than two phones can say."""
    assert merge.from_person_id is not None
    ids = (merge.from_person_id, merge.into_person_id)
    people = [session.get_one(Person, one) for one in ids]
    names = {vault.open(one.name_sealed, "person.name") for one in people if one.name_sealed is not None}
    weights = [_weight(session, one, now) for one in ids]
    return len(names) > 1 or all(weights) or any(_in_office(session, one, now) for one in ids)


def note(session: Session, actor: Actor, merge: PersonMerge, what: str, now: dt.datetime, **more: object) -> None:
    """Write down what happened to a merge, for both persons."""
    for person_id in {merge.from_person_id, merge.into_person_id} - {None}:
        audit.note_on(
            session,
            actor,
            merge,
            f"person_merge.{what}",
            now,
            {"from": merge.from_person_id, "into": merge.into_person_id, **more},
            about_person_id=person_id,
        )


def _lapse_earlier(session: Session, person_id: int) -> None:
    session.execute(
        sa.update(PersonMerge)
        .where(PersonMerge.asked_by_id == person_id, PersonMerge.state == MergeState.ASKED)
        .values(state=MOVES[MergeAction.LAPSE].target, code_hash=None)
    )


def _weight(session: Session, person_id: int, now: dt.datetime) -> int:
    """How much hangs on a person here: homes, now or before, and offices."""
    homes = session.scalar(sa.select(sa.func.count()).select_from(Residency).where(Residency.person_id == person_id))
    return (homes or 0) + _in_office(session, person_id, now)


def _in_office(session: Session, person_id: int, now: dt.datetime) -> bool:
    query = sa.exists().where(
        Membership.person_id == person_id,
        Membership.unit_id == OrgUnit.id,
        in_force(Membership.starts_at, Membership.ends_at, now),
    )
    return bool(session.scalar(sa.select(query)))
