"""The demo agency, "Kota Tanjung Damar": its units over two time zones and its staff. Everything in it is invented.

The plan is made first (pure, from one `Random`), unit by unit and lazily, so that 100,000 people need no memory; then written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from lms.cli.demo_names import POSTS, fitting_post, grade_of, listed_name, made_name, nip_of, titles
from lms.people.models import Account, Membership, Person, RoleGrant, Unit
from lms.people.types import EmploymentKind, Role, UnitCategory

CITY = "Tanjung Damar"
AGENCY = f"Pemerintah Kota {CITY}"
WITA, WIT = "Asia/Makassar", "Asia/Jayapura"
CORE_STAFF = 60
"""People of the eight units that every demo has; their history is played through the real actions."""
SUPERVISED = 3
"""Place of the unit whose head is the printed supervisor; with its schools it holds about half of the agency."""
DISTRICTS = (
    ("Damar Utara", WITA), ("Damar Selatan", WITA), ("Teluk Mutiara", WITA), ("Pulau Damar Timur", WIT), ("Bukit Kenari", WITA),
    ("Muara Lontar", WITA), ("Kepulauan Terumbu", WIT), ("Tanjung Pala", WITA), ("Lembah Sagu", WITA), ("Pulau Layar", WIT),
)  # fmt: skip
VILLAGES = ("Batu Putih", "Wara", "Kolonodale Lama", "Pasir Panjang", "Kampung Baru", "Lapulu", "Sorumba", "Matahari Terbit", "Air Jernih",
            "Bone Indah", "Toli", "Pantai Rakit", "Lumbung Padi", "Benteng", "Rante Damai", "Karang Biru")  # fmt: skip
DEPARTMENTS = (
    "Dinas Kesehatan", "Dinas Sosial", "Dinas Perhubungan", "Dinas Komunikasi dan Informatika", "Dinas Perikanan", "Inspektorat Daerah",
    "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu", "Badan Perencanaan Pembangunan Daerah", "Badan Pendapatan Daerah",
    "Dinas Lingkungan Hidup", "Dinas Pekerjaan Umum dan Penataan Ruang", "Satuan Polisi Pamong Praja", "Dinas Perpustakaan dan Kearsipan",
)  # fmt: skip
PEOPLE_PER_UNIT, MOST_UNITS = 20, 1500
LEAST = {0: 1, 1: 3, 2: 2, SUPERVISED: 2}
"""People that a core unit always has, so that the four printed accounts find their places."""
FEW = 20
"""Below this many staff the other units stand empty."""


@dataclass(frozen=True, slots=True)
class UnitPlan:
    name: str
    category: UnitCategory
    zone: str
    parent: int | None
    """Place in the list of units; None for the root."""
    head_title: str
    weight: int


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """One person before they are written. `account` names one of the four printed accounts, "" for all others."""

    unit: int
    name: str
    prefix: str
    suffix: str
    kind: EmploymentKind
    nip: str | None
    birth: date
    grade: str
    position: str
    since: date
    """First day in the present unit."""
    entered: date
    is_head: bool
    previous_unit: int | None = None
    left_on: date | None = None
    account: str = ""


CORE_UNITS = (
    UnitPlan(f"Sekretariat Daerah Kota {CITY}", UnitCategory.OFFICE, WITA, None, "Sekretaris Daerah", 5),
    UnitPlan("Badan Kepegawaian dan Pengembangan Sumber Daya Manusia", UnitCategory.OFFICE, WITA, 0, "Kepala BKPSDM", 6),
    UnitPlan(
        "Dinas Kependudukan dan Pencatatan Sipil",
        UnitCategory.OFFICE,
        WITA,
        0,
        "Kepala Dinas Kependudukan dan Pencatatan Sipil",
        6,
    ),
    UnitPlan("Dinas Pendidikan dan Kebudayaan", UnitCategory.OFFICE, WITA, 0, "Kepala Dinas Pendidikan dan Kebudayaan", 12),
    UnitPlan(f"SMP Negeri 2 {CITY}", UnitCategory.EDUCATION, WITA, SUPERVISED, f"Kepala SMP Negeri 2 {CITY}", 17),
    UnitPlan("RSUD Lentera Damar", UnitCategory.HEALTH, WITA, 0, "Direktur RSUD Lentera Damar", 7),
    UnitPlan("Kecamatan Pulau Damar Timur", UnitCategory.TERRITORY, WIT, 0, "Camat Pulau Damar Timur", 4),
    UnitPlan("UPT Pelabuhan Pulau Damar Timur", UnitCategory.OTHER, WIT, 0, "Kepala UPT Pelabuhan Pulau Damar Timur", 3),
)
CAST = {
    "admin": (1, 1, "Analis SDM Aparatur Ahli Muda", "S.Kom., M.Si."),
    "author": (1, 2, "Widyaiswara Ahli Madya", "S.Pd., M.Pd."),
    "learner": (2, 1, "Pengelola Layanan Kependudukan", "S.AP."),
    "supervisor": (SUPERVISED, 0, "", "S.Pd., M.M."),
}
"""Account to (unit, place in it, post, degree). Place 0 is the head."""


# ------------------------------------------------------------------ planning


def plan_units(staff: int) -> list[UnitPlan]:
    """The core units and, for larger agencies, schools (half of them), health posts, departments and villages, parents first."""
    units = list(CORE_UNITS)
    wanted = min(MOST_UNITS, max(0, staff - CORE_STAFF) // PEOPLE_PER_UNIT)
    coordinators: dict[str, int] = {}
    places: dict[str, int] = {}
    for number in range(wanted):
        district, zone = DISTRICTS[(number // 2) % len(DISTRICTS)]
        if number % 2 == 0:
            units.append(_school(units, coordinators, district, zone, number // 2))
        else:
            units.append(_other_unit(units, places, district, zone, number // 2))
    return units


def _school(units: list[UnitPlan], coordinators: dict[str, int], district: str, zone: str, number: int) -> UnitPlan:
    if district not in coordinators:
        coordinators[district] = len(units)
        name = f"Koordinator Wilayah Pendidikan {district}"
        return UnitPlan(name, UnitCategory.OFFICE, zone, SUPERVISED, name, 6)
    name = f"{('SD Negeri', 'SD Negeri', 'SMP Negeri', 'TK Negeri')[number % 4]} {number + 1} {district}"
    return UnitPlan(name, UnitCategory.EDUCATION, zone, coordinators[district], f"Kepala {name}", 20)


def _other_unit(units: list[UnitPlan], places: dict[str, int], district: str, zone: str, number: int) -> UnitPlan:
    """In turn: the departments, then districts, health centres and villages."""
    here = len(units)
    if number < len(DEPARTMENTS):
        name = DEPARTMENTS[number]
        places[name] = here
        head_title = "Inspektur Daerah" if name.startswith("Inspektorat") else f"Kepala {name}"
        return UnitPlan(name, UnitCategory.OFFICE, WITA, 0, head_title, 45)
    if f"Kecamatan {district}" not in places and district != "Pulau Damar Timur":
        places[f"Kecamatan {district}"] = here
        return UnitPlan(f"Kecamatan {district}", UnitCategory.TERRITORY, zone, 0, f"Camat {district}", 15)
    turn, place = divmod(number // len(DISTRICTS), len(VILLAGES))
    village = f"{VILLAGES[place]} {district}" + (f" {turn + 1}" if turn else "")
    if number % 3 == 0:
        name = f"UPT Puskesmas {village}"
        return UnitPlan(name, UnitCategory.HEALTH, zone, places["Dinas Kesehatan"], f"Kepala {name}", 35)
    parent = places.get(f"Kecamatan {district}", 6)
    return UnitPlan(f"Kelurahan {village}", UnitCategory.TERRITORY, zone, parent, f"Lurah {village}", 8)


def headcounts(units: list[UnitPlan], staff: int) -> list[int]:
    """People per unit: half of the staff below the supervisor, the rest by weight; what rounding leaves goes to the first units."""
    inside = [place for place in range(len(units)) if _is_supervised(units, place)]
    counts = [0] * len(units)
    for places, total in ((inside, staff // 2), ([p for p in range(len(units)) if p not in set(inside)], staff - staff // 2)):
        least = {place: LEAST.get(place, int(staff >= FEW)) for place in places}
        spare = max(0, total - sum(least[place] for place in places))
        weight = sum(units[place].weight for place in places)
        for place in places:
            counts[place] = least[place] + spare * units[place].weight // weight
        for step in range(max(0, total - sum(counts[place] for place in places))):
            counts[places[step % len(places)]] += 1
    return counts


def _is_supervised(units: list[UnitPlan], place: int | None) -> bool:
    while place is not None and place != SUPERVISED:
        place = units[place].parent
    return place == SUPERVISED


def plan_people(random: Random, units: list[UnitPlan], counts: list[int], today: date) -> Iterator[list[PersonPlan]]:
    """The people of one unit after the other, its head first. Names of the core units are all different."""
    taken: set[str] = set()
    used: dict[str, int] = {}
    accounts = {(unit, place): (key, post, degree) for key, (unit, place, post, degree) in CAST.items()}
    for number, count in enumerate(counts):
        people = []
        for place in range(count):
            account, post, degree = accounts.get((number, place), ("", "", ""))
            person = _person(random, units, number, place == 0, today, (account, post, degree), taken, used)
            people.append(person)
        yield people


def _person(
    random: Random,
    units: list[UnitPlan],
    number: int,
    is_head: bool,
    today: date,
    cast: tuple[str, str, str],
    taken: set[str],
    used: dict[str, int],
) -> PersonPlan:
    account, post, degree = cast
    unit, sex = units[number], random.choice((1, 2))
    usual, usual_degree = random.choice(POSTS[unit.category])
    kind = EmploymentKind.PNS if is_head or account else _kind(random)
    degree = degree or (
        usual_degree if not is_head else random.choice(("S.Sos., M.Si.", "S.E., M.M.", "S.STP., M.Si.", "S.Pd., M.Pd."))
    )
    age = random.randint(44, 56) if is_head else random.randint(38, 46) if account else random.randint(24, 56)
    birth = date(today.year - age - 1, random.randint(1, 12), random.randint(1, 28))
    entered = _entered(random, birth, kind, today)
    since = max(entered, today - timedelta(days=random.randint(700, 3000)))
    moved = not account and not is_head and len(units) > 1 and random.random() < 0.04 and (today - entered).days > 900
    left = not account and not is_head and random.random() < 0.012
    name = listed_name(random, sex, taken) if number < len(CORE_UNITS) and len(taken) < CORE_STAFF else made_name(random, sex)
    years = (today - entered).days // 365
    position = post or (unit.head_title if is_head else fitting_post(usual, years))
    prefix, suffix = titles(random, position, degree)
    return PersonPlan(
        unit=number,
        name=name,
        prefix=prefix,
        suffix=suffix,
        kind=kind,
        nip=None if kind is EmploymentKind.OTHER else nip_of(random, birth, entered, sex, kind, used),
        birth=birth,
        grade=grade_of(random, kind, "S.Ked." if prefix == "dr." else degree, years, is_head),
        position=position[:200],
        since=today - timedelta(days=random.randint(60, 300)) if moved else since,
        entered=entered,
        is_head=is_head,
        previous_unit=(number + 1) % len(units) if moved else None,
        left_on=today - timedelta(days=random.randint(30, 200)) if left and not moved else None,
        account=account,
    )


def _kind(random: Random) -> EmploymentKind:
    kinds = (EmploymentKind.PNS, EmploymentKind.PPPK, EmploymentKind.CPNS, EmploymentKind.OTHER)
    return random.choices(kinds, (66, 25, 4, 5))[0]


def _entered(random: Random, birth: date, kind: EmploymentKind, today: date) -> date:
    """First working day: PPPK since 2021, CPNS last year, everybody else at 22 to 30, never later than some months ago."""
    if kind is EmploymentKind.PPPK:
        return date(random.randint(min(2021, today.year - 2), today.year - 2), 3, 1)
    if kind is EmploymentKind.CPNS:
        return date(today.year - 1, 3, 1)
    return date(min(birth.year + random.randint(22, 30), today.year - 2), random.choice((1, 2, 3, 4, 12)), 1)


# ------------------------------------------------------------------ writing


def reserve_ids(session: Session, table: Any, count: int) -> range:
    """`count` consecutive free ids of a table, for bulk inserts whose rows name each other. The caller holds the only writer."""
    name = table.__tablename__
    if session.get_bind().dialect.name == "sqlite":
        last = session.execute(text(f"SELECT coalesce(max(id), 0) FROM {name}")).scalar_one()
        return range(last + 1, last + 1 + count)
    sequence = f"pg_get_serial_sequence('{name}', 'id')"
    first = session.execute(text(f"SELECT nextval({sequence})")).scalar_one()
    session.execute(text(f"SELECT setval({sequence}, :last)"), {"last": first + count - 1})
    return range(first, first + count)


def write_units(session: Session, units: list[UnitPlan]) -> list[int]:
    """Insert the units; returns their ids in the order of the plan."""
    ids = reserve_ids(session, Unit, len(units))
    paths: list[str] = []
    for number, unit in enumerate(units):
        paths.append(f"{paths[unit.parent] if unit.parent is not None else '/'}{ids[number]}/")
    rows = [
        {
            "id": ids[number],
            "parent_id": None if unit.parent is None else ids[unit.parent],
            "path": paths[number],
            "name": unit.name,
            "category": unit.category,
            "time_zone": unit.zone,
        }
        for number, unit in enumerate(units)
    ]
    session.execute(insert(Unit), rows)
    return list(ids)


def write_people(session: Session, people: list[PersonPlan], unit_ids: list[int]) -> list[int]:
    """Insert people with accounts (not activated), memberships, rights and headships; returns their ids in the same order."""
    ids = reserve_ids(session, Person, len(people))
    pairs = list(zip(ids, people, strict=True))
    session.execute(insert(Person), [_person_row(person_id, person) for person_id, person in pairs])
    session.execute(
        insert(Account), [{"person_id": person_id, "identifier": _identifier(person_id, person)} for person_id, person in pairs]
    )
    memberships = []
    for person_id, person in pairs:
        if person.previous_unit is not None:
            row = {
                "person_id": person_id,
                "unit_id": unit_ids[person.previous_unit],
                "from_on": person.entered,
                "to_on": person.since,
            }
            memberships.append(row)
        row = {"person_id": person_id, "unit_id": unit_ids[person.unit], "from_on": person.since, "to_on": person.left_on}
        memberships.append(row)
    session.execute(insert(Membership), memberships)
    roles = [
        {"person_id": person_id, "role": Role(person.account)}
        for person_id, person in pairs
        if person.account in ("author", "admin")
    ]
    if roles:
        session.execute(insert(RoleGrant), roles)
    for person_id, person in pairs:
        if person.is_head:
            session.execute(update(Unit).where(Unit.id == unit_ids[person.unit]).values(head_id=person_id))
    return list(ids)


def _identifier(person_id: int, person: PersonPlan) -> str:
    """The NIP; people without one get a word of their own."""
    return person.nip or f"{'.'.join(person.name.lower().replace('.', '').split())}.{person_id}"


def _person_row(person_id: int, person: PersonPlan) -> dict[str, Any]:
    return {
        "id": person_id,
        "nip": person.nip,
        "name": person.name,
        "title_prefix": person.prefix,
        "title_suffix": person.suffix,
        "employment_kind": person.kind,
        "grade": person.grade,
        "position": person.position,
        "birth_date": person.birth,
        "left_on": person.left_on,
    }
