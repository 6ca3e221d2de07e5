"""WeChat's daily bills, and where they do not agree with our books."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
TABLES = ["payment_bill", "payment_difference"]


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "payment_bill",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("merchant_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("paid", BIG, nullable=False),
        sa.Column("refunds", sa.Integer(), nullable=False),
        sa.Column("refunded", BIG, nullable=False),
        sa.Column("fees", BIG, nullable=False),
        sa.Column("funds_checked", sa.Boolean(), nullable=False),
        sa.Column("fetched_at", TIME, nullable=False),
        sa.CheckConstraint("payments >= 0 and refunds >= 0", name=op.f("ck_payment_bill_counted")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant_account.id"], name=op.f("fk_payment_bill_merchant_id_merchant_account")
        ),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_payment_bill_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_bill")),
        sa.UniqueConstraint("merchant_id", "day", name=op.f("uq_payment_bill_merchant_id_day")),
    )
    op.create_index("ix_payment_bill_neighborhood_id_id", "payment_bill", ["neighborhood_id", "id"])
    op.create_table(
        "payment_difference",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("bill_id", BIG, nullable=False),
        sa.Column(
            "kind",
            one_of("differencekind", "missing_here", "missing_there", "not_paid_here", "amount_off", "funds_off"),
            nullable=False,
        ),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("ours", BIG, nullable=True),
        sa.Column("theirs", BIG, nullable=True),
        sa.Column("settled_at", TIME, nullable=True),
        sa.Column("settled_by_id", BIG, nullable=True),
        sa.Column("words", sa.String(255), nullable=True),
        sa.CheckConstraint(
            "(settled_at is null) = (words is null)", name=op.f("ck_payment_difference_settled_with_words")
        ),
        sa.CheckConstraint(
            "ours is null or theirs is null or ours <> theirs", name=op.f("ck_payment_difference_they_differ")
        ),
        sa.ForeignKeyConstraint(
            ["bill_id"], ["payment_bill.id"], name=op.f("fk_payment_difference_bill_id_payment_bill")
        ),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_payment_difference_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["person.id"], name=op.f("fk_payment_difference_settled_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_difference")),
        sa.UniqueConstraint("bill_id", "kind", "number", name=op.f("uq_payment_difference_bill_id_kind_number")),
    )
    op.create_index("ix_payment_difference_neighborhood_id_id", "payment_difference", ["neighborhood_id", "id"])
    op.create_index("ix_payment_difference_number", "payment_difference", ["number"])


def downgrade() -> None:
    """Take back."""
    for table in reversed(TABLES):
        op.drop_table(table)


def one_of(name: str, *values: str) -> sa.Enum:
    """A text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
