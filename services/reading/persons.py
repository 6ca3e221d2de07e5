"""Finding a person of a neighborhood by what is said on the phone: initials, a name, a surname and a building, four digits.

Names and phones are sealed, so the search goes over keyed hashes (``services.search_keys``).  Only those are found who have
a home or a role below the searcher's node, and lists show them masked.
"""

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Home, Membership, OrgUnit, Person, PersonKeyKind, PersonSearchKey, Residency
from services import access
from services.actors import Actor
from services.errors import InvalidInput
from services.homes.addressing import read
from services.masking import COMPOUND_SURNAMES
from services.permissions import ROLE_NAMES
from services.reading.homes import in_words
from services.reading.pages import Page, PageRequest, fetch
from services.search_keys import SHORTEST_INITIALS, TAIL, keys_to_find, plain_name
from services.terms import in_force
from services.vault import Vault, normal_phone

TOO_LITTLE = "请再说具体些：姓名、姓加楼号（王 14号楼）、拼音首字母（wgl），或者手机尾号四位。"
LONGEST_INITIALS = 8
_NUMBER = r"[甲乙丙丁A-Z]?[\d零〇○一二两三四五六七八九十百]+(?:[-－—之]\d+)*"
_MARK = r"(?:号楼|号栋|栋|幢|座|#|＃|单元|门洞|楼|层|室|号|户|排|[-－—])"
_ADDRESS = re.compile(rf"(?:第?{_NUMBER}{_MARK})+(?:{_NUMBER})?(?:室|号|户)?")
_TAIL = re.compile(r"(?:尾号|后四位|末四位|手机号?|电话|号码)[是为:：]?")
_TITLES = re.compile(
    r"(?:大爷|大娘|大妈|大伯|大叔|大姐|大哥|阿姨|叔叔|奶奶|爷爷|师傅|老师|先生|女士|同志|主任|站长|书记|家里|家的|家|姐|哥|婶|叔|嫂|姨)$"
)
_SURNAME_FRONT = re.compile(r"^(?:姓|老|小|大)(?=.)")


@dataclass(frozen=True)
class Wanted:
    """What was said of a person."""

    name: str | None = None
    surname: str | None = None
    initials: str | None = None
    tail: str | None = None
    phone: str | None = None
    place: str = ""

    @property
    def keys(self) -> list[tuple[PersonKeyKind, str]]:
        """What of it is looked for among the keys."""
        named = (
            (PersonKeyKind.NAME, self.name),
            (PersonKeyKind.SURNAME, self.surname),
            (PersonKeyKind.INITIALS, self.initials),
            (PersonKeyKind.PHONE_TAIL, self.tail),
        )
        return [(kind, text) for kind, text in named if text]


def search(
    session: Session,
    *,
    actor: Actor,
    vault: Vault,
    neighborhood_id: int,
    text: str,
    now: dt.datetime,
    page: PageRequest,
) -> Page:
    """Return people with a home or a role in a neighborhood, below the actor's node, as lists show them.

    Raises ``InvalidInput`` when too little was said: half the town is called 王.
    """
    access.neighborhood_for(session, actor, neighborhood_id)
    wanted = understand(text)
    if not (wanted.place or wanted.phone or wanted.name or wanted.initials or wanted.tail):
        raise InvalidInput(TOO_LITTLE, code="too_little_said", errors={"text": [TOO_LITTLE]})
    where = _in_scope(actor, neighborhood_id, wanted, now)
    if where is None:
        return Page([], None)
    statement = sa.select(
        Person.id,
        sa.func.coalesce(Person.known_as, Person.name_masked).label("name"),
        Person.phone_masked.label("phone"),
    ).where(where)
    if wanted.phone:
        statement = statement.where(Person.phone_hash.in_(vault.fingerprints(wanted.phone, "person.phone")))
    for kind, said in wanted.keys:
        # IN, not EXISTS: the keys are few and lead to the people; the people are many and all have keys.
        keyed = sa.select(PersonSearchKey.person_id).where(PersonSearchKey.key.in_(keys_to_find(vault, kind, said)))
        statement = statement.where(Person.id.in_(keyed))
    found = fetch(session.connection(), statement, Person.id.expression, page)
    return Page(_with_places(session, actor, neighborhood_id, found.items, now), found.next)


