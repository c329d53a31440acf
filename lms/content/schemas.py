"""Which keys course.yml and the front matter of each kind of file may hold, and how their values are read.

Values arrive as raw text (never through YAML's own types, which turn `jp: 010` into 8 and `judul: No` into False).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lms.content.readers import MOST_BYTES, read_date, read_due, read_duration, read_endings, read_grader, read_size, read_words
from lms.shared.numbers import parse_number

YES = frozenset({"ya", "yes", "true", "benar", "y", "on", "1"})
NO = frozenset({"tidak", "no", "false", "salah", "t", "n", "off", "0"})
KEY_PATTERN = re.compile(r"[a-z0-9-]{1,60}")


def read_yes_no(text: str) -> bool | None:
    lowered = text.strip().casefold()
    return True if lowered in YES else False if lowered in NO else None


def _text(text: str) -> str | None:
    return " ".join(text.split()) or None


def _whole(text: str) -> int | None:
    value = parse_number(text)
    return int(value) if value is not None and value == int(value) and 0 <= value <= 100_000 else None


def _amount(text: str) -> Decimal | None:
    value = parse_number(text)
    return value if value is not None and 0 <= value <= 100_000 else None


def _percent(text: str) -> int | None:
    """Hundredths of 100."""
    value = parse_number(text)
    return int(value * 100) if value is not None and 0 <= value <= 100 else None


def _tries(text: str) -> int | None:
    """0 = unlimited."""
    if text.strip().casefold() in ("tak terbatas", "tanpa batas", "unlimited", "tidak terbatas"):
        return 0
    value = _whole(text)
    return value if value and value <= 1000 else None


def _code(text: str) -> str | None:
    return text if KEY_PATTERN.fullmatch(text) else None


def _competency(text: str) -> str | None:
    """A code with its level (D12), or words; what looks like a code must be a right one."""
    if re.fullmatch(r"[A-Za-z][.\s-]?\d[\d.\s-]*", text) and not re.fullmatch(r"[A-Z]\.[0-9]{2}(\.[0-9]{1,3})*(-[1-5])?", text):
        return None
    return _text(text)


def _key(text: str) -> str | None:
    return text if all(KEY_PATTERN.fullmatch(part) for part in text.split("/")) else None


def _choice(**names: str) -> Callable[[str], str | None]:
    table = {name.replace("_", " "): value for name, value in names.items()}
    return lambda text: table.get(" ".join(text.strip().casefold().replace("-", " ").split()))


def _done_when(text: str) -> str | None:
    lowered = " ".join(text.casefold().split())
    if re.fullmatch(r"video( \d{1,3} ?%)?", lowered):
        return "video"
    names = {
        "dibaca": "read",
        "read": "read",
        "soal-benar": "correct",
        "correct": "correct",
        "ditandai": "marked",
        "marked": "marked",
    }
    return names.get(lowered)


@dataclass(frozen=True, slots=True)
class Key:
    """One allowed key. `shape` is `one`, `list` or `map`; a list accepts a single value too."""

    name: str
    alias: str
    read: Callable[[str], Any]
    wanted: str
    """What the value must be, in words with an example, for K008."""
    shape: str = "one"


_YES_NO = (read_yes_no, "ya atau tidak")
_PERCENT = (_percent, "angka 0 sampai 100, misalnya 70")
_TEXT = (_text, "teks yang tidak kosong")
_DURATION = (read_duration, "lama waktu, misalnya 30 menit atau 1 hari")
_DATE = (read_date, "tanggal seperti 2026-11-01")
_WHOLE = (_whole, "bilangan bulat, misalnya 6")

COMPLETION = _choice(
    semua_pelajaran="semua-pelajaran", semua_kuis="semua-kuis", posttest="posttest", tugas="tugas",
    all_lessons="semua-pelajaran", all_quizzes="semua-kuis", assignments="tugas", tes_akhir="posttest",
)  # fmt: skip

COURSE_KEYS = (
    Key("kode", "code", _code, "huruf kecil, angka, tanda hubung, misalnya pelayanan-dasar"),
    Key("judul", "title", *_TEXT),
    Key("ringkasan", "summary", *_TEXT),
    Key("bahasa", "language", _choice(id="id", en="en"), "id atau en"),
    Key("jp", "credit-hours", *_WHOLE),
    Key("menit", "minutes", *_WHOLE),
    Key("versi", "version", *_TEXT),
    Key("penyelenggara", "organizer", *_TEXT),
    Key("penulis", "authors", *_TEXT, shape="list"),
    Key("sasaran", "audience", *_TEXT),
    Key("prasyarat", "prerequisites", _code, "kode pelatihan lain", shape="list"),
    Key("urut", "in-order", *_YES_NO),
    Key("nilai-lulus", "pass-mark", *_PERCENT),
    Key("bobot", "weights", *_PERCENT, shape="map"),
    Key("lulus-bila", "passed-when", COMPLETION, "semua-pelajaran, semua-kuis, posttest atau tugas", shape="list"),
    Key("sertifikat", "certificate", *_YES_NO),
    Key("ditinjau", "reviewed", *_DATE),
    Key("tinjau-tiap", "review-every", *_DURATION),
    Key("lisensi", "license", *_TEXT),
    Key("tag", "tags", *_TEXT, shape="list"),
    Key("urutan", "order", *_TEXT, shape="list"),
    Key("uji-lewati", "test-out", *_PERCENT),
    Key("bentuk", "learning-form", *_WHOLE),
    Key("kompetensi", "competencies", _competency, "kode dan tingkat 1 sampai 5, misalnya M.03-2", shape="list"),
    Key("rumus", "math", *_YES_NO),
    Key("bank", "bank-folder", *_TEXT),
)

WEIGHT_NAMES = {"kuis": "kuis", "quizzes": "kuis", "tugas": "tugas", "assignments": "tugas", "posttest": "posttest"}

KINDS = _choice(
    pelajaran="pelajaran", lesson="pelajaran", materi="pelajaran", kuis="kuis", quiz="kuis", pretest="pretest", tes_awal="pretest",
    posttest="posttest", tes_akhir="posttest", latihan="latihan", practice="latihan", tugas="tugas", assignment="tugas",
    evaluasi="evaluasi", survey="evaluasi", survei="evaluasi", bank="bank",
)  # fmt: skip

_COMMON = (
    Key("id", "id", _key, "huruf kecil, angka, tanda hubung, misalnya asas/dua-belas-asas"),
    Key("judul", "title", *_TEXT),
    Key("jenis", "type", KINDS, "pelajaran, kuis, pretest, posttest, latihan, tugas atau evaluasi"),
    Key("tag", "tags", *_TEXT, shape="list"),
    Key("penulis", "authors", *_TEXT, shape="list"),
    Key("ditinjau", "reviewed", *_DATE),
    Key("sembunyi", "draft", *_YES_NO),
    Key("wajib", "required", *_YES_NO),
    Key("prasyarat", "prerequisites", _key, "kunci pelajaran, misalnya asas/dua-belas-asas", shape="list"),
    Key("tujuan", "objectives", *_TEXT, shape="list"),
)
_LESSON = (
    Key("jp", "credit-hours", _amount, "angka, misalnya 0,5"),
    Key("selesai-bila", "done-when", _done_when, "dibaca, soal-benar atau ditandai"),
)
_QUIZ = (
    Key("nilai-lulus", "pass-mark", *_PERCENT),
    Key("percobaan", "tries", _tries, "bilangan bulat mulai 1, atau tak terbatas"),
    Key("nilai-diambil", "score-taken", _choice(tertinggi="highest", terakhir="last", rata_rata="average", highest="highest", last="last", average="average"), "tertinggi, terakhir atau rata-rata"),
    Key("jeda", "pause", *_DURATION),
    Key("waktu", "time-limit", *_DURATION),
    Key("umpan-balik", "feedback", _choice(langsung="at_once", setelah_kirim="after_submit", setelah_lulus="after_pass", tidak="never", at_once="at_once", after_submit="after_submit", after_pass="after_pass", never="never"), "langsung, setelah-kirim, setelah-lulus atau tidak"),
    Key("acak-soal", "shuffle-questions", *_YES_NO),
    Key("acak-pilihan", "shuffle-options", *_YES_NO),
)  # fmt: skip
_ASSIGNMENT = (
    Key("kumpul", "hand-in", _choice(berkas="berkas", teks="teks", tautan="tautan", file="berkas", text="teks", link="tautan"), "berkas, teks atau tautan"),
    Key("berkas", "files", read_endings, "jenis berkas, misalnya pdf, docx", shape="list"),
    Key("maks", "max", read_size, f"ukuran berkas sampai {MOST_BYTES // 1_000_000} MB, misalnya 10 MB"),
    Key("kata", "words", read_words, "jumlah kata, misalnya 100-300, maks 300 atau min 100"),
    Key("tenggat", "due", read_due, "lama waktu sejak mendaftar, misalnya 14 hari, atau tanggal, misalnya 1 Desember 2026"),
    Key("kelompok", "group", *_YES_NO),
    Key("penilai", "grader", read_grader, "mentor, atasan, atau sejawat 2"),
    Key("nilai-lulus", "pass-mark", *_PERCENT),
    Key("percobaan", "tries", _tries, "bilangan bulat mulai 1, atau tak terbatas"),
    Key("menit", "minutes", *_WHOLE),
)  # fmt: skip

FILE_KEYS: dict[str, tuple[Key, ...]] = {
    "pelajaran": _COMMON + _LESSON,
    "kuis": _COMMON + _QUIZ,
    "pretest": _COMMON + _QUIZ,
    "posttest": _COMMON + _QUIZ,
    "latihan": _COMMON + _QUIZ,
    "bank": _COMMON,
    "readme": _COMMON,
    "istilah": _COMMON,
    "tugas": _COMMON + _ASSIGNMENT,
    "evaluasi": (*_COMMON, Key("anonim", "anonymous", *_YES_NO)),
}
