"""The pages of publishing and of the history: the same plan as the command's, shown before anything happens, and nothing half done."""

import re
import subprocess
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from lms.authoring import follow_up, history
from lms.content import library
from lms.content.models import EditionRow
from lms.progress import actions as progress
from lms.quizzes import actions as quizzes
from lms.quizzes.models import Attempt, Regrade
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from lms.web.studio import publishing as view
from tests.factories.folders import FILES, KEY, LESSON, MOVED, OTHER_QUIZ, QUIZ, drop_ids, edit, write_folder
from tests.factories.people import PASSWORD
from tests.factories.quizzes import begin, hand_in

PAGE = f"/studio/{KEY}/terbitkan"
HISTORY = f"/studio/{KEY}/riwayat"


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "courses")


@pytest.fixture
def author(browser, agency):
    browser.sign_in("penulis", PASSWORD)
    return browser


def words(browser):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", browser.page)).split())


def fields(browser):
    """The hidden fields of the form that publishes, with what was chosen at first."""
    form = browser.page[browser.page.index('class="terbitkan"') :]
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
    chosen = re.search(r'name="mode" value="([^"]+)" checked', form)
    return found | ({"mode": chosen[1]} if chosen else {})


def publish(browser, **over):
    browser.get(over.pop("page", PAGE))
    response = browser.post(PAGE, fields(browser) | over)
    browser.follow(response)
    return response


def numbers(session):
    session.rollback()
    wanted = select(EditionRow.number, EditionRow.revision).order_by(EditionRow.id)
    return [tuple(row) for row in session.execute(wanted)][1:]  # the sample course came first


def answered(session, agency, now, *choices):
    """`peserta` and `rekan` take the quiz of two questions with these choices."""
    session.rollback()
    published = library.current(session, KEY)
    for word, choice in zip(("peserta", "rekan"), choices, strict=False):
        person_id = agency[word].id
        with write_tx(session):
            progress.enrol(session, person_id=person_id, published=published, now=now)
        token = begin(session, person_id, published, now, "asas/kuis")
        with write_tx(session):
            for position in (1, 2):
                quizzes.save_answer(
                    session, person_id=person_id, token=token, position=position, answer={"choice": choice}, sequence=None, now=now
                )  # fmt: skip
        hand_in(session, person_id, token, now)


def move_key(folder):
    edit(folder, QUIZ, ("[x] Kepentingan", "[ ] Kepentingan"), ("[ ] Keuntungan", "[x] Keuntungan"))


def test_first_publication_is_shown_then_made(author, session, agency, folder):
    author.get(PAGE)
    assert "Terbitan pertama: edisi 1, revisi 1." in words(author)
    assert author.page.count("tombol utama") == 1
    assert publish(author, note="  Terbitan   pertama ").headers["Location"].endswith("riwayat?pesan=terbit")
    assert "Sudah terbit" in author.page and "Terbitan pertama" in author.page
    assert numbers(session) == [(1, 1)]
    published = library.current(session, KEY)
    [edition] = history.editions(session, published.course_id)
    assert (edition.by, edition.note, edition.source is not None) == (agency["penulis"].name, "Terbitan pertama", True)
    author.get(PAGE)
    assert "Tidak ada yang berubah sejak edisi 1.1." in words(author)
    assert "tombol utama" not in author.page


def test_errors_stop_publishing_and_lead_to_their_line(author, session, folder):
    publish(author)
    edit(folder, QUIZ, ("[x] Kepentingan", "[ ] Kepentingan"))
    author.get(PAGE)
    assert f'href="/studio/{KEY}/berkas/{QUIZ}?baris=9"' in author.page
    assert "tombol utama" not in author.page
    author.post(PAGE, {"fingerprint": "x", "before": "1"}, status=409, form_at=HISTORY)
    assert numbers(session) == [(1, 1)]


