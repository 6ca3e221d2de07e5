"""Three truths of a ticket: done, confirmed, came back; each a fact of its own that nobody can change."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
KINDS = ("done", "fixed", "not_fixed", "rated", "silence", "came_back")

# The conditions are the same in both languages of triggers; only the frame differs.
NOT_THEIRS = (
    "new.kind in ('fixed', 'not_fixed', 'rated') and not exists"
    " (select 1 from ticket where ticket.id = new.ticket_id and ticket.reporter_id = new.said_by_id)"
)
NOT_ASSIGNED = (
    "new.kind = 'done' and not exists"
    " (select 1 from ticket where ticket.id = new.ticket_id and ticket.assignee_id = new.said_by_id)"
)
NO_MANDATE = (
    "new.mandate_id is not null and not exists (select 1 from mandate where mandate.id = new.mandate_id"
    " and mandate.principal_id = new.said_by_id and mandate.agent_id = new.spoken_by_id)"
)
TRUTH_RULES = {
    "residents_word": (NOT_THEIRS, "only the reporter says how a ticket turned out"),
    "workers_word": (NOT_ASSIGNED, "only the assigned worker says that it is done"),
    "mandate": (NO_MANDATE, "the mandate is not theirs"),
}
WORD_OF_STATE = {
    "done_by_worker": "done",
    "confirmed": "fixed",
    "rated": "rated",
    "auto_confirmed": "silence",
    "reopened": "not_fixed",
}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "ticket_truth",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", one_of("truthkind", *KINDS), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("said_by_id", BIG, nullable=True),
        sa.Column("spoken_by_id", BIG, nullable=True),
        sa.Column("role", sa.String(32), nullable=True),
        sa.Column("mandate_id", BIG, nullable=True),
        sa.Column("worker_id", BIG, nullable=True),
        sa.Column(
            "satisfaction", one_of("satisfaction", "satisfied", "mostly", "fair", "unsatisfied"), nullable=True
        ),
        sa.Column("again_id", BIG, nullable=True),
        *rules(),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_ticket_truth_{column}_{table}"))
            for column, table in (
                ("neighborhood_id", "org_unit"), ("ticket_id", "ticket"), ("said_by_id", "person"),
                ("spoken_by_id", "person"), ("mandate_id", "mandate"), ("worker_id", "person"), ("again_id", "ticket"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_truth")),
        sa.UniqueConstraint("again_id", name=op.f("uq_ticket_truth_again_id")),
    )  # fmt: skip
    op.create_index(
        "uq_ticket_truth_ticket_id_round_kind",
        "ticket_truth",
        ["ticket_id", "round", "kind"],
        unique=True,
        sqlite_where=sa.text("kind <> 'came_back'"),
        postgresql_where=sa.text("kind <> 'came_back'"),
    )
    op.create_index("ix_ticket_truth_neighborhood_id_kind_at", "ticket_truth", ["neighborhood_id", "kind", "at"])
    op.create_index("ix_ticket_truth_ticket_id", "ticket_truth", ["ticket_id"])
    op.create_index(
        "ix_ticket_done",
        "ticket",
        ["neighborhood_id", "category_id", "done_at"],
        sqlite_where=sa.text("done_at is not null"),
        postgresql_where=sa.text("done_at is not null"),
    )
    for action, kind in (
        ("finish", "done"), ("confirm", "fixed"), ("reopen", "not_fixed"), ("rate", "rated"), ("auto_confirm", "silence"),
    ):  # fmt: skip
        op.execute(from_history(action, kind))
    if op.get_bind().dialect.name == "postgresql":
        protect_postgresql()
    else:
        protect_sqlite()


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop trigger ticket_outcome on ticket")
        op.execute("drop function ticket_outcome_has_a_word() cascade")
    else:
        for state in WORD_OF_STATE:
            op.execute(f"drop trigger ticket_{state}_has_a_word")
        op.execute("drop trigger ticket_rating_has_a_word")
    op.drop_index("ix_ticket_done", "ticket")
    op.drop_table("ticket_truth")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function ticket_truth_is_theirs()")


def rules() -> list[sa.CheckConstraint]:
    """What a row alone must keep."""
    checks = {
        "residents_words_are_residents": (
            "kind not in ('fixed', 'not_fixed', 'rated')"
            " or (role is not null and role = 'resident' and said_by_id is not null and spoken_by_id is not null)"
        ),
        "done_is_the_workers": (
            "kind <> 'done' or (role is not null and role <> 'resident' and said_by_id is not null"
            " and spoken_by_id = said_by_id and worker_id = said_by_id)"
        ),
        "nobody_says_what_is_found": (
            "kind not in ('silence', 'came_back') or (said_by_id is null and spoken_by_id is null and role is null)"
        ),
        "no_worker_praises_own_work": (
            "kind not in ('fixed', 'rated') or worker_id is null"
            " or (worker_id <> said_by_id and worker_id <> spoken_by_id)"
        ),
        "no_worker_speaks_for_others": (
            "kind <> 'not_fixed' or worker_id is null or worker_id <> spoken_by_id or said_by_id = spoken_by_id"
        ),
        "agent_has_a_mandate": (
            "(said_by_id is not null and spoken_by_id <> said_by_id) = (mandate_id is not null)"
        ),
        "rating_has_a_step": "(kind = 'rated') = (satisfaction is not null)",
        "return_names_the_new_ticket": "(kind = 'came_back') = (again_id is not null)",
        "no_ticket_returns_as_itself": "again_id is null or again_id <> ticket_id",
        "round_from_nought": "round >= 0",
    }
    return [sa.CheckConstraint(text, name=op.f(f"ck_ticket_truth_{name}")) for name, text in checks.items()]


def from_history(action: str, kind: str) -> str:
    """Return the statement that writes down what was said before there was this table."""
    finder = kind == "silence"
    doer = "null" if finder else "e.actor_id"
    worker = (
        "(select f.actor_id from ticket_event f where f.ticket_id = e.ticket_id and f.action = 'finish'"
        " and f.id <= e.id order by f.id desc limit 1)"
    )
    return (
        "insert into ticket_truth (neighborhood_id, ticket_id, round, kind, at, said_by_id, spoken_by_id, role,"
        " mandate_id, worker_id, satisfaction) "
        "select e.neighborhood_id, e.ticket_id, (select count(*) from ticket_event b where b.ticket_id = e.ticket_id"
        f" and b.action = 'reopen' and b.id < e.id), '{kind}', e.at,"
        f" {'null' if finder else 'coalesce(e.on_behalf_of_id, e.actor_id)'}, {doer},"
        f" {'null' if finder else 'e.role'}, {'null' if finder else 'e.mandate_id'}, {worker},"
        f" {'''e.detail ->> 'satisfaction' ''' if kind == 'rated' else 'null'} "
        f"from ticket_event e where e.action = '{action}' order by e.id"
    )


def protect_postgresql() -> None:
    """Refuse to change history, words that are not one's own, and outcomes without a word."""
    op.execute(
        "create trigger ticket_truth_stays before update or delete on ticket_truth "
        "for each row execute function history_stays()"
    )
    tests = " ".join(
        f"if {condition} then raise exception '{sentence}' using errcode = 'check_violation'; end if;"
        for condition, sentence in TRUTH_RULES.values()
    )
    op.execute(
        "create function ticket_truth_is_theirs() returns trigger language plpgsql as "
        f"$$ begin {tests} return new; end $$"
    )
    op.execute(
        "create trigger ticket_truth_theirs before insert on ticket_truth "
        "for each row execute function ticket_truth_is_theirs()"
    )
    tests = " ".join(
        f"if {condition} then raise exception 'no word for it: {name}' using errcode = 'check_violation'; end if;"
        for name, condition in outcomes().items()
    )
    op.execute(
        "create function ticket_outcome_has_a_word() returns trigger language plpgsql as "
        f"$$ begin {tests} return new; end $$"
    )
    op.execute(
        "create trigger ticket_outcome before update of state, satisfaction on ticket "
        "for each row execute function ticket_outcome_has_a_word()"
    )


