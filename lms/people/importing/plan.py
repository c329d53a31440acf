"""Comparing a staff file with what is known: what becomes of each person. Pure; the preview and the taking over decide by it alike."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from lms.errors import Invalid
from lms.people.importing.rows import person_key
from lms.people.importing.types import Finding, Options, Outcome, PersonState, Plan, RowKind, StaffFile, StaffRow, UnitWish
from lms.people.importing.units import UnitTree

Places = Mapping[UnitWish, int | Invalid]
"""The unit of each wish, or why there is none."""


class Known:
    """The people as known, found by what a row may name them by. `numbers` are those of the whole file: whoever has one of them
    has a row of their own and is nobody else's double."""

    def __init__(self, people: Iterable[PersonState], numbers: Collection[str] = ()):
        self._numbers = numbers
        self.people = {person.person_id: person for person in people}
        self.by_nip = {person.nip: person for person in self.people.values() if person.nip}
        self.by_siasn = {person.values["siasn_id"]: person for person in self.people.values() if person.values["siasn_id"]}
        self.by_identifier = {person.identifier: person for person in self.people.values() if person.identifier}
        self._by_birth = defaultdict(list)
        for person in self.people.values():
            self._by_birth[person.values["birth_date"]].append(person)

    def match(self, row: StaffRow, unit_id: int | None) -> PersonState | None:
        """The person a row stands for; None for somebody new. Raises Invalid where only a person can decide: nobody is merged
        by name alone."""
        by_nip, by_siasn = self.by_nip.get(row.nip or ""), self.by_siasn.get(row.siasn_id)
        if by_nip is not None and by_siasn is not None and by_nip is not by_siasn:
            raise Invalid(f"ID SIASN ini tercatat pada pegawai lain, {by_siasn.values['name']}. Periksa mana yang benar.")
        if by_nip is None and by_siasn is not None and row.nip and by_siasn.nip:
            raise Invalid(
                f"ID SIASN ini tercatat dengan NIP {by_siasn.nip}. Bila NIP-nya memang diganti, ubah dulu di halaman pegawai."
            )
        found = by_nip or by_siasn
        owner = self.by_identifier.get(row.nip or "")
        if owner is not None and owner is not found:
            raise Invalid(f"NIP ini dipakai sebagai nama masuk oleh {owner.values['name']}. Periksa dulu akun itu.")
        return found or self._alike(row, unit_id)

    def _alike(self, row: StaffRow, unit_id: int | None) -> PersonState | None:
        """Somebody of the same name and birth date, where one of the two has no NIP."""
        alike = [
            person
            for person in self._by_birth.get(row.birth_date, ())
            if row.birth_date is not None
            and not (row.nip and person.nip)
            and not (row.siasn_id and person.values["siasn_id"])
            and person.nip not in self._numbers
            and person.values["siasn_id"] not in self._numbers
            and person_key(person.values["name"]) == person_key(row.name)
        ]
        same_place = [person for person in alike if person.nip is None and person.post and person.post.unit_id == unit_id]
        if len(same_place) == 1 and not row.nip and not row.siasn_id:
            return same_place[0]
        if not alike or row.decision == "baru":
            return None
        if row.decision == "sama" and len(alike) == 1:
            return alike[0]
        raise Invalid(
            f"Mungkin orang yang sama dengan {alike[0].values['name']} yang sudah tercatat ({'tanpa NIP' if alike[0].nip is None else 'ber-NIP'}). "
            "Tambahkan kolom Keputusan dan isi “sama” atau “baru” pada baris ini, lalu impor lagi."
        )


def decide(row: StaffRow, known: Known, places: Places, options: Options) -> Outcome:
    """What becomes of one row."""
    findings = row.problems
    if not findings:
        try:
            return _decide(row, known, places, options)
        except Invalid as problem:
            findings = (Finding("", str(problem)),)
    return Outcome(row.line, RowKind.PROBLEM, row.name, findings=findings + row.warnings)


def _decide(row: StaffRow, known: Known, places: Places, options: Options) -> Outcome:
    place = places[row.wish] if row.wish is not None else None
    if isinstance(place, Invalid):
        raise place
    if row.has_left:
        person = known.by_nip.get(row.nip or "") or known.by_siasn.get(row.siasn_id)
        return leave(person, options, row) if person is not None else Outcome(row.line, RowKind.UNCHANGED, row.name)
    person = known.match(row, place)
    if person is None:
        values = {"employment_kind": row.usual_kind, **row.values}
        return Outcome(row.line, RowKind.NEW, row.name, None, values, None, place, row.warnings)
    changes = {column: value for column, value in row.values.items() if person.values[column] != value}
    kind, moves = _move(person, place, options)
    if kind is RowKind.RETURNED:
        changes["left_on"] = None
    if kind is RowKind.UNCHANGED and changes:
        kind = RowKind.CHANGED
    return Outcome(row.line, kind, row.name, person.person_id, changes, person, place if moves else None, row.warnings)


