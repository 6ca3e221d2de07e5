"""Every sentence that goes out about residencies, in one place: what happened, why, and what to do next.

Written to be read aloud to an old neighbor.  Other people are named masked, and only to those whom it concerns.
"""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Evidence, Home, Person, RequestState, Residency, ResidencyRequest
from services import inbox
from services.clocks import said_time as clock
from services.residencies import settling
from services.residencies.shares import OWNERS
from services.residencies.words import KIND_NAMES, LEAVING_NAMES
from services.stations import station_people
from services.wording import quoted

PAGE = "/me/homes"


def put(session: Session, person_id: int, home: Home, title: str, body: str, *, key: str, now: dt.datetime) -> None:
    """Put a message about a home into somebody's inbox, once for each key."""
    inbox.put(
        session,
        person_id=person_id,
        neighborhood_id=home.neighborhood_id,
        title=title,
        body=body,
        dedupe_key=f"residency:{key}:{person_id}",
        now=now,
        page=PAGE,
    )


def moved(session: Session, request: ResidencyRequest, *, now: dt.datetime, by_owner: bool = False) -> None:
    """Tell those concerned where a request stands."""
    home = session.get_one(Home, request.home_id)
    key = f"request:{request.id}:{request.version}"
    title, then = _news(request, by_owner=by_owner)
    body = f"您申请绑定{home.label}（{KIND_NAMES[request.kind]}），{then}"
    put(session, request.person_id, home, title, body, key=key, now=now)
    if request.state is RequestState.WAITING_OWNER:
        _ask_owners(session, request, home, key=key, now=now)
    if request.state is RequestState.SUBMITTED:
        _ask_station(session, request, home, key=key, now=now)


def _news(request: ResidencyRequest, *, by_owner: bool) -> tuple[str, str]:
    """Return the title, and what the applicant reads after what they asked for."""
    who = "房主" if by_owner else "站里"
    texts = {
        RequestState.WAITING_OWNER: (
            "等房主确认",
            f"已经请房主确认，最晚{_until(request)}有回音；房主没回，就由服务站来审。",
        ),
        RequestState.WAITING_VOUCHERS: (
            "等邻居担保",
            "还要邻居担保。请同一栋楼的两家邻居打开“帮邻居担保”点一下，或者请网格长证明。",
        ),
        RequestState.SUBMITTED: ("申请已收到", f"服务站最晚{_until(request)}前答复您。"),
        RequestState.APPROVED: ("房屋绑定好了", "已经登记好了。现在可以用这套房子报修了。"),
        RequestState.RETURNED: ("申请被退回了", f"{who}退回了，原因：{quoted(request.reason)}。{_mend(request)}"),
        RequestState.WITHDRAWN: ("申请已撤回", "已经撤回了。还要办请重新申请。"),
    }
    return texts[request.state]


def arrived(session: Session, residency: Residency, *, now: dt.datetime) -> None:
    """Tell the other owners of a home that somebody was registered there: who knows better must hear of it."""
    home = session.get_one(Home, residency.home_id)
    who = session.scalar(sa.select(Person.name_masked).where(Person.id == residency.person_id)) or "一位居民"
    for owner in settling.owners(session, home.id):
        if owner.person_id != residency.person_id:
            body = f"{home.label}新登记了{KIND_NAMES[residency.kind]}{who}。不对的话，请马上告诉服务站。"
            put(session, owner.person_id, home, "您的房子有新登记", body, key=f"arrived:{residency.id}", now=now)


