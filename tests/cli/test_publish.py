"""`lms terbit`: the author sees what will happen, nobody loses anything, and a killed command is finished by the next one."""

import argparse
import dataclasses
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lms.authoring import publishing
from lms.authoring.publishing import Examined, Order, propose
from lms.cli import publish as verb
from lms.cli.data import open_database
from lms.cli.publication_text import plan_lines
from lms.content import library
from lms.content.models import EditionRow
from lms.content.nodes import CourseNode, LoadedCourse, Metadata
from lms.content.types import QuestionKind
from lms.errors import NotFound, Refused
from lms.progress import actions as progress
from lms.progress import projection, queries
from lms.progress.models import Completion, Enrolment, EnrolmentSummary
from lms.progress.types import State
from lms.quizzes.models import Attempt, Regrade
from lms.quizzes.types import RegradeMode
from lms.recognition.actions import settle
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.content import (
    COURSE_KEY,
    LESSONS,
    add_lesson,
    change_item,
    lesson_page,
    publish_course,
    sample_course,
    sample_question,
)
from tests.factories.people import make_person, make_unit
from tests.factories.quizzes import fill_in


def examined(course):
    """A folder of that course, without its files."""
    loaded = LoadedCourse(CourseNode(root="", code=course.outline.key, is_course=True, meta=Metadata()), [])
    return Examined(Path("tidak-ada"), "", loaded, (), course)


def publish(session, tmp_path, now, course, **over):
    """Publish as the command does; (publication, lines printed)."""
    order = Order(course, tmp_path, **over)
    proposal = propose(session, examined(course), former=order.former)
    plan, lines = proposal.plan, plan_lines(proposal, order.mode or RegradeMode.NEVER_LOWER)
    session.rollback()
    made = verb.publish(session, order, now=now, say=lines.append)
    assert (plan.changed, plan.number, plan.revision) == (made.changed, made.number, made.revision) or not made.changed
    return made, lines


def easy_course(**over):
    """The sample without testing lessons by inline questions, so that a learner can walk straight through."""
    return change_item(sample_course(**over), LESSONS[1], done_when="marked")


def enrol(session, published, now):
    with write_tx(session):
        person = make_person(session, unit=make_unit(session))
        return person.id, progress.enrol(session, person_id=person.id, published=published, now=now)


def do_lesson(session, person_id, published, key, now):
    with write_tx(session):
        progress.mark_done(session, person_id=person_id, published=published, lesson_key=key, now=now)


def do_quiz(session, person_id, published, key, now, right=None):
    with write_tx(session):
        token = progress.start_quiz(session, person_id=person_id, published=published, quiz_key=key, now=now)
    fill_in(session, person_id, token, now, right)
    with write_tx(session):
        return progress.submit_quiz(session, person_id=person_id, token=token, now=now)


def finish(session, person_id, enrolment_id, published, now):
    for item in published.outline.items:
        if item.quiz is None:
            do_lesson(session, person_id, published, item.key, now)
        else:
            do_quiz(session, person_id, published, item.key, now)
    with write_tx(session):
        return settle(session, enrolment_id=enrolment_id, now=now)


def status(session, person_id, published):
    session.rollback()
    return queries.status_of(session, queries.enrolment(session, person_id, published.course_id))


def test_correction_reaches_a_learner_in_the_middle_and_costs_nothing(session, tmp_path, now):
    first = publish_course(session, tmp_path, now, easy_course())
    person_id, _ = enrol(session, first, now)
    do_lesson(session, person_id, first, LESSONS[0], now)
    before = status(session, person_id, first)
    corrected = dataclasses.replace(
        easy_course(), pages=easy_course().pages | {LESSONS[0]: lesson_page("Teks yang sudah benar.")}
    )
    corrected = change_item(corrected, LESSONS[2], title="Menyusun Standar Pelayanan", minutes=40)
    made, lines = publish(session, tmp_path, now + timedelta(days=1), corrected)
    assert (made.number, made.revision) == (1, 2)
    assert "  1 peserta yang sedang belajar langsung melihat perbaikannya; kemajuan mereka tidak berubah." in lines
    seen = library.of_number(session, first.course_id, queries.enrolment(session, person_id, first.course_id).edition_number)
    assert library.page(session, seen.edition_id, LESSONS[0]).text == "Teks yang sudah benar."
    after = status(session, person_id, first)
    assert (after.percent, after.done_count, after.total_count, after.next_key) == (
        before.percent, before.done_count, before.total_count, before.next_key,
    )  # fmt: skip
    assert projection.verify(session) == []


