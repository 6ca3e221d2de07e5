"""Acting for someone: mandates, the words of consent, read-backs; who acted by which mandate."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
ALIVE = sa.text("state in ('offered', 'in_force')")
CALLS = sa.text("means = 'call' and answer is null")
BY_AGENT = sa.text("agent_id is not null")
BY_MANDATE = sa.text("mandate_id is not null")
CONSENTS = ("in_app", "spoken", "paper")
RELATIONS = (
    "daughter", "son", "spouse", "parent", "grandchild", "relative", "neighbor", "volunteer", "station",
)  # fmt: skip
STATES = ("offered", "in_force", "declined", "withdrawn", "lapsed", "expired")
AREAS = ("tickets", "homes", "fees", "votes", "mediation", "messages")
SINCE = dt.date(2020, 1, 1)
OWN_WORDS = "本项目拟定；《民法典》第161至175条（代理）"
TEXTS = (
    (
        "in_app",
        "我愿意让对方替我办上面勾选的事，到写明的日子为止。对方替我办的每一件事，都会写明是谁替我办的；每个月1号，"
        "我会收到一份清单。我随时可以收回，收回马上生效。",
    ),
    (
        "spoken",
        "您好，我是服务站的（说自己的名字），旁边还有（说见证人的名字）一起听着。您是不是愿意让（说代办人的名字）"
        "替您办（一件一件说清楚）这些事，到（说日子）为止？替您办了什么，每个月1号我们会打电话说给您听。"
        "您哪天不想让人代办了，打个电话就行，马上停。愿意的话，请您说一声“我愿意”。",
    ),
    (
        "paper",
        "本人愿意委托代办人替我办理本委托书写明的事项，到写明的日子为止。代办人替我办的每一件事，都要写明是谁替我办的；"
        "每个月1号，服务站把办过的事说给我听。我随时可以收回，收回马上生效。本人签名（或者按手印）和日期写在下面。",
    ),
)


def one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    """A text column that takes these values only."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def where(rule: sa.TextClause) -> dict[str, sa.TextClause]:
    """The condition of a partial index, for both databases."""
    return {"sqlite_where": rule, "postgresql_where": rule}


def upgrade() -> None:
    """Apply."""
    rules_and_texts()
    mandates()
    read_backs()
    with op.batch_alter_table("sign_in") as batch:
        batch.add_column(sa.Column("mandate_id", BIG, nullable=True))
        batch.create_foreign_key(op.f("fk_sign_in_mandate_id_mandate"), "mandate", ["mandate_id"], ["id"])
        batch.drop_constraint(op.f("ck_sign_in_one_hat"), type_="check")
        batch.create_check_constraint(
            op.f("ck_sign_in_one_hat"),
            "(membership_id is null or case_key_id is null)"
            " and (mandate_id is null or membership_id is null and case_key_id is null)",
        )
    # Not in a batch: on SQLite that would write the table anew, and lose the triggers that keep history.
    kind, reference = ("integer" if sqlite() else "bigint"), "references mandate (id)"
    op.execute(
        f"alter table ticket_event add column mandate_id {kind} "
        f"constraint fk_ticket_event_mandate_id_mandate {reference}"
    )
    op.create_index("ix_ticket_event_mandate_id_at", "ticket_event", ["mandate_id", "at"], **where(BY_MANDATE))
    op.create_index("ix_audit_entry_agent_id_at", "audit_entry", ["agent_id", "at"], **where(BY_AGENT))


def sqlite() -> bool:
    """Whether this is SQLite."""
    return op.get_bind().dialect.name == "sqlite"


