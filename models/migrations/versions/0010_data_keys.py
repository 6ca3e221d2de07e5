"""Data keys in the database, wrapped by a master key of the settings; stored answers as bytes like all sealed values."""

import base64

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "data_key",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master_id", sa.String(32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("active_at", TIME, nullable=False),
        sa.CheckConstraint("id like '~%'", name=op.f("ck_data_key_id_unlike_a_master_key")),
        sa.CheckConstraint("number > 0", name=op.f("ck_data_key_numbered_from_one")),
        sa.CheckConstraint("active_at >= created_at", name=op.f("ck_data_key_active_later")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
        sa.UniqueConstraint("number", name=op.f("uq_data_key_number")),
    )
    change_answers("answer", sa.Text(), "answer_sealed", sa.LargeBinary(), "decode(answer, 'base64')", base64.b64decode)


def downgrade() -> None:
    """Take back.  Values that were sealed with these keys must have come under a master key before."""
    encoded = "replace(encode(answer_sealed, 'base64'), chr(10), '')"
    change_answers("answer_sealed", sa.LargeBinary(), "answer", sa.Text(), encoded, lambda value: base64.b64encode(value).decode())
    op.drop_table("data_key")


def change_answers(old, old_type, new, new_type, on_postgresql, on_sqlite):
    """Carry the answers from one column into the other: a request that comes again must find them."""
    op.add_column("idempotency_key", sa.Column(new, new_type, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"update idempotency_key set {new} = {on_postgresql}")
    else:
        op.get_bind().connection.driver_connection.create_function("changed", 1, on_sqlite)
        op.execute(f"update idempotency_key set {new} = changed({old})")
    with op.batch_alter_table("idempotency_key") as batch:
        batch.alter_column(new, existing_type=new_type, nullable=False)
        batch.drop_column(old)
