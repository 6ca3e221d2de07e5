"""Levels, domains, rules and types that the organization starts with, and what the database keeps true by itself."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SINCE = dt.date(2020, 1, 1)
START = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
# code, name, rank, whether it counts as a building's group
LEVELS = [
    ("subdistrict_work_committee", "街道党工委", 10, False),
    ("community_organization", "社区党组织", 20, False),
    ("grid_branch", "网格党支部", 30, False),
    ("building_group", "楼栋党小组", 40, True),
    ("member_household", "党员中心户", 50, False),
]
# Both lists of the 五有 that are in use; the sixth is in one of them only.
DOMAINS = [
    ("security", "治安防范", True),
    ("cleaning", "卫生保洁", True),
    ("greening", "绿化养护", True),
    ("repair", "房屋维修", True),
    ("parking", "停车管理", True),
    ("hardship", "日常生活难题", False),
]
COMMITTEES = [
    ("owners", 3, 5, 5, 11, True, "默认值，可按本地规定改：委员5至11人、单数，见《业主大会和业主委员会指导规则》第三十一条；任期3至5年，各地不同"),
    ("interim", 3, 3, 7, 15, True, "默认值，可按本地规定改：7人以上、单数，任期不超过3年，见《北京市物业管理条例》第五十二条至第五十八条"),
]
HABIT = "通行做法，可按本地规定改"
CONFLICTS = [
    ("committee_treasurer", "committee_member", "treasurer", "neighborhood",
     "业委会委员又管钱，花钱的和定花钱的是同一个人。最好另请一位管账。", HABIT),
    ("manager_treasurer", "station_manager", "treasurer", "neighborhood",
     "站长又管钱，经手和把关是同一个人。最好另请一位管账。", "《会计法》：出纳和审核要分开，经手的不能自己审"),
    ("repairer_manager", "repairer", "station_manager", "neighborhood",
     "自己修、自己验收，居民不放心。他修的单子要请别人来结。", HABIT),
    ("repairer_treasurer", "repairer", "treasurer", "neighborhood",
     "收工钱的人又管钱。他的工钱要请别人来付。", HABIT),
    ("mediator_resident", "mediator", "resident", "building",
     "调解员就住在这栋楼，邻居可能觉得他偏向。这栋楼的事最好请别的调解员。", "《人民调解法》第三条：平等自愿；当事人可以要求换人"),
]  # fmt: skip
# name, purpose, seats by organization
COUNCILS = [
    ("红色管家议事会", "社区党委牵头，和工程质量监督队、服务站、业委会一起商量小区的大事。",
     [("社区党委", 2), ("工程质量监督队", 2), ("物业服务站", 1), ("业主委员会", 2)]),
    ("三情议事会", "社区、业委会和服务站一起听民情、议事情。",
     [("社区", 1), ("业主委员会", 2), ("物业服务站", 1)]),
]  # fmt: skip
# A row that closes a placement is written once; after that it stays.
PLACEMENTS = {"org_unit": ("unit_placement", "unit_id"), "party_org": ("party_placement", "party_org_id")}

level = sa.table(
    "party_level", sa.column("code"), sa.column("name"), sa.column("rank", sa.Integer),
    sa.column("covers_buildings", sa.Boolean),
)  # fmt: skip
domain = sa.table(
    "service_domain", sa.column("code"), sa.column("name"), sa.column("place", sa.Integer),
    sa.column("is_usual", sa.Boolean),
)  # fmt: skip
committee = sa.table(
    "committee_rule", sa.column("kind"), sa.column("usual_years", sa.Integer), sa.column("most_years", sa.Integer),
    sa.column("least_members", sa.Integer), sa.column("most_members", sa.Integer), sa.column("odd", sa.Boolean),
    sa.column("since", sa.Date), sa.column("source"),
)  # fmt: skip
conflict = sa.table(
    "conflict_rule", sa.column("code"), sa.column("first"), sa.column("second"), sa.column("within"), sa.column("why"),
    sa.column("source"), sa.column("since", sa.Date),
)  # fmt: skip
council = sa.table(
    "council_type", sa.column("id", sa.Integer), sa.column("name"), sa.column("purpose"),
    sa.column("starts_at", sa.DateTime(timezone=True)),
)  # fmt: skip
seat = sa.table(
    "council_type_seat", sa.column("type_id", sa.Integer), sa.column("organization"), sa.column("seats", sa.Integer),
    sa.column("place", sa.Integer),
)  # fmt: skip


def upgrade() -> None:
    """Apply."""
    fill(level, ("code", "name", "rank", "covers_buildings"), LEVELS)
    fill(domain, ("code", "name", "is_usual", "place"), [(*row, place) for place, row in enumerate(DOMAINS)])
    names = ("kind", "usual_years", "most_years", "least_members", "most_members", "odd", "source", "since")
    fill(committee, names, [(*row, SINCE) for row in COMMITTEES])
    names = ("code", "first", "second", "within", "why", "source", "since")
    fill(conflict, names, [(*row, SINCE) for row in CONFLICTS])
    start = START if op.get_bind().dialect.name == "postgresql" else START.replace(tzinfo=None)
    for name, purpose, seats in COUNCILS:
        type_id = op.get_bind().scalar(
            sa.insert(council).values(name=name, purpose=purpose, starts_at=start).returning(council.c.id)
        )
        names = ("type_id", "organization", "seats", "place")
        fill(seat, names, [(type_id, *row, place) for place, row in enumerate(seats)])
    (watch_postgresql if op.get_bind().dialect.name == "postgresql" else watch_sqlite)()


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        for tree, (table, _) in PLACEMENTS.items():
            op.execute(f"drop trigger {tree}_is_placed on {tree}")
            op.execute(f"drop function {tree}_is_placed()")
            op.execute(f"drop trigger {table}_is_kept on {table}")
            op.execute(f"drop trigger {table}_stays on {table}")
        op.execute("drop trigger former_unit_name_stays on former_unit_name")
        op.execute("drop trigger committee_term_apart on committee_term")
        op.execute("drop function committee_term_apart()")
    else:
        for tree, (table, _) in PLACEMENTS.items():
            op.execute(f"drop trigger {tree}_is_placed")
            op.execute(f"drop trigger {table}_no_delete")
            op.execute(f"drop trigger {table}_no_update")
        for action in ("update", "delete"):
            op.execute(f"drop trigger former_unit_name_no_{action}")
        for action in ("insert", "update"):
            op.execute(f"drop trigger committee_term_apart_{action}")
    for table in ("council_type_seat", "council_type", "conflict_rule", "committee_rule", "service_domain", "party_level"):
        op.execute(f"delete from {table}")


def fill(table: sa.TableClause, names: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write rows."""
    op.bulk_insert(table, [dict(zip(names, row, strict=True)) for row in rows])


