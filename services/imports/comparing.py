"""A row against what is registered and against the rows before it: new, changed, the same, or in contradiction.

``Comparison`` remembers the rows it has seen, because a file contradicts itself more often than the database.  What it
remembers of 100,000 rows takes some 60 MB.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from models import AreaBasis, ResidencyKind, RowOutcome
from services.imports.plans import PersonPlan, RowPlan
from services.imports.problems import Code, Grade, Problem, gravest
from services.imports.registered import KnownHome, Places, Resident
from services.vault import Vault

OWNERS = frozenset({ResidencyKind.OWNER, ResidencyKind.CO_OWNER})
_STRENGTH = {basis: at for at, basis in enumerate(reversed(AreaBasis))}
CONFLICTS = frozenset({Code.OWNERS_IN_FILE, Code.OWNER_REGISTERED, Code.KIND_REGISTERED, Code.AREA_CONTRADICTS})


@dataclass(frozen=True)
class Late:
    """A problem of a row that was looked at before: it takes two to contradict."""

    row_id: int
    problem: Problem


@dataclass(slots=True)
class _Home:
    """What the rows so far said of a home."""

    area: tuple[int, int] | None = None
    """Area and line."""
    owner: tuple[str, int, int] | None = None
    """Name, line and id of the row."""
    shares: Fraction = Fraction(0)
    shares_from_register: bool = False
    people: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Who is who: key and line by name."""
    taken: tuple[str, ...] = ()
    """Names of rows that will be imported."""
    is_coming: bool = False


@dataclass(frozen=True)
class Around:
    """What is registered around the rows of one step."""

    homes: Mapping[int, KnownHome]
    phones: Mapping[str, Sequence[tuple[int, str]]]


