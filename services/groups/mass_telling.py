"""What people read about a mass message: what its state means, and the word in the inbox of who has to confirm."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy.orm import Session

from models import MassMessage, MassState
from services import inbox
from services.stations import station_people

WORDS: Mapping[MassState, tuple[str, str]] = {
    MassState.PREPARED: ("正在交给企业微信", "等一会儿再看。"),
    MassState.WAITING: ("等着确认", "请打开企业微信，点确认发送。"),
    MassState.SENT: ("发出去了", "不用管。"),
    MassState.PARTLY: ("有的群没发到", "没发到的群，请在微信群里转告一声。"),
    MassState.EXPIRED: ("没有人确认，过期了", "还要发，就重新写一条。"),
    MassState.FAILED: ("没有发成", "请核对企业微信账号和群，再重新写一条。"),
}
"""What a state means and what to do."""
TOLD: Mapping[MassState, tuple[str, str]] = {
    MassState.WAITING: ("有一条群消息等您确认", "群消息写好了，还没有发。请打开企业微信，点确认发送。"),
    MassState.PARTLY: ("群消息有的群没发到", "有的群收到了，有的没有。没发到的群，请在微信群里转告一声。"),
    MassState.EXPIRED: ("群消息过期了", "三天没有人确认，这条群消息没有发。还要发，请重新写一条。"),
    MassState.FAILED: ("群消息没有发成", "企业微信没有接受这条群消息。请核对企业微信账号和群，再重新写一条。"),
}
"""The states of which people are told: those in which they have something to do."""


def tell(session: Session, message: MassMessage, *, now: dt.datetime) -> None:
    """Tell who has to confirm how the message stands; the station, when an operator wrote it."""
    if message.state not in TOLD:
        return
    title, body = TOLD[message.state]
    readers = [message.confirmer_id] if message.confirmer_id else station_people(session, message.neighborhood_id, now)
    for person_id in readers:
        inbox.put(
            session,
            person_id=person_id,
            neighborhood_id=message.neighborhood_id,
            title=title,
            body=body,
            dedupe_key=f"mass:{message.id}:{message.state.value}",
            now=now,
        )
