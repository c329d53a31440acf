"""Surveys and essays inside quizzes on screen, without JavaScript."""

import pytest
from sqlalchemy import select

from lms.content.assignments import Criterion
from lms.content.types import QuestionKind, Scale
from lms.progress import actions as progress
from lms.quizzes.models import AnswerRow, Attempt, SurveyAnswer
from lms.store.engine import write_tx
from tests.factories import marking as make
from tests.factories.content import change_item, publish_course, quiz_rules, sample_course, sample_question
from tests.factories.marking import publish_people
from tests.factories.people import PASSWORD

COURSE = "/pelatihan/tulisan"


@pytest.fixture
def published(session, agency, tmp_path, now):
    return publish_people(session, tmp_path, now, key="tulisan", title="Menulis Rencana")


@pytest.fixture
def learner(browser, published):
    browser.sign_in("peserta", PASSWORD)
    browser.get(COURSE)
    browser.post(f"{COURSE}/daftar")
    return browser


def token_of(session, person):
    session.rollback()
    return session.scalars(select(Attempt.token).where(Attempt.person_id == person.id).order_by(Attempt.id.desc())).first()


def test_survey_is_filled_in_screen_by_screen_and_kept_without_a_name(learner, session, agency):
    learner.get(f"{COURSE}/kuis/evaluasi")
    assert "terpisah dari nama Anda" in learner.page and "Nilai minimum" not in learner.page
    learner.follow(learner.post(f"{COURSE}/kuis/evaluasi"))
    token = token_of(session, agency["peserta"])
    assert "Pertanyaan 1 dari 3" in learner.page and "1 = Sangat tidak setuju · 5 = Sangat setuju" in learner.page
    assert learner.page.count('type="radio"') == 10
    learner.follow(learner.post(f"/percobaan/{token}/soal/1", {"s0": "5", "s1": "9"}))
    learner.get(f"/percobaan/{token}/soal/1")
    assert learner.page.count(" checked") == 1
    learner.get(f"/percobaan/{token}/soal/2")
    value = learner.page.split('name="a" value="')[1].split('"')[0]
    learner.follow(learner.post(f"/percobaan/{token}/soal/2", {"a": value}))
    learner.follow(learner.post(f"/percobaan/{token}/soal/3", {"t": "<b>Waktu</b>"}))
    assert "Kirim jawaban" in learner.page
    learner.follow(learner.post(f"/percobaan/{token}/kirim"))
    assert "Terima kasih, jawaban Anda sudah terkirim" in learner.page and "&lt;b&gt;" not in learner.page
    session.rollback()
    assert session.scalars(select(AnswerRow.attempt_id)).all() == []
    assert sorted(map(str, session.scalars(select(SurveyAnswer.value)))) == [
        "{'choice': 0}",
        "{'scale': {'0': 5}}",
        "{'text': '<b>Waktu</b>'}",
    ]
    learner.get(f"{COURSE}/kuis/evaluasi")
    assert "Anda sudah mengisi evaluasi ini" in learner.page


def test_survey_is_offered_when_the_course_is_finished_and_decides_nothing(learner, session, agency, published, now):
    learner.get(f"{COURSE}/asas/mengapa")
    learner.post(f"{COURSE}/asas/mengapa")
    closed = make.hand_in(session, agency["peserta"], published, now)
    make.mark(session, agency["penulis"], closed.token, now)
    learner.get(f"{COURSE}/sertifikat")
    assert "Isi evaluasi" in learner.page and f"{COURSE}/kuis/evaluasi" in learner.page
    make.hand_in(session, agency["peserta"], published, now, {"scale": {"0": 4}}, key="evaluasi")
    learner.get(f"{COURSE}/sertifikat")
    assert "Isi evaluasi" not in learner.page


def test_named_survey_says_so_and_shows_ones_own_answers(browser, session, agency, tmp_path, now):
    publish_people(session, tmp_path, now, key="bernama", title="Bernama", is_anonymous=False)
    browser.sign_in("peserta", PASSWORD)
    browser.get("/pelatihan/bernama")
    browser.post("/pelatihan/bernama/daftar")
    browser.get("/pelatihan/bernama/kuis/evaluasi")
    assert "Jawaban disimpan bersama nama Anda; penyusun membaca hasilnya sebagai rangkuman." in browser.page
    browser.follow(browser.post("/pelatihan/bernama/kuis/evaluasi"))
    token = token_of(session, agency["peserta"])
    browser.post(f"/percobaan/{token}/soal/3", {"t": "<b>Waktu</b>"}, form_at=f"/percobaan/{token}/soal/3")
    browser.get(f"/percobaan/{token}/periksa")
    browser.follow(browser.post(f"/percobaan/{token}/kirim"))
    assert "&lt;b&gt;Waktu&lt;/b&gt;" in browser.page and "Belum tepat" not in browser.page
    publish_people(session, tmp_path, now, key="bernama", title="Bernama")
    browser.get(f"/percobaan/{token}/hasil")
    assert "Jawaban disimpan bersama nama Anda" in browser.page and "&lt;b&gt;Waktu&lt;/b&gt;" in browser.page
    browser.get("/pelatihan/bernama/kuis/evaluasi")
    assert "terpisah dari nama Anda" in browser.page