class Comparison:
    """Compares the rows of a batch, in their order."""

    def __init__(self, batch_id: int, places: Places, vault: Vault, *, new_buildings: bool) -> None:
        self._batch_id = batch_id
        self._places = places
        self._vault = vault
        self._new_buildings = new_buildings
        self._homes: dict[str, _Home] = {}
        self._phones: dict[str, tuple[str, str, str, int]] = {}
        """Name, home, key and line of who was first seen with a phone."""
        self.buildings: dict[str, int] = {}
        """Rows by building that is not there."""
        self.late: list[Late] = []

    def look(self, row_id: int, line: int, plan: RowPlan, problems: list[Problem], around: Around) -> RowOutcome:
        """Return what becomes of a row; adds to its problems, and writes into its plan who is who and what changes."""
        seen = self._homes.setdefault(plan.code, _Home())
        home_id = self._places.homes.get(plan.code)
        known = around.homes.get(home_id) if home_id is not None else None
        self._place(plan, problems)
        self._area(plan, line, seen, known, problems)
        for person in plan.people:
            self._person(person, plan, (row_id, line), seen, known, around, problems)
        self._shares(plan, seen, known, problems)
        if plan.use is not None and known is not None and plan.use is not known.use:
            plan.changes["use"] = known.use.value
        if gravest(problems) is Grade.ERROR:
            contradicts = any(one.code in CONFLICTS for one in problems)
            return RowOutcome.CONFLICT if contradicts else RowOutcome.ERROR
        plan.home_id = home_id
        names = {one.name for one in plan.people}
        twice = bool(names) and names.issubset(seen.taken)
        if not twice:
            seen.taken += tuple(names)
        if known is None and not seen.is_coming:
            seen.is_coming = True
            self._places.expect(plan.address)
        if known is None:
            return RowOutcome.SAME if twice else RowOutcome.NEW
        newcomers = [one for one in plan.people if not self._is_there(one, known)]
        changed = plan.changes or newcomers or any(one.changes for one in plan.people)
        return RowOutcome.CHANGED if changed else RowOutcome.SAME

    def _place(self, plan: RowPlan, problems: list[Problem]) -> None:
        if plan.code in self._places.gone:
            problems.append(Problem(Code.HOME_GONE))
        if plan.code not in self._places.homes and plan.building not in self._places.buildings:
            self.buildings[plan.building] = self.buildings.get(plan.building, 0) + 1
            if not self._new_buildings:
                problems.append(Problem(Code.BUILDING_UNKNOWN))

    def _area(self, plan: RowPlan, line: int, seen: _Home, known: KnownHome | None, problems: list[Problem]) -> None:
        if plan.area_centi is None:
            return
        if seen.area is not None and seen.area[0] != plan.area_centi:
            problems.append(Problem(Code.AREA_CONTRADICTS, plan.area_column, {"line": seen.area[1]}))
            return
        if seen.area is None:
            seen.area = plan.area_centi, line
        if known is None or known.area_centi == plan.area_centi:
            return
        if known.basis is not None and known.area_centi is not None and _STRENGTH[plan.basis] < _STRENGTH[known.basis]:
            problems.append(Problem(Code.AREA_WEAKER, plan.area_column))
            plan.area_centi = None
            return
        plan.changes["area_centi"] = known.area_centi

    def _person(
        self,
        person: PersonPlan,
        plan: RowPlan,
        at: tuple[int, int],
        seen: _Home,
        known: KnownHome | None,
        around: Around,
        problems: list[Problem],
    ) -> None:
        resident = _match(person, known, plan) if known else None
        if person.kind is ResidencyKind.OWNER and not self._owner(person, at, seen, known, resident, problems):
            return
        if resident is not None:
            person.person_id = resident.person_id
            self._differences(person, resident, problems)
        elif person.phone:
            for person_id, name in around.phones.get(person.phone, ()):
                if name == person.name:
                    person.person_id = person_id
                    break
            else:
                if around.phones.get(person.phone) and person.name not in seen.people:
                    problems.append(Problem(Code.PHONE_OF_OTHER, person.phone_column))
        self._identify(person, plan, at[1], seen, problems)

    def _owner(
        self,
        person: PersonPlan,
        at: tuple[int, int],
        seen: _Home,
        known: KnownHome | None,
        resident: Resident | None,
        problems: list[Problem],
    ) -> bool:
        """Whether somebody can be the first owner: neither the file nor the register knows another one."""
        row_id, line = at
        if seen.owner is not None and seen.owner[0] != person.name:
            problems.append(Problem(Code.OWNERS_IN_FILE, person.column, {"line": seen.owner[1]}))
            self.late.append(Late(seen.owner[2], Problem(Code.OWNERS_IN_FILE, person.column, {"line": line})))
            return False
        if seen.owner is None:
            seen.owner = person.name, line, row_id
        other = known and next((one for one in known.residents if one.kind is ResidencyKind.OWNER), None)
        if other and resident is None:
            problems.append(Problem(Code.OWNER_REGISTERED, person.column))
            return False
        return True

    def _differences(self, person: PersonPlan, resident: Resident, problems: list[Problem]) -> None:
        """Write down what becomes different about somebody who is there."""
        if resident.kind is not person.kind:
            # 业主 as a heading alone does not say that the co-owner has become the first owner.
            if person.is_stated and not {resident.kind, person.kind} <= OWNERS:
                problems.append(Problem(Code.KIND_REGISTERED, person.column))
            person.kind = resident.kind
        if person.name != resident.name:
            person.changes["name"] = resident.name_masked
        if person.phone and person.phone != resident.phone:
            if resident.has_account and resident.phone:
                problems.append(Problem(Code.PHONE_KEPT, person.phone_column))
                person.phone = None
            else:
                person.changes["phone"] = resident.phone_masked
        if person.id_number:
            if not resident.has_id:
                person.changes["id_number"] = None
            elif resident.id_hash not in self._vault.fingerprints(person.id_number, "person.id_number"):
                problems.append(Problem(Code.ID_CONTRADICTS))
                person.id_number = None

    def _identify(self, person: PersonPlan, plan: RowPlan, line: int, seen: _Home, problems: list[Problem]) -> None:
        """Find out who somebody is within the batch, and tell of phones that two of them have."""
        key, first_line = seen.people.get(person.name, (None, 0))
        if key is not None:
            problems.append(Problem(Code.ROW_TWICE, person.column, {"line": first_line}))
        if person.phone:
            first = self._phones.get(person.phone)
            if first is not None and first[1] != plan.code:
                same = first[0] == person.name
                code = Code.PERSON_TWO_HOMES if same else Code.PHONE_SHARED
                problems.append(Problem(code, person.phone_column, {"line": first[3]}))
                key = key or (first[2] if same else None)
        if key is None and person.person_id is not None:
            key = f"person:{person.person_id}"
        if key is None:
            who = f"import:{self._batch_id}:{person.phone or plan.code}:{person.name}"
            key = self._vault.fingerprint(who, "person.phone")
        person.key = key
        seen.people.setdefault(person.name, (key, line))
        if person.phone:
            self._phones.setdefault(person.phone, (person.name, plan.code, key, line))

    def _shares(self, plan: RowPlan, seen: _Home, known: KnownHome | None, problems: list[Problem]) -> None:
        own = [one for one in plan.people if one.share is not None and not (known and self._is_there(one, known))]
        if not own:
            return
        if known is not None and not seen.shares_from_register:
            seen.shares += sum((one.share for one in known.residents if one.share), Fraction(0))
            seen.shares_from_register = True
        seen.shares += sum((Fraction(*one.share) for one in own if one.share), Fraction(0))
        if seen.shares > 1:
            problems.append(Problem(Code.SHARES_EXCEED))

    def _is_there(self, person: PersonPlan, known: KnownHome) -> bool:
        return any(one.person_id == person.person_id for one in known.residents)


def _match(person: PersonPlan, known: KnownHome, plan: RowPlan) -> Resident | None:
    """Return who of the home's people somebody is: by name, or by phone where the name has one wrong character."""
    by_name = [one for one in known.residents if one.name == person.name]
    if by_name:
        return next((one for one in by_name if one.phone == person.phone), by_name[0])
    others = {one.name for one in plan.people}
    return next(
        (
            one
            for one in known.residents
            if person.phone and one.phone == person.phone and one.name not in others and _is_slip(one.name, person.name)
        ),
        None,
    )


def _is_slip(old: str | None, new: str) -> bool:
    """Whether two names differ in one character: 王桂蓝 was meant to be 王桂兰."""
    if not old or len(old) != len(new) or len(old) < 2:  # noqa: PLR2004 - a single character is no name
        return False
    return sum(one != other for one, other in zip(old, new, strict=True)) == 1
