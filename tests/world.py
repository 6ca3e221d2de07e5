"""A small world for tests: two neighborhoods with homes, residents and a station each."""

import datetime as dt
import itertools
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy.orm import Session

from app import identity
from models import (
    CaseKey,
    Evidence,
    GroupBinding,
    Home,
    Membership,
    OrgUnit,
    Person,
    Residency,
    ResidencyKind,
    Role,
    SignIn,
    SubscriptionGrant,
    Ticket,
    TicketSource,
    UnitKind,
    WeChatAccount,
)
from services import people, sign_in
from services.actors import Actor
from services.hats import hats_of, which
from services.residencies import settling
from services.residencies.settling import Settler
from services.tickets import by_resident, by_station, by_worker, filing, recording
from services.tickets.filing import Filed, Report
from services.tickets.recording import Caller
from services.vault import Vault

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)
_serial = itertools.count(1)


@dataclass
class Place:
    """A neighborhood with a grid, two buildings and a home in each."""

    neighborhood: OrgUnit
    grid: OrgUnit
    building: OrgUnit
    other_building: OrgUnit
    home: Home
    other_home: Home


@dataclass
class World:
    """Everybody a test may need."""

    session: Session
    vault: Vault
    community: OrgUnit
    place: Place
    elsewhere: Place
    resident: Person
    neighbor: Person
    """Lives in the same building as the resident."""
    far_neighbor: Person
    """Lives in the other building of the neighborhood."""
    manager: Person
    clerk: Person
    repairer: Person
    other_repairer: Person
    grid_leader: Person
    community_officer: Person
    stranger: Person
    """A resident of the other neighborhood."""
    foreign_manager: Person
    foreign_repairer: Person

    @classmethod
    def build(cls, session: Session, vault: Vault) -> "World":
        city = new_unit(session, UnitKind.CITY, "本溪市", None)
        district = new_unit(session, UnitKind.DISTRICT, "明山区", city)
        subdistrict = new_unit(session, UnitKind.SUBDISTRICT, "高峪街道", district)
        community = new_unit(session, UnitKind.COMMUNITY, "彩进社区", subdistrict)
        place = new_place(session, community, "彩进小区", f"BX-T{next(_serial)}")
        elsewhere = new_place(session, community, "新立小区", f"BX-T{next(_serial)}")
        everybody = {
            name: new_person(session, vault, spoken)
            for name, spoken in (
                ("resident", "王桂兰"), ("neighbor", "赵永福"), ("far_neighbor", "钱秀英"), ("manager", "张丽"),
                ("clerk", "刘洋"), ("repairer", "李国强"), ("other_repairer", "陈志刚"), ("grid_leader", "孙敏"),
                ("community_officer", "周正"), ("stranger", "吴大年"), ("foreign_manager", "郑凯"),
                ("foreign_repairer", "冯涛"),
            )
        }  # fmt: skip
        world = cls(session, vault, community, place, elsewhere, **everybody)
        world._settle_in()
        session.flush()
        return world

    @classmethod
    def settled(cls, session: Session, vault: Vault) -> "World":
        """Build a world that stays in the database, its rows loaded and bound to no session."""
        world = cls.build(session, vault)
        session.commit()
        for row in list(session):
            session.refresh(row)
        session.expunge_all()
        return world

    def seen_by(self, session: Session, vault: Vault) -> "World":
        """Return the same world with copies of its rows in another session; nothing is asked of the database."""

        def here(value: Any) -> Any:
            if isinstance(value, Place):
                return Place(*(here(getattr(value, field.name)) for field in fields(value)))
            return session.merge(value, load=False)

        own = {field.name for field in fields(self)} - {"session", "vault"}
        return World(session, vault, **{name: here(getattr(self, name)) for name in own})

    def _settle_in(self) -> None:
        move_in(self.session, self.resident, self.place.home)
        move_in(self.session, self.neighbor, self.place.home, ResidencyKind.FAMILY)
        move_in(self.session, self.far_neighbor, self.place.other_home)
        move_in(self.session, self.stranger, self.elsewhere.home)
        for person, unit, role in (
            (self.manager, self.place.neighborhood, Role.STATION_MANAGER),
            (self.clerk, self.place.neighborhood, Role.STATION_CLERK),
            (self.repairer, self.place.neighborhood, Role.REPAIRER),
            (self.other_repairer, self.place.neighborhood, Role.REPAIRER),
            (self.grid_leader, self.place.grid, Role.GRID_LEADER),
            (self.community_officer, self.community, Role.COMMUNITY_OFFICER),
            (self.foreign_manager, self.elsewhere.neighborhood, Role.STATION_MANAGER),
            (self.foreign_repairer, self.elsewhere.neighborhood, Role.REPAIRER),
        ):
            hire(self.session, person, unit, role)
        self.repairer.known_as = "李师傅"
        self.other_repairer.known_as = "陈师傅"

    def actor(self, person: Person, role: Role | None = None) -> Actor:
        """The person, in the given hat or their first one."""
        account = account_of(self.session, person)
        hats = hats_of(self.session, person.id, NOW)
        membership_id, case_key_id = which(next(hat for hat in hats if role is None or hat.role is role))
        entry = SignIn(
            account_id=account.id,
            person_id=person.id,
            membership_id=membership_id,
            case_key_id=case_key_id,
            refresh_hash=f"hash-{next(_serial)}",
            rotated_at=NOW,
            created_at=NOW,
            last_seen_at=NOW,
            expires_at=NOW + dt.timedelta(days=30),
        )
        self.session.add(entry)
        self.session.flush()
        return sign_in.actor_of(self.session, entry, now=NOW)

    def headers(self, person: Person, role: Role | None = None, **more: str) -> dict[str, str]:
        """Request headers that sign a person in."""
        actor = self.actor(person, role)
        self.session.commit()
        token = identity.issue(actor, now=dt.datetime.now(dt.UTC), lifetime=dt.timedelta(minutes=10))
        return {"Authorization": f"Bearer {token}", **{name.replace("_", "-"): value for name, value in more.items()}}

    def file(
        self, *, category: str = "elec", text: str = "3单元门口的灯不亮", now: dt.datetime = NOW, **where: Any
    ) -> Filed:
        """A report by the resident, in their own building unless told otherwise."""
        report = Report(category=category, text=text, **(where or {"building_id": self.place.building.id}))
        filed = filing.file_ticket(self.session, actor=self.actor(self.resident), report=report, now=now)
        self.session.flush()
        return filed

    def record(self, *, name: str | None = None, phone: str | None = None, person: Person | None = None) -> Filed:
        """A report that somebody told the station by phone, about the common parts of the first building."""
        filed = recording.record_ticket(
            self.session,
            actor=self.actor(self.clerk),
            report=Report(category="elec", text="3单元门口的灯不亮", building_id=self.place.building.id),
            source=TicketSource.PHONE,
            caller=Caller(person.id if person else None, name, phone),
            vault=self.vault,
            now=NOW,
        )
        self.session.flush()
        return filed

    def ticket(self, filed: Filed) -> Ticket:
        """The row of a ticket, fresh."""
        return self.session.get_one(Ticket, filed.id, populate_existing=True)

    def bring_to(self, state: str, filed: Filed, *, now: dt.datetime = NOW) -> Ticket:
        """Lead a ticket (not an emergency) along the usual way until it reaches a state."""
        steps: dict[str, Any] = {
            "assigned": lambda: by_station.assign(
                self.session, actor=self.actor(self.manager), now=now, ticket_id=filed.id, assignee_id=self.repairer.id
            ),
            "accepted": lambda: by_worker.accept(self.session, **self.by_worker(filed, now)),
            "on_site": lambda: by_worker.arrive(self.session, **self.by_worker(filed, now)),
            "in_progress": lambda: by_worker.start(self.session, **self.by_worker(filed, now)),
            "done_by_worker": lambda: by_worker.finish(self.session, **self.by_worker(filed, now)),
            "confirmed": lambda: by_resident.confirm(
                self.session, actor=self.actor(self.resident), now=now, ticket_id=filed.id
            ),
        }
        for reached, step in steps.items():
            step()
            if reached == state:
                break
        self.session.flush()
        return self.ticket(filed)

    def by_worker(self, filed: Filed, now: dt.datetime = NOW) -> dict[str, Any]:
        """What a worker's step is told."""
        return {"actor": self.actor(self.repairer), "now": now, "ticket_id": filed.id}

    def grant(self, person: Person, kind: str, remaining: int = 1) -> None:
        """Let us send a person some messages of a kind."""
        account = account_of(self.session, person)
        self.session.add(SubscriptionGrant(account_id=account.id, kind=kind, remaining=remaining, updated_at=NOW))
        self.session.flush()

    def key(self, person: Person, filed: Filed, *given: str, days: int = 7) -> CaseKey:
        """A key to one ticket for somebody from outside."""
        key = CaseKey(
            neighborhood_id=self.place.neighborhood.id,
            person_id=person.id,
            subject_kind="ticket",
            subject_id=filed.id,
            title="律师",
            permissions={"given": list(given or ("ticket:read", "ticket:note", "photo:read", "photo:upload"))},
            starts_at=LONG_AGO,
            ends_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=days),
            given_why="邻里漏水，请律师看看责任。",
        )
        self.session.add(key)
        self.session.flush()
        return key

    def group(self, key: str = "robot-key") -> GroupBinding:
        """A group of the station with a robot."""
        binding = GroupBinding(
            neighborhood_id=self.place.neighborhood.id,
            name="彩进小区服务站群",
            robot_key_sealed=self.vault.seal(key, "group.robot_key"),
            created_at=NOW,
        )
        self.session.add(binding)
        self.session.flush()
        return binding


