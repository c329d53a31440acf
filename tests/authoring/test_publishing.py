"""Lost ids, reused ids, changed keys and codes: found where they stand, decided by the author, written into the files."""

import pytest
from sqlalchemy import select

from lms.authoring import publishing
from lms.authoring.publishing import Order
from lms.content import library
from lms.content.plan import Change
from lms.errors import NotFound, Refused
from lms.progress import actions as progress
from lms.quizzes import actions as quizzes
from lms.quizzes.models import FollowUp
from lms.quizzes.types import RegradeMode
from lms.store.engine import write_tx
from tests.factories.folders import FILES, KEY, LESSON, MOVED, OTHER_QUIZ, QUIZ, drop_ids, edit, proposed, write_folder
from tests.factories.people import make_person, make_unit
from tests.factories.quizzes import begin, hand_in


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "kursus")


def publish(session, folder, tmp_path, now, **over):
    proposal = proposed(session, folder, former=over.get("former", ""))
    publishing.write_ids(proposal, {})
    proposal = proposed(session, folder, former=over.get("former", ""))
    order = Order(proposal.compiled, tmp_path, **over)
    made = publishing.ready(order)
    with write_tx(session):
        return publishing.publish(session, order, made, now=now)


def told(proposal):
    """(code, file, line, message) of everything found against the published course."""
    return [(one.code, one.file, one.line, one.message) for one in proposal.problems if one not in proposal.examined.problems]


def pairs(proposal):
    return [(pair.new_id, pair.old_id, pair.percent, pair.is_sure) for pair in proposal.plan.lost_questions]


def test_old_copy_without_ids_is_recognised_whatever_the_order(session, folder, tmp_path, now):
    """Exactly the same text anywhere, and nearly the same in the same quiz, get their ids back without asking."""
    publish(session, folder, tmp_path, now)
    drop_ids(folder)
    edit(
        folder,
        QUIZ,
        ("- [x] Kepentingan umum\n- [ ] Keuntungan instansi\n", "- [ ] Keuntungan instansi\n- [x] Kepentingan umum\n"),
        ("Siapa yang wajib menyusun", "Siapakah yang wajib menyusun"),
    )
    proposal = proposed(session, folder)
    assert proposal.recognised == (((QUIZ, 9), "asas-utama"), ((QUIZ, 17), "penyusun"), ((OTHER_QUIZ, 9), "hari-aduan"))
    assert pairs(proposal) == []
    assert {change.question_id: change.change for change in proposal.plan.questions} == {
        "asas-utama": Change.WORDING,
        "penyusun": Change.WORDING,
    }
    assert (folder / QUIZ).read_text().count("{#") == 0, "looking writes nothing"
    assert [stamp.id for stamp in publishing.write_ids(proposal, {})] == ["asas-utama", "penyusun", "hari-aduan"]
    assert proposed(session, folder).examined.without_id == frozenset()


def test_same_text_elsewhere_is_the_same_but_a_likeness_elsewhere_is_asked(session, folder, tmp_path, now):
    publish(session, folder, tmp_path, now)
    moved = FILES[QUIZ] + "\n## Soal" + FILES[OTHER_QUIZ].split("## Soal")[1].replace(" {#hari-aduan}", "")
    write_folder(
        folder.parent,
        **{QUIZ: moved, OTHER_QUIZ: FILES[OTHER_QUIZ].replace("Berapa hari", "Berapa jam").replace("{#hari-aduan}", "{#jam}")},
    )
    assert proposed(session, folder).recognised == (((QUIZ, 25), "hari-aduan"),)
    edit(folder, QUIZ, ("Berapa hari paling lama", "Berapa lama"))
    edit(folder, OTHER_QUIZ, ("Berapa jam paling lama pengaduan warga harus dijawab oleh unit", "Ke mana warga mengadu"))
    proposal = proposed(session, folder)
    [(new_id, old_id, percent, is_sure)] = pairs(proposal)
    assert (old_id, is_sure, 90 <= percent < 100) == ("hari-aduan", False, True)
    assert told(proposal) == [("K033", QUIZ, 25, f"soal ini {percent}% sama dengan `hari-aduan` yang hilang")]
    [doubt] = publishing.doubts(session, proposal)
    assert (doubt.is_question, doubt.is_open, doubt.file, doubt.line) == (True, True, QUIZ, 25)
    assert doubt.old_text == (
        "Berapa hari paling lama pengaduan warga harus dijawab oleh unit?",
        "Lima hari kerja", "Tiga puluh hari kerja", "Tanpa batas waktu",
    )  # fmt: skip
    assert doubt.new_text[0] == "Berapa lama pengaduan warga harus dijawab oleh unit?"
    publishing.write_ids(proposal, {new_id: old_id})
    assert "{#hari-aduan}" in (folder / QUIZ).read_text()
    assert told(proposed(session, folder)) == []


