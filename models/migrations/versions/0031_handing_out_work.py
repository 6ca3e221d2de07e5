"""Skills and load caps, who was given which ticket and how, offers of help, transfers and returns."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
USUAL_MOST = 5
KEPT_OF_OFFER = ("id", "neighborhood_id", "ticket_id", "person_id", "words", "offered_at")
CHECKS = {
    "return_count_from_nought": "return_count >= 0",
    "transfer_from_who_has_it": (
        "transfer_to_id is null or (assignee_id is not null and assignee_id <> transfer_to_id"
        " and state in ('assigned', 'accepted', 'on_site', 'in_progress'))"
    ),
}


def upgrade() -> None:
    """Apply."""
    ticket_columns()
    skills()
    caps()
    assignments()
    offers()


def downgrade() -> None:
    """Take back."""
    for table in ("help_offer", "ticket_assignment", "load_rule", "worker_skill"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function help_offer_stays()")
    triggers = triggers_of_ticket()
    op.drop_index("ix_ticket_transfer_to_id", "ticket")
    with op.batch_alter_table("ticket") as batch:
        for name in CHECKS:
            batch.drop_constraint(op.f(f"ck_ticket_{name}"), type_="check")
        batch.drop_constraint(op.f("fk_ticket_transfer_to_id_person"), type_="foreignkey")
        batch.drop_column("transfer_to_id")
        batch.drop_column("return_count")
    put_back(triggers)


def ticket_columns() -> None:
    """How often it was given back, and whom the worker asks to take it over."""
    triggers = triggers_of_ticket()
    with op.batch_alter_table("ticket") as batch:
        batch.add_column(sa.Column("transfer_to_id", BIG, nullable=True))
        batch.add_column(sa.Column("return_count", sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch.create_foreign_key(op.f("fk_ticket_transfer_to_id_person"), "person", ["transfer_to_id"], ["id"])
        for name, text in CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_ticket_{name}"), text)
    put_back(triggers)
    asked = sa.text("transfer_to_id is not null")
    op.create_index(
        "ix_ticket_transfer_to_id", "ticket", ["transfer_to_id"], sqlite_where=asked, postgresql_where=asked
    )


def skills() -> None:
    """What somebody can mend."""
    op.create_table(
        "worker_skill",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("category_id", BIG, nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("given_by_id", BIG, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.CheckConstraint("ends_at is null or ends_at >= starts_at", name=op.f("ck_worker_skill_ends_after_start")),
        sa.CheckConstraint("(ends_at is null) = (ended_by_id is null)", name=op.f("ck_worker_skill_end_is_whole")),
        *ends(
            "worker_skill", ("neighborhood_id", "org_unit"), ("person_id", "person"),
            ("category_id", "ticket_category"), ("given_by_id", "person"), ("ended_by_id", "person"),
        ),
    )  # fmt: skip
    open_ = sa.text("ends_at is null")
    op.create_index(
        "uq_worker_skill_open",
        "worker_skill",
        ["neighborhood_id", "category_id", "person_id"],
        unique=True,
        sqlite_where=open_,
        postgresql_where=open_,
    )
    op.create_index("ix_worker_skill_person_id", "worker_skill", ["person_id"])


def caps() -> None:
    """How much one worker has in hand at most, with the rule for everywhere."""
    table = op.create_table(
        "load_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.Column("set_by_id", BIG, nullable=True),
        sa.Column("source", sa.String(255), nullable=False),
        sa.CheckConstraint("most >= 0", name=op.f("ck_load_rule_most_from_nought")),
        sa.CheckConstraint("ends_at is null or ends_at >= starts_at", name=op.f("ck_load_rule_ends_after_start")),
        sa.CheckConstraint(
            "person_id is null or neighborhood_id is not null", name=op.f("ck_load_rule_person_has_a_neighborhood")
        ),
        *ends("load_rule", ("neighborhood_id", "org_unit"), ("person_id", "person"), ("set_by_id", "person")),
    )
    open_ = sa.text("ends_at is null")
    op.create_index(
        "uq_load_rule_open",
        "load_rule",
        ["neighborhood_id", "person_id"],
        unique=True,
        sqlite_where=open_,
        postgresql_where=open_,
    )
    op.bulk_insert(table, [{"most": USUAL_MOST, "starts_at": LONG_AGO, "source": "默认值，可按本地规定改"}])


def assignments() -> None:
    """Who was given which ticket and how; what was given before comes from the timeline."""
    op.create_table(
        "ticket_assignment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("how", one_of("assignedhow", "assigned", "rotated", "grabbed", "helper", "taken_over"), nullable=False),
        sa.Column("given_by_id", BIG, nullable=False),
        sa.Column("at", TIME, nullable=False),
        *ends(
            "ticket_assignment", ("neighborhood_id", "org_unit"), ("ticket_id", "ticket"), ("person_id", "person"),
            ("given_by_id", "person"),
        ),
    )  # fmt: skip
    op.create_index("ix_ticket_assignment_ticket_id", "ticket_assignment", ["ticket_id"])
    op.create_index(
        "ix_ticket_assignment_neighborhood_id_person_id_at", "ticket_assignment", ["neighborhood_id", "person_id", "at"]
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    given = "json_extract(e.detail, '$.assignee_id[1]')" if sqlite else "(e.detail -> 'assignee_id' ->> 1)::bigint"
    op.execute(
        "insert into ticket_assignment (neighborhood_id, ticket_id, round, person_id, how, given_by_id, at)"
        " select e.neighborhood_id, e.ticket_id, (select count(*) from ticket_event b where b.ticket_id = e.ticket_id"
        f" and b.action = 'reopen' and b.id < e.id), {given}, 'assigned', e.actor_id, e.at from ticket_event e"
        f" where e.action = 'assign' and e.actor_id is not null and {given} is not null order by e.id"
    )
    if sqlite:
        for action in ("update", "delete"):
            op.execute(
                f"create trigger ticket_assignment_no_{action} before {action} on ticket_assignment "
                "begin select raise(abort, 'history is append-only: ticket_assignment'); end"
            )
    else:
        op.execute(
            "create trigger ticket_assignment_stays before update or delete on ticket_assignment "
            "for each row execute function history_stays()"
        )


def offers() -> None:
    """Who would like to help, and what the station said."""
    op.create_table(
        "help_offer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("words", sa.String(2000), nullable=True),
        sa.Column("offered_at", TIME, nullable=False),
        sa.Column("answer", one_of("helpanswer", "accepted", "declined"), nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("answered_by_id", BIG, nullable=True),
        sa.CheckConstraint(
            "(answered_at is null) = (answer is null) and (answered_at is null) = (answered_by_id is null)",
            name=op.f("ck_help_offer_answer_is_whole"),
        ),
        *ends(
            "help_offer", ("neighborhood_id", "org_unit"), ("ticket_id", "ticket"), ("person_id", "person"),
            ("answered_by_id", "person"),
        ),
    )  # fmt: skip
    open_ = sa.text("answered_at is null")
    op.create_index(
        "uq_help_offer_open",
        "help_offer",
        ["ticket_id", "person_id"],
        unique=True,
        sqlite_where=open_,
        postgresql_where=open_,
    )
    op.create_index("ix_help_offer_ticket_id_id", "help_offer", ["ticket_id", "id"])
    answer_once()


def answer_once() -> None:
    """Let an offer be answered once; nothing else of it changes, but who it is in a merge of two persons."""
    sentence = "history is append-only: help_offer"
    columns = [column for column in KEPT_OF_OFFER if column != "person_id"]
    if op.get_bind().dialect.name == "postgresql":
        changed = " or ".join(f"new.{column} is distinct from old.{column}" for column in columns)
        again = "(old.answered_at is not null and new.answered_at is distinct from old.answered_at)"
        op.execute(
            "create function help_offer_stays() returns trigger language plpgsql as $$ begin "
            f"if tg_op = 'DELETE' or {again} or {changed} then raise exception '{sentence}'; end if; "
            "return new; end $$"
        )
        op.execute(
            "create trigger help_offer_stays before update or delete on help_offer "
            "for each row execute function help_offer_stays()"
        )
        return
    changed = " or ".join(f"new.{column} is not old.{column}" for column in columns)
    again = "(old.answered_at is not null and new.answered_at is not old.answered_at)"
    op.execute(
        f"create trigger help_offer_no_delete before delete on help_offer begin select raise(abort, '{sentence}'); end"
    )
    op.execute(
        f"create trigger help_offer_no_update before update on help_offer when {again} or {changed} "
        f"begin select raise(abort, '{sentence}'); end"
    )


def triggers_of_ticket() -> list[str]:
    """What SQLite forgets when it writes the table anew."""
    bind = op.get_bind()
    find = "select sql from sqlite_master where type = 'trigger' and tbl_name = 'ticket'"
    return list(bind.exec_driver_sql(find).scalars().all()) if bind.dialect.name == "sqlite" else []


def put_back(triggers: list[str]) -> None:
    """Make the triggers again."""
    for trigger in triggers:
        op.get_bind().exec_driver_sql(trigger)


def ends(table: str, *keys: tuple[str, str]) -> list[sa.Constraint]:
    """The primary key and the foreign keys of a table."""
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
            for column, other in keys
        ),
    ]


def one_of(name: str, *values: str) -> sa.Enum:
    """A text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
