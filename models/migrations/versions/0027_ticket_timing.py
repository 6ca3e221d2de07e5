"""Clocks by the station's hours, holds with an end, and who missed which clock."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
REASONS = ("waiting_resident", "weather", "parts", "vote", "other_body")
MODES = ("elapsed", "working_days")
SINCE = dt.date(2020, 1, 1)
FROM_NOW_ON = dt.date(2026, 12, 1)
DAY_OFFICE = (17 * 60 + 30) - (8 * 60 + 30)
# urgency, minutes of the station's hours to: answer, arrive, finish
BY_HOURS = [
    ("p3", DAY_OFFICE, 3 * DAY_OFFICE, 7 * DAY_OFFICE),
    ("p4", 3 * DAY_OFFICE, 7 * DAY_OFFICE, 60 * DAY_OFFICE),
]
HOLD_DAYS = [("waiting_resident", 7), ("weather", 15), ("parts", 15), ("other_body", 30), ("vote", 60)]
OLD_HOLD_DAYS = 60
DEFAULT = "默认值，可按本地规定改"
# What may be written later, once, in rows that otherwise stay.
LATER = {"ticket_hold": ("ended_at", "ended_how"), "ticket_miss": ("judged_at",)}
KEPT = {
    "ticket_hold": (
        "id", "neighborhood_id", "ticket_id", "round", "reason", "held_by_id", "began_at", "until_at",
    ),
    "ticket_miss": (
        "id", "neighborhood_id", "ticket_id", "round", "clock", "due_at", "noticed_at", "person_id",
    ),
}  # fmt: skip


def upgrade() -> None:
    """Apply."""
    modes((*MODES, "working_hours"))
    rule_tables()
    hold_table()
    miss_table()
    rows()
    for table in LATER:
        protect(table)


def downgrade() -> None:
    """Take back."""
    for table in ("ticket_miss", "ticket_hold", "hold_rule", "station_hours"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table in LATER:
            op.execute(f"drop function {table}_stays()")
    op.execute("delete from clock_rule where mode = 'working_hours'")
    op.execute(f"update clock_rule set until = null where until = '{FROM_NOW_ON}' and mode = 'working_days'")
    modes(MODES)


def rule_tables() -> None:
    """When stations are open, and how long a hold may last."""
    op.create_table(
        "station_hours",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("opens_minute", sa.Integer(), nullable=False),
        sa.Column("closes_minute", sa.Integer(), nullable=False),
        *dates(),
        sa.CheckConstraint(
            "opens_minute >= 0 and closes_minute > opens_minute and closes_minute <= 1440",
            name=op.f("ck_station_hours_opens_before_it_closes"),
        ),
        *ends("station_hours", ("neighborhood_id", "org_unit")),
        sa.CheckConstraint("until is null or until > since", name=op.f("ck_station_hours_until_after_since")),
    )
    op.create_index("ix_station_hours_neighborhood_id", "station_hours", ["neighborhood_id"])
    op.create_table(
        "hold_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reason", one_of("pausereason", *REASONS), nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        *dates(),
        sa.CheckConstraint("days > 0", name=op.f("ck_hold_rule_days_positive")),
        sa.CheckConstraint("until is null or until > since", name=op.f("ck_hold_rule_until_after_since")),
        *ends("hold_rule", ("neighborhood_id", "org_unit")),
    )
    op.create_index("ix_hold_rule_reason", "hold_rule", ["reason", "neighborhood_id"])


def hold_table() -> None:
    """Times in which work stood still."""
    op.create_table(
        "ticket_hold",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reason", one_of("pausereason", *REASONS), nullable=False),
        sa.Column("held_by_id", BIG, nullable=True),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("until_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_how", one_of("holdend", "worker", "clock"), nullable=True),
        sa.CheckConstraint("until_at > began_at", name=op.f("ck_ticket_hold_has_some_time")),
        sa.CheckConstraint("(ended_at is null) = (ended_how is null)", name=op.f("ck_ticket_hold_end_is_whole")),
        sa.CheckConstraint(
            "ended_at is null or ended_at >= began_at", name=op.f("ck_ticket_hold_ends_after_it_began")
        ),
        *ends("ticket_hold", ("neighborhood_id", "org_unit"), ("ticket_id", "ticket"), ("held_by_id", "person")),
    )
    still = sa.text("ended_at is null")
    op.create_index(
        "uq_ticket_hold_open", "ticket_hold", ["ticket_id"], unique=True, sqlite_where=still, postgresql_where=still
    )
    op.create_index("ix_ticket_hold_ticket_id", "ticket_hold", ["ticket_id"])
    op.create_index("ix_ticket_hold_neighborhood_id_began_at", "ticket_hold", ["neighborhood_id", "began_at"])
    op.create_index("ix_ticket_hold_until_at", "ticket_hold", ["until_at"], sqlite_where=still, postgresql_where=still)


def miss_table() -> None:
    """Who missed which clock."""
    op.create_table(
        "ticket_miss",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("clock", one_of("ticketclock", "answer", "arrive", "safe", "done"), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("noticed_at", TIME, nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("judged_at", TIME, nullable=True),
        sa.CheckConstraint("noticed_at >= due_at", name=op.f("ck_ticket_miss_noticed_after_due")),
        sa.CheckConstraint("round >= 0", name=op.f("ck_ticket_miss_round_from_nought")),
        sa.UniqueConstraint("ticket_id", "round", "clock", name=op.f("uq_ticket_miss_ticket_id_round_clock")),
        *ends("ticket_miss", ("neighborhood_id", "org_unit"), ("ticket_id", "ticket"), ("person_id", "person")),
    )
    op.create_index("ix_ticket_miss_neighborhood_id_id", "ticket_miss", ["neighborhood_id", "id"])
    fresh = sa.text("judged_at is null")
    op.create_index(
        "ix_ticket_miss_noticed_at", "ticket_miss", ["noticed_at"], sqlite_where=fresh, postgresql_where=fresh
    )


def rows() -> None:
    """The rules from now on, and a hold for each ticket that stands still already."""
    bind = op.get_bind()
    meta = sa.MetaData()
    meta.reflect(bind, only=("clock_rule", "hold_rule", "station_hours", "ticket_hold", "ticket"))
    tables = meta.tables
    rule, ticket = tables["clock_rule"], tables["ticket"]
    op.bulk_insert(
        tables["station_hours"],
        [{"opens_minute": 8 * 60 + 30, "closes_minute": 17 * 60 + 30, "since": SINCE, "source": DEFAULT}],
    )
    op.bulk_insert(
        tables["hold_rule"],
        [{"reason": reason, "days": days, "since": SINCE, "source": DEFAULT} for reason, days in HOLD_DAYS],
    )
    general = sa.and_(
        rule.c.neighborhood_id.is_(None), rule.c.category_id.is_(None), rule.c.until.is_(None), rule.c.since == SINCE
    )
    bind.execute(
        sa.update(rule).where(general, rule.c.urgency.in_([row[0] for row in BY_HOURS])).values(until=FROM_NOW_ON)
    )
    names = ("urgency", "answer_minutes", "arrive_minutes", "done_minutes")
    more = {"mode": "working_hours", "since": FROM_NOW_ON, "source": DEFAULT}
    op.bulk_insert(rule, [dict(zip(names, row, strict=True)) | more for row in BY_HOURS])
    standing = bind.execute(
        sa.select(
            ticket.c.id, ticket.c.neighborhood_id, ticket.c.reopen_count, ticket.c.pause_reason, ticket.c.assignee_id,
            ticket.c.paused_at,
        ).where(ticket.c.state == "paused")
    ).all()  # fmt: skip
    op.bulk_insert(
        tables["ticket_hold"],
        [
            {
                "ticket_id": row.id, "neighborhood_id": row.neighborhood_id, "round": row.reopen_count,
                "reason": row.pause_reason, "held_by_id": row.assignee_id, "began_at": row.paused_at,
                "until_at": row.paused_at + dt.timedelta(days=OLD_HOLD_DAYS),
            }
            for row in standing
        ],
    )  # fmt: skip


def protect(table: str) -> None:
    """Let only the named columns be written later, once; nothing else, and no row goes."""
    first, *_ = LATER[table]
    sentence = f"history is append-only: {table}"
    if op.get_bind().dialect.name == "postgresql":
        changed = " or ".join(f"new.{column} is distinct from old.{column}" for column in KEPT[table])
        op.execute(
            f"create function {table}_stays() returns trigger language plpgsql as $$ begin "
            f"if tg_op = 'DELETE' or old.{first} is not null or {changed} then raise exception '{sentence}'; end if; "
            "return new; end $$"
        )
        op.execute(
            f"create trigger {table}_stays before update or delete on {table} "
            f"for each row execute function {table}_stays()"
        )
        return
    changed = " or ".join(f"new.{column} is not old.{column}" for column in KEPT[table])
    op.execute(f"create trigger {table}_no_delete before delete on {table} begin select raise(abort, '{sentence}'); end")
    op.execute(
        f"create trigger {table}_no_update before update on {table} when old.{first} is not null or {changed} "
        f"begin select raise(abort, '{sentence}'); end"
    )


def dates() -> list[sa.Column[object]]:
    """From when to when a rule counts, and where it comes from."""
    return [
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(255), nullable=False),
    ]


def ends(table: str, *keys: tuple[str, str]) -> list[sa.Constraint]:
    """The primary key and the foreign keys of a table."""
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
            for column, other in keys
        ),
    ]


def modes(after: tuple[str, ...]) -> None:
    """Change the CHECK of how a clock runs."""
    with op.batch_alter_table("clock_rule") as batch:
        batch.drop_constraint(op.f("ck_clock_rule_clockmode"), type_="check")
    with op.batch_alter_table("clock_rule") as batch:
        batch.create_check_constraint(op.f("ck_clock_rule_clockmode"), "mode in ('" + "', '".join(after) + "')")


def one_of(name: str, *values: str) -> sa.Enum:
    """A text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