def test_question_rewritten_by_a_third_is_asked_and_may_be_new(session, folder, tmp_path, now):
    publish(session, folder, tmp_path, now)
    drop_ids(folder)
    edit(
        folder,
        QUIZ,
        ("Siapa yang wajib menyusun standar pelayanan di setiap unit?", "Siapa menyusun standar di unit?"),
        ("Warga yang mengantre", "Warga"),
    )
    proposal = proposed(session, folder)
    [(new_id, old_id, percent, is_sure)] = pairs(proposal)
    assert (old_id, is_sure, 60 <= percent < 90) == ("penyusun", False, True)
    assert told(proposal) == [("K033", QUIZ, 17, f"soal ini {percent}% sama dengan `penyusun` yang hilang")]
    publishing.write_ids(proposal, {})
    after = proposed(session, folder)
    [doubt] = publishing.doubts(session, after)
    assert (doubt.is_open, doubt.pair.old_id) == (False, "penyusun"), (
        "the file says now that it is new; still told, never required"
    )
    publishing.write_ids(after, {doubt.pair.new_id: "penyusun"})
    assert "{#penyusun}" in (folder / QUIZ).read_text()
    assert told(proposed(session, folder)) == []


def test_different_question_is_new(session, folder, tmp_path, now):
    publish(session, folder, tmp_path, now)
    edit(
        folder,
        OTHER_QUIZ,
        ("{#hari-aduan}", ""),
        ("Berapa hari paling lama pengaduan warga harus dijawab oleh unit?", "Di mana?"),
    )
    edit(folder, OTHER_QUIZ, ("Lima hari kerja", "Di loket"), ("Tiga puluh hari kerja", "Di rumah"), ("Tanpa batas waktu", "-"))
    assert pairs(proposed(session, folder)) == []


@pytest.mark.parametrize(
    ("stem", "options", "is_reused"),
    [
        ("Berapa lama paspor biasa berlaku bagi orang dewasa?", ("Sepuluh tahun", "Dua tahun", "Satu tahun"), True),
        (
            "Berapa lama paspor biasa berlaku bagi orang dewasa?",
            ("Lima hari kerja", "Tiga puluh hari kerja", "Tanpa batas waktu"),
            True,
        ),
        ("Berapa hari paling lama aduan warga harus dijawab?", ("Tanpa batas", "Lima hari kerja", "Tiga puluh hari"), False),
    ],
    ids=["other question", "other stem over the same options", "the same, reworded and reordered"],
)
def test_id_of_a_deleted_question_may_only_return_on_the_same(session, folder, tmp_path, now, stem, options, is_reused):
    publish(session, folder, tmp_path, now)
    original = (folder / OTHER_QUIZ).read_text()
    edit(folder, OTHER_QUIZ, ("{#hari-aduan}", "{#lain}"), ("Berapa hari", "Ke mana"))
    publish(session, folder, tmp_path, now)
    (folder / OTHER_QUIZ).write_text(original)
    edit(folder, OTHER_QUIZ, ("Berapa hari paling lama pengaduan warga harus dijawab oleh unit?", stem), ("Lima hari kerja", "A"))
    edit(folder, OTHER_QUIZ, ("Tiga puluh hari kerja", options[1]), ("Tanpa batas waktu", options[2]), ("] A", f"] {options[0]}"))
    proposal = proposed(session, folder)
    found = [one for one in told(proposal) if one[0] == "K034"]
    message = "ID `hari-aduan` pernah dipakai soal yang sudah dihapus (terbit 05-03-2026)"
    assert found == ([("K034", OTHER_QUIZ, 9, message)] if is_reused else [])
    assert proposal.is_blocked == is_reused


