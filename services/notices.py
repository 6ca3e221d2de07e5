"""General notices: an inbox message to one person and, where it is worth a grant, a subscribe message beside it.

For everything that is not about a ticket: the result of a request, a date to keep.  The subscribe message says only what
the inbox item's title says; the rest is read in the mini-program.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Channel, InboxItem, SubscriptionGrant, WeChatAccount
from services import inbox
from services.clocks import SHANGHAI
from services.outbox import Claimed, enqueue
from services.ports import SubscribeMessage

NOTICE = "notice"
INBOX_PAGE = "pages/inbox/index"
HINT = "请点开看详情"


def tell(
    session: Session,
    *,
    person_id: int,
    neighborhood_id: int | None,
    title: str,
    body: str,
    dedupe_key: str,
    now: dt.datetime,
    page: str | None = None,
    worth_a_grant: bool = False,
) -> None:
    """Put a message into a person's inbox, and queue a subscribe message to those of their accounts that allow one.

    The same ``dedupe_key`` again does nothing.  ``title`` must be harmless on a locked screen: it is what WeChat shows.
    """
    inbox.put(
        session,
        person_id=person_id,
        neighborhood_id=neighborhood_id,
        title=title,
        body=body,
        dedupe_key=dedupe_key,
        now=now,
        page=page,
    )
    if not worth_a_grant:
        return
    item_id = session.scalar(
        sa.select(InboxItem.id).where(InboxItem.person_id == person_id, InboxItem.dedupe_key == dedupe_key)
    )
    accounts = session.scalars(
        sa.select(WeChatAccount.id)
        .join(SubscriptionGrant, SubscriptionGrant.account_id == WeChatAccount.id)
        .where(WeChatAccount.person_id == person_id, SubscriptionGrant.kind == NOTICE, SubscriptionGrant.remaining > 0)
    )
    for account_id in accounts:
        enqueue(
            session,
            channel=Channel.SUBSCRIBE,
            topic=NOTICE,
            dedupe_key=f"notice:{account_id}:{item_id}",
            subject_id=account_id,
            neighborhood_id=neighborhood_id,
            payload={"inbox_id": item_id},
            now=now,
        )


def subscribe_messages(session: Session, batch: list[Claimed]) -> dict[int, SubscribeMessage]:
    """Return, by outbox id, what to send to each account of a batch of notices."""
    items = {
        item.id: item
        for item in session.scalars(
            sa.select(InboxItem).where(InboxItem.id.in_({message.payload["inbox_id"] for message in batch}))
        )
    }
    openids = {
        row.id: row.openid
        for row in session.execute(
            sa.select(WeChatAccount.id, WeChatAccount.openid).where(
                WeChatAccount.id.in_({message.subject_id for message in batch}), WeChatAccount.unbound_at.is_(None)
            )
        )
    }
    messages = {}
    for message in batch:
        item, openid = items.get(message.payload["inbox_id"]), openids.get(message.subject_id or 0)
        if item is not None and openid is not None:
            values = {"subject": item.title, "hint": HINT}
            values["time"] = f"{item.created_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
            messages[message.id] = SubscribeMessage(openid, NOTICE, values, page=item.page or INBOX_PAGE)
    return messages