def new_unit(session: Session, kind: UnitKind, name: str, parent: OrgUnit | None, code: str | None = None) -> OrgUnit:
    """A node of the tree, with its path."""
    unit = OrgUnit(parent_id=parent.id if parent else None, kind=kind, name=name, code=code, starts_at=LONG_AGO)
    unit.path = f"?{next(_serial)}"
    # The neighborhood's own key is known only after the first flush; until then it borrows a number that is filled in.
    below = parent.neighborhood_id if parent else None
    unit.id = next(_serial) + 1_000_000
    unit.neighborhood_id = unit.id if kind is UnitKind.NEIGHBORHOOD else below
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    session.add(unit)
    session.flush()
    return unit


def new_place(session: Session, community: OrgUnit, name: str, code: str) -> Place:
    """A neighborhood with two buildings and a home in each."""
    neighborhood = new_unit(session, UnitKind.NEIGHBORHOOD, name, community, code)
    grid = new_unit(session, UnitKind.GRID, "第一网格", neighborhood)
    building = new_unit(session, UnitKind.BUILDING, "1号楼", grid)
    other_grid = new_unit(session, UnitKind.GRID, "第二网格", neighborhood)
    other_building = new_unit(session, UnitKind.BUILDING, "2号楼", other_grid)
    homes = [
        Home(
            neighborhood_id=neighborhood.id,
            building_id=unit.id,
            room="201",
            floor=2,
            code=f"{number}-1-201",
            label=f"{number}号楼1单元201室",
            area_centi=5_230,
        )
        for number, unit in ((1, building), (2, other_building))
    ]
    session.add_all(homes)
    session.flush()
    return Place(neighborhood, grid, building, other_building, *homes)


