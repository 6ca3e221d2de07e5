"""The data keys in the database: made, read, wrapped anew when the master key changes, removed when nothing needs them."""

import datetime as dt
import os
from collections.abc import Sequence

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy.orm import Session

from models import DataKey
from services import audit
from services.errors import Conflict, NotFound
from services.sealing.usage import used_in
from services.vault import DATA_KEY_MARK, DataKeys, KeyGone, MasterKeys

KEY_BYTES = 32
KNOWN_BEFORE_USE = dt.timedelta(minutes=2)
"""From a key's making until it seals: every process and every replica must have read it by then."""
STILL_IN_HAND = dt.timedelta(hours=1)
"""For so long after a younger key came into use, a process that hung may still write what it sealed with the old one."""


def read(connection: sa.Connection, masters: MasterKeys, *, now: dt.datetime) -> DataKeys:
    """Return the data keys, unwrapped.

    Raises ``KeyGone`` when the master key of one is not in the settings: going on without it would lose what it sealed.
    """
    rows = connection.execute(
        sa.select(DataKey.id, DataKey.wrapped, DataKey.master_id, DataKey.active_at).order_by(DataKey.number)
    ).all()
    active = [row.id for row in rows if row.active_at <= now]
    secrets = {row.id: masters.unwrap(row.wrapped, row.id, row.master_id) for row in rows}
    return DataKeys(active[-1] if active else None, secrets)


def unreadable(session: Session, masters: MasterKeys) -> dict[str, str]:
    """Return the data keys that the settings cannot unwrap, each with the id of the master key that it needs.

    That master key is not in the settings, or there with another secret.
    """
    found = {}
    for key in listed(session):
        try:
            masters.unwrap(key.wrapped, key.id, key.master_id)
        except (KeyGone, InvalidTag):
            found[key.id] = key.master_id
    return found


def listed(session: Session) -> Sequence[DataKey]:
    """Return all data keys, the oldest first."""
    return session.scalars(sa.select(DataKey).order_by(DataKey.number)).all()


def make(session: Session, *, masters: MasterKeys, now: dt.datetime) -> DataKey:
    """Make a data key, wrapped by the first master key.  It seals from two minutes on."""
    last = session.scalar(sa.select(sa.func.max(DataKey.number))) or 0
    key_id = f"{DATA_KEY_MARK}{last + 1}"
    key = DataKey(
        id=key_id,
        number=last + 1,
        wrapped=masters.wrap(os.urandom(KEY_BYTES), key_id),
        master_id=masters.current_id,
        created_at=now,
        active_at=now + KNOWN_BEFORE_USE,
    )
    session.add(key)
    session.flush()  # a second one made at the same moment breaks on the number, here and not at the commit
    audit.note(session, actor=None, now=now, action="data_key.made", subject=("data_key", key.number))
    return key


def rewrap(session: Session, *, masters: MasterKeys, now: dt.datetime) -> int:
    """Wrap every data key by the first master key; return how many were wrapped by another one."""
    old = session.scalars(
        sa.select(DataKey).where(DataKey.master_id != masters.current_id).order_by(DataKey.number).with_for_update()
    ).all()
    for key in old:
        secret = masters.unwrap(key.wrapped, key.id, key.master_id)
        detail = {"from": key.master_id, "to": masters.current_id}
        key.wrapped, key.master_id = masters.wrap(secret, key.id), masters.current_id
        audit.note(
            session, actor=None, now=now, action="data_key.rewrapped", subject=("data_key", key.number), detail=detail
        )
    return len(old)


def remove(session: Session, *, key_id: str, now: dt.datetime) -> None:
    """Remove a data key for good.

    Raises ``NotFound``, and ``Conflict`` while it seals, while a value still needs it, or while one that is being written
    could.
    """
    keys = {key.id: key for key in session.scalars(sa.select(DataKey).order_by(DataKey.number).with_for_update())}
    key = keys.get(key_id)
    if key is None:
        raise NotFound(f"没有编号是“{key_id}”的数据密钥。用 flask privacy keys 看一看。", code="data_key_not_found")
    younger = [one.active_at for one in keys.values() if one.number > key.number]
    if not younger or min(younger) + STILL_IN_HAND > now:
        raise Conflict("这把密钥还在用，或者刚换下来不到一小时。请先换上新的，一小时以后再删。", code="data_key_in_use")
    left = used_in(session, key_id)
    if left:
        where = "、".join(f"{one}（{count}条）" for one, count in left.items())
        raise Conflict(f"还有内容要用这把密钥打开：{where}。请先运行 flask privacy rotate。", code="data_key_needed")
    session.delete(key)
    audit.note(session, actor=None, now=now, action="data_key.removed", subject=("data_key", key.number))
