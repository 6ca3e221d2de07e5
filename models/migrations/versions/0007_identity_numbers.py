"""Numbers of identity papers: sealed, masked and findable, where a purpose needs them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID_TYPES = ("resident_id", "hk_mo_tw_residence", "hk_mo_permit", "tw_permit", "foreign_residence", "passport")
COLUMNS = (
    ("id_type", sa.String(32)),
    ("id_sealed", sa.LargeBinary()),
    ("id_masked", sa.String(32)),
    ("id_hash", sa.String(64)),
)
CHECKS = {
    "idtype": f"id_type in {ID_TYPES}",
    "id_number_whole": (
        "(id_type is null) = (id_sealed is null) and (id_type is null) = (id_masked is null)"
        " and (id_type is null) = (id_hash is null)"
    ),
}
KNOWN = sa.text("id_hash is not null")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("person") as batch:
        for name, kind in COLUMNS:
            batch.add_column(sa.Column(name, kind, nullable=True))
        for name, rule in CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_person_{name}"), rule)
    op.create_index("ix_person_id_hash", "person", ["id_hash"], sqlite_where=KNOWN, postgresql_where=KNOWN)


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_person_id_hash", "person")
    with op.batch_alter_table("person") as batch:
        for name in CHECKS:
            batch.drop_constraint(op.f(f"ck_person_{name}"), type_="check")
        for name, _ in COLUMNS:
            batch.drop_column(name)
