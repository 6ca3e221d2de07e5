"""Other names of a home: a number from before, what the neighbors call it.  One name means one home."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import AliasSource, Home, HomeAlias
from services import access, audit
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.homes.addressing import read

MOST = 64
MOST_PER_HOME = 20
ALIAS_MISSING = "没有找到这个别名。请从房屋的别名列表里选。"


def key_of(text: str) -> str:
    """Return how an alias is kept: the canonical code if the text spells one, otherwise the folded text.

    1栋101, 1-101 and 一栋一零一 are one alias; 老锅炉房 is another.
    """
    reading = read(text)
    return (reading.sure and reading.sure.code) or reading.folded


def add(session: Session, *, actor: Actor, home_id: int, text: str, now: dt.datetime) -> HomeAlias:
    """Give a home another name.  Raises ``Conflict`` when the name means a home already."""
    home = access.home_for(session, actor, home_id, change=True)
    raw, key = " ".join(text.split()), key_of(text)
    if not key or len(key) > MOST:
        raise InvalidInput(
            f"请写这套房子的另一种叫法，最多{MOST}个字。", code="alias_invalid", errors={"text": [f"最多{MOST}个字。"]}
        )
    _refuse_taken(session, home, key, raw)
    if len(of_home(session, home.id)) >= MOST_PER_HOME:
        raise Conflict(f"一套房子最多记{MOST_PER_HOME}个别名。请先删掉不用的。", code="too_many_aliases")
    alias = HomeAlias(
        neighborhood_id=home.neighborhood_id,
        home_id=home.id,
        key=key,
        raw=raw,
        source=AliasSource.STATION,
        created_at=now,
        created_by_id=actor.person_id,
    )
    session.add(alias)
    session.flush()
    _note(session, actor, home, alias, "home.alias_added", now)
    return alias


def end(session: Session, *, actor: Actor, home_id: int, alias_id: int, now: dt.datetime) -> None:
    """Take a name away; it may be given to another home afterwards."""
    home = access.home_for(session, actor, home_id, change=True)
    alias = session.get(HomeAlias, alias_id)
    if alias is None or alias.home_id != home.id or alias.ends_at is not None:
        raise NotFound(ALIAS_MISSING, code="alias_not_found")
    alias.ends_at = max(now, alias.created_at)
    session.flush()
    _note(session, actor, home, alias, "home.alias_ended", now)


def of_home(session: Session, home_id: int) -> list[HomeAlias]:
    """Return the names of a home that are in use."""
    return list(
        session.scalars(
            sa.select(HomeAlias).where(HomeAlias.home_id == home_id, HomeAlias.ends_at.is_(None)).order_by(HomeAlias.id)
        )
    )


def _refuse_taken(session: Session, home: Home, key: str, raw: str) -> None:
    if key == home.code:
        raise Conflict(f"“{raw}”就是这套房子本来的编号，不用再加。", code="alias_is_code")
    code = sa.select(Home.label).where(Home.neighborhood_id == home.neighborhood_id, Home.code == key)
    alias = (
        sa.select(Home.label)
        .join(HomeAlias, HomeAlias.home_id == Home.id)
        .where(HomeAlias.neighborhood_id == home.neighborhood_id, HomeAlias.key == key, HomeAlias.ends_at.is_(None))
    )
    label = session.scalar(code.union_all(alias).limit(1))
    if label is not None:
        raise Conflict(f"“{raw}”已经指{label}了。一个叫法只能指一套房子，请换一个。", code="alias_taken")


def _note(session: Session, actor: Actor, home: Home, alias: HomeAlias, action: str, now: dt.datetime) -> None:
    # Not the words: 王家小卖部 has somebody's name in it.
    audit.note_on(session, actor, home, action, now, {"alias_id": alias.id})
