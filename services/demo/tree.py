"""The nodes of the organisation tree, as they are built."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from models import OrgUnit, UnitKind
from services.demo.bulk import BulkWriter


@dataclass(frozen=True)
class Node:
    """What those below need to know of a node."""

    id: int
    path: str
    neighborhood_id: int | None


class Tree:
    """Writes nodes and counts them by kind."""

    def __init__(self, writer: BulkWriter, now: dt.datetime) -> None:
        self._writer = writer
        self._now = now
        self.counts: Counter[UnitKind] = Counter()

    def add(self, kind: UnitKind, name: str, parent: Node | None = None, code: str | None = None) -> Node:
        """Write a node below its parent and return it.  Only a neighborhood has a code."""
        unit_id = self._writer.new_id(OrgUnit)
        inherited = parent.neighborhood_id if parent else None
        node = Node(
            id=unit_id,
            path=f"{parent.path if parent else '/'}{unit_id}/",
            neighborhood_id=unit_id if kind is UnitKind.NEIGHBORHOOD else inherited,
        )
        self._writer.add(
            OrgUnit,
            id=unit_id,
            parent_id=parent.id if parent else None,
            kind=kind,
            name=name,
            code=code,
            path=node.path,
            neighborhood_id=node.neighborhood_id,
            starts_at=self._now,
            closed_at=None,
        )
        self.counts[kind] += 1
        return node
