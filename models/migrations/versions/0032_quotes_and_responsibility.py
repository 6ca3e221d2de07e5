"""The public price list, quotes and the resident's word on them; who is responsible, decided at the survey."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
PARTIES = ("owner", "shared", "utility", "municipal", "warranty", "at_fault")
PHASES = ("report", "before", "after")
# What may be written later, once, in rows that otherwise stay; nothing where a row never changes.
LATER = {"price_item": "ends_at", "ticket_quote": "withdrawn_at"}
KEPT = {
    "price_item": ("id", "neighborhood_id", "name", "unit", "price_fen", "note", "source", "starts_at", "set_by_id"),
    "ticket_quote": (
        "id", "neighborhood_id", "ticket_id", "round", "made_by_id", "made_at", "valid_until", "sum_fen", "note",
    ),
}  # fmt: skip
FOR_EVER = ("ticket_quote_line", "quote_answer", "ticket_responsibility")
ANSWER_RULES = {
    "resident": (
        "not exists (select 1 from ticket_quote q join ticket t on t.id = q.ticket_id where q.id = new.quote_id"
        " and t.id = new.ticket_id and t.reporter_id = new.said_by_id and t.place = 'home')",
        "only the reporter answers a quote",
    ),
    "maker": (
        "exists (select 1 from ticket_quote q where q.id = new.quote_id"
        " and q.made_by_id in (new.said_by_id, new.spoken_by_id))",
        "whoever made a quote does not answer it",
    ),
    "open": (
        "exists (select 1 from ticket_quote q where q.id = new.quote_id"
        " and (q.withdrawn_at is not null or q.valid_until < new.at))",
        "the quote is withdrawn or over",
    ),
    "sum": (
        "new.due_fen is not null and not exists (select 1 from ticket_quote q where q.id = new.quote_id"
        " and q.sum_fen = new.due_fen)",
        "what is due is the sum of the quote",
    ),
    "mandate": (
        "new.mandate_id is not null and not exists (select 1 from mandate where mandate.id = new.mandate_id"
        " and mandate.principal_id = new.said_by_id and mandate.agent_id = new.spoken_by_id)",
        "the mandate is not theirs",
    ),
}
NOT_AGREED = (
    "((old.state = 'on_site' and new.state = 'in_progress')"
    " or (old.state <> new.state and new.state = 'done_by_worker'))"
    " and exists (select 1 from ticket_quote q where q.ticket_id = new.id and q.withdrawn_at is null"
    " and not exists (select 1 from quote_answer a where a.quote_id = q.id and a.word = 'agreed'))"
)
PAID_WORK = "paid work waits for the resident"


def upgrade() -> None:
    """Apply."""
    photo_phases((*PHASES, "survey", "receipt"))
    price_list()
    quotes()
    answers()
    responsibility()
    for table in LATER:
        protect(table)
    for table in FOR_EVER:
        protect_for_ever(table)
    protect_answers()


def downgrade() -> None:
    """Take back."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute("drop trigger ticket_paid_work on ticket")
    else:
        op.execute("drop trigger ticket_paid_work")
    for table in ("ticket_responsibility", "quote_answer", "ticket_quote_line", "ticket_quote", "price_item"):
        op.drop_table(table)
    if postgresql:
        for function in ("ticket_paid_work", "quote_answer_is_theirs", "ticket_quote_stays", "price_item_stays"):
            op.execute(f"drop function {function}()")
    op.execute("delete from ticket_photo where phase in ('survey', 'receipt')")
    photo_phases(PHASES)


def photo_phases(values: tuple[str, ...]) -> None:
    """Change what a photo may show."""
    with op.batch_alter_table("ticket_photo") as batch:
        batch.drop_constraint(op.f("ck_ticket_photo_photophase"), type_="check")
    with op.batch_alter_table("ticket_photo") as batch:
        batch.create_check_constraint(op.f("ck_ticket_photo_photophase"), "phase in ('" + "', '".join(values) + "')")


