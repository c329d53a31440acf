"""`lms statistik`: what learners' answers say about the questions of a course, each with its place in the files."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lms.cli.data import data_folder, open_database
from lms.content import library
from lms.content.parse import load_course
from lms.quizzes.analysis import FEWEST
from lms.quizzes.analysis_queries import ItemRow, item_rows

EXAMPLE = """Contoh: lms statistik pelayanan-publik-ramah
        lms statistik courses/pelayanan-publik-ramah --format json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "course", metavar="PELATIHAN", help="kode pelatihan, atau foldernya (nomor baris lalu menurut berkas sekarang)"
    )
    parser.add_argument("--data", type=Path, help="folder data (bawaan: PELITA_DATA atau ./data)")
    parser.add_argument("--format", choices=("teks", "json"), default="teks", help="bentuk keluaran (bawaan: teks)")


def run(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.course)
    loaded = load_course(folder, may_leave_folder=True) if folder.is_dir() else None
    engine = open_database(data_folder(arguments.data))
    try:
        with Session(engine) as session:
            published = library.current(session, loaded.course.code if loaded else arguments.course)
            rows = item_rows(session, published)
    finally:
        engine.dispose()
    places = (
        {q.id: f"{folder / q.file}:{q.line}" for node in loaded.course.all_files() for q in node.questions()} if loaded else {}
    )
    if arguments.format == "json":
        print(json.dumps([as_json(row, places) for row in rows], ensure_ascii=False, indent=2))
        return 0
    print(f"{published.outline.title}, edisi {published.number}.{published.revision}")
    for line in lines(rows, places):
        print(line)
    return 0


def as_json(row: ItemRow, places: Mapping[str, str]) -> dict[str, Any]:
    """One question for other programs; figures are null below FEWEST answers (D48)."""
    facts = row.facts
    wrong = facts.common_wrong
    return {
        "id": row.question_id,
        "place": places.get(row.question_id, row.source),
        "in": row.item_key,
        "kind": row.kind.value,
        "question": row.stem,
        "answers": facts.answers,
        "first_right_percent": facts.first_right,
        "discrimination": None if facts.discrimination is None else facts.discrimination / 100,
        "median_seconds": facts.seconds,
        "common_wrong": None if wrong is None else {"answer": wrong.text, "percent": wrong.percent},
        "key_doubt": facts.doubt,
        "remarks": list(facts.remarks),
    }


def lines(rows: list[ItemRow], places: Mapping[str, str]) -> list[str]:
    """The report for people: quiz by quiz, a question in two or three lines."""
    told: list[str] = []
    item_key = ""
    for row in rows:
        if row.item_key != item_key:
            item_key = row.item_key
            told += ["", row.item_title]
        told.append(f"  {places.get(row.question_id, row.source)}  {{#{row.question_id}}}  {_short(row.stem)}")
        told += [f"      {line}" for line in _figures(row)]
    few = sum(not row.facts.is_shown for row in rows)
    doubtful = sum(bool(row.facts.doubt) for row in rows)
    told += ["", f"{len(rows)} soal, {doubtful} kunci mungkin salah."]
    if few:
        told.append(f"{few} soal belum punya {FEWEST} jawaban; angkanya disembunyikan agar tidak menyesatkan.")
    return told


def _figures(row: ItemRow) -> list[str]:
    facts = row.facts
    if not facts.is_shown:
        return [f"baru {facts.answers} jawaban"]
    wrong = facts.common_wrong
    parts = [f"{facts.answers} orang", f"{facts.first_right} % benar sejak awal"]
    if facts.discrimination is not None:
        parts.append(f"daya beda {facts.discrimination / 100:.2f}".replace(".", ","))
    if facts.seconds is not None:
        parts.append(f"{facts.seconds} detik")
    if wrong is not None:
        parts.append(f"salah terbanyak: {_short(wrong.text)} ({wrong.percent} %)")
    told = [" · ".join(parts)]
    return told + ([f"! kunci mungkin salah: {facts.doubt}"] if facts.doubt else [f"- {remark}" for remark in facts.remarks])


def _short(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
