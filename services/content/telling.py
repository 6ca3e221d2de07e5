"""Who hears of a content check: the station when a person has to look, the author when something is not shown."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ContentCheck, ContentKind, Ticket
from services import inbox
from services.stations import station_people
from services.wording import quoted

REVIEWS_PAGE = "pages/reviews/index"


def reviewers(session: Session, check: ContentCheck, *, now: dt.datetime) -> None:
    """Ask the people of the station to look."""
    what = "一张照片" if check.kind is ContentKind.IMAGE else "一段文字"
    number = session.scalar(sa.select(Ticket.number).where(Ticket.id == check.ticket_id))
    for person_id in station_people(session, check.neighborhood_id, now):
        inbox.put(
            session,
            person_id=person_id,
            neighborhood_id=check.neighborhood_id,
            ticket_id=check.ticket_id,
            title="有内容要核对",
            body=f"单子（{number}）里有{what}，微信没有放行，邻居暂时看不到。请点开看一看，再点“可以公开”或“不公开”。",
            page=REVIEWS_PAGE,
            dedupe_key=f"content.review:{check.id}",
            now=now,
        )


def author(session: Session, check: ContentCheck, *, now: dt.datetime) -> None:
    """Tell the author kindly that neighbors do not see it, and that nothing else changes."""
    if check.author_id is None:
        return
    what = "照片" if check.kind is ContentKind.IMAGE else "文字"
    number = session.scalar(sa.select(Ticket.number).where(Ticket.id == check.ticket_id))
    inbox.put(
        session,
        person_id=check.author_id,
        neighborhood_id=check.neighborhood_id,
        ticket_id=check.ticket_id,
        title=f"有一段{what}没有公开" if what == "文字" else "有一张照片没有公开",
        body=(
            f"您在单子（{number}）里发的{what}，服务站看过，没有给邻居们看。原因：{quoted(check.reason)}。"
            "您自己和服务站都还看得到，单子照常办理。有疑问请给服务站打电话。"
        ),
        dedupe_key=f"content.refused:{check.id}",
        now=now,
    )
