"""Claims as pages of learners, superiors and the office show them: words for states, one line of a list, one claim with its proof."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for

from lms.errors import Invalid
from lms.people import queries as people
from lms.people.rules import staff_date
from lms.progress import claim_actions, claim_queries, claims
from lms.progress.claim_queries import ClaimPage, ClaimRow, DecisionRow, Review
from lms.progress.claims import ClaimState, Step, Verdict
from lms.progress.forms import RuleBook
from lms.progress.rule_files import book_on, versions
from lms.quizzes.forms import typed_text
from lms.web import clock, language, work
from lms.web.extensions import reading, writing
from lms.web.filters import Filter, choice
from lms.web.identity import user
from lms.web.work import FileLink

LARGEST_ID = 2**31 - 1
STATES = {
    ClaimState.DRAFT: ("Draf", ""),
    ClaimState.PARTNER: ("Menunggu konfirmasi rekan", "ingat"),
    ClaimState.SUPERIOR: ("Menunggu atasan", "ingat"),
    ClaimState.OFFICE: ("Menunggu pengelola", "ingat"),
    ClaimState.REVISE: ("Perlu perbaikan", "salah"),
    ClaimState.APPROVED: ("Disetujui", "baik"),
    ClaimState.REJECTED: ("Ditolak", "salah"),
    ClaimState.WITHDRAWN: ("Ditarik", ""),
}
STEPS = {Step.PARTNER: "Rekan", Step.SUPERIOR: "Atasan", Step.OFFICE: "Pengelola"}
VERDICTS = {Verdict.APPROVED: "menyetujui", Verdict.REVISE: "meminta perbaikan", Verdict.REJECTED: "menolak"}


@dataclass(frozen=True)
class ClaimLine:
    id: int
    url: str
    title: str
    person: str
    unit: str
    form_name: str
    days: str
    sent: str
    state_label: str
    state_kind: str
    jp_label: str
    note: str
    """Why the JP are what they are, or what to look at; "" = nothing."""
    is_clean: bool = False


@dataclass(frozen=True)
class ClaimSheet:
    """One claim to read: facts by label, what it is worth and why, proofs, and what was said so far."""

    title: str
    state_label: str
    state_kind: str
    facts: list[tuple[str, str]]
    report: str
    report_label: str
    how: str
    jp_label: str
    warnings: tuple[str, ...]
    files: list[FileLink]
    said: list[tuple[str, str, str]]


def clamp_numbers(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Numbers in addresses no larger than the database takes: what is beyond is simply not there."""
    for name, value in (values or {}).items():
        if isinstance(value, int) and values is not None:
            values[name] = min(value, LARGEST_ID)


def rules_today() -> RuleBook:
    return book_on(versions(reading()), clock.today(user().time_zone))


def days(row: ClaimRow) -> str:
    """5 Maret 2026, or 5 Maret 2026 – 7 Maret 2026"""
    first, last = language.long_date(row.asked.from_on), language.long_date(row.asked.to_on)
    return first if first == last else f"{first} – {last}"


def line(
    row: ClaimRow, form_name: str, url: str, *, jp_label: str = "", review: Review | None = None, note: str = ""
) -> ClaimLine:
    label, kind = STATES[row.state]
    return ClaimLine(
        id=row.id,
        url=url,
        title=row.asked.title,
        person=row.name,
        unit=row.unit_name,
        form_name=form_name,
        days=days(row),
        sent=language.long_date(row.sent_at, user().time_zone) if row.sent_at else "",
        state_label=label,
        state_kind=kind,
        jp_label=f"{review.worth.jp} JP" if review else jp_label,
        note=note or (review.warnings[0] if review and review.warnings else ""),
        is_clean=review is not None and not review.warnings,
    )


