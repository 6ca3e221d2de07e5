"""Writing many rows of few tables quickly: ids given out here, rows sent in batches, parents before children."""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Base, DutyAssignment, GroupBinding, Home, Membership, OrgUnit, Person, Residency, Station
from services import bulk_rows

BATCH = 5000  # rows held in memory at most, all tables together

# In an order in which no row comes before one that it points to.
WRITTEN: tuple[type[Base], ...] = (
    OrgUnit, Person, Membership, Home, Residency, GroupBinding, Station, DutyAssignment,
)  # fmt: skip


class BulkWriter:
    """Collects rows and writes them in bulk inside the session's transaction."""

    def __init__(self, session: Session) -> None:
        """Keep other writers out until the commit, for they could take the ids that are given out here."""
        session.flush()  # rows that wait in the session need their ids before ours
        self._session, self._connection = session, session.connection()
        self._tables = {model: Base.metadata.tables[model.__tablename__] for model in WRITTEN}
        self._rows: dict[type[Base], list[dict[str, object]]] = {model: [] for model in WRITTEN}
        self._waiting = 0
        self.written: Counter[type[Base]] = Counter()
        if self._is_postgresql:
            self._connection.execute(sa.text(f"LOCK TABLE {self._names} IN SHARE ROW EXCLUSIVE MODE"))
        self._last = {model: self._max_id(table) for model, table in self._tables.items()}

    def new_id(self, model: type[Base]) -> int:
        """Return an id that nobody has."""
        self._last[model] += 1
        return self._last[model]

    def add(self, model: type[Base], **values: object) -> None:
        """Take a row.  All rows of a model must name the same columns, the id among them."""
        self._rows[model].append(values)
        self._waiting += 1
        if self._waiting >= BATCH:
            self._flush()

    def finish(self) -> None:
        """Write what is left and let the database go on numbering after our ids."""
        self._flush()
        if not self._is_postgresql:
            return
        for model, table in self._tables.items():
            if self.written[model]:
                sequence = sa.func.pg_get_serial_sequence(table.name, "id")
                self._connection.execute(sa.select(sa.func.setval(sequence, self._last[model])))
        # The planner has never seen these rows; without this the first minutes would be slow.
        self._connection.execute(sa.text(f"ANALYZE {self._names}"))

    def _flush(self) -> None:
        for model, table in self._tables.items():
            rows = self._rows[model]
            if rows:
                bulk_rows.insert(self._session, table, rows)
                self.written[model] += len(rows)
                self._rows[model] = []
        self._waiting = 0

    def _max_id(self, table: sa.Table) -> int:
        return self._connection.scalar(sa.select(sa.func.max(table.c.id))) or 0

    @property
    def _is_postgresql(self) -> bool:
        return self._connection.dialect.name == "postgresql"

    @property
    def _names(self) -> str:
        return ", ".join(table.name for table in self._tables.values())
