"""The named people of the first neighborhood, with whom a demonstration is played.

They are made up, and so are their phones: the range 154 is assigned to nobody.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Person, Role
from services.vault import Vault


@dataclass(frozen=True)
class CastMember:
    """One named person.

    ``slug`` names the person's phone in the sandbox, ``phone`` is in E.164.  Residents have a ``home_code`` in the
    first neighborhood, workers a ``known_as``.
    """

    slug: str
    name: str
    phone: str
    role: Role
    description: str
    known_as: str | None = None
    home_code: str | None = None


CAST: tuple[CastMember, ...] = (
    CastMember(
        "wang-guilan",
        "王桂兰",
        "+8615400000001",
        Role.RESIDENT,
        "七十多岁，一个人住在1号楼1单元201室，不太会打字",
        home_code="1-1-201",
    ),
    CastMember(
        "zhao-laobing",
        "赵永福",
        "+8615400000002",
        Role.RESIDENT,
        "退伍老兵，热心邻居，住在1号楼1单元301室",
        home_code="1-1-301",
    ),
    CastMember(
        "li-hong",
        "李红",
        "+8615400000009",
        Role.RESIDENT,
        "王桂兰的女儿，住在1号楼1单元401室，妈妈的事常常替着办",
        home_code="1-1-401",
    ),
    CastMember("zhang-li", "张丽", "+8615400000003", Role.STATION_MANAGER, "管派单和结单", known_as="张站长"),
    CastMember("liu-yang", "刘洋", "+8615400000004", Role.STATION_CLERK, "接电话、登记报修", known_as="刘值班员"),
    CastMember(
        "li-shifu", "李国强", "+8615400000005", Role.REPAIRER, "人称李师傅，修水管、暖气最拿手", known_as="李师傅"
    ),
    CastMember(
        "chen-shifu", "陈志刚", "+8615400000006", Role.REPAIRER, "人称陈师傅，修电路、门锁最拿手", known_as="陈师傅"
    ),
    CastMember("sun-min", "孙敏", "+8615400000007", Role.GRID_LEADER, "管1号楼所在的网格", known_as="孙网格长"),
    CastMember(
        "zhou-zheng", "周正", "+8615400000008", Role.COMMUNITY_OFFICER, "管小区的单位、任职和缺口", known_as="周专干"
    ),
)


def cast_people(session: Session, vault: Vault) -> dict[str, int]:
    """Return the person ids of the cast by slug; whoever is not in the database is left out."""
    slugs = {one: member.slug for member in CAST for one in vault.fingerprints(member.phone, "person.phone")}
    rows = session.execute(
        # Newest first: of two people with one phone, the one registered first stays.
        sa.select(Person.phone_hash, Person.id).where(Person.phone_hash.in_(slugs)).order_by(Person.id.desc())
    )
    found = {slugs[phone_hash]: person_id for phone_hash, person_id in rows if phone_hash}
    return {member.slug: found[member.slug] for member in CAST if member.slug in found}
