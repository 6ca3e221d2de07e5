"""Call-backs that were made are listed by their neighborhood."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

MADE = sa.text("called_at is not null")


def upgrade() -> None:
    """An index for the list."""
    op.create_index(
        "ix_ticket_callback_made",
        "ticket_callback",
        ["neighborhood_id", "id"],
        sqlite_where=MADE,
        postgresql_where=MADE,
    )


def downgrade() -> None:
    """Without it."""
    op.drop_index("ix_ticket_callback_made", "ticket_callback")