def understand(text: str) -> Wanted:
    """Return what a text says of a person.  It never fails: what is not understood is left out."""
    words = unicodedata.normalize("NFKC", text).strip()
    digits = re.sub(r"[\s\-]", "", words)
    if digits.lstrip("+").isdigit() and len(digits) > 2 * TAIL - 2 and (phone := normal_phone(digits)):
        return Wanted(phone=phone)
    words = _TAIL.sub(" ", words)
    place = " ".join(found.group() for found in _ADDRESS.finditer(words.upper()))
    rest = _ADDRESS.sub(" ", words.upper()) if place else words.upper()
    wanted: dict[str, str] = {}
    for word in re.split(r"[\s,，。、的]+", rest):
        if re.fullmatch(rf"\d{{{TAIL}}}", word):
            wanted["tail"] = word
        elif re.fullmatch(rf"[A-Z]{{{SHORTEST_INITIALS},{LONGEST_INITIALS}}}", word):
            wanted["initials"] = word.lower()
        elif re.fullmatch(r"[甲乙丙丁]?\d{1,3}", word):
            place = f"{place} {word}"
        elif word and not any(char.isdigit() or char.isascii() for char in plain_name(word)):
            wanted |= _called(plain_name(word))
    return Wanted(place=place.strip(), **wanted)


def _called(word: str) -> dict[str, str]:
    """A whole name, or a surname with what people put around it: 老王, 王大爷, 欧阳老师, 姓王."""
    bare = _TITLES.sub("", word)
    front = _SURNAME_FRONT.sub("", bare)
    if len(bare) == 1 or bare in COMPOUND_SURNAMES:
        return {"surname": bare}
    if front != bare and (len(front) == 1 or front in COMPOUND_SURNAMES):
        return {"surname": front}
    return {"name": word if len(word) - len(bare) < 2 else bare}  # noqa: PLR2004 - 王家 may be a name, 王桂兰大娘 is none


def _in_scope(actor: Actor, neighborhood_id: int, wanted: Wanted, now: dt.datetime) -> sa.ColumnElement[bool] | None:
    """Return who may be found: with a home there, where a place was said, otherwise also with a role."""
    living = (
        sa.select(Residency.person_id)
        .join(Home, Home.id == Residency.home_id)
        .join(OrgUnit, OrgUnit.id == Home.building_id)
        .where(_lives_below(actor, neighborhood_id, now))
    )
    if wanted.place:
        condition = in_words(neighborhood_id, wanted.place, read(wanted.place))
        return Person.id.in_(living.where(condition)) if condition is not None else None
    working = (
        sa.select(Membership.person_id)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(_works_below(actor, neighborhood_id, now))
    )
    # Homes are looked up person by person, for those whose keys fit; roles are few, and gathered once.
    return sa.or_(living.where(Residency.person_id == Person.id).exists(), Person.id.in_(working))


def _lives_below(actor: Actor, neighborhood_id: int, now: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition for a residency, joined with the node of its building."""
    return sa.and_(
        Residency.neighborhood_id == neighborhood_id,
        in_force(Residency.starts_at, Residency.ends_at, now),
        OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True),
    )


def _works_below(actor: Actor, neighborhood_id: int, now: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition for a membership, joined with its node."""
    return sa.and_(
        OrgUnit.neighborhood_id == neighborhood_id,
        in_force(Membership.starts_at, Membership.ends_at, now),
        OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True),
    )


def _with_places(
    session: Session, actor: Actor, neighborhood_id: int, people: Sequence[dict[str, Any]], now: dt.datetime
) -> list[dict[str, Any]]:
    """Add to each person the homes and roles by which they were found."""
    ids = [person["id"] for person in people]
    homes: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = session.execute(
        sa.select(Residency.person_id, Home.id, Home.label, Residency.kind)
        .join(Home, Home.id == Residency.home_id)
        .join(OrgUnit, OrgUnit.id == Home.building_id)
        .where(Residency.person_id.in_(ids), _lives_below(actor, neighborhood_id, now))
        .order_by(Residency.id)
    )
    for row in rows:
        homes[row.person_id].append({"id": row.id, "label": row.label, "kind": row.kind})
    roles: dict[int, list[str]] = defaultdict(list)
    held = session.execute(
        sa.select(Membership.person_id, Membership.role)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(Membership.person_id.in_(ids), _works_below(actor, neighborhood_id, now))
        .order_by(Membership.id)
    )
    for one in held:
        roles[one.person_id].append(ROLE_NAMES[one.role])
    return [person | {"homes": homes[person["id"]], "roles": roles[person["id"]]} for person in people]