def test_changed_key_is_told_with_its_place_and_counts(session, folder, tmp_path, now):
    publish(session, folder, tmp_path, now)
    published = library.current(session, KEY)
    with write_tx(session):
        unit = make_unit(session)
        people = [make_person(session, unit=unit) for _ in range(3)]
    for number, person in enumerate(people):
        with write_tx(session):
            progress.enrol(session, person_id=person.id, published=published, now=now)
        token = begin(session, person.id, published, now, "asas/kuis")
        answer_choice(session, person.id, token, number % 2, now)
        hand_in(session, person.id, token, now)
    edit(folder, QUIZ, ("[x] Kepentingan", "[ ] Kepentingan"), ("[ ] Keuntungan", "[x] Keuntungan"))
    proposal = proposed(session, folder)
    assert told(proposal) == [
        ("K036", QUIZ, 9, "kunci berubah sejak terbit: A → B, 3 jawaban lama; 1 menjadi benar, 2 menjadi salah")
    ]
    assert (proposal.changes_meaning, proposal.is_blocked) == (True, False)


def answer_choice(session, person_id, token, choice, now):
    with write_tx(session):
        for position in (1, 2):
            quizzes.save_answer(
                session, person_id=person_id, token=token, position=position, answer={"choice": choice}, sequence=None, now=now
            )


def test_renamed_lesson_and_moved_lesson_are_asked_and_keep_their_keys(session, folder, tmp_path, now):
    publish(session, folder, tmp_path, now)
    (folder / LESSON).rename(folder / "01-asas/01-alasan.md")
    edit(folder, "01-asas/01-alasan.md", ("dengan ramah, cepat, dan jelas", "dengan ramah dan jelas"))
    (folder / MOVED).rename(folder / "01-asas/03-menyusun.md")
    (folder / QUIZ).rename(folder / "01-asas/04-kuis-asas.md")
    proposal = proposed(session, folder)
    found = sorted((pair.old_id, pair.new_id) for pair in proposal.plan.lost_items)
    assert found == [
        ("asas/kuis", "asas/kuis-asas"), ("asas/mengapa", "asas/alasan"), ("standar/menyusun", "asas/menyusun"),
    ]  # fmt: skip
    messages = [one for one in told(proposal) if one[1] == "01-asas/03-menyusun.md"]
    assert messages == [
        ("K035", "01-asas/03-menyusun.md", 1, "materi `standar/menyusun` hilang, dan yang baru ini 100% sama: berganti nama?")
    ]
    assert not proposal.plan.is_correction
    publishing.write_item_ids(proposal, {pair.new_id: pair.old_id for pair in proposal.plan.lost_items})
    after = proposed(session, folder)
    assert (told(after), after.plan.is_correction) == ([], True)
    assert {(change.change, change.key) for change in after.plan.items if change.change is Change.MOVED} >= {
        (Change.MOVED, "standar/menyusun")
    }
    assert "id: asas/mengapa" in (folder / "01-asas/01-alasan.md").read_text()


def test_quiz_with_other_questions_is_no_renamed_quiz(session, folder, tmp_path, now):
    """Both say only "Kerjakan kuis ini": what they ask makes the difference."""
    for name in (QUIZ, OTHER_QUIZ):
        edit(folder, name, ("\n## Soal 1", "\nKerjakan kuis ini.\n\n## Soal 1"))
    publish(session, folder, tmp_path, now)
    other = (
        FILES[OTHER_QUIZ].replace("hari-aduan", "x1").replace("Berapa hari paling lama pengaduan warga harus dijawab", "Kapan")
    )
    (folder / OTHER_QUIZ).unlink()
    other = (
        other.replace("Lima hari kerja", "Pagi").replace("Tiga puluh hari kerja", "Siang").replace("Tanpa batas waktu", "Sore")
    )
    (folder / "02-standar/09-lain.md").write_text(other.replace("\n## Soal 1", "\nKerjakan kuis ini.\n\n## Soal 1"))
    assert proposed(session, folder).plan.lost_items == ()