def test_new_edition_leaves_a_learner_in_the_middle_where_they_are(session, tmp_path, now):
    first = publish_course(session, tmp_path, now, easy_course())
    person_id, enrolment_id = enrol(session, first, now)
    do_lesson(session, person_id, first, LESSONS[0], now)
    before = status(session, person_id, first)
    made, lines = publish(session, tmp_path, now, add_lesson(easy_course(), "standar/aduan", title="Pengaduan"))
    assert (made.number, made.is_correction) == (2, False)
    assert "  1 peserta yang sedang belajar tetap di edisinya dan ditawari pindah dengan daftar perbedaannya." in lines
    assert status(session, person_id, first) == before
    own = queries.enrolment(session, person_id, first.course_id)
    assert own.edition_number == 1
    offer = queries.edition_offer(session, own)
    assert (offer.to_number, offer.change.added) == (2, (("standar/aduan", "Pengaduan"),))
    with write_tx(session):
        progress.move_to_edition(session, person_id=person_id, course_id=first.course_id, to_number=2, now=now)
    assert status(session, person_id, first).items[LESSONS[0]].is_done
    assert session.scalar(select(Enrolment.edition_number).where(Enrolment.id == enrolment_id)) == 2


def test_finished_course_stays_finished_whatever_is_published(session, tmp_path, now):
    first = publish_course(session, tmp_path, now, easy_course())
    person_id, enrolment_id = enrol(session, first, now)
    code = finish(session, person_id, enrolment_id, first, now)
    assert code is not None
    fact = session.execute(select(Completion.edition_id, Completion.completed_at, Completion.final_score)).one()
    later = now + timedelta(days=30)
    harder = add_lesson(change_item(easy_course(pass_mark=9500), LESSONS[0], minutes=60), "standar/aduan")
    harder = dataclasses.replace(harder, questions=harder.questions | {"tunggal": sample_question("tunggal", correct=(2,))})
    _, lines = publish(session, tmp_path, later, harder, mode=RegradeMode.FULL)
    publish(session, tmp_path, later, easy_course(summary="Lain."))
    publish(session, tmp_path, later, easy_course())
    assert "  1 peserta yang sudah lulus tetap lulus; sertifikat dan JP mereka tidak berubah." in lines
    now_status = status(session, person_id, first)
    assert (now_status.state, now_status.percent) == (State.DONE, 100)
    assert session.execute(select(Completion.edition_id, Completion.completed_at, Completion.final_score)).one() == fact
    with write_tx(session):
        assert settle(session, enrolment_id=enrolment_id, now=later) == code
    newest = library.current(session, COURSE_KEY)
    assert library.changes_between(session, first, newest) == library.Changes()
    assert projection.verify(session) == []


