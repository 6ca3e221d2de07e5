"""A resident's part: asking to be written down, mending what was returned, taking it back."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import (
    OPEN_REQUESTS,
    Evidence,
    Home,
    Person,
    RequestState,
    ResidencyKind,
    ResidencyPhoto,
    ResidencyRequest,
)
from services import clocks, files
from services.access import HOME_MISSING
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.masking import mask_id_number
from services.residencies import history, reaching, routing, settling, shares, telling
from services.residencies.moves import EVIDENCE_FOR, PAPERS, Step
from services.residencies.words import EVIDENCE_NAMES, KIND_NAMES, NEXT_STEP, STATE_NAMES
from services.vault import Vault

PHOTOS_MOST = 6
OPEN_MOST = 5
LABEL = "residency_request.document"
EARLIEST = dt.date(1900, 1, 1)


@dataclass(frozen=True)
class Claim:
    """What somebody says they are to a home, and what shows it."""

    kind: ResidencyKind
    since: dt.date
    evidence: Evidence
    share_numerator: int | None = None
    share_denominator: int | None = None
    pays_fee: bool = False
    document: str | None = None
    """The number on the paper."""
    words: str | None = None
    photos: tuple[str, ...] = ()


def choices() -> list[dict[str, Any]]:
    """Return what one can ask to be, and what each may rest on, so that no client keeps a copy of the table."""
    return [
        {
            "kind": kind,
            "name": KIND_NAMES[kind],
            "evidence": [
                {"value": one, "name": EVIDENCE_NAMES[one], "is_paper": one in PAPERS} for one in EVIDENCE_FOR[kind]
            ],
        }
        for kind in EVIDENCE_FOR
    ]


def ask(
    session: Session, *, actor: Actor, home_id: int, claim: Claim, vault: Vault, now: dt.datetime
) -> ResidencyRequest:
    """Ask to be written down as something to a home.

    Raises ``NotFound`` for a home that is not there, ``InvalidInput`` for a claim that shows nothing, ``Conflict`` for what
    one is already or has asked for already.
    """
    home = session.get(Home, home_id)
    if home is None or not actor.acts_in(home.neighborhood_id):
        raise NotFound(HOME_MISSING, code="home_not_found")
    share = _checked(claim, now)
    _require_name(session, actor)
    _require_new(session, actor, home, claim.kind)
    request = ResidencyRequest(
        neighborhood_id=home.neighborhood_id,
        home_id=home.id,
        person_id=actor.person_id,
        filed_by_id=actor.agent_id or actor.person_id,
        version=1,
        created_at=now,
        state_since=now,
    )
    _fill(request, claim, share, vault)
    _send_on(session, request, now=now)
    try:
        with session.begin_nested():
            session.add(request)
            session.flush()  # photos and history name the new row
    except IntegrityError as error:  # tapped twice, and the other request was first
        raise Conflict("这套房子您已经申请过了，不用重复交。", code="request_open") from error
    _hang(session, actor, request, claim)
    history.of_request(session, request, Step.ASK, actor=actor, now=now)
    telling.moved(session, request, now=now)
    return request


def resubmit(
    session: Session,
    *,
    actor: Actor,
    request_id: int,
    claim: Claim,
    vault: Vault,
    now: dt.datetime,
    version: int | None = None,
) -> ResidencyRequest:
    """Hand a returned request in again, mended.  Photos that hang on it stay; new ones come after them."""
    request = reaching.take(session, actor=actor, request_id=request_id, step=Step.RESUBMIT, now=now, version=version)
    has_photos = session.scalar(sa.select(ResidencyPhoto.id).where(ResidencyPhoto.request_id == request.id).limit(1))
    share = _checked(claim, now, shown=bool(has_photos or request.document_sealed))
    current = settling.current(session, person_id=actor.person_id, home_id=request.home_id)
    if current is not None and current.kind is claim.kind:
        raise Conflict(f"您已经登记为这套房子的{KIND_NAMES[claim.kind]}，不用再办。", code="already_resident")
    _fill(request, claim, share, vault)
    request.filed_by_id = actor.agent_id or actor.person_id
    request.reason = None
    request.version += 1
    _hang(session, actor, request, claim)
    _send_on(session, request, now=now)
    history.of_request(session, request, Step.RESUBMIT, actor=actor, now=now)
    telling.moved(session, request, now=now)
    return request


def withdraw(
    session: Session, *, actor: Actor, request_id: int, now: dt.datetime, version: int | None = None
) -> ResidencyRequest:
    """Take a request back."""
    request = reaching.take(session, actor=actor, request_id=request_id, step=Step.WITHDRAW, now=now, version=version)
    request.state, request.state_since, request.due_at = RequestState.WITHDRAWN, now, None
    request.version += 1
    history.of_request(session, request, Step.WITHDRAW, actor=actor, now=now)
    telling.moved(session, request, now=now)
    return request


def _checked(claim: Claim, now: dt.datetime, *, shown: bool = False) -> shares.Share | None:
    """Return the share.  Raises ``InvalidInput`` for a claim that cannot be, or that nothing shows."""
    if claim.evidence not in EVIDENCE_FOR[claim.kind]:
        usual = "、".join(EVIDENCE_NAMES[one] for one in EVIDENCE_FOR[claim.kind])
        said = f"登记为{KIND_NAMES[claim.kind]}，可以用：{usual}。请选一样。"
        raise InvalidInput(said, code="evidence_unfit", errors={"evidence": [said]})
    if claim.evidence in PAPERS and not (claim.photos or (claim.document or "").strip() or shown):
        said = f"请拍一张{EVIDENCE_NAMES[claim.evidence]}的照片，或者写上证件上的编号。"
        raise InvalidInput(said, code="evidence_missing", errors={"photos": [said]})
    if not EARLIEST <= claim.since <= clocks.local_day(now):
        said = "开始的日子请写今天或者以前。"
        raise InvalidInput(said, code="since_invalid", errors={"since": [said]})
    return shares.read(claim.kind, claim.share_numerator, claim.share_denominator)


def _require_name(session: Session, actor: Actor) -> None:
    person = session.get_one(Person, actor.person_id)
    if person.name_sealed is None or person.phone_sealed is None:
        raise Conflict("请先在“我的资料”里填好姓名和电话，站里好核对，再来申请。", code="name_needed")


def _require_new(session: Session, actor: Actor, home: Home, kind: ResidencyKind) -> None:
    """Raise ``Conflict`` for what is there already, kindly."""
    current = settling.current(session, person_id=actor.person_id, home_id=home.id)
    if current is not None and current.kind is kind:
        raise Conflict(f"您已经登记为这套房子的{KIND_NAMES[kind]}，不用再办。", code="already_resident")
    waiting = list(
        session.scalars(
            sa.select(ResidencyRequest).where(
                ResidencyRequest.person_id == actor.person_id, ResidencyRequest.state.in_(OPEN_REQUESTS)
            )
        )
    )
    for request in waiting:
        if request.home_id == home.id:
            name = STATE_NAMES[request.state]
            raise Conflict(
                f"这套房子您已经申请过了，现在是“{name}”，不用重复交。{NEXT_STEP[request.state]}",
                code="request_open",
                state=request.state.value,
            )
    if len(waiting) >= OPEN_MOST:
        raise Conflict(f"您有{OPEN_MOST}份申请还没办完，请先等一等，或者撤回不要的。", code="too_many_requests")


def _fill(request: ResidencyRequest, claim: Claim, share: shares.Share | None, vault: Vault) -> None:
    request.kind = claim.kind
    request.since = claim.since
    request.evidence = claim.evidence
    request.share_numerator, request.share_denominator = share or (None, None)
    request.pays_fee = claim.pays_fee and claim.kind not in shares.OWNERS
    request.words = claim.words
    document = (claim.document or "").strip()
    if document:
        request.document_sealed = vault.seal(document, LABEL)
        request.document_masked = mask_id_number(document)[:32]


def _hang(session: Session, actor: Actor, request: ResidencyRequest, claim: Claim) -> None:
    """Hang photos on a request, after those that hang there already."""
    if not claim.photos:
        return
    taken = session.scalar(
        sa.select(sa.func.count()).select_from(ResidencyPhoto).where(ResidencyPhoto.request_id == request.id)
    )
    found = files.unattached(session, actor=actor, tokens=claim.photos, most=PHOTOS_MOST)
    if (taken or 0) + len(found) > PHOTOS_MOST:
        said = f"照片一共最多{PHOTOS_MOST}张。"
        raise InvalidInput(said, code="too_many_photos", errors={"photos": [said]})
    session.add_all(
        ResidencyPhoto(request_id=request.id, file_id=file_id, position=(taken or 0) + position)
        for position, file_id in enumerate(found)
    )


def _send_on(session: Session, request: ResidencyRequest, *, now: dt.datetime) -> None:
    stop = routing.next_stop(session, request, now=now)
    request.state, request.due_at, request.state_since = stop.state, stop.due_at, now
