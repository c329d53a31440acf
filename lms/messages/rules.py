"""When something may be said, how often, and in which words (R50, D61, D62, D64, fact 7.9). Pure; time is an argument.

The words persuade: what it brings citizens and one's own work, never blame. No NIP, no score.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from lms.messages.types import Addressee, Draft, MessageKind, Occasion
from lms.people.types import UnitCategory

QUIET_DAYS = 14
BETWEEN_REMINDERS = timedelta(days=3)
MOST_A_DAY = 20
"""E-mails to one person in 24 hours (R50)."""
NEWS_AGE = timedelta(days=3)
"""What happened longer ago is no news: nobody is flooded when messages are switched on."""
RECOVERY_AGE = timedelta(minutes=30)
"""As long as a reset code lives (R46)."""
OVERDUE_DAYS = 7
TARGET_MONTHS = (10, 12)
SEASON_DAYS = 7
"""How long after its day a yearly or monthly message may still begin: weekends, a machine that was off."""
NOTHING_LEARNED = timedelta(days=30)
MOST_TRIES = 8
FIRST_PAUSE = timedelta(minutes=20)
"""Doubled after each failure: the eighth try comes about 42 hours after the first."""
SUBJECT_LENGTH, TITLE_LENGTH = 200, 120
NAMED_IN_DIGEST = 15

_WORKDAYS, _SIX_DAYS, _EVERY_DAY = range(5), range(6), range(7)
_HOURS = {
    UnitCategory.HEALTH: (_EVERY_DAY, time(8), time(20)),
    UnitCategory.EDUCATION: (_SIX_DAYS, time(7), time(12)),
}
_OFFICE_HOURS = (_WORKDAYS, time(7, 30), time(16))


# ------------------------------------------------------------------ when


def next_moment(now: datetime, time_zone: str, category: UnitCategory) -> datetime:
    """The first moment from `now` on at which people of such a unit like to be spoken to: `now` itself in their hours, else when
    the hours begin (D64). Offices Monday to Friday, health any day, schools Monday to Saturday mornings; never 21.00 to 06.00."""
    days, begin, end = _HOURS.get(category, _OFFICE_HOURS)
    zone = ZoneInfo(time_zone)
    local = now.astimezone(zone)
    if local.weekday() in days and begin <= local.time() < end:
        return now
    day = local.date() + timedelta(days=local.time() >= begin)
    while day.weekday() not in days:
        day += timedelta(days=1)
    return datetime.combine(day, begin, zone).astimezone(UTC)


def may_speak(now: datetime, who: Addressee) -> bool:
    return next_moment(now, who.time_zone, who.category) == now


def local_date(now: datetime, time_zone: str) -> date:
    return now.astimezone(ZoneInfo(time_zone)).date()


def due_occasion(days_left: int) -> Occasion | None:
    """What a due date `days_left` days ahead (negative: past) gives to say. Windows, not days, because a reminder may have to wait
    for Monday or for the pause after another one; each is said once."""
    if 2 <= days_left <= 7:
        return Occasion.DUE_SOON
    if 0 <= days_left <= 1:
        return Occasion.DUE_TOMORROW
    return Occasion.OVERDUE if -OVERDUE_DAYS <= days_left < 0 else None


def target_season(today: date) -> date | None:
    """1 October or 1 December while it is new, else None."""
    return today.replace(day=1) if today.month in TARGET_MONTHS and today.day <= SEASON_DAYS else None


def digest_month(now: datetime, time_zone: str) -> date | None:
    """The month (its first day) that heads are told about now: the last one, in the mornings from the first working day on."""
    local = now.astimezone(ZoneInfo(time_zone))
    first = local.date().replace(day=1)
    opens = first + timedelta(days=max(0, 7 - first.weekday()) if first.weekday() >= 5 else 0)
    if local.time() >= time(12) or not opens <= local.date() < opens + timedelta(days=SEASON_DAYS):
        return None
    return (first - timedelta(days=1)).replace(day=1)


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after failure number `tries`; None = give up."""
    return None if tries >= MOST_TRIES else FIRST_PAUSE * 2 ** (tries - 1)


def most_urgent(drafts: list[Draft]) -> Draft:
    order = list(Occasion)
    return min(drafts, key=lambda draft: (order.index(draft.occasion), draft.about))


# ------------------------------------------------------------------ words


