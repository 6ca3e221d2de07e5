"""Residencies with shares and evidence, requests for them, and the rights that go with them as dated facts."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
JSON = sa.JSON().with_variant(JSONB, "postgresql")
TIME = sa.DateTime(timezone=True)
OLD_KINDS = ("owner", "co_owner", "family", "tenant")
KINDS = (*OLD_KINDS, "occupant", "agent")
EVIDENCE = (
    "deed", "resettlement", "lease", "mandate", "household_book", "owner_word", "vouching", "registration", "invitation",
    "import",
)  # fmt: skip
REASONS = ("moved_out", "sold", "lease_over", "deceased", "mistake", "ended_by_owner", "changed_kind")
RIGHTS = ("vote", "fee", "ticket")
SOURCES = ("kind", "named", "agreed", "station")
STATES = ("waiting_vouchers", "waiting_owner", "submitted", "returned", "approved", "withdrawn")
OPEN = "state in ('waiting_vouchers', 'waiting_owner', 'submitted', 'returned')"
VOTER = "\"right\" = 'vote' and ends_at is null"
SHARE = (
    "(share_numerator is null and share_denominator is null) or (share_numerator between 1 and share_denominator"
    " and share_denominator <= 10000 and kind in ('owner', 'co_owner'))"
)
TABLES = (
    "residency_rule", "home_right", "residency_request", "residency_event", "residency_photo", "residency_vouch",
)  # fmt: skip
# Those who were there before: rights go with the kind; a home's first owner votes, and somebody must be asked to pay.
RIGHTS_BEFORE = (
    ("ticket", "true"),
    (
        "fee",
        "kind = 'owner' or (kind = 'co_owner' and ends_at is null and id = (select min(r.id) from residency r "
        "where r.home_id = residency.home_id and r.kind = 'co_owner' and r.ends_at is null) and not exists ("
        "select 1 from residency o where o.home_id = residency.home_id and o.kind = 'owner' and o.ends_at is null))",
    ),
    (
        "vote",
        "kind = 'owner' and ends_at is null and id = (select min(r.id) from residency r "
        "where r.home_id = residency.home_id and r.kind = 'owner' and r.ends_at is null)",
    ),
)


def enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    """Return the type of a column that holds one of a few words."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def where(condition: str) -> dict[str, Any]:
    """Return what makes an index partial on both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the condition that a column holds one of a few words."""
    return f"{column} in ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("residency") as batch:
        batch.add_column(sa.Column("share_numerator", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("share_denominator", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("evidence", sa.String(32), server_default="registration", nullable=False))
        batch.add_column(sa.Column("ended_why", sa.String(32), nullable=True))
        batch.add_column(sa.Column("ended_by_id", BIG, nullable=True))
        batch.add_column(sa.Column("reconfirm_since", TIME, nullable=True))
        batch.add_column(sa.Column("source", sa.String(64), nullable=True))
        batch.create_check_constraint(op.f("ck_residency_residency_evidence"), one_of("evidence", EVIDENCE))
        batch.create_check_constraint(op.f("ck_residency_leavingreason"), one_of("ended_why", REASONS))
        batch.create_check_constraint(op.f("ck_residency_why_of_an_end"), "ended_why is null or ends_at is not null")
        batch.create_check_constraint(op.f("ck_residency_share_of_an_owner"), SHARE)
        batch.create_foreign_key(op.f("fk_residency_ended_by_id_person"), "person", ["ended_by_id"], ["id"])
        batch.create_index("ix_residency_source", ["neighborhood_id", "source"], **where("source is not null"))
        batch.drop_constraint(op.f("ck_residency_residencykind"), type_="check")
        batch.create_check_constraint(op.f("ck_residency_residencykind"), one_of("kind", KINDS))
    with op.batch_alter_table("invitation") as batch:
        batch.drop_constraint(op.f("ck_invitation_residencykind"), type_="check")
        batch.create_check_constraint(op.f("ck_invitation_residencykind"), one_of("kind", KINDS))
    rule_table()
    right_table()
    request_table()
    event_table()
    further_tables()
    for right, condition in RIGHTS_BEFORE:
        op.execute(
            'insert into home_right (neighborhood_id, home_id, person_id, residency_id, "right", source, starts_at, ends_at) '
            f"select neighborhood_id, home_id, person_id, id, '{right}', 'kind', starts_at, ends_at from residency "
            f"where {condition}"
        )
    rule = sa.table(
        "residency_rule", sa.column("review_days", sa.Integer), sa.column("owner_days", sa.Integer),
        sa.column("vouchers", sa.Integer), sa.column("since", sa.Date), sa.column("source"),
    )  # fmt: skip
    op.bulk_insert(
        rule,
        [
            {
                "review_days": 3,
                "owner_days": 3,
                "vouchers": 2,
                "since": dt.date(2020, 1, 1),
                "source": "通行做法，可按本地规定改：站里3个工作日审核，房主3天内答复，两位邻居担保",
            }
        ],
    )
    protect()


def downgrade() -> None:
    """Take back.  Who is there as an occupant or agent is kept as family."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop trigger residency_event_stays on residency_event")
    for table in reversed(TABLES):
        op.drop_table(table)
    for table in ("invitation", "residency"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_residencykind"), type_="check")
        op.execute(f"update {table} set kind = 'family' where kind in ('occupant', 'agent')")
        with op.batch_alter_table(table) as batch:
            batch.create_check_constraint(op.f(f"ck_{table}_residencykind"), one_of("kind", OLD_KINDS))
    with op.batch_alter_table("residency") as batch:
        batch.drop_index("ix_residency_source")
        batch.drop_constraint(op.f("fk_residency_ended_by_id_person"), type_="foreignkey")
        for name in ("residency_evidence", "leavingreason", "why_of_an_end", "share_of_an_owner"):
            batch.drop_constraint(op.f(f"ck_residency_{name}"), type_="check")
        for name in (
            "source", "reconfirm_since", "ended_by_id", "ended_why", "evidence", "share_denominator", "share_numerator",
        ):  # fmt: skip
            batch.drop_column(name)


def protect() -> None:
    """Refuse to change or delete history.  The function is of 0002."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create trigger residency_event_stays before update or delete on residency_event "
            "for each row execute function history_stays()"
        )
        return
    for action in ("update", "delete"):
        op.execute(
            f"create trigger residency_event_no_{action} before {action} on residency_event "
            "begin select raise(abort, 'history is append-only: residency_event'); end"
        )


def rule_table() -> None:
    """How long answers may take."""
    op.create_table(
        "residency_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("owner_days", sa.Integer(), nullable=False),
        sa.Column("vouchers", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(255), nullable=False),
        sa.CheckConstraint(
            "review_days > 0 and owner_days > 0 and vouchers > 0", name=op.f("ck_residency_rule_numbers_positive")
        ),
        sa.CheckConstraint("until is null or until > since", name=op.f("ck_residency_rule_until_after_since")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_residency_rule_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residency_rule")),
    )
    op.create_index("ix_residency_rule_neighborhood_id", "residency_rule", ["neighborhood_id", "since"])


def right_table() -> None:
    """Rights as dated facts."""
    op.create_table(
        "home_right",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("home_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("residency_id", BIG, nullable=False),
        sa.Column("right", enum("right_known", RIGHTS), nullable=False),
        sa.Column("source", enum("rightsource", SOURCES), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_home_right_ends_after_start")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_home_right_home_id_home")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_home_right_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_home_right_person_id_person")),
        sa.ForeignKeyConstraint(["residency_id"], ["residency.id"], name=op.f("fk_home_right_residency_id_residency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_right")),
    )
    op.create_index("ix_home_right_home_id", "home_right", ["home_id"])
    op.create_index("ix_home_right_neighborhood_id_right", "home_right", ["neighborhood_id", "right", "home_id"])
    op.create_index("ix_home_right_residency_id", "home_right", ["residency_id"])
    op.create_index(
        "uq_home_right_current",
        "home_right",
        ["person_id", "home_id", "right"],
        unique=True,
        **where("ends_at is null"),
    )
    op.create_index("uq_home_right_voter", "home_right", ["home_id"], unique=True, **where(VOTER))


def request_table() -> None:
    """Who asks to be written down."""
    op.create_table(
        "residency_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("home_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("filed_by_id", BIG, nullable=False),
        sa.Column("kind", enum("residencykind", KINDS), nullable=False),
        sa.Column("share_numerator", sa.Integer(), nullable=True),
        sa.Column("share_denominator", sa.Integer(), nullable=True),
        sa.Column("pays_fee", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("evidence", enum("request_evidence", EVIDENCE), nullable=False),
        sa.Column("document_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("document_masked", sa.String(32), nullable=True),
        sa.Column("words", sa.String(255), nullable=True),
        sa.Column("state", enum("requeststate", STATES), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("state_since", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("reason", sa.String(255), nullable=True),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("residency_id", BIG, nullable=True),
        sa.CheckConstraint(
            "(due_at is null) = (state not in ('submitted', 'waiting_owner'))",
            name=op.f("ck_residency_request_due_while_it_waits"),
        ),
        sa.CheckConstraint(SHARE, name=op.f("ck_residency_request_share_of_an_owner")),
        sa.CheckConstraint(
            "(state = 'approved') = (residency_id is not null)", name=op.f("ck_residency_request_approved_to_something")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_residency_request_version_positive")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_residency_request_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(["filed_by_id"], ["person.id"], name=op.f("fk_residency_request_filed_by_id_person")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_residency_request_home_id_home")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_residency_request_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_residency_request_person_id_person")),
        sa.ForeignKeyConstraint(
            ["residency_id"], ["residency.id"], name=op.f("fk_residency_request_residency_id_residency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residency_request")),
    )
    op.create_index(
        "ix_residency_request_neighborhood_id_state", "residency_request", ["neighborhood_id", "state", "id"]
    )
    op.create_index("ix_residency_request_person_id", "residency_request", ["person_id", "id"])
    op.create_index("ix_residency_request_state_due_at", "residency_request", ["state", "due_at"])
    op.create_index(
        "uq_residency_request_open", "residency_request", ["home_id", "person_id"], unique=True, **where(OPEN)
    )


def event_table() -> None:
    """The history."""
    op.create_table(
        "residency_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("home_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("residency_id", BIG, nullable=True),
        sa.Column("request_id", BIG, nullable=True),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("role", sa.String(32), nullable=True),
        sa.Column("words", sa.String(255), nullable=True),
        sa.Column("detail", JSON, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_residency_event_actor_id_person")),
        sa.ForeignKeyConstraint(["agent_id"], ["person.id"], name=op.f("fk_residency_event_agent_id_person")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_residency_event_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["residency_request.id"], name=op.f("fk_residency_event_request_id_residency_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residency_event")),
    )
    op.create_index("ix_residency_event_home_id_id", "residency_event", ["home_id", "id"])
    op.create_index("ix_residency_event_neighborhood_id_id", "residency_event", ["neighborhood_id", "id"])
    op.create_index("ix_residency_event_request_id_id", "residency_event", ["request_id", "id"])


def further_tables() -> None:
    """What belongs to a request."""
    op.create_table(
        "residency_photo",
        sa.Column("id", BIG, nullable=False),
        sa.Column("request_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_residency_photo_file_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["residency_request.id"], name=op.f("fk_residency_photo_request_id_residency_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residency_photo")),
        sa.UniqueConstraint("file_id", name=op.f("uq_residency_photo_file_id")),
        sa.UniqueConstraint("request_id", "position", name=op.f("uq_residency_photo_request_id_position")),
    )
    op.create_table(
        "residency_vouch",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("request_id", BIG, nullable=False),
        sa.Column("voucher_id", BIG, nullable=False),
        sa.Column("home_id", BIG, nullable=True),
        sa.Column("words", sa.String(255), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_residency_vouch_home_id_home")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_residency_vouch_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["residency_request.id"], name=op.f("fk_residency_vouch_request_id_residency_request")
        ),
        sa.ForeignKeyConstraint(["voucher_id"], ["person.id"], name=op.f("fk_residency_vouch_voucher_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residency_vouch")),
        sa.UniqueConstraint("request_id", "voucher_id", name=op.f("uq_residency_vouch_request_id_voucher_id")),
    )
    op.create_index("ix_residency_vouch_neighborhood_id", "residency_vouch", ["neighborhood_id"])