def _move(person: PersonState, unit_id: int | None, options: Options) -> tuple[RowKind, bool]:
    """Whether somebody known moves or comes back, and whether that takes a new membership. Raises Invalid against the past."""
    post, left_on = person.post, person.values["left_on"]
    last = (post.to_on or post.from_on) if post is not None else None
    is_back = left_on is not None and left_on <= options.on
    stays = post is not None and post.unit_id == unit_id and (post.to_on is None or (post.to_on > options.on and not is_back))
    if stays:
        return (RowKind.RETURNED if is_back else RowKind.UNCHANGED), False
    if last is not None and options.on < last:
        raise Invalid(
            f"Perubahan terakhir pegawai ini tercatat {last:%d-%m-%Y}, sesudah tanggal berlaku impor. Pilih tanggal yang lebih baru."
        )
    return (RowKind.RETURNED if is_back else RowKind.MOVED), True


def leave(person: PersonState, options: Options, row: StaffRow | None = None) -> Outcome:
    """Somebody who leaves on the day, because the file says so or, without a row, because a complete file does not name them."""
    line, name, post = row.line if row else 0, person.values["name"], person.post
    if not is_employed(person, options):
        return Outcome(line, RowKind.UNCHANGED, name, person.person_id)
    if post is not None and post.to_on is None and options.on < post.from_on:
        text = f"Pegawai ini masuk unitnya {post.from_on:%d-%m-%Y}, sesudah tanggal berlaku impor. Pilih tanggal yang lebih baru."
        return Outcome(line, RowKind.PROBLEM, name, person.person_id, findings=(Finding("", text),))
    return Outcome(line, RowKind.LEFT, name, person.person_id, {"left_on": options.on}, person)


def is_employed(person: PersonState, options: Options) -> bool:
    left_on = person.values["left_on"]
    return left_on is None or left_on > options.on


def wishes_of(rows: Iterable[StaffRow]) -> list[UnitWish]:
    """The units that good rows name, each once; those with a code and those named with their parents first, so that the order of
    rows does not matter."""
    wishes = dict.fromkeys(row.wish for row in rows if row.wish is not None and not row.problems)
    return sorted(wishes, key=lambda wish: (not wish.code, -len(wish.path)))


def find_places(wishes: Iterable[UnitWish], tree: UnitTree) -> Places:
    """The unit of each wish, in the order of `wishes_of`."""
    places: dict[UnitWish, int | Invalid] = {}
    for wish in wishes:
        try:
            places[wish] = tree.place(wish)
        except Invalid as problem:
            places[wish] = problem
    return places


def make_plan(
    file: StaffFile, people: Iterable[PersonState], tree: UnitTree, options: Options, spared: Collection[int] = ()
) -> Plan:
    """All that taking over the file would do. `spared`: people who never leave because a file does not name them."""
    known = Known(people, file.numbers)
    places = find_places(wishes_of(file.rows), tree)
    outcomes = [decide(row, known, places, options) for row in file.rows]
    if options.is_complete:
        outcomes += _absent(file, known, outcomes, options, spared)
    names = {unit_id: tree.full_name(unit_id) for unit_id in tree.units}
    staff = sum(is_employed(person, options) for person in known.people.values())
    return Plan(tuple(outcomes), tree.changes, names, staff)


def _absent(
    file: StaffFile, known: Known, outcomes: list[Outcome], options: Options, spared: Collection[int]
) -> Iterable[Outcome]:
    """Who is in no row. A row with a problem still keeps its person here, and everybody of that name."""
    present = {outcome.person_id for outcome in outcomes} | set(spared)
    unclear = {person_key(row.name) for row, outcome in zip(file.rows, outcomes, strict=True) if outcome.kind is RowKind.PROBLEM}
    nips = {row.nip for row in file.rows if row.nip}
    for person in known.people.values():
        is_named = person.person_id in present or person.nip in nips or person_key(person.values["name"]) in unclear
        if not is_named and is_employed(person, options):
            yield leave(person, options)