def watch_postgresql() -> None:
    """First placements, placements and names that stay, and terms that do not overlap.  ``history_stays`` is of 0002."""
    for tree, (table, key) in PLACEMENTS.items():
        op.execute(
            f"create function {tree}_is_placed() returns trigger language plpgsql as "
            f"$$ begin insert into {table} ({key}, parent_id, starts_at) values (new.id, new.parent_id, new.starts_at); "
            "return null; end $$"
        )
        op.execute(
            f"create trigger {tree}_is_placed after insert on {tree} for each row execute function {tree}_is_placed()"
        )
        op.execute(
            f"create trigger {table}_stays before update on {table} for each row when (old.ends_at is not null) "
            "execute function history_stays()"
        )
        op.execute(
            f"create trigger {table}_is_kept before delete on {table} for each row execute function history_stays()"
        )
    op.execute(
        "create trigger former_unit_name_stays before update or delete on former_unit_name "
        "for each row execute function history_stays()"
    )
    op.execute(
        "create function committee_term_apart() returns trigger language plpgsql as $$ begin "
        "if exists (select 1 from committee_term t where t.neighborhood_id = new.neighborhood_id and t.id <> new.id "
        "and t.starts_on < new.ends_on and new.starts_on < t.ends_on) "
        "then raise exception 'terms overlap' using errcode = 'integrity_constraint_violation'; end if; "
        "return new; end $$"
    )
    op.execute(
        "create trigger committee_term_apart before insert or update on committee_term "
        "for each row execute function committee_term_apart()"
    )


def watch_sqlite() -> None:
    """First placements, placements and names that stay, and terms that do not overlap."""
    for tree, (table, key) in PLACEMENTS.items():
        op.execute(
            f"create trigger {tree}_is_placed after insert on {tree} begin "
            f"insert into {table} ({key}, parent_id, starts_at) values (new.id, new.parent_id, new.starts_at); end"
        )
        op.execute(
            f"create trigger {table}_no_update before update on {table} when old.ends_at is not null "
            f"begin select raise(abort, 'history is append-only: {table}'); end"
        )
        op.execute(
            f"create trigger {table}_no_delete before delete on {table} "
            f"begin select raise(abort, 'history is append-only: {table}'); end"
        )
    for action in ("update", "delete"):
        op.execute(
            f"create trigger former_unit_name_no_{action} before {action} on former_unit_name "
            "begin select raise(abort, 'history is append-only: former_unit_name'); end"
        )
    for action in ("insert", "update"):
        op.execute(
            f"create trigger committee_term_apart_{action} before {action} on committee_term when exists "
            "(select 1 from committee_term t where t.neighborhood_id = new.neighborhood_id and t.id is not new.id "
            "and t.starts_on < new.ends_on and new.starts_on < t.ends_on) "
            "begin select raise(abort, 'terms overlap'); end"
        )
