"""Consents by version, the rights desk, retention, key households, and merges of persons."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
JSON = sa.JSON().with_variant(JSONB, "postgresql")
TIME = sa.DateTime(timezone=True)
TABLES = (
    "care_kind",
    "consent_kind",
    "retention_rule",
    "consent_text",
    "person_merge",
    "privacy_rule",
    "retention_run",
    "rights_request",
    "consent",
    "person_merge_step",
    "care_entry",
    "care_knower",
    "care_visit",
)


def enum(name: str, *values: str) -> sa.Enum:
    """Return the type of a column that holds one of a few words."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def where(condition: str) -> dict[str, Any]:
    """Return what makes an index partial on both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "care_kind",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("needs_consent", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_care_kind")),
    )
    op.create_table(
        "consent_kind",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("basis", enum("consentbasis", "consent", "contract", "legal_duty"), nullable=False),
        sa.Column("is_sensitive", sa.Boolean(), nullable=False),
        sa.Column("asked_at_start", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_consent_kind")),
    )
    op.create_table(
        "retention_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("action", enum("retentionaction", "delete", "pseudonymise", "restrict"), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(255), nullable=False),
        sa.CheckConstraint("keep_days > 0", name=op.f("ck_retention_rule_keep_days_positive")),
        sa.CheckConstraint("until is null or until > since", name=op.f("ck_retention_rule_until_after_since")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_rule")),
    )
    op.create_index("uq_retention_rule_open", "retention_rule", ["subject"], unique=True, **where("until is null"))

    op.create_table(
        "consent_text",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind_code", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("effect", sa.String(255), nullable=False),
        sa.Column("changed", sa.String(255), nullable=True),
        sa.Column("asks_again", sa.Boolean(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.CheckConstraint("(version = 1) = (changed is null)", name=op.f("ck_consent_text_says_what_changed")),
        sa.CheckConstraint("version > 0", name=op.f("ck_consent_text_version_positive")),
        sa.ForeignKeyConstraint(
            ["kind_code"], ["consent_kind.code"], name=op.f("fk_consent_text_kind_code_consent_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_text")),
        sa.UniqueConstraint("kind_code", "version", name=op.f("uq_consent_text_kind_code_version")),
    )
    op.create_table(
        "person_merge",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("from_person_id", BIG, nullable=True),
        sa.Column("into_person_id", BIG, nullable=False),
        sa.Column(
            "state",
            enum("mergestate", "asked", "joined", "proposed", "done", "undone", "refused", "lapsed"),
            nullable=False,
        ),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=True),
        sa.Column("code_until", TIME, nullable=True),
        sa.Column("proposed_by_id", BIG, nullable=True),
        sa.Column("evidence_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("refused_why", sa.String(255), nullable=True),
        sa.Column("done_at", TIME, nullable=True),
        sa.Column("undo_until", TIME, nullable=True),
        sa.Column("undone_at", TIME, nullable=True),
        sa.Column("undone_by_id", BIG, nullable=True),
        sa.Column("undone_why", sa.String(255), nullable=True),
        sa.Column("filled", JSON, nullable=False),
        sa.CheckConstraint(
            "(state = 'undone') = (undone_at is not null)", name=op.f("ck_person_merge_undone_at_some_time")
        ),
        sa.CheckConstraint(
            "(state in ('done', 'undone')) = (done_at is not null)", name=op.f("ck_person_merge_done_at_some_time")
        ),
        sa.CheckConstraint(
            "state <> 'proposed' or evidence_sealed is not null", name=op.f("ck_person_merge_proposed_with_evidence")
        ),
        sa.CheckConstraint(
            "state in ('asked', 'lapsed') or from_person_id is not null", name=op.f("ck_person_merge_knows_both")
        ),
        sa.CheckConstraint(
            "(done_at is null) = (undo_until is null)", name=op.f("ck_person_merge_can_be_undone_for_a_while")
        ),
        sa.CheckConstraint(
            "decided_by_id is null or decided_by_id <> proposed_by_id",
            name=op.f("ck_person_merge_a_second_person_decides"),
        ),
        sa.CheckConstraint("from_person_id <> into_person_id", name=op.f("ck_person_merge_of_two")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_person_merge_asked_by_id_person")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_person_merge_decided_by_id_person")),
        sa.ForeignKeyConstraint(["from_person_id"], ["person.id"], name=op.f("fk_person_merge_from_person_id_person")),
        sa.ForeignKeyConstraint(["into_person_id"], ["person.id"], name=op.f("fk_person_merge_into_person_id_person")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_person_merge_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_person_merge_proposed_by_id_person")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["person.id"], name=op.f("fk_person_merge_undone_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_person_merge_code_hash")),
    )
    op.create_index("ix_person_merge_into_person_id", "person_merge", ["into_person_id"])
    op.create_index("ix_person_merge_neighborhood_id_id", "person_merge", ["neighborhood_id", "id"])
    op.create_index(
        "uq_person_merge_from",
        "person_merge",
        ["from_person_id"],
        unique=True,
        **where("state in ('joined', 'proposed', 'done')"),
    )

    op.create_table(
        "privacy_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(255), nullable=False),
        sa.CheckConstraint("until is null or until > since", name=op.f("ck_privacy_rule_until_after_since")),
        sa.CheckConstraint("value > 0", name=op.f("ck_privacy_rule_value_positive")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_privacy_rule_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_rule")),
    )
    op.create_index("ix_privacy_rule_code", "privacy_rule", ["code", "neighborhood_id"])

    op.create_table(
        "retention_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("rule_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("oldest_kept_from", TIME, nullable=False),
        sa.CheckConstraint("changed > 0", name=op.f("ck_retention_run_changed_something")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["retention_rule.id"], name=op.f("fk_retention_run_rule_id_retention_rule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
        sa.UniqueConstraint("rule_id", "day", name=op.f("uq_retention_run_rule_id_day")),
    )
    op.create_table(
        "rights_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("asked_by_id", BIG, nullable=True),
        sa.Column("standing", enum("standing", "self", "guardian", "heir", "agent"), nullable=False),
        sa.Column("standing_proof", sa.String(255), nullable=True),
        sa.Column(
            "kind", enum("rightskind", "see", "correct", "delete", "restrict", "transfer", "explain"), nullable=False
        ),
        sa.Column("how", enum("asked_how", "app", "paper", "spoken", "wechat"), nullable=False),
        sa.Column("recorded_by_id", BIG, nullable=True),
        sa.Column(
            "state",
            enum("rightsstate", "received", "in_hand", "granted", "partly", "refused", "withdrawn"),
            nullable=False,
        ),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("handled_by_id", BIG, nullable=True),
        sa.Column("settled_at", TIME, nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", JSON, nullable=False),
        sa.Column("reminded_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(state in ('granted', 'partly', 'refused', 'withdrawn')) = (settled_at is not null)",
            name=op.f("ck_rights_request_settled"),
        ),
        sa.CheckConstraint(
            "how in ('app', 'wechat') or recorded_by_id is not null",
            name=op.f("ck_rights_request_recorded_by_somebody"),
        ),
        sa.CheckConstraint(
            "standing = 'self' or standing_proof is not null", name=op.f("ck_rights_request_standing_is_proved")
        ),
        sa.CheckConstraint(
            "state <> 'in_hand' or handled_by_id is not null", name=op.f("ck_rights_request_in_somebodys_hand")
        ),
        sa.CheckConstraint(
            "state not in ('partly', 'refused') or answer_sealed is not null",
            name=op.f("ck_rights_request_gives_reasons"),
        ),
        sa.CheckConstraint("due_at > asked_at", name=op.f("ck_rights_request_due_later")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_rights_request_asked_by_id_person")),
        sa.ForeignKeyConstraint(["handled_by_id"], ["person.id"], name=op.f("fk_rights_request_handled_by_id_person")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_rights_request_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rights_request_person_id_person")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_rights_request_recorded_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_request")),
    )
    op.create_index("ix_rights_request_due_at", "rights_request", ["due_at"], **where("settled_at is null"))
    op.create_index("ix_rights_request_neighborhood_id_id", "rights_request", ["neighborhood_id", "id"])
    op.create_index("ix_rights_request_person_id_id", "rights_request", ["person_id", "id"])
    op.create_index(
        "uq_rights_request_open", "rights_request", ["person_id", "kind"], unique=True, **where("settled_at is null")
    )

    op.create_table(
        "consent",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("about_person_id", BIG, nullable=False),
        sa.Column("kind_code", sa.String(32), nullable=False),
        sa.Column("text_id", BIG, nullable=False),
        sa.Column("answer", enum("consentanswer", "given", "declined"), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("how", enum("told_how", "app", "paper", "spoken", "wechat"), nullable=False),
        sa.Column("recorded_by_id", BIG, nullable=True),
        sa.Column("witness_id", BIG, nullable=True),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("paper_place", sa.String(64), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("end_why", enum("consentend", "withdrawn", "changed", "erased"), nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.CheckConstraint(
            "how <> 'paper' or file_id is not null or paper_place is not null", name=op.f("ck_consent_paper_is_kept")
        ),
        sa.CheckConstraint(
            "how <> 'spoken' or witness_id is not null", name=op.f("ck_consent_spoken_before_a_witness")
        ),
        sa.CheckConstraint("how <> 'wechat'", name=op.f("ck_consent_people_answer_themselves")),
        sa.CheckConstraint("how = 'app' or recorded_by_id is not null", name=op.f("ck_consent_recorded_by_somebody")),
        sa.CheckConstraint("(ended_at is null) = (end_why is null)", name=op.f("ck_consent_ended_for_a_reason")),
        sa.CheckConstraint("ended_at is null or ended_at >= at", name=op.f("ck_consent_ends_after_it_was_given")),
        sa.CheckConstraint(
            "witness_id is null or witness_id <> recorded_by_id", name=op.f("ck_consent_witness_is_a_second_person")
        ),
        sa.ForeignKeyConstraint(["about_person_id"], ["person.id"], name=op.f("fk_consent_about_person_id_person")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_consent_ended_by_id_person")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_consent_file_id_stored_file")),
        sa.ForeignKeyConstraint(["kind_code"], ["consent_kind.code"], name=op.f("fk_consent_kind_code_consent_kind")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_consent_neighborhood_id_org_unit")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id_person")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_consent_recorded_by_id_person")),
        sa.ForeignKeyConstraint(["text_id"], ["consent_text.id"], name=op.f("fk_consent_text_id_consent_text")),
        sa.ForeignKeyConstraint(["witness_id"], ["person.id"], name=op.f("fk_consent_witness_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_about_person_id_id", "consent", ["about_person_id", "id"])
    op.create_index(op.f("ix_consent_neighborhood_id"), "consent", ["neighborhood_id"])
    op.create_index("ix_consent_person_id_id", "consent", ["person_id", "id"])
    op.create_index(
        "uq_consent_open", "consent", ["about_person_id", "kind_code"], unique=True, **where("ended_at is null")
    )

    op.create_table(
        "person_merge_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("merge_id", BIG, nullable=False),
        sa.Column("table_name", sa.String(64), nullable=False),
        sa.Column("column_name", sa.String(64), nullable=False),
        sa.Column("row_id", BIG, nullable=False),
        sa.Column("step", enum("mergestep", "moved", "ended"), nullable=False),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["person_merge.id"], name=op.f("fk_person_merge_step_merge_id_person_merge")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge_step")),
        sa.UniqueConstraint(
            "merge_id",
            "table_name",
            "column_name",
            "row_id",
            "step",
            name=op.f("uq_person_merge_step_merge_id_table_name_column_name_row_id_step"),
        ),
    )
    op.create_table(
        "care_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("home_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("kind_code", sa.String(32), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("consent_id", BIG, nullable=True),
        sa.Column("opened_by_id", BIG, nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("closed_by_id", BIG, nullable=True),
        sa.Column("closed_why", sa.String(128), nullable=True),
        sa.CheckConstraint(
            "(closed_at is null) = (closed_why is null)", name=op.f("ck_care_entry_closed_for_a_reason")
        ),
        sa.CheckConstraint("expires_on > opened_on", name=op.f("ck_care_entry_expires_later")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_care_entry_closed_by_id_person")),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name=op.f("fk_care_entry_consent_id_consent")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_care_entry_home_id_home")),
        sa.ForeignKeyConstraint(["kind_code"], ["care_kind.code"], name=op.f("fk_care_entry_kind_code_care_kind")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_care_entry_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_care_entry_opened_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_care_entry_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_entry")),
    )
    op.create_index("ix_care_entry_neighborhood_id_id", "care_entry", ["neighborhood_id", "id"])
    op.create_index("ix_care_entry_person_id", "care_entry", ["person_id"])
    op.create_index(
        "uq_care_entry_open", "care_entry", ["person_id", "kind_code"], unique=True, **where("closed_at is null")
    )

    op.create_table(
        "care_knower",
        sa.Column("id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("given_by_id", BIG, nullable=False),
        sa.Column("why", sa.String(255), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.Column("withdrawn_by_id", BIG, nullable=True),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_care_knower_ends_later")),
        sa.ForeignKeyConstraint(["entry_id"], ["care_entry.id"], name=op.f("fk_care_knower_entry_id_care_entry")),
        sa.ForeignKeyConstraint(["given_by_id"], ["person.id"], name=op.f("fk_care_knower_given_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_care_knower_person_id_person")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_care_knower_withdrawn_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_knower")),
    )
    op.create_index("ix_care_knower_person_id", "care_knower", ["person_id"])
    op.create_index(
        "uq_care_knower_open", "care_knower", ["entry_id", "person_id"], unique=True, **where("withdrawn_at is null")
    )

    op.create_table(
        "care_visit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("visitor_id", BIG, nullable=False),
        sa.Column("visited_at", TIME, nullable=False),
        sa.Column("purpose", sa.String(128), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("written_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["care_entry.id"], name=op.f("fk_care_visit_entry_id_care_entry")),
        sa.ForeignKeyConstraint(["visitor_id"], ["person.id"], name=op.f("fk_care_visit_visitor_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_visit")),
    )
    op.create_index("ix_care_visit_entry_id_id", "care_visit", ["entry_id", "id"])
    op.create_index(op.f("ix_care_visit_visitor_id"), "care_visit", ["visitor_id"])

    op.add_column("person", sa.Column("minor_until", sa.Date(), nullable=True))
    op.add_column("person", sa.Column("restricted_at", TIME, nullable=True))
    op.add_column("person", sa.Column("erased_at", TIME, nullable=True))


def downgrade() -> None:
    """Take back."""
    for name in ("erased_at", "restricted_at", "minor_until"):
        op.drop_column("person", name)
    for table in reversed(TABLES):
        op.drop_table(table)
