"""The 25 forms of competency development and what each is worth in JP, as a rule file says (D7), with the dictionary of competencies
(D12) and the levels that posts ask for (D13). The file is YAML, composed and never
constructed, so that each problem can be told with its line. Pure: where the text comes from, `rule_files` knows."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

import yaml

from lms.errors import Invalid
from lms.people.types import YearTarget

FORM_IDS = range(1, 26)
LONGEST_TEXT = 60_000
LONGEST_VERSION = 20
COMPETENCY_CODE = re.compile(r"[A-Z]\.[0-9]{2}(\.[0-9]{1,3})*")
LEVELS = ("1", "2", "3", "4", "5")
ANY_POST = "lainnya"
_LARGEST = 1000
_CLASSES = {"klasikal": True, "nonklasikal": False}
_YES_NO = {"ya": True, "tidak": False}


class Conversion(StrEnum):
    """How the JP of a form are found; the words of the rule file."""

    PROGRAMME = "program"
    """As the certificate of the programme names them."""
    HOURS = "jam"
    FIXED = "tetap"
    SESSION = "sesi"
    DAILY = "harian"
    """By hours, up to `Form.jp` on each day."""
    NONE = "tidak"
    """No rule yet: recorded with 0 JP."""


LIMITS = {Conversion.FIXED: "kali-setahun", Conversion.SESSION: "sesi-sebulan"}
"""Conversions whose number of recognised claims a period may be limited, and the word for it."""
WITH_VALUE = (Conversion.FIXED, Conversion.SESSION, Conversion.DAILY)


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `jp` is the value of a claim (fixed, session) or the most of a day (daily); `limit` how many claims a year (fixed)
    or a month (session) are recognised, 0 = any number. What is not verified is shown so and never printed as law."""

    id: int
    name: str
    is_classical: bool
    code: str
    conversion: Conversion
    jp: int
    limit: int
    source: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class DatedTarget:
    """JP targets of one calendar year (D6); `cap_pppk` 0 = no cap."""

    target: YearTarget
    source: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class RuleBook:
    """A rule file that was read. It holds from `from_on` to `to_on`, both included; None = until the next one."""

    version: str
    from_on: date
    to_on: date | None
    forms: tuple[Form, ...]
    """By id, 1 … 25."""
    targets: tuple[DatedTarget, ...]
    competencies: tuple[tuple[str, str], ...] = ()
    """(code, name) in the order of the dictionary (D12); empty = as shipped."""
    posts: tuple[tuple[str, int], ...] = ()
    """(words a post must all contain, "" = any other post; level 1 … 5 it asks for), the first that fits counts (D13); empty = as shipped."""

    def form(self, learning_form: int) -> Form:
        """Raises Invalid for a number that is no form."""
        if learning_form not in FORM_IDS:
            raise Invalid("Bentuk kegiatan ini tidak ada. Pilih salah satu dari daftar.", field="form")
        return self.forms[learning_form - 1]


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    message: str
    """A finished sentence without the line."""


