"""Homes and the invitations that bind a phone to a person or a home.

The station prints or reads out a code of eight characters; whoever enters it within its days becomes that registered
person, or a resident of that home.  Full binding with evidence and review stands on the same rows.
"""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import (
    Evidence,
    Invitation,
    Membership,
    OrgUnit,
    Person,
    Residency,
    ResidencyKind,
    SignIn,
    UnitKind,
    WeChatAccount,
)
from services import access, rights
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.residencies import settling
from services.residencies.settling import Settler
from services.terms import in_force
from services.vault import Vault, normal_phone

# Without 0 O 1 I L and the like: the code is read out over the phone and written down by hand.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8
VALID_FOR = dt.timedelta(days=14)
NEEDS_WECHAT = "邀请码要在手机上的小程序里输入。请打开微信里的五有小程序，点“我的”。"
CODE_UNKNOWN = "邀请码不对，或者已经过期。请核对一遍；还是不行，就请服务站重新发一个。"


@dataclass(frozen=True)
class NewInvitation:
    """An invitation and its code, which is shown only now: the database keeps a hash."""

    invitation: Invitation
    code: str


def invite(
    session: Session,
    *,
    actor: Actor,
    home_id: int,
    kind: ResidencyKind,
    person_id: int | None,
    now: dt.datetime,
) -> NewInvitation:
    """Make an invitation to a home, for a registered resident of it or for somebody new."""
    home = access.home_for(session, actor, home_id)
    if person_id is not None and not _lives_in(session, person_id, home.id):
        raise InvalidInput(
            "这个人没有登记在这套房子里。请先核对住户名单。",
            code="not_a_resident",
            errors={"person_id": ["没有登记在这套房子里。"]},
        )
    return _new_invitation(
        session,
        created_by_id=actor.person_id,
        neighborhood_id=home.neighborhood_id,
        person_id=person_id,
        home_id=home.id,
        kind=kind,
        now=now,
    )


def invite_worker(session: Session, *, phone: str, vault: Vault, now: dt.datetime) -> NewInvitation:
    """Make an invitation by which somebody who works at a station binds their WeChat to their registered person.

    For the operator's command line: this is how the first officer or station manager gets in.  Raises ``NotFound`` when
    nobody with this phone holds a role in a neighborhood or above one.
    """
    normal = normal_phone(phone)
    fingerprints = vault.fingerprints(normal, "person.phone") if normal else []
    place = aliased(OrgUnit)
    row = session.execute(
        sa.select(Person.id, place.neighborhood_id)
        .join(Membership, Membership.person_id == Person.id)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        # An officer above neighborhoods is invited in the name of one of theirs.
        .join(
            place,
            sa.or_(
                place.id == OrgUnit.neighborhood_id,
                sa.and_(place.kind == UnitKind.NEIGHBORHOOD, place.path.startswith(OrgUnit.path)),
            ),
        )
        .where(Person.phone_hash.in_(fingerprints), in_force(Membership.starts_at, Membership.ends_at, now))
        .order_by(Membership.id, place.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound("没有找到用这个电话登记的工作人员。请核对号码。", code="worker_unknown")
    return _new_invitation(session, person_id=row.id, neighborhood_id=row.neighborhood_id, now=now)


def invite_person(
    session: Session, *, actor: Actor, person_id: int, neighborhood_id: int, now: dt.datetime
) -> NewInvitation:
    """Make an invitation by which a registered person who has no home here (an agent) binds their phone."""
    return _new_invitation(
        session, created_by_id=actor.person_id, neighborhood_id=neighborhood_id, person_id=person_id, now=now
    )


def _new_invitation(session: Session, *, now: dt.datetime, **what: Any) -> NewInvitation:
    code = new_code()
    invitation = Invitation(code_hash=code_hash(code), created_at=now, expires_at=now + VALID_FOR, **what)
    session.add(invitation)
    session.flush()  # the answer shows the id
    return NewInvitation(invitation, code)


def new_code() -> str:
    """Return a code that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def redeem(session: Session, *, actor: Actor, code: str, now: dt.datetime) -> Invitation:
    """Use an invitation: the actor's account becomes the invited person, or gets a residency in the home.

    Raises ``NotFound`` for a wrong or expired code and ``Conflict`` for a used one.
    """
    invitation = session.scalar(sa.select(Invitation).where(Invitation.code_hash == code_hash(code)).with_for_update())
    if invitation is None or invitation.expires_at <= now:
        raise NotFound(CODE_UNKNOWN, code="invitation_unknown")
    if invitation.used_at is not None:
        raise Conflict("这个邀请码已经用过了。请服务站重新发一个。", code="invitation_used")
    if actor.account_id is None:
        raise Conflict(NEEDS_WECHAT, code="needs_wechat")
    # Not the token's person: another invitation may have given the account to somebody since the token was signed.
    account = session.get_one(WeChatAccount, actor.account_id, with_for_update=True, populate_existing=True)
    if invitation.person_id is not None and invitation.person_id != account.person_id:
        _become(session, account, invitation.person_id, now=now)
    person_id = account.person_id
    if invitation.home_id is not None and invitation.kind is not None:
        _move_in(session, actor, person_id, invitation.home_id, invitation.kind, now)
    invitation.used_at = now
    invitation.used_by_id = actor.account_id
    return invitation


def code_hash(code: str) -> str:
    """Return what is kept of a code.  Spaces and small letters are forgiven."""
    return hashlib.sha256(code.replace(" ", "").replace("-", "").upper().encode()).hexdigest()


def _become(session: Session, account: WeChatAccount, person_id: int, *, now: dt.datetime) -> None:
    """Give the account to a registered person, unless it already stands for somebody with a history.

    Tokens of the person it stood for until now end at once.
    """
    busy = session.scalar(
        sa.select(
            sa.or_(
                sa.exists().where(Residency.person_id == account.person_id),
                sa.exists().where(Membership.person_id == account.person_id),
            )
        )
    )
    if busy:
        raise Conflict("这个微信已经绑定了另一位居民。请到服务站办理更换。", code="account_bound")
    rights.changed(session, person_ids=[account.person_id], now=now)
    account.person_id = person_id
    session.execute(
        sa.update(SignIn).where(SignIn.account_id == account.id, SignIn.ended_at.is_(None)).values(person_id=person_id)
    )


def _move_in(
    session: Session, actor: Actor, person_id: int, home_id: int, kind: ResidencyKind, now: dt.datetime
) -> None:
    """Let the person be what the station invited them to be; who is something there already stays that."""
    if _lives_in(session, person_id, home_id):
        return
    if kind is ResidencyKind.OWNER and settling.owners(session, home_id):
        kind = ResidencyKind.CO_OWNER  # a code settles no quarrel: the first owner stays first
    settler = Settler(person_id, kind, Evidence.INVITATION)
    settling.settle(session, home_id=home_id, settler=settler, actor=actor, now=now)


def _lives_in(session: Session, person_id: int, home_id: int) -> bool:
    query = sa.select(Residency.id).where(
        Residency.person_id == person_id, Residency.home_id == home_id, Residency.ends_at.is_(None)
    )
    return session.scalar(query) is not None
