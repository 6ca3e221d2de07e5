"""Who read a name or a phone in full and why, and the chain over the audit trail."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
SINCE = dt.date(2020, 1, 1)
LIMIT = "reveal.persons_a_day"
OURS = "默认值：各小区可以改"

# Columns: code, name, opens the name, the phone, the ID number, wants words, goes on beyond the day's limit.
PURPOSES = [
    ("before_visit", "上门以前联系", True, True, False, False, False),
    ("ask_details", "问清楚情况", True, True, False, False, False),
    ("call_back", "办完以后回访", True, True, False, False, False),
    ("emergency", "紧急情况联系", True, True, False, True, True),
    ("notify", "通知一件事", True, True, False, True, False),
    ("paperwork", "办手续、填表", True, True, True, True, False),
    ("verify_identity", "核对身份", True, False, True, True, False),
    ("other", "别的事情", True, True, False, True, False),
]


def upgrade() -> None:
    """Apply."""
    purpose = op.create_table(
        "reveal_purpose",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("opens_name", sa.Boolean(), nullable=False),
        sa.Column("opens_phone", sa.Boolean(), nullable=False),
        sa.Column("opens_id_number", sa.Boolean(), nullable=False),
        sa.Column("wants_words", sa.Boolean(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(255), nullable=False),
        sa.CheckConstraint("opens_name or opens_phone or opens_id_number", name=op.f("ck_reveal_purpose_opens_something")),
        sa.CheckConstraint("ends_on is null or ends_on > starts_on", name=op.f("ck_reveal_purpose_ends_after_start")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_reveal_purpose")),
    )
    op.create_table(
        "reveal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("viewer_id", BIG, nullable=False),
        sa.Column("purpose_code", sa.String(32), nullable=False),
        sa.Column("showed_name", sa.Boolean(), nullable=False),
        sa.Column("showed_phone", sa.Boolean(), nullable=False),
        sa.Column("showed_id_number", sa.Boolean(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("audit_entry_id", BIG, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint("showed_name or showed_phone or showed_id_number", name=op.f("ck_reveal_showed_something")),
        sa.CheckConstraint("person_id is not null or ticket_id is not null", name=op.f("ck_reveal_of_somebody")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal")),
        sa.UniqueConstraint("audit_entry_id", name=op.f("uq_reveal_audit_entry_id")),
        sa.ForeignKeyConstraint(["audit_entry_id"], ["audit_entry.id"], name=op.f("fk_reveal_audit_entry_id_audit_entry")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_reveal_neighborhood_id_org_unit")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reveal_person_id_person")),
        sa.ForeignKeyConstraint(["purpose_code"], ["reveal_purpose.code"], name=op.f("fk_reveal_purpose_code_reveal_purpose")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_reveal_ticket_id_ticket")),
        sa.ForeignKeyConstraint(["viewer_id"], ["person.id"], name=op.f("fk_reveal_viewer_id_person")),
    )
    op.create_index("ix_reveal_viewer_id_at", "reveal", ["viewer_id", "at"])
    op.create_index("ix_reveal_person_id_id", "reveal", ["person_id", "id"])
    op.create_index("ix_reveal_neighborhood_id_id", "reveal", ["neighborhood_id", "id"])
    op.create_table(
        "audit_seal",
        sa.Column("position", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_audit_seal_counted_from_one")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_seal_entry_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_seal_entry_id_audit_entry")),
    )
    op.create_table(
        "audit_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_head")),
    )
    for table in ("audit_seal", "audit_head"):
        stays(table)
    names = ("code", "name", "opens_name", "opens_phone", "opens_id_number", "wants_words", "is_urgent")
    more = {"starts_on": SINCE, "source": OURS}
    op.bulk_insert(purpose, [dict(zip(names, row, strict=True)) | more | {"place": place} for place, row in enumerate(PURPOSES)])
    op.execute(
        "insert into privacy_rule (code, value, since, source) "
        f"values ('{LIMIT}', 30, '{SINCE}', '默认值：一个人一天最多看多少位居民的姓名电话')"
    )


def downgrade() -> None:
    """Take back."""
    op.execute(f"delete from privacy_rule where code = '{LIMIT}'")
    for table in ("audit_head", "audit_seal", "reveal", "reveal_purpose"):
        op.drop_table(table)


def stays(table):
    """Refuse changes of what was written."""
    if op.get_bind().dialect.name == "postgresql":
        # The function is of 0002.
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