class UnreadableRules(Invalid):
    """A rule file cannot be taken. `problems` are all that were found, by line."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(sorted(problems, key=lambda one: one.line))
        super().__init__(f"Aturan belum dapat disimpan: {len(self.problems)} hal perlu diperbaiki.")


_Entries = dict[str, tuple[yaml.Node, yaml.Node]]


@lru_cache(maxsize=32)
def read(text: str) -> RuleBook:
    """The rules in a text. Raises UnreadableRules with every problem."""
    found: list[Problem] = []
    root = _compose(text, found)
    top = _entries(root, ("versi", "berlaku", "sampai", "target", "kompetensi", "tingkat-jabatan", "bentuk"), found, "berkas ini")
    version = _text(top, "versi", root, found, LONGEST_VERSION)
    from_on, to_on = _day(top, "berlaku", root, found), _day(top, "sampai", root, found, needed=False)
    if from_on and to_on and to_on < from_on:
        found.append(
            Problem(_line(top["sampai"][1]), "“sampai” mendahului “berlaku”. Isi tanggal yang lebih akhir, atau hapus barisnya.")
        )
    targets = _targets(top, found)
    forms = _forms(top, root, found)
    competencies, posts = _competencies(top, found), _posts(top, found)
    if found or from_on is None:
        raise UnreadableRules(found)
    return RuleBook(version, from_on, to_on, forms, targets, competencies, posts)


def _compose(text: str, found: list[Problem]) -> yaml.Node:
    if len(text) > LONGEST_TEXT:
        raise UnreadableRules([Problem(1, f"Teksnya terlalu panjang: paling banyak {LONGEST_TEXT} huruf.")])
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else 1
        advice = "Susunannya tidak terbaca. Periksa titik dua, tanda kutip, dan spasi di awal baris; jangan memakai Tab."
        raise UnreadableRules([Problem(line, advice)]) from problem
    except (yaml.YAMLError, RecursionError) as problem:
        raise UnreadableRules([Problem(1, "Teks memuat karakter atau susunan yang tidak dapat dibaca.")]) from problem
    if not isinstance(root, yaml.MappingNode):
        raise UnreadableRules([Problem(1, "Berkas harus berisi baris “versi:”, “berlaku:”, dan “bentuk:”.")])
    return root


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _entries(node: yaml.Node, known: Iterable[str], found: list[Problem], where: str) -> _Entries:
    """The entries of a mapping by key; keys that are unknown or come twice are problems."""
    entries: _Entries = {}
    if not isinstance(node, yaml.MappingNode):
        found.append(Problem(_line(node), f"Di sini harus ada baris-baris “nama: isi” milik {where}."))
        return entries
    words = tuple(known)
    for key, value in node.value:
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
        if name not in words:
            found.append(Problem(_line(key), f"“{name[:40]}” tidak dikenal pada {where}. Yang dikenal: {', '.join(words)}."))
        elif name in entries:
            found.append(Problem(_line(key), f"“{name}” ditulis dua kali pada {where}. Hapus salah satunya."))
        else:
            entries[name] = (key, value)
    return entries


def _scalar(entries: _Entries, name: str, owner: yaml.Node, found: list[Problem], needed: bool = True) -> tuple[str, int]:
    """(text, line) of an entry; ("", line) when it is missing."""
    if name not in entries:
        if needed:
            found.append(Problem(_line(owner), f"“{name}” belum ada. Tambahkan barisnya."))
        return "", _line(owner)
    value = entries[name][1]
    if not isinstance(value, yaml.ScalarNode):
        found.append(Problem(_line(value), f"Isi “{name}” harus satu baris teks atau angka."))
        return "", _line(value)
    text = " ".join(value.value.split())
    if needed and not text:
        found.append(Problem(_line(value), f"Isi “{name}” masih kosong."))
    return text, _line(value)


def _text(entries: _Entries, name: str, owner: yaml.Node, found: list[Problem], longest: int = 200, needed: bool = True) -> str:
    text, line = _scalar(entries, name, owner, found, needed)
    if len(text) > longest:
        found.append(Problem(line, f"Isi “{name}” terlalu panjang: paling banyak {longest} huruf."))
    return text


def _whole(entries: _Entries, name: str, owner: yaml.Node, found: list[Problem], low: int, needed: bool = True) -> int:
    text, line = _scalar(entries, name, owner, found, needed)
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 6 and low <= int(text) <= _LARGEST):
        found.append(Problem(line, f"Isi “{name}” harus bilangan bulat dari {low} sampai {_LARGEST}."))
        return 0
    return int(text)


def _day(entries: _Entries, name: str, owner: yaml.Node, found: list[Problem], needed: bool = True) -> date | None:
    text, line = _scalar(entries, name, owner, found, needed)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        found.append(Problem(line, f"Isi “{name}” harus tanggal seperti 2026-01-31."))
        return None


def _word(entries: _Entries, name: str, owner: yaml.Node, found: list[Problem], words: Iterable[str], needed: bool = True) -> str:
    text, line = _scalar(entries, name, owner, found, needed)
    choices = tuple(words)
    if text and text not in choices:
        found.append(Problem(line, f"Isi “{name}” harus salah satu dari: {', '.join(choices)}."))
    return text if text in choices else ""


def _targets(top: _Entries, found: list[Problem]) -> tuple[DatedTarget, ...]:
    if "target" not in top:
        return ()
    years = [str(year) for year in range(2000, 2101)]
    node = top["target"][1]
    if isinstance(node, yaml.ScalarNode) and not node.value.strip():
        return ()
    if isinstance(node, yaml.MappingNode):
        for key, _ in node.value:
            if key.value not in years:
                found.append(Problem(_line(key), "Di bawah “target” hanya ada tahun, misalnya 2026."))
    known = [str(key.value) for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    made = []
    for year, (_, value) in _entries(node, known, found, "target").items():
        entries = _entries(value, ("pns", "pppk", "batas-pppk", "sumber", "terverifikasi"), found, f"target {year}")
        pns, pppk = (_whole(entries, name, value, found, 1) for name in ("pns", "pppk"))
        cap = _whole(entries, "batas-pppk", value, found, 1, needed=False)
        source, is_verified = _origin(entries, value, found)
        made.append(DatedTarget(YearTarget(int(year) if year in years else 0, pns, pppk, cap), source, is_verified))
    return tuple(sorted(made, key=lambda one: one.target.year))


def _section(top: _Entries, name: str, found: list[Problem]) -> _Entries:
    """An optional mapping whose keys the office chooses."""
    if name not in top:
        return {}
    node = top[name][1]
    known = [str(key.value) for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    return _entries(node, known, found, name)


def _competencies(top: _Entries, found: list[Problem]) -> tuple[tuple[str, str], ...]:
    entries = _section(top, "kompetensi", found)
    for code, (key, _) in entries.items():
        if not COMPETENCY_CODE.fullmatch(code):
            found.append(Problem(_line(key), f"“{code[:40]}” bukan kode kompetensi. Tulis seperti M.03 atau T.01.2."))
    return tuple((code, _text(entries, code, value, found)) for code, (_, value) in entries.items())


def _posts(top: _Entries, found: list[Problem]) -> tuple[tuple[str, int], ...]:
    entries = _section(top, "tingkat-jabatan", found)
    made = []
    for words, (key, _) in entries.items():
        level, line = _scalar(entries, words, key, found)
        if level and level not in LEVELS:
            found.append(Problem(line, f"Tingkat “{words[:40]}” harus 1 sampai {LEVELS[-1]}."))
        elif level:
            made.append(("" if words == ANY_POST else words.casefold(), int(level)))
    return tuple(made)


def _origin(entries: _Entries, owner: yaml.Node, found: list[Problem]) -> tuple[str, bool]:
    """(source, verified); a value that claims to be verified must say by what."""
    source = _text(entries, "sumber", owner, found, needed=False)
    is_verified = _YES_NO.get(_word(entries, "terverifikasi", owner, found, _YES_NO), False)
    if is_verified and not source:
        found.append(Problem(_line(entries["terverifikasi"][1]), "Nilai yang terverifikasi harus menyebut “sumber”."))
    return source, is_verified


def _forms(top: _Entries, root: yaml.Node, found: list[Problem]) -> tuple[Form, ...]:
    if "bentuk" not in top:
        found.append(Problem(_line(root), "“bentuk” belum ada. Tambahkan ke-25 bentuk di bawahnya."))
        return ()
    node = top["bentuk"][1]
    entries = _entries(node, [str(number) for number in FORM_IDS], found, "bentuk")
    missing = [str(number) for number in FORM_IDS if str(number) not in entries]
    if missing:
        found.append(Problem(_line(node), f"Bentuk nomor {', '.join(missing)} belum ada. Semua 25 bentuk harus ditulis."))
    return tuple(_form(int(number), entries[number][1], found) for number in sorted(entries, key=int))


def _form(number: int, node: yaml.Node, found: list[Problem]) -> Form:
    known = ("nama", "kelas", "kode", "hitung", "jp", *LIMITS.values(), "sumber", "terverifikasi")
    entries = _entries(node, known, found, f"bentuk {number}")
    word = _word(entries, "hitung", node, found, list(Conversion))
    conversion = Conversion(word) if word else Conversion.NONE
    jp, limit = 0, 0
    if conversion in WITH_VALUE:
        jp = _whole(entries, "jp", node, found, 1)
    elif "jp" in entries and word:
        found.append(Problem(_line(entries["jp"][0]), f"“jp” tidak dipakai pada hitung: {word}. Hapus barisnya."))
    for kind, name in LIMITS.items():
        if kind is conversion:
            limit = _whole(entries, name, node, found, 1, needed=False)
        elif name in entries and word:
            found.append(Problem(_line(entries[name][0]), f"“{name}” tidak dipakai pada hitung: {word}. Hapus barisnya."))
    name, code = _text(entries, "nama", node, found), _text(entries, "kode", node, found, LONGEST_VERSION)
    is_classical = _CLASSES.get(_word(entries, "kelas", node, found, _CLASSES), False)
    return Form(number, name, is_classical, code, conversion, jp, limit, *_origin(entries, node, found))
