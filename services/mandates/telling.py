"""What both sides of a mandate are told, in words that can be read aloud."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ActingArea, Mandate, MandateArea, Person
from services import inbox
from services.areas import RELATION_NAMES, spoken
from services.clocks import DAY, local_day
from services.org.persons import name_of

PAGE = "/me/mandates"
HOW_TO_STOP = "不想让人代办了，随时点“收回”，或者打电话给服务站，马上就停。"


def tell(
    session: Session, mandate: Mandate, person_id: int | None, *, title: str, body: str, key: str, now: dt.datetime
) -> None:
    """Put a message about a mandate into somebody's inbox; nobody is nobody."""
    if person_id is not None:
        inbox.put(
            session,
            person_id=person_id,
            neighborhood_id=mandate.neighborhood_id,
            title=title,
            body=body,
            dedupe_key=f"mandate:{mandate.id}:{key}",
            page=PAGE,
            now=now,
        )


def names(session: Session, mandate: Mandate) -> tuple[str, str]:
    """Return what principal and agent may be called, the agent with what they are to the principal."""
    principal = name_of(session.get_one(Person, mandate.principal_id))
    agent = name_of(session.get_one(Person, mandate.agent_id)) if mandate.agent_id else "对方"
    return principal, f"{agent}（{RELATION_NAMES[mandate.relation]}）"


def matters(session: Session, mandate: Mandate) -> str:
    """Return what a mandate is for and until when: 报修、看消息，到2027年11月24日为止."""
    return f"{spoken(areas_of(session, mandate.id))}，到{last_day(mandate)}为止"


def areas_of(session: Session, mandate_id: int) -> frozenset[ActingArea]:
    """Return the areas of a mandate."""
    return frozenset(session.scalars(sa.select(MandateArea.area).where(MandateArea.mandate_id == mandate_id)))


def last_day(mandate: Mandate) -> str:
    """Return the last day of a mandate as people say it."""
    day = local_day(mandate.ends_at - DAY)
    return f"{day.year}年{day.month}月{day.day}日"


def offered(session: Session, mandate: Mandate, now: dt.datetime) -> None:
    """Ask the agent, who was chosen from a list."""
    principal, _ = names(session, mandate)
    body = f"{principal}请您代办：{matters(session, mandate)}。愿意就在“我的代办”里点“答应”，不方便就点“推掉”。"
    tell(session, mandate, mandate.agent_id, title="有人请您代办", body=body, key="offered", now=now)


def accepted(session: Session, mandate: Mandate, now: dt.datetime) -> None:
    """Tell the principal that the agent said yes."""
    _, agent = names(session, mandate)
    body = f"{agent}答应替您办：{matters(session, mandate)}。办了什么，每月1号会告诉您。{HOW_TO_STOP}"
    tell(session, mandate, mandate.principal_id, title="对方答应代办了", body=body, key="accepted", now=now)


def declined(session: Session, mandate: Mandate, now: dt.datetime) -> None:
    """Tell the principal that the agent said no."""
    _, agent = names(session, mandate)
    body = f"{agent}不方便替您代办。您可以在“我的代办”里另请一位，也可以打电话请服务站帮忙。"
    tell(session, mandate, mandate.principal_id, title="对方没有答应代办", body=body, key="declined", now=now)


def recorded(session: Session, mandate: Mandate, now: dt.datetime) -> None:
    """Tell both what the station wrote down."""
    principal, agent = names(session, mandate)
    what = matters(session, mandate)
    to_principal = f"服务站登记了您的委托：由{agent}替您办{what}。不是您的意思，请马上打电话给服务站。{HOW_TO_STOP}"
    tell(session, mandate, mandate.principal_id, title="您的委托登记好了", body=to_principal, key="recorded", now=now)
    to_agent = f"{principal}委托您代办：{what}。要办的时候，在“我的代办”里点“替{principal}办”。不方便就点“不代办了”。"
    tell(session, mandate, mandate.agent_id, title="有人委托您代办", body=to_agent, key="recorded", now=now)


def ended(session: Session, mandate: Mandate, who: str, now: dt.datetime) -> None:
    """Tell both that it is over; ``who`` says what ended it."""
    principal, agent = names(session, mandate)
    to_principal = f"{agent}替您代办的委托停了，{who}。以后要人代办，请在“我的代办”里重新委托，或者找服务站。"
    tell(session, mandate, mandate.principal_id, title="代办停了", body=to_principal, key="ended", now=now)
    to_agent = f"您替{principal}代办的委托停了，{who}。有没办完的事，请告诉本人或者服务站。"
    tell(session, mandate, mandate.agent_id, title="代办停了", body=to_agent, key="ended", now=now)


def ending_soon(session: Session, mandate: Mandate, now: dt.datetime) -> None:
    """Tell both that it will run out."""
    principal, agent = names(session, mandate)
    day = last_day(mandate)
    to_principal = f"{agent}替您代办的委托到{day}为止。还要接着代办，请到时候重新委托一次。"
    tell(session, mandate, mandate.principal_id, title="代办快到期了", body=to_principal, key="ending", now=now)
    to_agent = f"您替{principal}代办的委托到{day}为止。还要接着办，请本人到时候重新委托一次。"
    tell(session, mandate, mandate.agent_id, title="代办快到期了", body=to_agent, key="ending", now=now)
