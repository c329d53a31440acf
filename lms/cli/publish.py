"""`lms terbit`: check course folders, say what would change, publish each in one transaction, and judge old answers again."""

import argparse
import dataclasses
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from lms.authoring import archive, follow_up, publishing
from lms.authoring.publishing import Doubt, Examined, Order, Proposal
from lms.cli.data import data_folder, open_database
from lms.cli.problem_text import as_texts, lines_of, prefixed
from lms.cli.publication_text import plan_lines, regrade_line, result_line
from lms.content.actions import Publication
from lms.content.compile import Cache
from lms.content.parse import MANIFEST
from lms.content.types import Level
from lms.errors import Refused
from lms.quizzes.types import RegradeMode
from lms.store.engine import write_tx

EXAMPLE = """Contoh:
  lms terbit courses/pelayanan-publik-ramah --rencana
  lms terbit courses --catatan "Perbaikan triwulan ini"
  lms terbit courses/layanan --nilai-ulang penuh --cocokkan tanya"""
MATCHING = ("semua", "tidak", "tanya")

Say = Callable[[str], None]
Ask = Callable[[str], str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="folder pelatihan, atau folder berisi pelatihan")
    parser.add_argument(
        "--rencana", "--plan", dest="plan_only", action="store_true", help="tampilkan rencana saja, jangan terbitkan"
    )
    parser.add_argument(
        "--nilai-ulang", "--regrade", dest="mode", choices=[mode.value for mode in RegradeMode],
        help="bila kunci berubah: tidak-turun (bawaan), penuh, atau tidak",
    )  # fmt: skip
    parser.add_argument(
        "--cocokkan", "--match", dest="matching", choices=MATCHING,
        help="soal atau materi yang mirip dengan yang hilang: semua = memang sama, tidak = memang baru, tanya = satu per satu "
        "(bawaan di terminal; di luar terminal dianggap baru dan dilaporkan)",
    )  # fmt: skip
    parser.add_argument("--data", type=Path, help="folder data (bawaan: PELITA_DATA atau ./data)")
    parser.add_argument("--catatan", "--note", dest="note", default="", help="catatan singkat untuk riwayat edisi")
    parser.add_argument(
        "--kode-lama", "--former-key", dest="former", default="", help="kode lama pelatihan yang kini berganti kode"
    )
    parser.add_argument(
        "--pelatihan-baru", "--new-course", dest="is_new", action="store_true",
        help="memang pelatihan lain, walau soalnya sama dengan yang sudah terbit",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """0 = all published (or shown), 2 = a course has errors; nothing of that course was published, the others were."""
    if arguments.former and len(_folders(arguments.paths)) > 1:
        raise Refused("--kode-lama hanya untuk satu pelatihan. Terbitkan yang berganti kode sendirian.")
    folder = data_folder(arguments.data)
    engine = open_database(folder)
    failed: list[Path] = []
    try:
        with Session(engine, expire_on_commit=False) as session:
            for path in _folders(arguments.paths):
                cache = Cache()
                try:
                    if not _one(session, path, folder, arguments, cache):
                        failed.append(path)
                finally:
                    cache.close()
    finally:
        engine.dispose()
    for path in failed:
        _say(f"{path}: tidak diterbitkan. Edisi yang sekarang tetap berlaku; perbaiki galat di atas, lalu terbitkan lagi.")
    return 2 if failed else 0


def _folders(paths: list[Path]) -> list[Path]:
    """Course folders; a folder of courses stands for all of them."""
    found: list[Path] = []
    for path in paths:
        inside = [] if (path / MANIFEST).exists() else sorted(manifest.parent for manifest in path.glob(f"*/{MANIFEST}"))
        found += inside or [path]
    return found


def _one(session: Session, path: Path, folder: Path, arguments: argparse.Namespace, cache: Cache) -> bool:
    """Check, plan and publish one folder. False when it has errors."""
    proposal = _proposed(session, path, arguments, cache)
    if proposal is None:
        return False
    if not (arguments.plan_only or proposal.is_blocked) and _written(session, proposal, _asker(arguments.matching), _say):
        proposal = _proposed(session, path, arguments, cache)
        assert proposal is not None, "ids make no errors"
    _tell_findings(path, proposal)
    mode = RegradeMode(arguments.mode) if arguments.mode else None
    for line in plan_lines(proposal, mode or RegradeMode.NEVER_LOWER):
        _say(line)
    if proposal.is_blocked:
        return False
    if arguments.plan_only:
        _say("Ini baru rencana; belum ada yang diterbitkan.")
        return True
    order = Order(proposal.compiled, folder, mode, arguments.note, proposal.former, source=archive.pack(path.resolve()))
    publish(session, order, now=datetime.now(UTC), say=_say if proposal.plan.changed or mode else _silent)
    return True


def _proposed(session: Session, path: Path, arguments: argparse.Namespace, cache: Cache) -> Proposal | None:
    """The plan of a folder; None when it has errors, which are printed."""
    _say(f"{path}: memeriksa dan mengolah ...")
    examined = publishing.examine(path, may_leave_folder=True, cache=cache)
    if examined.has_errors:
        _tell(examined, Level.ERROR, path)
        return None
    proposal = publishing.propose(session, examined, former=arguments.former, is_new=arguments.is_new, cache=cache)
    session.rollback()
    return proposal


def _tell(found: Examined | Proposal, level: Level, path: Path) -> None:
    examined = found if isinstance(found, Examined) else found.examined
    problems = [problem for problem in found.problems if problem.level is level]
    for text in as_texts(prefixed(problems, f"{path}/"), lines_of(examined.loaded, f"{path}/")):
        _say(text + "\n")


def _tell_findings(path: Path, proposal: Proposal) -> None:
    """What only the published course shows, in full; other warnings as a count, because `lms check` tells them."""
    known = set(proposal.examined.problems)
    own = dataclasses.replace(proposal, problems=tuple(one for one in proposal.problems if one not in known))
    _tell(own, Level.ERROR, path)
    _tell(own, Level.WARNING, path)
    for (file, line), old_id in proposal.recognised:
        _say(f"{path / file}:{line}: soal dikenali kembali sebagai {{#{old_id}}}.")
    if proposal.examined.without_id:
        _say(f"{path}: {len(proposal.examined.without_id)} soal akan diberi ID tetap di berkasnya saat terbit.")
    others = sum(problem.level is Level.WARNING for problem in known)
    if others:
        _say(f"{path}: {others} peringatan (lihat dengan: lms check {path}).")


def _silent(line: str) -> None:
    """For a course without changes: the plan has said so."""


def _say(line: str) -> None:
    print(line, flush=True)


# ------------------------------------------------------------------ lost ids


def _asker(matching: str | None) -> Ask:
    """Answers "y" or "t" to the question whether two are the same; asks a person only where there is one."""
    if matching in ("semua", "tidak"):
        return lambda question: "y" if matching == "semua" else "t"
    if matching == "tanya" or (sys.stdin.isatty() and sys.stdout.isatty()):
        return _ask
    return lambda question: ""


def _ask(question: str) -> str:
    """One of "y" (the same) and "t" (new), typed as a number."""
    _say(question)
    while True:
        try:
            typed = input("  1 = sama, 2 = baru: ").strip()
        except EOFError:
            return ""
        if typed in ("1", "2"):
            return "y" if typed == "1" else "t"


def _written(session: Session, proposal: Proposal, ask: Ask, say: Say) -> bool:
    """Ask about what only the author can decide, and write all ids into the files. True when anything was written.

    Where nobody answers, what is alike counts as new and the findings tell it.
    """
    path = proposal.examined.folder
    same: dict[bool, dict[str, str]] = {True: {}, False: {}}
    found = [
        doubt
        for doubt in publishing.doubts(session, proposal)
        if not (doubt.is_question and doubt.pair.is_sure and doubt.is_open)
    ]
    session.rollback()
    for number, doubt in enumerate(found, start=1):
        if ask(_question(doubt, number, len(found))) == "y":
            same[doubt.is_question][doubt.pair.new_id] = doubt.pair.old_id
    if not (proposal.examined.without_id or same[True] or same[False]):
        return False
    for (file, line), old_id in proposal.recognised:
        say(f"{path / file}:{line}: soal dikenali kembali sebagai {{#{old_id}}}.")
    stamps = publishing.write_ids(proposal, same[True])
    publishing.write_item_ids(proposal, same[False])
    if stamps:
        say(f"{path}: {len(stamps)} soal diberi ID tetap di berkasnya. Simpan perubahan berkas itu.")
    for new_key, old_key in same[False].items():
        say(f"{path}: {new_key} tetap dikenal sebagai {old_key}.")
    return True


def _question(doubt: Doubt, number: int, count: int) -> str:
    what = "Soal" if doubt.is_question else "Materi"
    old, new = ("\n      ".join(text) for text in (doubt.old_text, doubt.new_text))
    return (
        f"\n{number} dari {count}. {what} di {doubt.file}:{doubt.line} {doubt.pair.percent}% sama dengan {doubt.pair.old_id} "
        f"yang hilang. Sama?\n  lama: {old}\n  baru: {new}"
    )


# ------------------------------------------------------------------ publishing


def publish(session: Session, order: Order, *, now: datetime, say: Say) -> Publication:
    """Publish, then do what is left in short transactions. What a crash leaves undone, `lms jobs` or the same command finishes."""
    key = order.compiled.outline.key
    say(f"{key}: menyiapkan {len(order.compiled.pages)} halaman dan {len(order.compiled.media)} berkas media ...")
    made = publishing.ready(order)
    with write_tx(session):
        publication = publishing.publish(session, order, made, now=now)
    say(result_line(key, publication))
    finish(session, publication.edition_id, now=now, say=say)
    return publication


def finish(session: Session, edition_id: int, *, now: datetime, say: Say) -> None:
    """Do all that is left of this publication and of those before it."""
    for waiting_id in follow_up.waiting_for(session, edition_id):
        more = True
        while more:
            with write_tx(session):
                more = follow_up.advance(session, waiting_id, now=now)
        done = follow_up.standing(session, waiting_id)
        if done is not None and (done.raised or done.lowered or done.newly_passed or done.mode is RegradeMode.KEEP):
            say(regrade_line(done))
    session.rollback()