def protect_sqlite() -> None:
    """Refuse the same."""
    for action in ("update", "delete"):
        op.execute(
            f"create trigger ticket_truth_no_{action} before {action} on ticket_truth "
            "begin select raise(abort, 'history is append-only: ticket_truth'); end"
        )
    for name, (condition, sentence) in TRUTH_RULES.items():
        op.execute(
            f"create trigger ticket_truth_{name} before insert on ticket_truth when {condition} "
            f"begin select raise(abort, '{sentence}'); end"
        )
    for name, condition in outcomes().items():
        op.execute(
            f"create trigger ticket_{name}_has_a_word before update of state, satisfaction on ticket when {condition} "
            f"begin select raise(abort, 'no word for it: {name}'); end"
        )


def outcomes() -> dict[str, str]:
    """Return what a change of a ticket may not be: an outcome that nobody said."""
    said = "exists (select 1 from ticket_truth t where t.ticket_id = new.id and t.round = new.reopen_count{} and t.kind ="
    states = {
        state: f"new.state = '{state}' and old.state <> new.state"
        f" and not {said.format(' - 1' if state == 'reopened' else '')} '{kind}')"
        for state, kind in WORD_OF_STATE.items()
    }
    rating = (
        "new.satisfaction is not null and (old.satisfaction is null or old.satisfaction <> new.satisfaction)"
        f" and not {said.format('')} 'rated' and t.satisfaction = new.satisfaction)"
    )
    return {**states, "rating": rating}


def one_of(name: str, *values: str) -> sa.Enum:
    """A text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