def rules_and_texts() -> None:
    """How long, for how many, and the words to say yes to."""
    op.create_table(
        "mandate_text",
        sa.Column("id", BIG, nullable=False),
        sa.Column("consent", one_of("mandateconsent", CONSENTS), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_mandate_text_version_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate_text")),
        sa.UniqueConstraint("consent", "version", name=op.f("uq_mandate_text_consent_version")),
    )
    op.create_table(
        "mandate_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("usual_days", sa.Integer(), nullable=False),
        sa.Column("most_days", sa.Integer(), nullable=False),
        sa.Column("offer_days", sa.Integer(), nullable=False),
        sa.Column("votes_most", sa.Integer(), nullable=False),
        sa.Column("votes_by_word", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.CheckConstraint("offer_days > 0", name=op.f("ck_mandate_rule_offer_days_positive")),
        sa.CheckConstraint("until is null or until > since", name=op.f("ck_mandate_rule_until_after_since")),
        sa.CheckConstraint("usual_days between 1 and most_days", name=op.f("ck_mandate_rule_days")),
        sa.CheckConstraint("votes_most >= 0", name=op.f("ck_mandate_rule_votes_not_negative")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_mandate_rule_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate_rule")),
    )
    op.create_index("ix_mandate_rule_neighborhood_id", "mandate_rule", ["neighborhood_id"])
    text = sa.table("mandate_text", *map(sa.column, ("consent", "version", "words", "source")), sa.column("since", sa.Date))
    op.bulk_insert(
        text,
        [
            {"consent": consent, "version": 1, "words": words, "since": SINCE, "source": OWN_WORDS}
            for consent, words in TEXTS
        ],
    )
    rule = sa.table(
        "mandate_rule",
        *map(sa.column, ("usual_days", "most_days", "offer_days", "votes_most", "source")),
        sa.column("votes_by_word", sa.Boolean),
        sa.column("since", sa.Date),
    )
    op.bulk_insert(
        rule,
        [
            {
                "usual_days": 365,
                "most_days": 1096,
                "offer_days": 14,
                "votes_most": 3,
                "votes_by_word": False,
                "since": SINCE,
                "source": "期限为建议值；书面委托见《民法典》第165条；人数上限比照《城市居民委员会组织法》第19条",
            }
        ],
    )


def mandates() -> None:
    """Who may act for whom, and in what."""
    people = ("principal_id", "agent_id", "recorded_by_id", "witness_id", "ended_by_id")
    op.create_table(
        "mandate",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("principal_id", BIG, nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("relation", one_of("agentrelation", RELATIONS), nullable=False),
        sa.Column("consent", one_of("mandateconsent", CONSENTS), nullable=False),
        sa.Column("text_id", BIG, nullable=False),
        sa.Column("state", one_of("mandatestate", STATES), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("offered_until", TIME, nullable=True),
        sa.Column("consented_at", TIME, nullable=False),
        sa.Column("recorded_by_id", BIG, nullable=True),
        sa.Column("witness_id", BIG, nullable=True),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_side", one_of("mandateside", ("principal", "agent", "station", "clock")), nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_mandate_ends_after_start")),
        sa.CheckConstraint("agent_id <> principal_id", name=op.f("ck_mandate_between_two")),
        sa.CheckConstraint(
            "agent_id is not null or state in ('offered', 'withdrawn', 'lapsed')", name=op.f("ck_mandate_agent_known")
        ),
        sa.CheckConstraint(
            "(state in ('offered', 'in_force')) = (ended_at is null) and (ended_at is null) = (ended_side is null)",
            name=op.f("ck_mandate_ended"),
        ),
        sa.CheckConstraint(
            "(consent = 'in_app') = (offered_until is not null)", name=op.f("ck_mandate_offered_in_the_app")
        ),
        sa.CheckConstraint(
            "(consent = 'in_app') = (recorded_by_id is null)", name=op.f("ck_mandate_recorded_by_somebody")
        ),
        sa.CheckConstraint(
            "(consent = 'spoken') = (witness_id is not null) and witness_id <> recorded_by_id"
            " and witness_id <> principal_id and witness_id <> agent_id",
            name=op.f("ck_mandate_spoken_before_a_witness"),
        ),
        sa.CheckConstraint("(consent = 'paper') = (file_id is not null)", name=op.f("ck_mandate_paper_is_kept")),
        sa.CheckConstraint(
            "recorded_by_id <> agent_id and recorded_by_id <> principal_id", name=op.f("ck_mandate_recorded_by_a_third")
        ),
        *(
            sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_mandate_{name}_person")) for name in people
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_mandate_file_id_stored_file")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_mandate_neighborhood_id_org_unit")),
        sa.ForeignKeyConstraint(["text_id"], ["mandate_text.id"], name=op.f("fk_mandate_text_id_mandate_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_mandate_code_hash")),
        sa.UniqueConstraint("file_id", name=op.f("uq_mandate_file_id")),
    )
    op.create_index("ix_mandate_agent_id_id", "mandate", ["agent_id", "id"])
    op.create_index("ix_mandate_alive_ends_at", "mandate", ["ends_at"], **where(ALIVE))
    op.create_index("ix_mandate_neighborhood_id_id", "mandate", ["neighborhood_id", "id"])
    op.create_index("ix_mandate_principal_id_id", "mandate", ["principal_id", "id"])
    op.create_index(
        "uq_mandate_alive", "mandate", ["neighborhood_id", "principal_id", "agent_id"], unique=True, **where(ALIVE)
    )
    op.create_table(
        "mandate_area",
        sa.Column("mandate_id", BIG, nullable=False),
        sa.Column("area", one_of("actingarea", AREAS), nullable=False),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandate.id"], name=op.f("fk_mandate_area_mandate_id_mandate")),
        sa.PrimaryKeyConstraint("mandate_id", "area", name=op.f("pk_mandate_area")),
    )


def read_backs() -> None:
    """What principals were told, and what they said."""
    op.create_table(
        "read_back",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("mandate_id", BIG, nullable=False),
        sa.Column("principal_id", BIG, nullable=False),
        sa.Column("month", sa.String(length=16), nullable=False),
        sa.Column("means", one_of("readbackmeans", ("inbox", "call")), nullable=False),
        sa.Column("acts", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_tried_at", TIME, nullable=True),
        sa.Column("answer", one_of("readbackanswer", ("agreed", "question")), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("answered_by_id", BIG, nullable=True),
        sa.CheckConstraint("acts > 0", name=op.f("ck_read_back_something_was_done")),
        sa.CheckConstraint(
            "tries >= 0 and (tries = 0) = (last_tried_at is null)", name=op.f("ck_read_back_tried_at_some_time")
        ),
        sa.CheckConstraint(
            "(answer is null) = (answered_at is null) and (answer is null) = (answered_by_id is null)",
            name=op.f("ck_read_back_answered_by_somebody"),
        ),
        sa.CheckConstraint("words_sealed is null or answer is not null", name=op.f("ck_read_back_words_of_an_answer")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_read_back_answered_by_id_person")),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandate.id"], name=op.f("fk_read_back_mandate_id_mandate")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_read_back_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["principal_id"], ["person.id"], name=op.f("fk_read_back_principal_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_back")),
        sa.UniqueConstraint("mandate_id", "month", name=op.f("uq_read_back_mandate_id_month")),
    )
    op.create_index("ix_read_back_calls", "read_back", ["neighborhood_id", "id"], **where(CALLS))
    op.create_index("ix_read_back_neighborhood_id_id", "read_back", ["neighborhood_id", "id"])
    op.create_index("ix_read_back_principal_id_id", "read_back", ["principal_id", "id"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_audit_entry_agent_id_at", "audit_entry")
    op.drop_index("ix_ticket_event_mandate_id_at", "ticket_event")
    op.execute("alter table ticket_event drop column mandate_id")
    # Whoever is acting for somebody is themselves again.
    op.execute("update sign_in set mandate_id = null")
    with op.batch_alter_table("sign_in") as batch:
        batch.drop_constraint(op.f("ck_sign_in_one_hat"), type_="check")
        batch.create_check_constraint(op.f("ck_sign_in_one_hat"), "membership_id is null or case_key_id is null")
        batch.drop_constraint(op.f("fk_sign_in_mandate_id_mandate"), type_="foreignkey")
        batch.drop_column("mandate_id")
    for table in ("read_back", "mandate_area", "mandate", "mandate_rule", "mandate_text"):
        op.drop_table(table)
