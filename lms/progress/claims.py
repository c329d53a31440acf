"""Claims of training outside the system (D10, D65): states and steps, what a claim is worth with the caps of its form (D8), what must
be there before it is sent, and which claims look alike. Pure; times and days are arguments."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from lms.errors import Invalid
from lms.progress.forms import Conversion, Form

MOST_FILES = 3
LARGEST_FILE = 5_000_000
ENDINGS = frozenset({"pdf", "jpg", "png"})
TITLE_LENGTH, ORGANIZER_LENGTH, REPORT_LENGTH, COMMENT_LENGTH = 255, 200, 2000, 1000
PAIRED = (14, 15)
"""Coaching and mentoring: the other person confirms (D65)."""
LONGEST_DAYS = 366
LONGEST_MINUTES = 100_000
ALIKE = 0.6
"""Share of common words from which two titles look alike."""


class ClaimState(StrEnum):
    DRAFT = "draft"
    PARTNER = "partner"
    SUPERIOR = "superior"
    OFFICE = "office"
    REVISE = "revise"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


EDITABLE = (ClaimState.DRAFT, ClaimState.REVISE, ClaimState.WITHDRAWN)
WAITING = (ClaimState.PARTNER, ClaimState.SUPERIOR, ClaimState.OFFICE)


class Step(StrEnum):
    PARTNER = "partner"
    SUPERIOR = "superior"
    OFFICE = "office"


class Verdict(StrEnum):
    APPROVED = "approved"
    REVISE = "revise"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person claims. `minutes` of learning; `programme_jp` as the certificate names them; the last day is included."""

    title: str
    from_on: date
    to_on: date
    organizer: str = ""
    minutes: int | None = None
    programme_jp: int | None = None
    partner_id: int | None = None
    report: str = ""


@dataclass(frozen=True, slots=True)
class Award:
    """JP that count already, or will when what waits is approved: what a cap is measured against."""

    learning_form: int
    from_on: date
    to_on: date
    jp: int


@dataclass(frozen=True, slots=True)
class Worth:
    """JP of a claim. `how` says how they are found, `reason` why a cap leaves fewer ("" = no cap)."""

    jp: int
    how: str
    reason: str = ""


# ------------------------------------------------------------------ what it is worth (D8)


def worth(form: Form, asked: Asked, minutes_per_jp: int, awards: Sequence[Award]) -> Worth:
    """JP of a claim by the rule of its form. `awards`: the person's other claims that count, in the order they were recognised."""
    same = [one for one in awards if one.learning_form == form.id]
    minutes = asked.minutes or 0
    by_hours = minutes // max(1, minutes_per_jp)
    how = f"{form.name}: {duration(minutes)} ÷ {minutes_per_jp} menit = {by_hours} JP"
    if form.conversion is Conversion.HOURS:
        return Worth(by_hours, how)
    if form.conversion is Conversion.PROGRAMME:
        jp = asked.programme_jp or 0
        return Worth(jp, f"{form.name}: {jp} JP menurut sertifikat program")
    if form.conversion is Conversion.DAILY:
        free = _free_jp(form.jp, same, asked)
        how = f"{how}, paling banyak {form.jp} JP sehari"
        if by_hours <= free:
            return Worth(by_hours, how)
        return Worth(free, how, f"Batas {form.jp} JP sehari untuk {form.name} terlampaui: {free} dari {by_hours} JP diakui.")
    if form.conversion is Conversion.SESSION:
        before = sum(one.jp > 0 and _month(one) == _month(asked) for one in same)
        how = f"{form.name}: {form.jp} JP untuk satu sesi"
        reason = f"Bulan itu sudah {before} sesi (paling banyak {form.limit}): sesi ini dicatat dengan 0 JP diakui."
    elif form.conversion is Conversion.FIXED:
        before = sum(one.jp > 0 and one.to_on.year == asked.to_on.year for one in same)
        how = f"{form.name}: setara {form.jp} JP untuk satu kegiatan"
        reason = f"Tahun itu sudah {before} kegiatan (paling banyak {form.limit}): kegiatan ini dicatat dengan 0 JP diakui."
    else:
        how = f"{form.name}: belum ada aturan konversi"
        return Worth(0, how, "Bentuk ini belum mempunyai aturan konversi, jadi dicatat dengan 0 JP diakui.")
    return Worth(0, how, reason) if form.limit and before >= form.limit else Worth(form.jp, how)


def _month(one: Award | Asked) -> tuple[int, int]:
    return one.to_on.year, one.to_on.month


def _days(one: Award | Asked) -> list[date]:
    return [one.from_on + timedelta(days=number) for number in range((one.to_on - one.from_on).days + 1)]


def _free_jp(per_day: int, awards: Iterable[Award], asked: Asked) -> int:
    """JP that the days of a claim can still take. Earlier awards fill their days from the first on, in the order they came."""
    used: Counter[date] = Counter()
    for one in awards:
        left = one.jp
        for day in _days(one):
            taken = min(left, max(0, per_day - used[day]))
            used[day] += taken
            left -= taken
    return sum(max(0, per_day - used[day]) for day in _days(asked))


def duration(minutes: int) -> str:
    """6 jam · 1 jam 30 menit · 45 menit"""
    hours, rest = divmod(minutes, 60)
    if hours and rest:
        return f"{hours} jam {rest} menit"
    return f"{hours} jam" if hours else f"{rest} menit"