def test_other_code_is_an_error_until_the_author_says_which(session, folder, tmp_path, now):
    publish(session, folder, tmp_path, now)
    edit(folder, "course.yml", ("judul: Etika Layanan\n", "judul: Etika Layanan\nkode: etika-layanan\n"))
    proposal = proposed(session, folder)
    assert told(proposal) == [
        ("K110", "course.yml", 2, "course.yml: kode `etika-layanan` tidak sama dengan yang terbit, `etika`")
    ]
    assert proposal.is_blocked
    assert not proposed(session, folder, is_new=True).is_blocked
    renamed = proposed(session, folder, former=KEY)
    assert (renamed.is_blocked, renamed.plan.number, renamed.plan.revision) == (False, 1, 2)
    with pytest.raises(NotFound, match="tidak-ada"):
        proposed(session, folder, former="tidak-ada")
    publish(session, folder, tmp_path, now, former=KEY)
    assert library.current(session, KEY).course_key == "etika-layanan"
    again = proposed(session, folder, former=KEY)
    assert (again.plan.changed, again.former) == (False, "")
    edit(folder, "course.yml", ("kode: etika-layanan\n", "kode: etika\n"))
    [(code, _, line, message)] = told(proposed(session, folder))
    assert (code, line, message) == ("K110", 2, "course.yml: kode `etika` tidak sama dengan yang terbit, `etika-layanan`")


def test_copy_of_a_course_beside_it_is_no_renamed_course(session, folder, tmp_path, now):
    publish(session, folder, tmp_path, now)
    copy = write_folder(tmp_path / "kursus" / "tiruan")
    copy = copy.rename(tmp_path / "kursus" / "etika-2")
    assert not proposed(session, copy).is_blocked
    moved = folder.rename(copy.with_name("2026-etika"))
    edit(moved, "course.yml", ("judul: Etika Layanan\n", 'judul: Etika Layanan\nkode: "etika"\n'))
    assert not proposed(session, copy).is_blocked
    moved.rename(tmp_path / "etika-lama")
    assert proposed(session, copy).is_blocked


def test_publication_carries_the_choice_and_what_it_is_compared_with(session, folder, tmp_path, now):
    publish(session, folder, tmp_path, now)
    first = library.current(session, KEY)
    assert session.scalars(select(FollowUp.edition_id)).all() == [], "nothing went before"
    edit(folder, LESSON, ("ramah", "santun"))
    made = publish(session, folder, tmp_path, now, mode=RegradeMode.KEEP)
    wanted = select(FollowUp.edition_id, FollowUp.since_id, FollowUp.mode, FollowUp.step)
    assert session.execute(wanted).all() == [(made.edition_id, first.edition_id, "tidak", "judge")]
    again = publish(session, folder, tmp_path, now)
    assert (again.changed, session.execute(wanted).all()) == (False, [(made.edition_id, first.edition_id, "tidak", "judge")])
    publish(session, folder, tmp_path, now, mode=RegradeMode.FULL)
    assert session.execute(wanted).all() == [(made.edition_id, None, "penuh", "judge")], "asked for by itself: everything"


def test_folder_fingerprint_follows_every_file(folder):
    before = publishing.examine(folder).fingerprint
    assert publishing.examine(folder).fingerprint == before
    (folder / "berkas").mkdir()
    (folder / "berkas/formulir.txt").write_text("isi")
    after = publishing.examine(folder).fingerprint
    assert after != before
    (folder / "berkas/formulir.txt").write_text("isj")
    assert publishing.examine(folder).fingerprint not in (before, after)


def test_folder_that_is_no_course_is_refused(tmp_path):
    with pytest.raises(Refused, match="tidak dapat dibaca"):
        publishing.examine(tmp_path / "tidak-ada")
    with pytest.raises(Refused, match=r"tidak ada course\.yml"):
        publishing.examine(tmp_path)