def one_line(text: str, length: int = SUBJECT_LENGTH) -> str:
    """Fit for a header: one line without control characters, cut with an ellipsis (R50)."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def long_date(day: date) -> str:
    """5 Maret 2026"""
    return format_date(day, "d MMMM y", locale="id")


def long_month(day: date) -> str:
    """Maret 2026"""
    return format_date(day, "MMMM y", locale="id")


def quiet(title: str, minutes: int) -> tuple[str, str]:
    """(subject, body) for a course that was begun and rests."""
    name = one_line(title, TITLE_LENGTH)
    return (
        f"Lanjutkan “{name}” dari tempat terakhir",
        f"Pelatihan “{name}” menunggu di tempat Anda berhenti, dan yang sudah selesai tetap tersimpan. Sisanya kira-kira {minutes} menit; "
        f"bisa dicicil dari ponsel, sepuluh menit sekali duduk.\n\nYang dipelajari langsung terpakai: pekerjaan sendiri lebih ringan, "
        f"warga dilayani lebih baik.",
    )


def due(occasion: Occasion, title: str, due_on: date, days_left: int) -> tuple[str, str]:
    """(subject, body) for a course that is asked for by a day."""
    name, day = one_line(title, TITLE_LENGTH), long_date(due_on)
    help_offered = "Bila waktunya sulit, kabari atasan Anda supaya diatur bersama."
    if occasion is Occasion.OVERDUE:
        return (
            f"“{name}” masih terbuka untuk Anda",
            f"Pelatihan “{name}” diharapkan selesai {day} dan tetap terbuka bagi Anda. Satu bagian pendek hari ini sudah berarti, dan "
            f"hasilnya langsung terasa bagi warga yang kita layani.\n\n{help_offered}",
        )
    left = f"masih ada {days_left} hari" if days_left > 1 else "tinggal sampai besok" if days_left else "tinggal hari ini"
    return (
        f"“{name}” diharapkan selesai {day}",
        f"Pelatihan “{name}” diharapkan selesai {day}, jadi {left}. Materinya pendek-pendek, dapat dibuka dari ponsel di sela "
        f"pekerjaan, dan dipakai langsung untuk warga yang kita layani.\n\n{help_offered}",
    )


def target(left: int, year: int) -> tuple[str, str]:
    """(subject, body) for who still lacks JP of the year."""
    return (
        f"Tinggal {left} JP untuk tahun {year}",
        f"Target belajar tahun {year} tinggal {left} JP lagi. Di beranda ada pelatihan pendek yang menutupnya; pilih yang paling "
        f"berguna untuk pekerjaan Anda sekarang.\n\nSeminar atau lokakarya di luar sistem ini juga dapat diajukan.",
    )


def certificate(title: str) -> tuple[str, str]:
    name = one_line(title, TITLE_LENGTH)
    return (
        f"Sertifikat “{name}” sudah terbit",
        f"Selamat. Sertifikat pelatihan “{name}” sudah terbit dan dapat diunduh kapan saja. Pilih satu hal yang Anda pelajari dan coba "
        f"di tempat kerja minggu ini; warga yang dilayani akan merasakannya.",
    )


def recognition(giver: str, reason: str) -> tuple[str, str]:
    return (
        "Anda menerima penghargaan",
        f"{one_line(giver, 400)} menyampaikan penghargaan kepada Anda:\n\n“{reason.strip()}”",
    )


def claim(verdict: str, title: str, comment: str) -> tuple[str, str]:
    """(subject, body) for a decided claim of training outside the system; `verdict`: approved, rejected or revise."""
    name = one_line(title, TITLE_LENGTH)
    said = f"\n\nCatatan: {comment.strip()}" if comment.strip() else ""
    if verdict == "approved":
        return (
            f"Klaim “{name}” disetujui",
            f"Klaim JP untuk “{name}” disetujui dan sudah tercatat. Terima kasih sudah terus belajar untuk pelayanan yang lebih baik.{said}",
        )
    if verdict == "rejected":
        return (
            f"Klaim “{name}” belum dapat diakui",
            f"Klaim JP untuk “{name}” belum dapat diakui. Yang Anda pelajari tetap berguna bagi pekerjaan; alasannya ada pada klaim.{said}",
        )
    return (
        f"Klaim “{name}” perlu dilengkapi",
        f"Klaim JP untuk “{name}” hampir selesai diperiksa dan perlu dilengkapi sedikit. Isinya tersimpan; tinggal diperbaiki lalu "
        f"dikirim lagi.{said}",
    )


def digest(
    month: date, finished: int, stuck: int, waiting: int, names: tuple[list[str], list[str]], *, leads: bool
) -> tuple[str, str]:
    """(subject, body) of a month. `names`: lines of who finished and of who stopped, empty in the page, where /tim tells them.
    Who leads nobody but marks work is told only what waits."""
    if not leads:
        return (
            f"{waiting} pekerjaan menunggu penilaian Anda",
            f"Ada {waiting} pekerjaan peserta yang menunggu penilaian Anda. Satu kalimat umpan balik dari Anda membuat mereka maju lagi.",
        )
    lines = [f"Bulan {long_month(month)} di unit Anda:", f"- {finished} pelatihan diselesaikan"]
    lines += [f"   {line}" for line in _listed(names[0], finished)]
    lines.append(f"- {stuck} orang berhenti di tengah jalan")
    lines += [f"   {line}" for line in _listed(names[1], stuck)]
    if waiting:
        lines.append(f"- {waiting} hal menunggu keputusan atau penilaian Anda")
    lines.append("\nSatu kalimat terima kasih atau ajakan dari atasan sering lebih berarti daripada pengingat mana pun.")
    return f"Kabar belajar unit Anda, {long_month(month)}", "\n".join(lines)


def _listed(names: list[str], count: int) -> list[str]:
    more = count - len(names)
    return [*names, f"dan {more} lainnya"] if names and more > 0 else names


def why(reason: dict[str, Any]) -> str:
    """The reason of a message as a sentence, from what was kept when it was made."""
    title = reason.get("title", "")
    day = long_date(date.fromisoformat(reason["on"])) if "on" in reason else ""
    sentences = {
        Occasion.QUIET: f"“{title}” sudah dimulai dan tidak dibuka sejak {day}.",
        Occasion.DUE_SOON: f"“{title}” diminta selesai {day}; tujuh hari sebelumnya dimulai pengingat.",
        Occasion.DUE_TOMORROW: f"“{title}” diminta selesai {day}; tinggal sehari atau kurang.",
        Occasion.OVERDUE: f"“{title}” diminta selesai {day} dan belum selesai.",
        Occasion.TARGET: f"Target tahun ini kurang {reason.get('left', 0)} JP dan tidak ada kegiatan belajar selama 30 hari sampai {day}.",
        Occasion.RECOGNITION: f"Menerima penghargaan pada {day}.",
        Occasion.CERTIFICATE: f"Sertifikat “{title}” terbit pada {day}.",
        Occasion.CLAIM: f"Klaim “{title}” diputuskan pada {day}.",
        Occasion.DIGEST: f"Memimpin unit pada awal bulan; isinya kabar bulan yang dimulai {day}.",
        Occasion.RECOVERY: "Meminta kode untuk membuat kata sandi baru.",
        Occasion.ADDRESS: "Alamat surel akun ini diganti.",
        Occasion.TRIAL: "Surel percobaan diminta dari halaman ini.",
    }
    known = reason.get("occasion")
    return sentences[Occasion(known)] if known in list(Occasion) else "Diminta oleh bagian lain dari Pelita."


# ------------------------------------------------------------------ letters


def letter_text(name: str, body: str, url: str, agency: str, settings_url: str, kind: MessageKind) -> str:
    """The whole plain text of an e-mail: greeting, body, one link, who sends it and how to switch reminders off."""
    parts = [f"Yth. {name},", body, f"Buka di Pelita: {url}" if url else "", "-- \n" + footer(agency, kind)]
    if kind not in (MessageKind.RECOVERY, MessageKind.ACCOUNT):
        parts.append(f"Matikan pengingat lewat surel: {settings_url}")
    return "\n\n".join(part for part in parts if part) + "\n"


def footer(agency: str, kind: MessageKind) -> str:
    reason = (
        "tentang akun Anda" if kind in (MessageKind.RECOVERY, MessageKind.ACCOUNT) else "karena Anda pegawai yang belajar di sana"
    )
    return f"Surel ini dikirim Pelita, tempat belajar {agency}, {reason}. Tidak perlu dibalas."