def new_person(session: Session, vault: Vault, name: str) -> Person:
    """Somebody with a name and a phone that belongs to nobody."""
    person = Person(created_at=LONG_AGO)
    people.set_name(person, name, vault)
    people.set_phone(person, f"+86154{next(_serial):08}", vault)
    session.add(person)
    session.flush()
    return person


def account_of(session: Session, person: Person) -> WeChatAccount:
    """The person's WeChat account, made when first asked for."""
    account = session.query(WeChatAccount).filter_by(person_id=person.id).first()
    if account is None:
        account = WeChatAccount(
            person_id=person.id,
            appid="wx-test",
            openid=f"o{next(_serial):027}",
            created_at=LONG_AGO,
            last_seen_at=LONG_AGO,
        )
        session.add(account)
        session.flush()
    return account


def move_in(session: Session, person: Person, home: Home, kind: ResidencyKind = ResidencyKind.OWNER) -> Residency:
    """The person lives there, with the rights that go with it.  A second owner becomes a co-owner."""
    if kind is ResidencyKind.OWNER and settling.owners(session, home.id):
        kind = ResidencyKind.CO_OWNER
    settler = Settler(person.id, kind, Evidence.REGISTRATION)
    return settling.settle(session, home_id=home.id, settler=settler, actor=None, now=LONG_AGO)


def hire(session: Session, person: Person, unit: OrgUnit, role: Role) -> None:
    """The person holds a role at a node."""
    session.add(Membership(person_id=person.id, unit_id=unit.id, role=role, starts_at=LONG_AGO))