def price_list() -> None:
    """What work costs, for everybody to read."""
    op.create_table(
        "price_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("price_fen", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(255), nullable=True),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.Column("set_by_id", BIG, nullable=True),
        sa.CheckConstraint("price_fen >= 0", name=op.f("ck_price_item_price_from_nought")),
        sa.CheckConstraint("ends_at is null or ends_at >= starts_at", name=op.f("ck_price_item_ends_after_start")),
        *ends("price_item", ("neighborhood_id", "org_unit"), ("set_by_id", "person")),
    )
    op.create_index("ix_price_item_neighborhood_id_id", "price_item", ["neighborhood_id", "id"])
    for name, columns, where in (
        ("uq_price_item_own", ["neighborhood_id", "name", "unit"], "ends_at is null and neighborhood_id is not null"),
        ("uq_price_item_general", ["name", "unit"], "ends_at is null and neighborhood_id is null"),
    ):
        op.create_index(
            name, "price_item", columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )


def quotes() -> None:
    """What the work on a ticket would cost."""
    op.create_table(
        "ticket_quote",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("made_by_id", BIG, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("valid_until", TIME, nullable=False),
        sa.Column("sum_fen", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.Column("withdrawn_by_id", BIG, nullable=True),
        sa.Column("withdrawn_why", sa.String(2000), nullable=True),
        sa.CheckConstraint("sum_fen > 0", name=op.f("ck_ticket_quote_sum_positive")),
        sa.CheckConstraint("valid_until > made_at", name=op.f("ck_ticket_quote_valid_for_some_time")),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_by_id is null) and (withdrawn_at is null) = (withdrawn_why is null)",
            name=op.f("ck_ticket_quote_withdrawal_is_whole"),
        ),
        *ends(
            "ticket_quote", ("neighborhood_id", "org_unit"), ("ticket_id", "ticket"), ("made_by_id", "person"),
            ("withdrawn_by_id", "person"),
        ),
    )  # fmt: skip
    op.create_index("ix_ticket_quote_ticket_id_id", "ticket_quote", ["ticket_id", "id"])
    op.create_table(
        "ticket_quote_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("quote_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("price_item_id", BIG, nullable=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("quantity_centi", sa.Integer(), nullable=False),
        sa.Column("price_fen", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(255), nullable=True),
        sa.CheckConstraint(
            "quantity_centi > 0 and price_fen >= 0", name=op.f("ck_ticket_quote_line_quantity_positive")
        ),
        sa.CheckConstraint(
            "amount_fen = (cast(quantity_centi as bigint) * price_fen + 50) / 100",
            name=op.f("ck_ticket_quote_line_amount_is_the_product"),
        ),
        sa.CheckConstraint(
            "price_item_id is not null or reason is not null", name=op.f("ck_ticket_quote_line_free_line_has_a_reason")
        ),
        *ends("ticket_quote_line", ("quote_id", "ticket_quote"), ("price_item_id", "price_item")),
        sa.UniqueConstraint("quote_id", "position", name=op.f("uq_ticket_quote_line_quote_id_position")),
    )


def answers() -> None:
    """The resident's word on a quote."""
    op.create_table(
        "quote_answer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("quote_id", BIG, nullable=False),
        sa.Column("word", one_of("quoteword", "agreed", "declined"), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("said_by_id", BIG, nullable=False),
        sa.Column("spoken_by_id", BIG, nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("mandate_id", BIG, nullable=True),
        sa.Column("due_fen", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.CheckConstraint("role = 'resident'", name=op.f("ck_quote_answer_word_is_the_residents")),
        sa.CheckConstraint("(word = 'agreed') = (due_fen is not null)", name=op.f("ck_quote_answer_who_agrees_owes")),
        sa.CheckConstraint(
            "(spoken_by_id <> said_by_id) = (mandate_id is not null)", name=op.f("ck_quote_answer_agent_has_a_mandate")
        ),
        *ends(
            "quote_answer", ("neighborhood_id", "org_unit"), ("ticket_id", "ticket"), ("quote_id", "ticket_quote"),
            ("said_by_id", "person"), ("spoken_by_id", "person"), ("mandate_id", "mandate"),
        ),
        sa.UniqueConstraint("quote_id", name=op.f("uq_quote_answer_quote_id")),
    )  # fmt: skip
    op.create_index("ix_quote_answer_ticket_id", "quote_answer", ["ticket_id"])
    op.create_index("ix_quote_answer_neighborhood_id_at", "quote_answer", ["neighborhood_id", "at"])


def responsibility() -> None:
    """Who has to mend and pay for it."""
    op.create_table(
        "ticket_responsibility",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("party", one_of("responsibleparty", *PARTIES), nullable=False),
        sa.Column("words", sa.String(2000), nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("decided_by_id", BIG, nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.Column("replaces_id", BIG, nullable=True),
        sa.Column("reason", sa.String(2000), nullable=True),
        sa.CheckConstraint(
            "(replaces_id is null) = (reason is null)", name=op.f("ck_ticket_responsibility_another_decision_has_a_reason")
        ),
        sa.CheckConstraint("length(words) > 0", name=op.f("ck_ticket_responsibility_proof_in_words")),
        *ends(
            "ticket_responsibility", ("neighborhood_id", "org_unit"), ("ticket_id", "ticket"),
            ("event_id", "ticket_event"), ("decided_by_id", "person"), ("replaces_id", "ticket_responsibility"),
        ),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_ticket_responsibility_replaces_id")),
    )  # fmt: skip
    first = sa.text("replaces_id is null")
    op.create_index(
        "uq_ticket_responsibility_first",
        "ticket_responsibility",
        ["ticket_id"],
        unique=True,
        sqlite_where=first,
        postgresql_where=first,
    )
    op.create_index("ix_ticket_responsibility_ticket_id_id", "ticket_responsibility", ["ticket_id", "id"])
    op.create_index(
        "ix_ticket_responsibility_neighborhood_id_party", "ticket_responsibility", ["neighborhood_id", "party"]
    )


def protect(table: str) -> None:
    """Let only the end be written later, once; nothing else, and no row goes."""
    later, sentence = LATER[table], f"history is append-only: {table}"
    if op.get_bind().dialect.name == "postgresql":
        changed = " or ".join(f"new.{column} is distinct from old.{column}" for column in KEPT[table])
        op.execute(
            f"create function {table}_stays() returns trigger language plpgsql as $$ begin "
            f"if tg_op = 'DELETE' or old.{later} is not null or {changed} then raise exception '{sentence}'; end if; "
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
        f"create trigger {table}_no_update before update on {table} when old.{later} is not null or {changed} "
        f"begin select raise(abort, '{sentence}'); end"
    )


def protect_for_ever(table: str) -> None:
    """Refuse to change or delete a row."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"create trigger {table}_stays before update or delete on {table} "
            "for each row execute function history_stays()"
        )
        return
    for action in ("update", "delete"):
        op.execute(
            f"create trigger {table}_no_{action} before {action} on {table} "
            f"begin select raise(abort, 'history is append-only: {table}'); end"
        )


def protect_answers() -> None:
    """Refuse a word that is not the resident's, and work that waits for it."""
    if op.get_bind().dialect.name == "postgresql":
        tests = " ".join(
            f"if {condition} then raise exception '{sentence}' using errcode = 'check_violation'; end if;"
            for condition, sentence in ANSWER_RULES.values()
        )
        op.execute(
            "create function quote_answer_is_theirs() returns trigger language plpgsql as "
            f"$$ begin {tests} return new; end $$"
        )
        op.execute(
            "create trigger quote_answer_theirs before insert on quote_answer "
            "for each row execute function quote_answer_is_theirs()"
        )
        op.execute(
            "create function ticket_paid_work() returns trigger language plpgsql as "
            f"$$ begin if {NOT_AGREED} then raise exception '{PAID_WORK}' using errcode = 'check_violation'; end if; "
            "return new; end $$"
        )
        op.execute(
            "create trigger ticket_paid_work before update of state on ticket "
            "for each row execute function ticket_paid_work()"
        )
        return
    for name, (condition, sentence) in ANSWER_RULES.items():
        op.execute(
            f"create trigger quote_answer_{name} before insert on quote_answer when {condition} "
            f"begin select raise(abort, '{sentence}'); end"
        )
    op.execute(
        f"create trigger ticket_paid_work before update of state on ticket when {NOT_AGREED} "
        f"begin select raise(abort, '{PAID_WORK}'); end"
    )


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