def conversion_sentence(form: Form, minutes_per_jp: int) -> str:
    """How the JP of a form are found, for somebody who chooses one."""
    if form.conversion is Conversion.SESSION:
        most = f", paling banyak {form.limit} sesi sebulan" if form.limit else ""
        return f"{form.jp} JP untuk satu sesi{most}."
    if form.conversion is Conversion.FIXED:
        most = f", diakui {form.limit} kali setahun" if form.limit else ""
        return f"Setara {form.jp} JP untuk satu kegiatan{most}."
    if form.conversion is Conversion.DAILY:
        return f"{minutes_per_jp} menit = 1 JP, paling banyak {form.jp} JP sehari. Perlu laporan proses dan sumber belajarnya."
    if form.conversion is Conversion.PROGRAMME:
        return "Sebanyak JP yang tertulis di sertifikat programnya."
    if form.conversion is Conversion.HOURS:
        return f"Lama kegiatan: {minutes_per_jp} menit = 1 JP."
    return "Belum ada aturan konversi: dicatat dengan 0 JP diakui."


# ------------------------------------------------------------------ what must be there


def checked(asked: Asked, *, person_id: int, today: date) -> Asked:
    """A claim that may be kept as a draft. Raises Invalid with the field."""
    if not asked.title:
        raise Invalid("Isi nama kegiatannya.", field="title")
    for name, longest in (("title", TITLE_LENGTH), ("organizer", ORGANIZER_LENGTH), ("report", REPORT_LENGTH)):
        if len(getattr(asked, name)) > longest:
            raise Invalid(f"Terlalu panjang: paling banyak {longest} karakter.", field=name)
    if asked.to_on < asked.from_on:
        raise Invalid("Tanggal selesai mendahului tanggal mulai. Periksa keduanya.", field="to_on")
    if asked.to_on > today:
        raise Invalid("Kegiatan ini belum selesai. Ajukan setelah hari terakhirnya.", field="to_on")
    if (asked.to_on - asked.from_on).days >= LONGEST_DAYS or asked.from_on.year < 2000:
        raise Invalid("Tanggalnya terlalu jauh. Paling lama satu tahun, dan sesudah tahun 2000.", field="from_on")
    if asked.minutes is not None and not 0 < asked.minutes <= LONGEST_MINUTES:
        raise Invalid("Lama kegiatan harus lebih dari nol dan masuk akal.", field="hours")
    if asked.programme_jp is not None and not 0 < asked.programme_jp <= 1000:
        raise Invalid("JP berupa bilangan bulat dari 1 sampai 1000, seperti tertulis di sertifikat.", field="programme_jp")
    if asked.partner_id == person_id:
        raise Invalid("Rekan harus orang lain.", field="partner")
    return asked


def missing(form: Form, asked: Asked, file_count: int) -> list[str]:
    """What must be added before a claim can be sent, as finished sentences."""
    is_paired = form.id in PAIRED
    needs_minutes = is_paired or form.conversion in (Conversion.HOURS, Conversion.DAILY, Conversion.PROGRAMME)
    days = (asked.to_on - asked.from_on).days + 1
    found = (
        (form.conversion is Conversion.PROGRAMME and asked.programme_jp is None, "Isi JP yang tertulis di sertifikat."),
        (needs_minutes and asked.minutes is None, "Isi lama kegiatannya."),
        ((asked.minutes or 0) > days * 1440, "Lama kegiatan melebihi jumlah harinya. Periksa tanggal dan lamanya."),
        (
            form.conversion is Conversion.SESSION and days > 1,
            "Satu sesi berlangsung pada satu hari. Ajukan sesi lain sendiri-sendiri.",
        ),
        (is_paired and asked.partner_id is None, "Pilih rekan yang mengonfirmasi sesi ini."),
        (is_paired and not asked.report, "Tuliskan kesepakatan atau tindak lanjut sesi ini."),
        (form.conversion is Conversion.DAILY and not asked.report, "Tuliskan proses belajar dan sumber yang dipakai."),
        (not is_paired and not file_count, "Tambahkan bukti: sertifikat, surat tugas, atau foto kegiatan."),
    )
    return [sentence for is_missing, sentence in found if is_missing]


def comment_needed(verdict: Verdict, comment: str) -> None:
    """Raises Invalid when a verdict that sends a claim back does not say why."""
    if verdict is not Verdict.APPROVED and not comment:
        raise Invalid(
            "Tuliskan alasannya, supaya pengaju tahu apa yang perlu dilakukan. Klaim belum diputuskan.", field="comment"
        )
    if len(comment) > COMMENT_LENGTH:
        raise Invalid(
            f"Catatan terlalu panjang: paling banyak {COMMENT_LENGTH} karakter. Klaim belum diputuskan.", field="comment"
        )


# ------------------------------------------------------------------ where it goes


def first_state(learning_form: int, has_superior: bool) -> ClaimState:
    """Where a claim goes when it is sent. Who has no superior goes to the office straight away."""
    if learning_form in PAIRED:
        return ClaimState.PARTNER
    return ClaimState.SUPERIOR if has_superior else ClaimState.OFFICE


def state_after(step: Step, verdict: Verdict, *, has_superior: bool, is_also_superior: bool) -> ClaimState:
    """Where a decision takes a claim. A partner who is the superior too confirms both at once."""
    if verdict is not Verdict.APPROVED:
        return ClaimState.REVISE if verdict is Verdict.REVISE else ClaimState.REJECTED
    if step is Step.OFFICE:
        return ClaimState.APPROVED
    if step is Step.PARTNER and has_superior and not is_also_superior:
        return ClaimState.SUPERIOR
    return ClaimState.OFFICE


# ------------------------------------------------------------------ doubles


def plain_title(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.casefold()))


def look_alike(one: Asked, other: Asked) -> bool:
    """Whether two claims of one person may be the same event: days that overlap and titles with mostly the same words."""
    if one.to_on < other.from_on or other.to_on < one.from_on:
        return False
    mine, theirs = (set(plain_title(each.title).split()) for each in (one, other))
    return len(mine & theirs) >= ALIKE * max(1, min(len(mine), len(theirs)))
