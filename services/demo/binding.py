"""Binding simulated phones to the people of the demonstration: what an invitation does for a real phone."""

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import SignIn, WeChatAccount
from services.demo.cast import cast_people
from services.vault import Vault


def bind_phones(
    session: Session, *, vault: Vault, appid: str, openids: Mapping[str, str], now: dt.datetime
) -> list[str]:
    """Make each openid (by slug) the account of the person of that slug; return the slugs that were bound."""
    people = cast_people(session, vault)
    bound = [slug for slug in openids if slug in people]
    for slug in bound:
        account = session.scalar(
            sa.select(WeChatAccount).where(WeChatAccount.appid == appid, WeChatAccount.openid == openids[slug])
        )
        if account is None:
            account = WeChatAccount(
                person_id=people[slug], appid=appid, openid=openids[slug], created_at=now, last_seen_at=now
            )
            session.add(account)
        elif account.person_id != people[slug]:
            account.person_id = people[slug]
            session.execute(sa.update(SignIn).where(SignIn.account_id == account.id).values(person_id=people[slug]))
    return bound
