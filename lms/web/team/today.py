"""The superior's front page: whom they can do something for now, with the one thing to do, right there (D61, D63)."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import Invalid
from lms.people.rules import staff_date
from lms.progress import requirement_actions
from lms.progress.claim_queries import waiting_below
from lms.progress.rules import jp_year
from lms.progress.types import State
from lms.quizzes.queue import waiting_for_superior
from lms.recognition import thanks
from lms.teams import queries, rules
from lms.teams.types import Group, TeamRow, Today
from lms.web import agency, clock, language
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.redirects import safe_target
from lms.web.team import lines, navigation
from lms.web.team.lines import Action, ExtendForm, ThankForm

bp = Blueprint("today", __name__)
GROUPS = {
    Group.STUCK: ("mandek", "Mandek", "Sudah mulai, tetapi 14 hari tanpa kegiatan.", "Tidak ada yang mandek."),
    Group.DUE: ("tenggat", "Segera jatuh tempo", "Tenggatnya dalam 14 hari, atau sudah lewat.", "Tidak ada tenggat yang dekat."),
    Group.FINISHED: ("selesai", "Baru selesai", "Dalam 14 hari terakhir.", "Tidak ada yang menunggu penghargaan."),
}
"""Group to (word in addresses, heading, what it means, what to say when nobody waits)."""
DAYS = (7, 14, 30)


@dataclass(frozen=True)
class Line:
    """One person with one action: exactly one of `invite`, `extend` and `thank`."""

    name: str
    url: str
    about: str
    invite: Action | None = None
    extend: ExtendForm | None = None
    thank: ThankForm | None = None


@dataclass(frozen=True)
class Section:
    word: str
    label: str
    count_label: str
    text: str
    empty: str
    url: str
    lines: list[Line]


@bp.get("")
def index() -> str:
    who = user()
    now = clock.now()
    year = jp_year(now, who.time_zone)
    found = queries.today(reading(), who.person_id, staff_date(now), now=now, year=year, settings=agency.current())
    return render_template(
        "team/today/index.html",
        unit_name=unit_name(found),
        has_people=found.counts.people > 0,
        to_mark=waiting_for_superior(reading(), who.person_id, now),
        claims_waiting=len(waiting_below(reading(), who.person_id, staff_date(now))),
        sections=[_section(found, group, now) for group in GROUPS],
        summary=_summary(found, year),
        counted_label=f"Jumlah dihitung pukul {language.clock_time(found.counted_at, who.time_zone)}."
        if found.counted_at < now
        else "",
        days=DAYS,
        **navigation.of("today"),
    )


def unit_name(found: Today) -> str:
    if not found.headed:
        return "Bawahan Anda"
    return found.headed[0].name if len(found.headed) == 1 else "Unit-unit Anda"


def _section(found: Today, group: Group, now: datetime) -> Section:
    word, label, text, empty = GROUPS[group]
    return Section(
        word=word,
        label=label,
        count_label=f"{language.number(found.counts.groups[group])} orang",
        text=text,
        empty=empty,
        url=url_for("team.members.index", kelompok=word) if found.counts.groups[group] else "",
        lines=[_line(found, group, row, now) for row in found.first[group]],
    )


def _line(found: Today, group: Group, row: TeamRow, now: datetime) -> Line:
    name, url = row.display_name, url_for("team.members.show", person_id=row.person_id)
    if group is Group.DUE:
        form = lines.extend_form(row.person_id, name, row.due[0], now)
        return Line(name, url, f"{form.course_title} · {_standing(row)}", extend=form)
    if group is Group.FINISHED:
        thank = lines.thank_form(row.person_id, name, row.courses, (), now)
        return Line(name, url, thank.course_title if thank else "", thank=thank)
    invite = lines.invitation(name, row.courses, row.jp_left, found.courses, now)
    quiet = min((each for each in row.courses if each.state is State.IN_PROGRESS), key=lambda each: each.last_activity_at)
    since = language.long_date(quiet.last_activity_at, user().time_zone)
    return Line(name, url, f"{quiet.title} · {quiet.percent}\u00a0% · terakhir {since}", invite=invite)


def _standing(row: TeamRow) -> str:
    """How far a person is in what is due first."""
    course = next((each for each in row.courses if each.course_id == row.due[0].course_id), None)
    return rules.status_words(course.state, course.percent) if course else "Belum ikut"


def _summary(found: Today, year: int) -> list[tuple[str, str]]:
    counts, mean = found.counts, rules.mean_jp(found.counts)
    facts = [("Pegawai", f"{language.number(counts.people)} orang")]
    if counts.with_target:
        reached = f"{language.number(counts.reached)} dari {language.number(counts.with_target)} orang"
        facts.append((f"Mencapai target JP {year}", reached))
    if mean is not None:
        facts.append((f"Rata-rata capaian {year}", f"{language.number(mean)} JP"))
    return facts


# ------------------------------------------------------------------ what they do


@bp.post("/pegawai/<int:person_id>/perpanjang")
def extend(person_id: int) -> Response:
    member = _member(person_id)
    form = request.form
    days, typed = form.get("hari", "", str), form.get("sampai", "")
    with writing() as session:
        requirement_actions.extend(
            session,
            requirement_id=_number(form.get("penugasan", "")),
            person_id=member,
            by=user().person_id,
            now=clock.now(),
            known=_day(form.get("berlaku", "")),
            days=int(days) if days in {str(each) for each in DAYS} else None,
            due_on=None if days else _day(typed),
        )
    return _back("diperpanjang")


@bp.post("/pegawai/<int:person_id>/penghargaan")
def thank(person_id: int) -> Response:
    member = _member(person_id)
    with writing() as session:
        thanks.give(
            session,
            person_id=member,
            given_by=user().person_id,
            course_id=_number(request.form.get("pelatihan", "")),
            reason=request.form.get("alasan", ""),
            now=clock.now(),
        )
    return _back("penghargaan")


def _member(person_id: int) -> int:
    """The id of somebody below; NotFound for everybody else."""
    member = min(person_id, 2**31 - 1)
    queries.require_member(reading(), user().person_id, member, staff_date(clock.now()))
    return member


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise Invalid(
            "Tanggalnya tidak terbaca. Pilih dari kalender, atau tulis seperti 2026-12-05.", field="sampai"
        ) from problem


def _back(notice: str) -> Response:
    """To the page of ours that the form was on, with the word for it."""
    target = safe_target(request.form.get("kembali", "")) or url_for("team.today.index")
    return redirect(f"{target.partition('?')[0]}?pesan={notice}", 303)
