"""Homes: areas and uses with their days, other names, what goes with a home; keys by which persons are looked for."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
USES = "('dwelling', 'shop', 'office', 'storage', 'public')"
OPEN = sa.text("ends_on is null and voided_at is null")
COUNTS = sa.text("voided_at is null")
LIVE = sa.text("ends_at is null")
MERGED = sa.text("merged_into_id is not null")
HOME_CHECKS = {
    "homeuse": f"use in {USES}",
    "homestatus": "status in ('in_use', 'merged', 'demolished')",
    "merged_into_a_home": "(status = 'merged') = (merged_into_id is not null)",
    "merged_into_another": "merged_into_id <> id",
}
# What a written row says stays; it may be ended or voided, once.
STAYS = {
    "home_area": (
        "old.ends_on is not null and new.ends_on is distinct from old.ends_on or old.voided_at is not null "
        "or new.area_centi <> old.area_centi or new.basis <> old.basis or new.starts_on <> old.starts_on "
        "or new.home_id <> old.home_id"
    ),
    "home_use_period": (
        "old.ends_on is not null and new.ends_on is distinct from old.ends_on or old.voided_at is not null "
        "or new.use <> old.use or new.starts_on <> old.starts_on or new.home_id <> old.home_id"
    ),
}


def upgrade() -> None:
    """Apply."""
    op.add_column("home", sa.Column("use", sa.String(32), server_default="dwelling", nullable=False))
    op.add_column("home", sa.Column("status", sa.String(32), server_default="in_use", nullable=False))
    op.add_column("home", sa.Column("merged_into_id", BIG, nullable=True))
    with op.batch_alter_table("home") as batch:
        batch.create_foreign_key(op.f("fk_home_merged_into_id_home"), "home", ["merged_into_id"], ["id"])
        for name, rule in HOME_CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_home_{name}"), rule)
    op.create_index(
        "ix_home_merged_into_id", "home", ["merged_into_id"], sqlite_where=MERGED, postgresql_where=MERGED
    )
    create_histories()
    create_names()
    op.create_table(
        "person_search_key",
        sa.Column("key", BIG, autoincrement=False, nullable=False),
        sa.Column("person_id", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.CheckConstraint(
            # Not IN: for more than two values SQLite builds a table of them at each row.
            "kind = 'name' or kind = 'surname' or kind = 'initials' or kind = 'phone_tail'",
            name=op.f("ck_person_search_key_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_search_key_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "person_id", name=op.f("pk_person_search_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_person_search_key_person_id", "person_search_key", ["person_id"])
    op.create_index("ix_residency_home_id", "residency", ["home_id"])
    keep_what_is_there()
    (watch_postgresql if op.get_bind().dialect.name == "postgresql" else watch_sqlite)()


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_residency_home_id", "residency")
    op.drop_table("person_search_key")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop trigger home_has_a_use on home")
        op.execute("drop function home_has_a_use()")
    else:
        op.execute("drop trigger home_has_a_use")
    for table in ("asset", "home_alias", "home_use_period", "home_area"):
        op.drop_table(table)
    op.drop_index("ix_home_merged_into_id", "home")
    with op.batch_alter_table("home") as batch:
        for name in HOME_CHECKS:
            batch.drop_constraint(op.f(f"ck_home_{name}"), type_="check")
        batch.drop_constraint(op.f("fk_home_merged_into_id_home"), type_="foreignkey")
        for column in ("merged_into_id", "status", "use"):
            batch.drop_column(column)


def of_a_home(table: str) -> list[sa.schema.SchemaItem]:
    """Return what tables of a home's own history begin with."""
    return [
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("home_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f(f"fk_{table}_neighborhood_id_org_unit")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f(f"fk_{table}_home_id_home"), ondelete="CASCADE"),
    ]


def create_histories() -> None:
    """Areas and uses, each with its days."""
    op.create_table(
        "home_area",
        *of_a_home("home_area"),
        sa.Column("area_centi", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(32), nullable=False),
        sa.Column("document_kind", sa.String(32), nullable=True),
        sa.Column("document_number", sa.String(64), nullable=True),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("voided_at", TIME, nullable=True),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("recorded_by_id", BIG, nullable=True),
        sa.CheckConstraint("area_centi > 0", name=op.f("ck_home_area_area_positive")),
        sa.CheckConstraint(
            "basis in ('registered', 'surveyed', 'contract', 'self_declared')", name=op.f("ck_home_area_areabasis")
        ),
        sa.CheckConstraint(
            "document_kind is not null or (document_number is null and document_date is null)",
            name=op.f("ck_home_area_document_has_kind"),
        ),
        sa.CheckConstraint("ends_on is null or ends_on > starts_on", name=op.f("ck_home_area_ends_after_start")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_home_area_recorded_by_id_person")),
    )
    op.create_table(
        "home_use_period",
        *of_a_home("home_use_period"),
        sa.Column("use", sa.String(32), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("voided_at", TIME, nullable=True),
        sa.CheckConstraint(f"use in {USES}", name=op.f("ck_home_use_period_period_use")),
        sa.CheckConstraint("ends_on is null or ends_on > starts_on", name=op.f("ck_home_use_period_ends_after_start")),
    )
    for table in ("home_area", "home_use_period"):
        op.create_index(f"ix_{table}_neighborhood_id", table, ["neighborhood_id"])
        op.create_index(f"uq_{table}_open", table, ["home_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
        op.create_index(
            f"uq_{table}_start", table, ["home_id", "starts_on"], unique=True, sqlite_where=COUNTS, postgresql_where=COUNTS
        )


def create_names() -> None:
    """Other names of homes, and what goes with them."""
    op.create_table(
        "home_alias",
        *of_a_home("home_alias"),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("raw", sa.String(64), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint("source in ('station', 'import', 'renamed')", name=op.f("ck_home_alias_aliassource")),
        sa.CheckConstraint("ends_at is null or ends_at >= created_at", name=op.f("ck_home_alias_ends_after_start")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_home_alias_created_by_id_person")),
    )
    op.create_index("ix_home_alias_home_id", "home_alias", ["home_id"])
    op.create_index(
        "uq_home_alias_key", "home_alias", ["neighborhood_id", "key"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )
    op.create_table(
        "asset",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("building_id", BIG, nullable=True),
        sa.Column("home_id", BIG, nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("area_centi", sa.Integer(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint("kind in ('shed', 'garage', 'parking_space')", name=op.f("ck_asset_assetkind")),
        sa.CheckConstraint("area_centi is null or area_centi > 0", name=op.f("ck_asset_area_positive")),
        sa.CheckConstraint("ends_at is null or ends_at >= created_at", name=op.f("ck_asset_ends_after_start")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_asset_neighborhood_id_org_unit")),
        sa.ForeignKeyConstraint(["building_id"], ["org_unit.id"], name=op.f("fk_asset_building_id_org_unit")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_asset_home_id_home")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
    )
    op.create_index("ix_asset_home_id", "asset", ["home_id"])
    op.create_index("ix_asset_building_id", "asset", ["building_id"])
    op.create_index(
        "uq_asset_code", "asset", ["neighborhood_id", "code"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )


def keep_what_is_there() -> None:
    """Homes of before have a use and, with the weakest of bases, the area they were entered with."""
    ever = sa.bindparam("ever", dt.date(1900, 1, 1), sa.Date())
    now = sa.bindparam("now", dt.datetime.now(dt.UTC), TIME)
    op.execute(
        sa.text(
            "insert into home_use_period (neighborhood_id, home_id, use, starts_on) "
            "select neighborhood_id, id, use, :ever from home"
        ).bindparams(ever)
    )
    op.execute(
        sa.text(
            "insert into home_area (neighborhood_id, home_id, area_centi, basis, starts_on, recorded_at) "
            "select neighborhood_id, id, area_centi, 'self_declared', :ever, :now from home where area_centi is not null"
        ).bindparams(ever, now)
    )


def watch_postgresql() -> None:
    """A new home's first use, and histories that stay as they were written.  ``history_stays`` is of 0002."""
    op.execute(
        "create function home_has_a_use() returns trigger language plpgsql as $$ begin "
        "insert into home_use_period (neighborhood_id, home_id, use, starts_on) "
        "values (new.neighborhood_id, new.id, new.use, '1900-01-01'); return null; end $$"
    )
    op.execute("create trigger home_has_a_use after insert on home for each row execute function home_has_a_use()")
    for table, rule in STAYS.items():
        op.execute(
            f"create trigger {table}_stays before update on {table} for each row when ({rule}) "
            "execute function history_stays()"
        )


def watch_sqlite() -> None:
    """A new home's first use, and histories that stay as they were written."""
    op.execute(
        "create trigger home_has_a_use after insert on home begin "
        "insert into home_use_period (neighborhood_id, home_id, use, starts_on) "
        "values (new.neighborhood_id, new.id, new.use, '1900-01-01'); end"
    )
    for table, rule in STAYS.items():
        op.execute(
            f"create trigger {table}_no_update before update on {table} when "
            f"{rule.replace('is distinct from', 'is not')} "
            f"begin select raise(abort, 'history is append-only: {table}'); end"
        )
