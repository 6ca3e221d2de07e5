"""What one row says: which home, how large, who owns it, who lives there, under which phone.  Pure: no database.

A ``Reader`` walks the rows of one sheet in order, because a row may lean on the one above it.  What it cannot understand
becomes a problem of the row, never a guess.
"""

import datetime as dt
from collections.abc import Callable, Mapping

from models import AreaBasis, IdType, ResidencyKind
from services import identity_numbers
from services.errors import InvalidInput
from services.homes.address import Address
from services.homes.addressing import Reading
from services.homes.matching import Book, Match
from services.imports import cells
from services.imports.fields import Field, plain
from services.imports.plans import PersonPlan, RowPlan
from services.imports.problems import Code, Problem
from services.imports.sheets import Line

F = Field
CARRIED_DOWN = (F.BUILDING, F.STAIRWELL)
"""Written once for many rows below; a home without them would be another home."""
PLACE_FIELDS = (F.ADDRESS, F.BUILDING, F.STAIRWELL, F.ROOM)
TOTALS = ("合计", "总计", "小计", "共计", "制表人", "填表人", "审核人", "制表日期", "填表日期")

_BASES: tuple[tuple[str, AreaBasis], ...] = (
    ("产权", AreaBasis.REGISTERED),
    ("证载", AreaBasis.REGISTERED),
    ("登记", AreaBasis.REGISTERED),
    ("实测", AreaBasis.SURVEYED),
    ("测绘", AreaBasis.SURVEYED),
    ("合同", AreaBasis.CONTRACT),
    ("协议", AreaBasis.CONTRACT),
)


Numbered = Callable[[int], Address | None]
"""Where a home is that the book knows by its number."""


