"""A new card: looked at before WeChat is asked, asked with no transaction open, and kept after it."""

import datetime as dt

from app.settings import gateways
from app.transaction import transaction
from models import ShareCard
from services.actors import Actor
from services.group_ports import NewCard
from services.groups import cards


def opened(*, actor: Actor, building_id: int, now: dt.datetime) -> tuple[ShareCard, NewCard]:
    """Return a new card of a building.  Raises what ``services.groups.cards.check`` and the gateway raise."""
    with transaction(read_only=True) as session:
        cards.check(session, actor=actor, building_id=building_id, now=now)
    new = gateways().cards.create()
    with transaction() as session:
        card = cards.keep(session, actor=actor, building_id=building_id, new=new, now=now)
        session.refresh(card)
        session.expunge(card)
    return card, new