def test_corrected_key_is_planned_with_counts_and_regraded(session, tmp_path, now):
    wrong = easy_course(
        questions={
            "tunggal": sample_question("tunggal", correct=(1,)),
            "jamak": sample_question("jamak", QuestionKind.MULTIPLE, correct=(2,)),
        }
    )
    first = publish_course(session, tmp_path, now, wrong)
    person_id, _ = enrol(session, first, now)
    attempt = do_quiz(session, person_id, first, "asas/kuis", now)
    assert (attempt.score, attempt.passed) == (5000, False)
    _, lines = publish(session, tmp_path, now, easy_course())
    assert [line for line in lines if "kunci berubah" in line or "jawaban lama" in line] == [
        "  ~ soal tunggal [bank/asas.md:10]: kunci berubah B → A: Pertanyaan tunggal tentang asas pelayanan publik",
        "      1 jawaban lama; 1 menjadi benar, 0 menjadi salah",
        "  ~ soal jamak [bank/asas.md:10]: kunci berubah C → A, B: Pertanyaan jamak tentang asas pelayanan publik",
        "      1 jawaban lama; 1 menjadi benar, 0 menjadi salah",
    ]
    assert lines[-1] == "Nilai ulang (tidak-turun): 1 nilai naik, 0 turun, 1 peserta kini lulus kuisnya."
    assert session.execute(select(Regrade.score, Regrade.passed)).all() == [(10000, True)]
    assert status(session, person_id, first).items["asas/kuis"].is_done
    assert projection.verify(session) == []


@pytest.mark.parametrize(("mode", "rows"), [(None, []), (RegradeMode.KEEP, []), (RegradeMode.FULL, [(7500, True)])])
def test_scores_fall_only_when_asked_and_passes_stay(session, tmp_path, now, mode, rows):
    first = publish_course(session, tmp_path, now, easy_course())
    person_id, _ = enrol(session, first, now)
    assert do_quiz(session, person_id, first, "asas/kuis", now).score == 10000
    publish(session, tmp_path, now, easy_course(questions={"tunggal": sample_question("tunggal", correct=(1,))}), mode=mode)
    assert session.execute(select(Regrade.score, Regrade.passed)).all() == rows
    assert status(session, person_id, first).items["asas/kuis"].is_done


def test_command_killed_before_regrading_is_finished_by_the_next(session, tmp_path, now):
    """With the choice that was made then, not with the default of the command that comes after."""
    wrong = easy_course(questions={"tunggal": sample_question("tunggal", correct=(1,))})
    first = publish_course(session, tmp_path, now, wrong)
    person_id, _ = enrol(session, first, now)
    do_quiz(session, person_id, first, "asas/kuis", now, right=2)
    order = Order(easy_course(), tmp_path, RegradeMode.FULL)
    made = publishing.ready(order)
    with write_tx(session):
        publishing.publish(session, order, made, now=now)
    assert session.scalar(select(func.count()).select_from(Regrade)) == 0
    for _ in range(2):
        made, lines = publish(session, tmp_path, now, easy_course())
        assert not made.changed
        assert session.execute(select(Regrade.score)).scalars().all() == [5000]
    assert not any("Nilai ulang (" in line for line in lines), "the second command finds nothing left"
    regrades = select(AuditEntry.detail).where(AuditEntry.action == "attempt.regrade")
    assert [one["mode"] for one in session.scalars(regrades)] == ["penuh"]


def test_regrade_completes_a_course_that_waited_for_it(session, tmp_path, now):
    wrong = easy_course(
        questions={
            "tunggal": sample_question("tunggal", correct=(1,)),
            "jamak": sample_question("jamak", QuestionKind.MULTIPLE, correct=(2,)),
        }
    )
    first = publish_course(session, tmp_path, now, wrong)
    person_id, enrolment_id = enrol(session, first, now)
    for key in LESSONS:
        do_lesson(session, person_id, first, key, now)
    do_quiz(session, person_id, first, "posttest", now)
    do_quiz(session, person_id, first, "asas/kuis", now)
    with write_tx(session):
        assert settle(session, enrolment_id=enrolment_id, now=now) is None
    publish(session, tmp_path, now + timedelta(days=1), easy_course())
    assert session.scalar(select(func.count()).select_from(Completion)) == 1
    assert session.scalar(select(EnrolmentSummary.state)) is not None
    assert status(session, person_id, first).percent == 100