def test_changed_key_offers_the_choice_with_its_consequences(author, session, agency, folder, now):
    publish(author)
    answered(session, agency, now, 0, 1)
    move_key(folder)
    author.get(PAGE)
    told = words(author)
    assert "kunci berubah A → B" in told
    assert "2 jawaban lama; 1 menjadi benar, 1 menjadi salah" in told
    assert "2 peserta yang sedang belajar langsung melihat perbaikannya; kemajuan mereka tidak berubah." in told
    assert fields(author)["mode"] == "tidak-turun"
    publish(author)
    assert "Nilai ulang: 1 naik, 0 turun, 0 peserta jadi lulus kuisnya." in words(author)
    session.rollback()
    assert session.scalars(select(Regrade.score)).all() == [5000]
    choice = select(AuditEntry.actor_id, AuditEntry.detail).where(AuditEntry.action == "attempt.regrade_choice")
    assert session.execute(choice).all() == [(agency["penulis"].id, {"mode": "tidak-turun"})]


def test_old_scores_may_be_left_alone_and_judged_later(author, session, agency, folder, now):
    publish(author)
    answered(session, agency, now, 0, 1)
    move_key(folder)
    publish(author, mode="tidak")
    session.rollback()
    assert session.scalars(select(Regrade.score)).all() == []
    author.follow(author.post(f"{HISTORY}/nilai-ulang", {"mode": "penuh"}, form_at=HISTORY))
    session.rollback()
    assert sorted(session.scalars(select(Regrade.score))) == [5000, 5000]
    assert session.scalars(select(Attempt.score).order_by(Attempt.id)).all() == [10000, 0], "facts stay"


def test_wording_alone_offers_no_choice(author, folder):
    publish(author)
    edit(folder, QUIZ, ("Apa asas utama", "Apakah asas utama"))
    author.get(PAGE)
    assert 'name="mode"' not in author.page
    assert "hanya susunan kata atau penjelasan" in words(author)


def test_files_changed_since_the_plan_show_the_new_plan(author, session, folder):
    author.get(PAGE)
    sent = fields(author)
    edit(folder, LESSON, ("ramah", "santun"))
    author.post(PAGE, sent, status=409)
    assert "Ada berkas yang berubah sejak rencana ini dibuat" in author.page
    assert numbers(session) == []
    author.follow(author.post(PAGE, fields(author)))
    assert numbers(session) == [(1, 1)]


def test_edition_published_meanwhile_shows_the_new_plan(author, session, folder):
    author.get(PAGE)
    sent = fields(author)
    publish(author)
    author.post(PAGE, sent, status=409)
    assert "Tidak ada yang berubah sejak edisi 1.1." in words(author)
    assert numbers(session) == [(1, 1)]


def test_questions_without_ids_are_stamped_and_recognised(author, session, folder):
    publish(author)
    drop_ids(folder)
    edit(folder, OTHER_QUIZ, ("\n> **Pembahasan:** Maklumat.", "\n> **Pembahasan:** Maklumat pelayanan."))
    author.get(PAGE)
    assert "3 soal yang kehilangan ID dikenali kembali dari teksnya." in words(author)
    assert "{#" not in (folder / QUIZ).read_text()
    publish(author)
    assert re.findall(r"\{#([a-z-]+)\}", (folder / QUIZ).read_text()) == ["asas-utama", "penyusun"]
    assert numbers(session) == [(1, 1), (1, 2)]


def test_likeness_is_asked_with_both_texts_before_publishing(author, session, folder):
    publish(author)
    edit(
        folder, QUIZ,
        ("Siapa yang wajib menyusun standar pelayanan di setiap unit? {#penyusun}", "Siapa menyusun standar di unit?"),
        ("Warga yang mengantre", "Warga"),
    )  # fmt: skip
    (folder / MOVED).rename(folder / "01-asas/03-menyusun.md")
    author.get(PAGE)
    told = words(author)
    assert "Jawab dulu 2 pertanyaan" in told
    assert "Siapa yang wajib menyusun standar pelayanan di setiap unit?" in told and "Siapa menyusun standar di unit?" in told
    assert 'class="terbitkan"' not in author.page and author.page.count("tombol utama") == 1
    names = re.findall(r'name="((?:soal|materi):[^"]+)" value="sama"', author.page)
    sent = dict(re.findall(r'<input type="hidden" name="(fingerprint)" value="([^"]*)">', author.page))
    session.rollback()
    author.post(PAGE, sent | {"before": str(library.current(session, KEY).edition_id)}, status=409)
    assert numbers(session) == [(1, 1)], "what only the author can decide is not decided by pressing the other button"
    answers = {name: "sama" if name.startswith("soal") else "baru" for name in names}
    author.follow(author.post(f"{PAGE}/cocokkan", sent | answers))
    assert "Jawab dulu" not in words(author)
    assert "{#penyusun}" in (folder / QUIZ).read_text()
    assert "id: asas/menyusun" in (folder / "01-asas/03-menyusun.md").read_text()
    publish(author)
    assert numbers(session) == [(1, 1), (2, 1)]