def sheet(row: ClaimRow, review: Review, file_endpoint: str | None) -> ClaimSheet:
    """A claim for somebody who may see all of it; without `file_endpoint` (a partner) neither proofs nor what others said."""
    asked, is_paired = row.asked, row.learning_form in claims.PAIRED
    partner = people.names_of(reading(), [asked.partner_id])[asked.partner_id] if asked.partner_id else ""
    facts = [
        ("Pengaju", " · ".join(part for part in (row.name, row.unit_name) if part)),
        ("Bentuk", review.form.name),
        ("Tanggal", days(row)),
        ("Lama", claims.duration(asked.minutes) if asked.minutes else ""),
        ("Penyelenggara", asked.organizer),
        ("JP di sertifikat", f"{asked.programme_jp} JP" if asked.programme_jp else ""),
        ("Rekan", partner),
    ]
    label, kind = STATES[row.state]
    entries = claim_queries.entries(reading(), row.id) if file_endpoint else []
    now = next((one for one in entries if one.counts), None)
    warnings = review.warnings if now is None else tuple(one for one in (now.reason,) if one)
    return ClaimSheet(
        title=asked.title,
        state_label=label,
        state_kind=kind,
        facts=[(name, text) for name, text in facts if text],
        report=asked.report,
        report_label="Kesepakatan dan tindak lanjut" if is_paired else "Laporan",
        how=f"{review.worth.how}. Aturan versi {now.rule_version if now else review.rule_version}.",
        jp_label=_jp_label(row.state, review.worth.jp, now.jp if now else None),
        warnings=warnings if file_endpoint else (),
        files=work.file_links(claim_queries.files(reading(), row.id), file_endpoint, claim_id=row.id) if file_endpoint else [],
        said=[_said(one) for one in claim_queries.decisions(reading(), row.id)] if file_endpoint else [],
    )


def _jp_label(state: ClaimState, likely: int, awarded: int | None) -> str:
    if awarded is not None:
        return f"{awarded} JP diakui"
    return "" if state is ClaimState.REJECTED else f"{likely} JP bila disetujui"


def _said(one: DecisionRow) -> tuple[str, str, str]:
    when = language.date_and_time(one.at, user().time_zone)
    return f"{STEPS[one.step]} {VERDICTS[one.verdict]}", f"{one.name} · {when}", one.comment


def decide_by_form(claim_id: int, step: Step) -> None:
    """Carry out the posted decision of partner, superior or office. Raises Invalid when no verdict was chosen, or as `decide` does."""
    chosen = request.form.get("putusan", "")
    if chosen not in list(Verdict):
        raise Invalid("Pilih dulu putusannya. Klaim belum diputuskan.", field="putusan")
    comment = typed_text(request.form.to_dict(flat=False), "catatan").strip()
    with writing() as session:
        claim_actions.decide(
            session,
            claim_id=claim_id,
            step=step,
            verdict=Verdict(chosen),
            comment=comment,
            by=user().person_id,
            now=clock.now(),
        )


def number_in(name: str) -> int | None:
    """A positive whole number of the address; None for anything else, which means no filter."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def form_filter(chosen: int | None) -> Filter:
    options = [("", "Semua bentuk"), *((str(one.id), one.name) for one in rules_today().forms)]
    return choice("bentuk", "Bentuk", options, str(chosen or ""))


def pager(found: ClaimPage, endpoint: str) -> dict[str, Any] | None:
    if found.page_count == 1:
        return None
    kept: dict[str, Any] = {name: request.args[name] for name in ("q", "keadaan", "bentuk") if request.args.get(name)}
    return {
        "label": f"Halaman {language.number(found.page)} dari {language.number(found.page_count)}",
        "previous_url": url_for(endpoint, **kept, hal=found.page - 1) if found.page > 1 else None,
        "next_url": url_for(endpoint, **kept, hal=found.page + 1) if found.page < found.page_count else None,
    }


def lines(found: ClaimPage, endpoint: str, notes: dict[int, str]) -> list[ClaimLine]:
    """The rows of a queue with what each is worth, or has brought."""
    reviewed = claim_queries.reviews(reading(), found.rows)
    awarded = claim_queries.awarded(reading(), [row.id for row in found.rows])
    return [
        line(
            one.row,
            one.form.name,
            url_for(endpoint, claim_id=one.row.id),
            review=one if one.row.state in claims.WAITING else None,
            jp_label=f"{awarded[one.row.id][0]} JP" if one.row.id in awarded else "",
            note=notes.get(one.row.id, ""),
        )
        for one in reviewed
    ]


def review_of(row: ClaimRow, *, ahead: bool = False) -> Review:
    return claim_queries.reviews(reading(), [row], ahead=ahead)[0]


def rights_date() -> date:
    """The day by which rights hold now."""
    return staff_date(clock.now())