def test_attempt_in_progress_finishes_on_its_own_questions(session, tmp_path, now):
    first = publish_course(session, tmp_path, now, easy_course())
    person_id, _ = enrol(session, first, now)
    with write_tx(session):
        token = progress.start_quiz(session, person_id=person_id, published=first, quiz_key="asas/kuis", now=now)
    gone = easy_course(
        questions={"tunggal": sample_question("tunggal", text="Pertanyaan tunggal mengenai asas pelayanan publik", correct=(2,))}
    )
    publish(session, tmp_path, now, gone)
    fill_in(session, person_id, token, now)
    with write_tx(session):
        closed = progress.submit_quiz(session, person_id=person_id, token=token, now=now)
    assert (closed.score, closed.passed) == (10000, True)
    assert session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_renamed_course_keeps_its_learners(session, tmp_path, now):
    first = publish_course(session, tmp_path, now, easy_course())
    person_id, _ = enrol(session, first, now)
    do_lesson(session, person_id, first, LESSONS[0], now)
    made, lines = publish(session, tmp_path, now, easy_course(key="layanan"), former=COURSE_KEY)
    assert f"  ~ kode berubah: {COURSE_KEY} → layanan; alamat lama tetap berlaku." in lines
    assert (made.number, made.revision) == (1, 2)
    found = library.current(session, COURSE_KEY)
    assert (found.course_id, found.course_key) == (first.course_id, "layanan")
    assert status(session, person_id, first).items[LESSONS[0]].is_done
    with pytest.raises(NotFound):
        publish(session, tmp_path, now, easy_course(key="baru"), former="tidak-ada")


COURSE = {
    "course.yml": "judul: Etika Layanan\nringkasan: Contoh kecil.\njp: 1\nmenit: 45\n",
    "README.md": "# Etika Layanan\n\nUntuk petugas loket.\n",
    "01-asas/01-mengapa.md": "---\njudul: Mengapa\n---\n\n# Mengapa\n\nWarga berhak dilayani dengan ramah.\n",
    "01-asas/02-kuis.md": (
        "---\njudul: Kuis\njenis: kuis\n---\n\n# Kuis\n\n## Soal 1: Apa asas utama pelayanan publik? {#asas-utama}\n\n"
        "- [x] Kepentingan umum\n- [ ] Keuntungan instansi\n\n> **Pembahasan:** Pasal 4.\n"
    ),
}


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "etika"
    for name, content in COURSE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    return root


def run(*words):
    parser = argparse.ArgumentParser()
    verb.add_arguments(parser)
    return verb.run(parser.parse_args([str(word) for word in words]))


def counted(data):
    engine = open_database(data)
    with engine.connect() as connection:
        found = connection.execute(select(EditionRow.number, EditionRow.revision).order_by(EditionRow.id)).all()
    engine.dispose()
    return [tuple(row) for row in found]