def test_answers_for_files_that_changed_meanwhile_are_asked_again(author, folder):
    publish(author)
    (folder / MOVED).rename(folder / "01-asas/03-menyusun.md")
    author.get(PAGE)
    author.follow(author.post(f"{PAGE}/cocokkan", {"fingerprint": "alt", "materi:asas/menyusun": "sama"}))
    assert "Jawab dulu 1 pertanyaan" in words(author)
    assert "id:" not in (folder / "01-asas/03-menyusun.md").read_text()


def test_code_is_renamed_with_everything_that_stays(author, session, folder):
    publish(author)
    author.get(f"/studio/{KEY}/kode")
    assert "alamat lama tetap berlaku" in author.page
    for wrong in ("", "Kode Baru!", KEY, "pelayanan-publik-dasar"):
        author.post(f"/studio/{KEY}/kode", {"code": wrong}, status=400)
    author.follow(author.post(f"/studio/{KEY}/kode", {"code": "etika-layanan"}))
    assert 'kode: "etika-layanan"' in (folder / "course.yml").read_text()
    author.follow(author.post(PAGE, fields(author)))
    session.rollback()
    assert library.current(session, KEY).course_key == "etika-layanan"
    assert numbers(session) == [(1, 1), (1, 2)]
    author.get(f"/studio/{KEY}/riwayat")
    author.get("/studio/etika-layanan/riwayat")
    first = history.editions(session, library.current(session, KEY).course_id)[-1].published.edition_id
    author.follow(author.post(f"{HISTORY}/{first}/kembalikan", form_at=f"{HISTORY}/{first}"))
    assert (folder / "course.yml").read_text() == 'kode: "etika-layanan"\n' + FILES["course.yml"]


def test_code_that_differs_is_asked(author, session, folder):
    publish(author)
    edit(folder, "course.yml", ("judul: Etika Layanan\n", "judul: Etika Layanan\nkode: lain\n"))
    author.get(PAGE)
    assert "Isinya sama dengan pelatihan etika yang sudah terbit, tetapi kodenya kini lain." in words(author)
    assert 'class="terbitkan"' not in author.page
    publish(author, page=f"{PAGE}?baru=1")
    session.rollback()
    assert library.current(session, "lain").course_id != library.current(session, KEY).course_id


def test_history_shows_differences_and_goes_back(author, session, agency, folder, now):
    publish(author)
    answered(session, agency, now, 0, 1)
    session.rollback()
    first = library.current(session, KEY)
    move_key(folder)
    edit(folder, LESSON, ("# Mengapa\n", "# Mengapa kita melayani\n"))
    publish(author, note="Kunci baru")
    author.get(HISTORY)
    assert re.findall(r'<a href="[^"]+">(Edisi [\d.]+)</a>', author.page) == ["Edisi 1.2", "Edisi 1.1"]
    assert "Kunci baru" in author.page and "2 peserta sedang belajar di sini" in author.page
    session.rollback()
    second = library.current(session, KEY)
    author.get(f"{HISTORY}/{second.edition_id}")
    assert "<del><i>−</i># Mengapa</del><ins><i>+</i># Mengapa kita melayani</ins>" in author.page
    assert "kunci berubah A → B" in words(author)
    archive = author.get(f"{HISTORY}/{first.edition_id}/sumber")
    assert archive.data.startswith(b"PK") and "etika-edisi-1.1.zip" in archive.headers["Content-Disposition"]
    author.get(f"{HISTORY}/{first.edition_id}")
    assert "kunci berubah B → A" in words(author) and author.page.count("tombol utama") == 1
    back = f"{HISTORY}/{first.edition_id}/terbitkan"
    author.follow(author.post(back, {"before": "0"}))
    assert "Edisi lain terbit sementara itu" in author.page and numbers(session) == [(1, 1), (1, 2)]
    author.follow(author.post(back, {"before": str(second.edition_id), "mode": "penuh", "note": "Kembali"}))
    assert numbers(session) == [(1, 1), (1, 2), (1, 3)]
    session.rollback()
    assert session.scalars(select(Regrade.score).order_by(Regrade.id.desc()).limit(1)).all() == [0]
    author.follow(author.post(f"{HISTORY}/{first.edition_id}/kembalikan", form_at=f"{HISTORY}/{first.edition_id}"))
    assert (folder / LESSON).read_text() == FILES[LESSON]
    author.get(f"{HISTORY}/999", status=404)
    author.get(f"/studio/pelayanan-publik-dasar/riwayat/{first.edition_id}", status=404)


