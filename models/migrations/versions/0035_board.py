"""The board of a neighborhood: its common tickets, newest first."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

COMMON = sa.text("place = 'common'")


def upgrade() -> None:
    """An index for the list."""
    op.create_index(
        "ix_ticket_common", "ticket", ["neighborhood_id", "id"], sqlite_where=COMMON, postgresql_where=COMMON
    )


def downgrade() -> None:
    """Without it."""
    op.drop_index("ix_ticket_common", "ticket")