@pytest.fixture(autouse=True)
def on_sqlite(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_folder_is_planned_published_and_then_unchanged(folder, tmp_path, capsys):
    data = tmp_path / "data"
    assert run(folder, "--data", data, "--rencana") == 0
    assert counted(data) == []
    assert capsys.readouterr().out.endswith("Ini baru rencana; belum ada yang diterbitkan.\n")
    assert run(folder, "--data", data) == 0
    assert capsys.readouterr().out.endswith("etika: terbit sebagai terbitan pertama, edisi 1 revisi 1.\n")
    assert run(folder, "--data", data) == 0
    assert capsys.readouterr().out.endswith("  Tidak ada yang berubah sejak edisi 1, revisi 1.\n")
    assert counted(data) == [(1, 1)]
    manifest = folder / "course.yml"
    manifest.write_text(manifest.read_text().replace("jp: 1", "jp: 2"))
    assert run(folder.parent, "--data", data) == 0
    assert counted(data) == [(1, 1), (2, 1)]


def test_folder_with_errors_publishes_nothing(folder, tmp_path, capsys):
    data = tmp_path / "data"
    assert run(folder, "--data", data) == 0
    quiz = folder / "01-asas/02-kuis.md"
    quiz.write_text(quiz.read_text().replace("[x]", "[ ]"))
    capsys.readouterr()
    assert run(folder, "--data", data) == 2
    shown = capsys.readouterr().out
    assert f"galat[K062]: tidak ada pilihan benar\n --> {quiz}:8:1\n  |\n8 | ## Soal" in shown
    assert "tidak diterbitkan. Edisi yang sekarang tetap berlaku" in shown
    assert counted(data) == [(1, 1)]


def test_retired_question_id_on_another_question_is_an_obstacle(folder, tmp_path, capsys):
    data = tmp_path / "data"
    quiz = folder / "01-asas/02-kuis.md"
    first = quiz.read_text()
    assert run(folder, "--data", data) == 0
    quiz.write_text(first.replace("asas-utama", "lain"))
    assert run(folder, "--data", data) == 0
    other = first.replace("Apa asas utama pelayanan publik?", "Berapa lama paspor biasa berlaku?")
    quiz.write_text(other.replace("Kepentingan umum", "Sepuluh tahun").replace("Keuntungan instansi", "Dua tahun"))
    capsys.readouterr()
    assert run(folder, "--data", data) == 2
    shown = capsys.readouterr().out
    assert "galat[K034]: ID `asas-utama` pernah dipakai soal yang sudah dihapus" in shown
    assert f"--> {quiz}:8:1" in shown
    assert counted(data) == [(1, 1), (1, 2)]


def test_missing_folder_is_refused_in_words(tmp_path):
    with pytest.raises(Refused, match="tidak dapat dibaca"):
        run(tmp_path / "tidak-ada", "--data", tmp_path / "data")
    (tmp_path / "kosong").mkdir()
    with pytest.raises(Refused, match=r"tidak ada course\.yml"):
        run(tmp_path / "kosong", "--data", tmp_path / "data")


def test_questions_without_ids_are_stamped_and_recognised_later(folder, tmp_path, capsys):
    data = tmp_path / "data"
    quiz = folder / "01-asas/02-kuis.md"
    bare = quiz.read_text().replace(" {#asas-utama}", "")
    quiz.write_text(bare + "\n## Soal 2: Siapa yang mengawasi?\n\nJawaban: Ombudsman\n")
    before = quiz.read_text()
    assert run(folder, "--data", data, "--rencana") == 0
    assert quiz.read_text() == before
    assert "2 soal akan diberi ID tetap" in capsys.readouterr().out
    assert run(folder, "--data", data) == 0
    stamped = quiz.read_text()
    first, second = re.findall(r"\{#(\w+)\}", stamped)
    assert re.sub(r" \{#\w+\}", "", stamped) == before
    assert run(folder, "--data", data) == 0
    assert counted(data) == [(1, 1)]
    quiz.write_text(before.replace("Siapa yang mengawasi?", "Siapakah yang mengawasi?").replace("# Kuis\n", "# Kuis pertama\n"))
    capsys.readouterr()
    assert run(folder, "--data", data, "--rencana") == 0
    shown = capsys.readouterr().out
    assert f"soal dikenali kembali sebagai {{#{first}}}" in shown
    assert re.search(rf"~ soal {second} \[01-asas/02-kuis.md:\d+\]: hanya susunan kata", shown)
    assert run(folder, "--data", data) == 0
    assert re.findall(r"\{#(\w+)\}", quiz.read_text()) == [first, second]
    assert counted(data) == [(1, 1), (1, 2)]


def test_files_that_cannot_be_stamped_publish_nothing(folder, tmp_path, monkeypatch):
    quiz = folder / "01-asas/02-kuis.md"
    quiz.write_text(quiz.read_text().replace(" {#asas-utama}", ""))

    def full(loaded, chosen=()):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing, "stamp_ids", full)
    with pytest.raises(Refused, match="Tidak ada yang diterbitkan"):
        run(folder, "--data", tmp_path / "data")
    assert counted(tmp_path / "data") == []