def test_course_without_a_folder_keeps_its_pages(author, session):
    author.get("/studio/pelayanan-publik-dasar/terbitkan")
    assert "Foldernya tidak ada di studio" in author.page
    author.get("/studio/pelayanan-publik-dasar/riwayat")
    published = library.current(session, "pelayanan-publik-dasar")
    page = f"/studio/pelayanan-publik-dasar/riwayat/{published.edition_id}"
    author.get(page)
    assert "Berkas sumber edisi ini tidak disimpan." in author.page
    author.get(f"{page}/sumber", status=404)
    author.post(f"{page}/kembalikan", status=404, form_at="/studio/pelayanan-publik-dasar/riwayat")
    author.get("/studio/tidak-ada/terbitkan", status=404)
    author.get("/studio/tidak-ada/riwayat", status=404)


def test_course_is_closed_and_opened_again(author, session, folder):
    publish(author)
    author.follow(author.post(f"/studio/{KEY}/tutup", form_at=HISTORY))
    assert "Pelatihan ini ditutup" in author.page
    session.rollback()
    assert library.current(session, KEY).is_retired
    author.follow(author.post(f"/studio/{KEY}/buka"))
    session.rollback()
    assert not library.current(session, KEY).is_retired


def test_edition_is_out_though_the_work_after_it_fails(author, session, agency, folder, now, monkeypatch):
    publish(author)
    answered(session, agency, now, 0, 1)
    move_key(folder)

    def failing(*_, **__):
        raise ValueError("a bad row")

    monkeypatch.setattr(view.follow_up, "advance", failing)
    assert publish(author, mode="penuh").headers["Location"].endswith("riwayat?pesan=terbit")
    assert len(numbers(session)) == 2 and len(follow_up.waiting(session)) == 1


def test_work_beyond_the_request_is_left_and_told(author, session, agency, folder, now, monkeypatch):
    publish(author)
    answered(session, agency, now, 0, 1)
    move_key(folder)
    monkeypatch.setattr(view, "REQUEST_SECONDS", -1.0)
    publish(author, mode="penuh")
    assert "Sedang dikerjakan: jawaban lama dinilai ulang, 2 lagi." in words(author)
    assert "Muat ulang untuk melihat kemajuannya" in author.page
    session.rollback()
    [waiting] = follow_up.waiting(session)
    more = True
    while more:
        with write_tx(session):
            more = follow_up.advance(session, waiting, now=now + timedelta(minutes=1))
    author.get(HISTORY)
    assert "Sedang dikerjakan" not in author.page
    assert "Nilai ulang: 1 naik, 1 turun, 0 peserta jadi lulus kuisnya." in words(author)


def test_publication_is_recorded_in_git_where_that_is_asked(author, folder):
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout

    git("init", "-q", "-b", "main")
    author.get(PAGE)
    assert 'name="git" value="1" checked' in author.page
    assert publish(author, note="Terbit pertama", git="1").headers["Location"].endswith("terbit-git")
    assert git("log", "--format=%s").strip() == "Terbit pertama"
    assert git("status", "--porcelain") == ""
    edit(folder, LESSON, ("ramah", "santun"))
    (folder / ".git" / "MERGE_HEAD").write_text(git("rev-parse", "HEAD"))
    author.get(PAGE)
    assert publish(author, git="1").headers["Location"].endswith("terbit-tanpa-git")
    assert "belum dicatat di git" in author.page
