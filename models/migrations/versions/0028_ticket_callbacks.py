"""Call-backs; and a third "it is not fixed" calls the next level instead of being refused."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
KEPT = ("id", "neighborhood_id", "ticket_id", "round", "why", "worker_id", "wanted_at", "due_at")
SENTENCE = "history is append-only: ticket_callback"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "ticket_callback",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("why", one_of("callbackwhy", "random", "unhappy"), nullable=False),
        sa.Column("worker_id", BIG, nullable=True),
        sa.Column("wanted_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("called_at", TIME, nullable=True),
        sa.Column("called_by_id", BIG, nullable=True),
        sa.Column("result", one_of("callbackresult", "fixed", "not_fixed", "unreachable"), nullable=True),
        sa.Column(
            "satisfaction", one_of("satisfaction", "satisfied", "mostly", "fair", "unsatisfied"), nullable=True
        ),
        sa.Column("words", sa.String(2000), nullable=True),
        sa.CheckConstraint(
            "called_by_id is null or worker_id is null or called_by_id <> worker_id",
            name=op.f("ck_ticket_callback_another_calls"),
        ),
        sa.CheckConstraint(
            "(called_at is null) = (called_by_id is null) and (called_at is null) = (result is null)",
            name=op.f("ck_ticket_callback_call_is_whole"),
        ),
        sa.CheckConstraint(
            "satisfaction is null or (result is not null and result <> 'unreachable')",
            name=op.f("ck_ticket_callback_who_is_reached_says_how"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_ticket_callback_{column}_{table}"))
            for column, table in (
                ("neighborhood_id", "org_unit"), ("ticket_id", "ticket"), ("worker_id", "person"),
                ("called_by_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_callback")),
        sa.UniqueConstraint("ticket_id", "round", name=op.f("uq_ticket_callback_ticket_id_round")),
    )  # fmt: skip
    to_call = sa.text("called_at is null")
    op.create_index(
        "ix_ticket_callback_neighborhood_id_id",
        "ticket_callback",
        ["neighborhood_id", "id"],
        sqlite_where=to_call,
        postgresql_where=to_call,
    )
    protect()
    reopenings("reopened_twice_at_most", "reopened_five_times_at_most", 5)


def downgrade() -> None:
    """Take back.  What was sent back more often counts as twice."""
    op.drop_table("ticket_callback")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function ticket_callback_stays()")
    op.execute("update ticket set reopen_count = 2 where reopen_count > 2")
    reopenings("reopened_five_times_at_most", "reopened_twice_at_most", 2)


def protect() -> None:
    """Let a call be written down once; nothing else is changed, and no row goes."""
    if op.get_bind().dialect.name == "postgresql":
        changed = " or ".join(f"new.{column} is distinct from old.{column}" for column in KEPT)
        op.execute(
            "create function ticket_callback_stays() returns trigger language plpgsql as $$ begin "
            f"if tg_op = 'DELETE' or old.called_at is not null or {changed} then raise exception '{SENTENCE}'; end if; "
            "return new; end $$"
        )
        op.execute(
            "create trigger ticket_callback_stays before update or delete on ticket_callback "
            "for each row execute function ticket_callback_stays()"
        )
        return
    changed = " or ".join(f"new.{column} is not old.{column}" for column in KEPT)
    op.execute(
        "create trigger ticket_callback_no_delete before delete on ticket_callback "
        f"begin select raise(abort, '{SENTENCE}'); end"
    )
    op.execute(
        "create trigger ticket_callback_no_update before update on ticket_callback "
        f"when old.called_at is not null or {changed} begin select raise(abort, '{SENTENCE}'); end"
    )


def reopenings(before: str, after: str, most: int) -> None:
    """Change how often a ticket may be sent back.  SQLite writes the table anew, and its triggers with it."""
    bind = op.get_bind()
    find = "select sql from sqlite_master where type = 'trigger' and tbl_name = 'ticket'"
    triggers = bind.exec_driver_sql(find).scalars().all() if bind.dialect.name == "sqlite" else []
    with op.batch_alter_table("ticket") as batch:
        batch.drop_constraint(op.f(f"ck_ticket_{before}"), type_="check")
        batch.create_check_constraint(op.f(f"ck_ticket_{after}"), f"reopen_count between 0 and {most}")
    for trigger in triggers:
        bind.exec_driver_sql(trigger)


def one_of(name: str, *values: str) -> sa.Enum:
    """A text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