def left(session: Session, residency: Residency, *, words: str | None, by_self: bool, now: dt.datetime) -> None:
    """Tell somebody that their residency has ended, and an owner that somebody has gone."""
    home = session.get_one(Home, residency.home_id)
    why = LEAVING_NAMES[residency.ended_why] if residency.ended_why else ""
    reason = f"，说明：{quoted(words)}" if words else ""
    owed = "以前的物业费账没有动，该交的还要交。" if residency.kind in OWNERS else ""
    then = "" if by_self else "不对的话，请到服务站说明，带上证件。"
    body = f"您在{home.label}的登记（{KIND_NAMES[residency.kind]}）已经结束，原因：{why}{reason}。{owed}{then}"
    put(session, residency.person_id, home, "房屋登记已结束", body, key=f"left:{residency.id}", now=now)
    if by_self and residency.kind not in OWNERS:
        who = session.scalar(sa.select(Person.name_masked).where(Person.id == residency.person_id)) or "一位居民"
        for owner in settling.owners(session, home.id):
            body = f"{home.label}的{KIND_NAMES[residency.kind]}{who}说已经搬走，登记结束了。您不用做什么。"
            put(session, owner.person_id, home, "有人搬走了", body, key=f"left:{residency.id}", now=now)


def flagged(session: Session, residency: Residency, *, now: dt.datetime) -> None:
    """Tell somebody whose home got another owner what that means for them."""
    home = session.get_one(Home, residency.home_id)
    body = f"{home.label}换了房主。您的登记照旧有用，请新房主在“我的房屋”里点一下确认；有租房合同的，请收好。"
    put(session, residency.person_id, home, "房主换了", body, key=f"flagged:{residency.id}:{now:%Y%m%d%H%M}", now=now)


def reconfirmed(session: Session, residency: Residency, *, now: dt.datetime) -> None:
    """Tell somebody that the new owner said they are still there."""
    home = session.get_one(Home, residency.home_id)
    body = f"{home.label}的新房主确认您还住在这里，登记照旧。您不用做什么。"
    put(session, residency.person_id, home, "新房主确认了", body, key=f"kept:{residency.id}:{now:%Y%m%d%H%M}", now=now)


def voter_wanted(session: Session, owners: Sequence[Residency], *, now: dt.datetime) -> None:
    """Tell the owners who are left that nobody votes for their home now."""
    home = session.get_one(Home, owners[0].home_id)
    body = f"{home.label}现在没有投票人了。请共有人商量好由谁投票，一起到服务站登记。"
    for owner in owners:
        put(session, owner.person_id, home, "请定一位投票人", body, key=f"voter:{home.id}:{now:%Y%m%d%H%M}", now=now)


def right_changed(
    session: Session, residency: Residency, name: str, *, held: bool, words: str, now: dt.datetime
) -> None:
    """Tell somebody that a right of theirs was changed, and why."""
    home = session.get_one(Home, residency.home_id)
    what = "以后有" if held else "以后没有"
    body = f"{home.label}：您{what}“{name}”这一项了，原因：{quoted(words)}。有疑问请联系服务站。"
    key = f"right:{residency.id}:{name}:{now.isoformat()}"
    put(session, residency.person_id, home, "房屋权利有变化", body, key=key[:96], now=now)


def _until(request: ResidencyRequest) -> str:
    return clock(request.due_at) if request.due_at else ""


def _ask_station(session: Session, request: ResidencyRequest, home: Home, *, key: str, now: dt.datetime) -> None:
    body = f"{home.label}有人申请登记为{KIND_NAMES[request.kind]}，请在{_until(request)}前审核。"
    for person_id in station_people(session, home.neighborhood_id, now):
        put(session, person_id, home, "新的住户申请", body, key=f"review:{key}", now=now)


def _ask_owners(session: Session, request: ResidencyRequest, home: Home, *, key: str, now: dt.datetime) -> None:
    who = session.scalar(sa.select(Person.name_masked).where(Person.id == request.person_id)) or "一位居民"
    fee = "，并且由他交物业费" if request.pays_fee else ""
    for owner in settling.owners(session, home.id):
        if owner.person_id != request.person_id:
            body = (
                f"{who}说自己是{home.label}的{KIND_NAMES[request.kind]}{fee}。是的话请点“是的”，不是请点“不是”，"
                f"最晚{_until(request)}。过了时间由服务站来问。"
            )
            put(session, owner.person_id, home, "请您确认住户", body, key=key, now=now)


def _mend(request: ResidencyRequest) -> str:
    if request.evidence is Evidence.VOUCHING:
        return "请再请邻居说明一下，改好再交。"
    return "请补一张清楚的照片，或者改一改内容，再交一次。"