def test_survey_made_anonymous_meanwhile_says_so_when_sent(browser, session, agency, tmp_path, now):
    published = publish_people(session, tmp_path, now, key="bernama", title="Bernama", is_anonymous=False)
    with write_tx(session):
        progress.enrol(session, person_id=agency["peserta"].id, published=published, now=now)
    token = make.begin(session, agency["peserta"], published, now, "evaluasi")
    publish_people(session, tmp_path, now, key="bernama", title="Bernama")
    make.submit(session, agency["peserta"], token, now)
    browser.sign_in("peserta", PASSWORD)
    browser.get(f"/percobaan/{token}/hasil")
    assert "Jawaban disimpan tanpa nama" in browser.page


@pytest.mark.parametrize("labels", [(), ("a", "b", "c"), ("Tidak", "Ya")])
def test_scale_without_statements_and_with_any_labels_is_one_question(browser, session, agency, tmp_path, now, labels):
    question = sample_question("skala", QuestionKind.SCALE, text="Seberapa jelas?")
    public = type(question.public)(
        id="skala", kind=QuestionKind.SCALE, points=100, stem=("<p>Seberapa jelas?</p>",), scale=Scale(1, 3, labels)
    )
    course = sample_course(questions={"skala": type(question)(public, question.key, "0" * 64, "1" * 64, "", "a.md", 1)})
    publish_course(session, tmp_path, now, change_item(course, "asas/kuis", quiz=quiz_rules("skala", pass_mark=0, tries=1)))
    browser.sign_in("peserta", PASSWORD)
    browser.get("/pelatihan/pelayanan-publik-dasar")
    browser.post("/pelatihan/pelayanan-publik-dasar/daftar")
    browser.get("/pelatihan/pelayanan-publik-dasar/kuis/asas/kuis")
    browser.follow(browser.post("/pelatihan/pelayanan-publik-dasar/kuis/asas/kuis"))
    assert browser.page.count('name="s0"') == 3


def test_essay_in_a_quiz_waits_beside_what_the_machine_judged(browser, session, agency, tmp_path, now):
    questions = {"esai": sample_question("esai", QuestionKind.ESSAY), "berkas": sample_question("berkas", QuestionKind.FILE)}
    rules = quiz_rules("tunggal", "esai", "berkas")
    published = publish_course(session, tmp_path, now, change_item(sample_course(questions=questions), "asas/kuis", quiz=rules))
    browser.sign_in("peserta", PASSWORD)
    browser.get("/pelatihan/pelayanan-publik-dasar")
    browser.post("/pelatihan/pelayanan-publik-dasar/daftar")
    start = "/pelatihan/pelayanan-publik-dasar/kuis/asas/kuis"
    browser.get(start)
    browser.follow(browser.post(start))
    token = token_of(session, agency["peserta"])
    browser.get(f"/percobaan/{token}/soal/2")
    assert "3–300 kata" in browser.page and "<textarea" in browser.page
    browser.follow(browser.post(f"/percobaan/{token}/soal/2", {"t": "Loket dibuka\npagi."}))
    assert "Pilih berkas" in browser.page and "pdf, png, txt" in browser.page
    script = browser.client.post(
        f"/percobaan/{token}/soal/3",
        data={"csrf_token": browser.token(), "sequence": "1"},
        headers={"Accept": "application/json"},
    )
    assert script.get_json()["sequence"] == 0
    browser.follow(browser.post(f"/percobaan/{token}/soal/3", {"go": "next"}))
    assert "3 kata" in browser.page
    browser.follow(browser.post(f"/percobaan/{token}/kirim"))
    assert "Terkirim, menunggu dinilai" in browser.page and "Menunggu dinilai" in browser.page
    make.mark(session, agency["penulis"], token, now, None, make.FULL)
    browser.get(f"/percobaan/{token}/hasil")
    assert "Dinilai" in browser.page and "1 dari 1 poin" in browser.page
    assert published.outline.item("asas/kuis").quiz == rules and Criterion is not None and write_tx is not None