class Reader:
    """Reads the rows of one sheet.  ``columns`` says which column is what, ``titles`` what stands above it."""

    def __init__(
        self,
        columns: Mapping[Field, int],
        titles: Mapping[int, str],
        *,
        book: Book,
        numbered: Numbered,
        today: dt.date,
        keep_ids: bool = False,
        sheet_name: str = "",
    ) -> None:
        self._columns = columns
        self._book = book
        self._numbered = numbered
        self._today = today
        self._keep_ids = keep_ids
        self._sheet_name = sheet_name
        self._above: dict[Field, str] = {}
        title = plain(titles.get(columns.get(F.AREA, -1), ""))
        self._basis = next((basis for word, basis in _BASES if word in title), AreaBasis.SELF_DECLARED)

    def read(self, line: Line) -> tuple[RowPlan | None, list[Problem]]:
        """Return what a row asks for.  Neither a plan nor a problem: it is no row of homes but a sum or a signature."""
        if any(cell.startswith(TOTALS) for cell in line.cells[:3]):
            return None, []
        problems: list[Problem] = []
        values = self._values(line, problems)
        address = self._place(values, problems)
        if address is None:
            return None, problems
        plan = RowPlan(
            code=address.code or "",
            building=address.building or "",
            stairwell=address.stairwell,
            floor=address.floor,
            room=address.room or "",
            basis=self._basis,
        )
        self._home(plan, values, problems)
        plan.people = self._people(values, problems)
        return plan, problems

    def _values(self, line: Line, problems: list[Problem]) -> dict[Field, str]:
        """Return the cells by field, with what a row leaves to the one above it."""
        values: dict[Field, str] = {}
        for name, at in self._columns.items():
            text = line.cells[at] if at < len(line.cells) else ""
            if at in line.broken:
                problems.append(Problem(Code.FORMULA_WITHOUT_RESULT, at))
            if at in line.merged and text:
                problems.append(Problem(Code.MERGED, at))
            if text in cells.DITTO:
                text = self._above.get(name, "")
                problems.append(Problem(Code.DITTO, at))
            values[name] = text
        own_place = values.get(F.ROOM) or values.get(F.ADDRESS)
        for name in CARRIED_DOWN:
            if name not in self._columns or not own_place or values.get(F.ADDRESS):
                continue
            same_building = name is F.BUILDING or values.get(F.BUILDING) == self._above.get(F.BUILDING)
            if not values[name] and self._above.get(name) and same_building:
                values[name] = self._above[name]
                problems.append(Problem(Code.CARRIED_DOWN, self._columns[name]))
        self._above = values
        return values

    def _place(self, values: Mapping[Field, str], problems: list[Problem]) -> Address | None:
        match, code = self._match(values)
        if match is not None:
            there = self._numbered(match.home_id) if match.home_id is not None else None
            address = there or match.new
            if match.elsewhere:
                code = Code.PLACE_OTHER
            elif address is not None and address.is_asset:
                code = Code.PLACE_ASSET
            elif address is not None:
                return address
            else:
                code = _why_unclear(match.reading)
        problems.append(Problem(code or Code.PLACE_MISSING, self._place_column()))
        return None

    def _match(self, values: Mapping[Field, str]) -> tuple[Match | None, Code | None]:
        texts = {}
        for name in PLACE_FIELDS:
            texts[name], code = cells.place(values.get(name, ""))
            if code:
                return None, code
        floor, _ = cells.floor(values.get(F.FLOOR, ""))
        room, building = texts[F.ROOM], texts[F.BUILDING]
        if texts[F.ADDRESS] and not (building and room):
            parts = (building, texts[F.STAIRWELL], texts[F.ADDRESS], room)
            return self._book.find(" ".join(text for text in parts if text)), None
        if room is None:
            return None, Code.PLACE_MISSING
        if building is None:
            alone = self._book.find(room)
            if alone.home_id is not None or alone.new is not None:
                return alone, None
            if not any(char.isdigit() for char in self._sheet_name):
                return None, Code.PLACE_MISSING
            building = self._sheet_name  # a sheet for each building: its name says which one
        return self._book.find_columns(building=building, stairwell=texts[F.STAIRWELL], room=room, floor=floor), None

    def _place_column(self) -> int | None:
        for name in (F.ADDRESS, F.ROOM, F.BUILDING):
            if name in self._columns:
                return self._columns[name]
        return None

    def _home(self, plan: RowPlan, values: Mapping[Field, str], problems: list[Problem]) -> None:
        plan.area_column = self._columns.get(F.AREA)
        plan.area_centi, area_code = cells.area(values.get(F.AREA, ""))
        plan.use, use_code = cells.use(values.get(F.USE, ""))
        plan.since, since_code = cells.day(values.get(F.SINCE, ""), self._today)
        _, floor_code = cells.floor(values.get(F.FLOOR, ""))
        for name, code in ((F.AREA, area_code), (F.USE, use_code), (F.SINCE, since_code), (F.FLOOR, floor_code)):
            self._tell(problems, name, code)

    def _people(self, values: Mapping[Field, str], problems: list[Problem]) -> list[PersonPlan]:
        kind, kind_code = cells.relation(values.get(F.RELATION, ""))
        self._tell(problems, F.RELATION, kind_code)
        people: list[PersonPlan] = []
        if F.NAME in self._columns:
            own_kind = kind or ResidencyKind.OWNER
            if kind_code is None:
                people += self._named(F.NAME, values, own_kind, problems, is_stated=kind is not None)
            main = people[:1]
            people += self._named(F.OWNER, values, ResidencyKind.OWNER, problems, is_stated=True)
        else:
            if kind_code is None:
                people += self._named(
                    F.OWNER, values, kind or ResidencyKind.OWNER, problems, is_stated=kind is not None
                )
            main = people[:1]
        self._details(main, values, problems, named=kind_code is None)
        people += self._named(F.CO_OWNER, values, ResidencyKind.CO_OWNER, problems, is_stated=True)
        tenants = self._named(
            F.TENANT, values, ResidencyKind.TENANT, problems, is_stated=True, follow=ResidencyKind.TENANT
        )
        self._phone(F.TENANT_PHONE, tenants[:1], values, problems)
        return _once(people + tenants)

    def _named(
        self,
        name: Field,
        values: Mapping[Field, str],
        kind: ResidencyKind,
        problems: list[Problem],
        *,
        is_stated: bool,
        follow: ResidencyKind | None = None,
    ) -> list[PersonPlan]:
        """Return the persons of a cell: the first is what the column says, further owners are co-owners."""
        found, code = cells.names(values.get(name, ""))
        self._tell(problems, name, code)
        others = follow or (ResidencyKind.CO_OWNER if kind is ResidencyKind.OWNER else kind)
        return [
            PersonPlan(one, kind if at == 0 else others, is_stated or at > 0, column=self._columns.get(name))
            for at, one in enumerate(found)
        ]

    def _details(
        self, main: list[PersonPlan], values: Mapping[Field, str], problems: list[Problem], *, named: bool
    ) -> None:
        """Put phone, share and number of the identity card to the person of the row."""
        self._phone(F.PHONE, main, values, problems, named=named)
        share, code = cells.share(values.get(F.SHARE, ""))
        self._tell(problems, F.SHARE, code)
        number = values.get(F.ID_NUMBER, "") if self._keep_ids else ""
        for person in main:
            if person.kind in {ResidencyKind.OWNER, ResidencyKind.CO_OWNER}:
                person.share = share
            if not cells.is_nothing(number):
                try:
                    person.id_number = identity_numbers.read(number, IdType.RESIDENT, today=self._today).number
                except InvalidInput as error:
                    self._tell(problems, F.ID_NUMBER, cells.problem_of(error))

    def _phone(
        self,
        name: Field,
        people: list[PersonPlan],
        values: Mapping[Field, str],
        problems: list[Problem],
        *,
        named: bool = True,
    ) -> None:
        phone, code = cells.phone(values.get(name, ""))
        self._tell(problems, name, code)
        if phone and not people and named:
            self._tell(problems, name, Code.PHONE_WITHOUT_NAME)
        for person in people:
            person.phone = phone
            person.phone_column = self._columns.get(name)
            if phone is None and code is None and name in self._columns and person.kind is ResidencyKind.OWNER:
                self._tell(problems, name, Code.PHONE_MISSING)

    def _tell(self, problems: list[Problem], name: Field, code: Code | None) -> None:
        if code is not None:
            problems.append(Problem(code, self._columns.get(name)))


def _why_unclear(reading: Reading) -> Code:
    if reading.words:
        return Code.PLACE_UNCLEAR
    if not any(one.room for one in reading.all) or not any(one.building for one in reading.all):
        return Code.PLACE_MISSING
    return Code.PLACE_AMBIGUOUS


def _once(people: list[PersonPlan]) -> list[PersonPlan]:
    """Let somebody who stands in two columns of a row be one person: the first one, with what the other adds."""
    found: dict[str, PersonPlan] = {}
    for person in people:
        known = found.setdefault(person.name, person)
        if known is not person:
            known.phone = known.phone or person.phone
            known.phone_column = known.phone_column if known.phone_column is not None else person.phone_column
    return list(found.values())
