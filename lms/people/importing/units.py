"""Which unit of the tree a row means: by its key in SIASN, else by name below the units named above it. Pure."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from lms.errors import Invalid
from lms.people.importing.types import UnitChange, UnitState, UnitWish
from lms.people.types import UnitCategory

WORDS = {
    "kab": "kabupaten", "kec": "kecamatan", "kel": "kelurahan", "prov": "provinsi", "pem": "pemerintah", "pemkot": "pemerintah kota",
    "pemkab": "pemerintah kabupaten", "pkm": "puskesmas", "pusk": "puskesmas", "sdn": "sd negeri", "smpn": "smp negeri", "sman": "sma negeri",
    "smkn": "smk negeri", "tkn": "tk negeri", "bid": "bidang", "bag": "bagian", "subbag": "sub bagian", "subbagian": "sub bagian",
    "subbid": "sub bidang", "subbidang": "sub bidang", "sekr": "sekretariat", "dinkes": "dinas kesehatan", "disdik": "dinas pendidikan",
    "din": "dinas", "rs": "rumah sakit", "rsud": "rumah sakit umum daerah", "uptd": "upt", "n": "negeri", "dan": "", "dgn": "dengan",
}  # fmt: skip
"""Short words of unit names, written out; "dan" is as often "&"."""
DEEPEST = 40
"""Units above one another; their path must fit its column."""
_CATEGORIES = (
    (re.compile(r"\b(?:puskesmas|rumah sakit|klinik|posyandu|pustu|dinas kesehatan)\b"), UnitCategory.HEALTH),
    (re.compile(r"\b(?:tk|paud|sd|smp|sma|smk|slb|sekolah|pendidikan)\b"), UnitCategory.EDUCATION),
    (re.compile(r"^(?:kantor )?(?:kecamatan|kelurahan|distrik|desa)\b"), UnitCategory.TERRITORY),
)


@lru_cache(maxsize=20_000)
def unit_key(name: str) -> str:
    """A unit's name without capitals, marks and double blanks, short words written out: two spellings of one unit agree."""
    words = re.sub(r"[^\w]+", " ", unicodedata.normalize("NFKC", name).casefold()).split()
    return " ".join(word for word in (WORDS.get(each, each) for each in words) if word)


def usual_category(name: str) -> UnitCategory | None:
    """What the name of a unit tells about its kind, if anything."""
    key = unit_key(name)
    return next((category for mark, category in _CATEGORIES if mark.search(key)), None)