def lost(folder):
    """The question without its id and rewritten by a third: only the author knows whether it is the same."""
    quiz = folder / "01-asas/02-kuis.md"
    quiz.write_text(
        quiz.read_text()
        .replace(" {#asas-utama}", "")
        .replace("Apa asas utama pelayanan publik?", "Apa asas pelayanan?")
        .replace("Keuntungan instansi", "Laba instansi")
    )
    return quiz


@pytest.mark.parametrize(
    ("words", "is_same"),
    [((), False), (("--cocokkan", "semua"), True), (("--cocokkan", "tidak"), False), (("--match", "tanya"), True)],
    ids=["nobody to ask", "all the same", "all new", "asked"],
)
def test_likeness_is_decided_as_the_author_says(folder, tmp_path, monkeypatch, capsys, words, is_same):
    data = tmp_path / "data"
    assert run(folder, "--data", data) == 0
    quiz = lost(folder)
    typed = iter(["ya", "", "1"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(typed))
    capsys.readouterr()
    assert run(folder, "--data", data, *words) == 0
    shown = capsys.readouterr().out
    assert ("{#asas-utama}" in quiz.read_text()) is is_same
    assert ("soal asas-utama [01-asas/02-kuis.md:8]: isi soal berubah pilihan" in shown) is is_same
    assert ("peringatan[K033]" in shown) is not is_same, "what was taken for new is told, with its place"
    if "tanya" in words:
        assert "1 dari 1. Soal di 01-asas/02-kuis.md:8" in shown
        assert "lama: Apa asas utama pelayanan publik?" in shown and "baru: Apa asas pelayanan?" in shown


def test_renamed_lesson_keeps_its_key_when_the_author_says_so(folder, tmp_path, capsys):
    data = tmp_path / "data"
    assert run(folder, "--data", data) == 0
    (folder / "01-asas/01-mengapa.md").rename(folder / "01-asas/01-alasan.md")
    assert run(folder, "--data", data, "--rencana") == 0
    shown = capsys.readouterr().out
    assert "peringatan[K035]: materi `asas/mengapa` hilang, dan yang baru ini 100% sama: berganti nama?" in shown
    assert run(folder, "--data", data, "--cocokkan", "semua") == 0
    assert "id: asas/mengapa" in (folder / "01-asas/01-alasan.md").read_text()
    assert counted(data) == [(1, 1)]


def test_other_code_stops_until_the_author_says_which(folder, tmp_path, capsys):
    data = tmp_path / "data"
    assert run(folder, "--data", data) == 0
    quiz = folder / "01-asas/02-kuis.md"
    quiz.write_text(quiz.read_text().replace(" {#asas-utama}", ""))
    manifest = folder / "course.yml"
    manifest.write_text("kode: etika-layanan\n" + manifest.read_text())
    capsys.readouterr()
    assert run(folder, "--data", data) == 2
    shown = capsys.readouterr().out
    assert "galat[K110]" in shown and f"--> {manifest}:1:7" in shown
    assert "{#" not in quiz.read_text(), "nothing is written while it is not known which course this is"
    assert run(folder, "--data", data, "--kode-lama", "etika") == 0
    assert "{#asas-utama}" in quiz.read_text()
    assert counted(data) == [(1, 1), (1, 2)]


def test_several_folders_are_published_and_the_failed_ones_named_at_the_end(folder, tmp_path, capsys):
    data = tmp_path / "data"
    second = tmp_path / "lain"
    shutil.copytree(folder, second)
    for path, broken in ((folder, "[ ]"), (second, "[x]")):
        quiz = path / "01-asas/02-kuis.md"
        quiz.write_text(quiz.read_text().replace("[x]", broken).replace("asas-utama", f"asas-{path.name}"))
    assert run(folder, second, "--data", data) == 2
    assert capsys.readouterr().out.endswith(
        f"{folder}: tidak diterbitkan. Edisi yang sekarang tetap berlaku; perbaiki galat di atas, lalu terbitkan lagi.\n"
    )
    assert counted(data) == [(1, 1)]
    with pytest.raises(Refused, match="satu pelatihan"):
        run(folder, second, "--data", data, "--kode-lama", "etika")
