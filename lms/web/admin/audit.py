"""The audit log in sentences: by kind of act, by person and by days; and as a file, with the password again."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, render_template, request, url_for
from werkzeug.wrappers import Response

from config import Config
from lms.people import journal, queries
from lms.people.exports import record_export
from lms.people.journal import JournalFilter
from lms.teams.rules import is_staff_number
from lms.web import clock, denied, language
from lms.web.admin import navigation
from lms.web.admin.audit_words import GROUPS, NOBODY, sentence
from lms.web.extensions import reading, writing
from lms.web.filters import choice
from lms.web.fresh import password_first
from lms.web.identity import user
from lms.web.studio.surveys import cell

bp = Blueprint("audit", __name__)
PAGE = 50
MOST = 50_000
"""Rows of one file."""
DENIED = "ditolak"


@dataclass(frozen=True)
class Line:
    when: str
    text: str
    number: str


@dataclass(frozen=True)
class PersonLink:
    url: str
    label: str


@bp.get("/jejak")
def index() -> str:
    typed = request.args.get("q", "")[:100].strip()
    is_number = is_staff_number(typed)
    wanted = _wanted(request.args)
    group = request.args.get("kelompok", "")
    before_id = _whole(request.args.get("sebelum", ""))
    lines, next_url = _denied() if group == DENIED else _lines(wanted, before_id)
    return render_template(
        "admin/audit/index.html",
        group=choice(
            "kelompok",
            "Kelompok",
            [("", "Semua"), *((key, label) for key, (label, _) in GROUPS.items()), (DENIED, "Akses yang ditolak")],
            group,
        ),
        since=request.args.get("dari", "")[:10],
        until=request.args.get("sampai", "")[:10],
        query="" if is_number else typed,
        is_number=is_number,
        people=_people("" if is_number else typed),
        person=queries.names_of(reading(), [wanted.person_id]).get(wanted.person_id, "") if wanted.person_id else "",
        person_id=wanted.person_id or "",
        lines=lines,
        next_url=next_url,
        **navigation.of("audit"),
    )


def _wanted(given: Mapping[str, str]) -> JournalFilter:
    """The filter of an address or a form; anything unreadable is no filter."""
    zone = ZoneInfo(user().time_zone)
    since, until = _day(given.get("dari", "")), _day(given.get("sampai", ""))
    return JournalFilter(
        prefixes=GROUPS.get(given.get("kelompok", ""), ("", ()))[1],
        person_id=_whole(given.get("orang", "")),
        since=datetime.combine(since, time(), zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _lines(wanted: JournalFilter, before_id: int | None) -> tuple[list[Line], str | None]:
    rows = journal.entries(reading(), wanted, before_id=before_id, limit=PAGE + 1)
    lines = [Line(language.date_and_time(row.at, user().time_zone), sentence(row), str(row.id)) for row in rows[:PAGE]]
    return lines, _here(sebelum=rows[PAGE - 1].id) if len(rows) > PAGE else None


def _here(**more: int) -> str:
    """This page with the filters that are set, and `more`."""
    kept: dict[str, Any] = {
        name: request.args[name] for name in ("kelompok", "dari", "sampai", "orang") if request.args.get(name)
    }
    return url_for("admin.audit.index", **(kept | more))


def _denied() -> tuple[list[Line], None]:
    """The newest refusals, from the file beside the database: a GET that is refused cannot write a row."""
    config: Config = current_app.config["PELITA"]
    found = denied.newest(config.data_dir, PAGE)
    names = queries.names_of(reading(), {one.person_id for one in found})
    zone = user().time_zone
    return [
        Line(language.date_and_time(one.at, zone), f"{names.get(one.person_id, NOBODY)} ditolak membuka {one.path}.", "")
        for one in found
    ], None


def _people(typed: str) -> list[PersonLink]:
    if not typed:
        return []
    found = queries.find_people(reading(), typed, clock.today(user().time_zone), limit=10)
    return [PersonLink(_here(orang=one.person_id), f"{one.display_name} · {one.unit_name or 'tanpa unit'}") for one in found]


@bp.post("/jejak/unduh")
def download() -> Response:
    """The same rows as a file for spreadsheets, the newest MOST of them."""
    if asked := password_first(url_for("admin.audit.index")):
        return asked
    rows = journal.entries(reading(), _wanted(request.form), limit=MOST)
    content = _csv(
        (str(row.id), f"{row.at:%Y-%m-%dT%H:%M:%SZ}", row.who or NOBODY, row.action, row.about, sentence(row)) for row in rows
    )
    with writing() as session:
        record_export(
            session, at=clock.now(), by=user().person_id, kind="audit", scope_paths=("/",), people=len({row.who for row in rows})
        )
    name = f"jejak-audit-{clock.today(user().time_zone):%Y%m%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype="text/csv", headers=headers)


def _csv(lines: Iterable[tuple[str, ...]]) -> str:
    out = io.StringIO(newline="")
    rows = csv.writer(out, delimiter=";")
    rows.writerow(("Nomor", "Waktu (UTC)", "Siapa", "Tindakan", "Tentang", "Kalimat"))
    rows.writerows([cell(text) for text in line] for line in lines)
    return "\ufeff" + out.getvalue()