class UnitTree:
    """The units as known, growing by those that rows ask for. `changes` tells what a plan does to it."""

    def __init__(self, units: Iterable[UnitState]):
        self.units: dict[int, UnitState] = {}
        self._known: dict[int, UnitState] = {}
        self._by_code: dict[str, int] = {}
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._placed: dict[UnitWish, int | Invalid] = {}
        self._categorised: set[int] = set()
        self._settled: dict[int, str] = {}
        """Key of the name that rows gave to the unit of a code."""
        for unit in units:
            self._keep(unit)
            self._known[unit.unit_id] = unit
        roots = [unit.unit_id for unit in self._known.values() if unit.parent_id is None]
        has_branches = any(unit.parent_id in roots for unit in self._known.values())
        self._top = roots[0] if len(roots) == 1 and has_branches else None
        """The one unit above all others, below which a unit without a named parent belongs."""

    @property
    def changes(self) -> tuple[UnitChange, ...]:
        """New units, each after its parent, and changed ones."""
        return tuple(
            UnitChange(self._known.get(unit.unit_id), unit)
            for unit in self.units.values()
            if unit != self._known.get(unit.unit_id)
        )

    def place(self, wish: UnitWish) -> int:
        """The unit a row means, made when there is none. Raises Invalid for a name that fits two, and for a code with two names."""
        found = self._placed.get(wish)
        if found is None:
            try:
                found = self._find(wish)
            except Invalid as problem:
                found = problem
            self._placed[wish] = found
        if isinstance(found, Invalid):
            raise found
        return found

    def full_name(self, unit_id: int) -> str:
        """The unit with those above it: "Dinas Kesehatan › Puskesmas Rantepao"."""
        return " › ".join(reversed([unit.name for unit in self._upwards(unit_id)]))

    def _find(self, wish: UnitWish) -> int:
        if wish.code and wish.code in self._by_code:
            unit_id = self._by_code[wish.code]
            self._settle(unit_id, wish)
        else:
            unit_id = self._by_path(wish.path, wish.code) or self._make(wish)
            self._settled[unit_id] = unit_key(wish.path[-1])
        unit = self.units[unit_id]
        category = unit.category
        if wish.category is not None and unit_id not in self._categorised:  # of two, the first counts
            self._categorised.add(unit_id)
            category = wish.category
        self._keep(replace(unit, code=unit.code or wish.code, category=category))
        return unit_id

    def _settle(self, unit_id: int, wish: UnitWish) -> None:
        """A unit known by its code takes the name of the file, unless only its spelling differs."""
        name, key = wish.path[-1], unit_key(wish.path[-1])
        if self._settled.setdefault(unit_id, key) != key:
            raise Invalid(
                f"Kode unit {wish.code} dipakai untuk dua nama: {self.units[unit_id].name} dan {name}. Samakan namanya di berkas.",
                field="unit",
            )
        if key != unit_key(self.units[unit_id].name):
            self._keep(replace(self.units[unit_id], name=name))

    def _by_path(self, path: tuple[str, ...], code: str = "") -> int | None:
        """The unit with this name below the nearest unit named above it; one with another code is another unit."""
        named = self._by_key.get(unit_key(path[-1]), [])
        if code:
            named = [unit_id for unit_id in named if not self.units[unit_id].code]
        fitting = [unit_id for unit_id in named if self._fits(unit_id, path)]
        if len(fitting) > 1:
            places = "; ".join(self.full_name(unit_id) for unit_id in fitting[:3])
            raise Invalid(
                f"Nama unit “{path[-1]}” cocok dengan {len(fitting)} unit: {places}. Isi kolom unit induk atau kode unit.",
                field="unit",
            )
        return fitting[0] if fitting else None

    def _fits(self, unit_id: int, path: tuple[str, ...]) -> bool:
        if len(path) == 1:
            return True
        above = [unit_key(unit.name) for unit in self._upwards(unit_id)][1:]
        nearest = unit_key(path[-2])
        return nearest in above if above else nearest not in self._by_key

    def _make(self, wish: UnitWish) -> int:
        path = wish.path
        parent_id = self._top
        if len(path) > 1:
            above = UnitWish("", path[:-1])
            parent_id = self._by_path(above.path) or self._make(above)
        parent = self.units.get(parent_id) if parent_id is not None else None
        if parent_id is not None and len(self._upwards(parent_id)) >= DEEPEST:
            raise Invalid("Susunan unit terlalu dalam. Letakkan unit ini di bawah induk yang lebih tinggi.", field="unit")
        category = wish.category or usual_category(path[-1]) or (parent.category if parent else UnitCategory.OFFICE)
        unit = UnitState(-1 - len(self.units), parent_id, path[-1], wish.code, category)
        self._keep(unit)
        return unit.unit_id

    def _keep(self, unit: UnitState) -> None:
        before = self.units.get(unit.unit_id)
        if before is not None and unit_key(before.name) != unit_key(unit.name):
            self._by_key[unit_key(before.name)].remove(unit.unit_id)
        if before is None or unit_key(before.name) != unit_key(unit.name):
            self._by_key[unit_key(unit.name)].append(unit.unit_id)
        if unit.code:
            self._by_code.setdefault(unit.code, unit.unit_id)
        self.units[unit.unit_id] = unit

    def _upwards(self, unit_id: int) -> list[UnitState]:
        chain = []
        at: int | None = unit_id
        while at is not None:
            chain.append(self.units[at])
            at = chain[-1].parent_id
        return chain
