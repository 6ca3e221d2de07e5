"""The first use of new homes is written once for each statement, not once for each home.

With 63,000 homes the trigger for each row was a tenth of the last transaction of an import.  SQLite has no triggers for
statements; there the one for each row stays.

Revision ID: 0029
Revises: 0028
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace the trigger on PostgreSQL."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("drop trigger home_has_a_use on home")
    op.execute(
        "create or replace function home_has_a_use() returns trigger language plpgsql as $$ begin "
        "insert into home_use_period (neighborhood_id, home_id, use, starts_on) "
        "select neighborhood_id, id, use, '1900-01-01' from new_homes; return null; end $$"
    )
    op.execute(
        "create trigger home_has_a_use after insert on home referencing new table as new_homes "
        "for each statement execute function home_has_a_use()"
    )


def downgrade() -> None:
    """Put back the trigger for each row."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("drop trigger home_has_a_use on home")
    op.execute(
        "create or replace function home_has_a_use() returns trigger language plpgsql as $$ begin "
        "insert into home_use_period (neighborhood_id, home_id, use, starts_on) "
        "values (new.neighborhood_id, new.id, new.use, '1900-01-01'); return null; end $$"
    )
    op.execute("create trigger home_has_a_use after insert on home for each row execute function home_has_a_use()")
