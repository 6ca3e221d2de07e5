"""WeChat tells us that a person wants their data deleted: a request opens at the rights desk, the account stops at once."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import RightsKind, RightsRequest, ToldHow, WeChatAccount, table_of
from services import rights
from services.privacy import desk, removal


def requested_by_wechat(
    session: Session, *, openid: str, now: dt.datetime, appid: str | None = None
) -> list[RightsRequest]:
    """Open a request for deletion for whoever has this openid; nothing for an unknown one.

    At once: sign-ins end, the session key and the unionid go.  The rest is decided by the desk within its clock, because an
    owner's name or an open ticket may have to stay; who belongs to no neighborhood is erased here and now.
    Source: 微信开放文档 · 小程序 · 用户信息授权变更（撤回、注销、删除）事件.
    """
    query = sa.select(WeChatAccount).where(WeChatAccount.openid == openid).order_by(WeChatAccount.id)
    if appid is not None:
        query = query.where(WeChatAccount.appid == appid)
    opened = []
    for account in session.scalars(query).all():
        session.execute(
            sa.update(table_of(WeChatAccount))
            .where(WeChatAccount.id == account.id)
            .values(session_key_sealed=None, unionid=None)
        )
        removal.end_sign_ins(session, {account.person_id}, now=now)
        rights.changed(session, person_ids=[account.person_id], now=now)
        opened.append(
            desk.open_request(
                session, person_id=account.person_id, kind=RightsKind.DELETE, how=ToldHow.WECHAT, actor=None, now=now
            )
        )
    return opened
