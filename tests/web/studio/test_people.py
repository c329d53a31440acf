"""The studio's pages about people: mentors, and what learners answered to surveys."""

import pytest
from sqlalchemy import select

from lms.people.models import CourseMentor
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from lms.web.studio.surveys import cell
from tests.factories import marking as make
from tests.factories.marking import publish_people
from tests.factories.people import PASSWORD, make_person

HOSTILE = '=HYPERLINK("http://x")<svg onload=alert(1)>{{7*7}}'


@pytest.fixture
def published(session, agency, tmp_path, now):
    return publish_people(session, tmp_path, now, key="tulisan", title="Menulis Rencana")


@pytest.fixture
def author(browser, published):
    browser.sign_in("penulis", PASSWORD)
    return browser


def test_mentors_are_named_by_nip_and_removed_again_audited(author, new_browser, session, agency, published):
    with write_tx(session):
        make_person(session, nip="198609262015031001", identifier="mentor", password=PASSWORD, name="Mentor <b>Satu</b>")
    author.get("/studio/tulisan/mentor")
    author.post("/studio/tulisan/mentor", {"number": "199001012020121009"}, status=400)
    assert "Tidak ada pegawai aktif" in author.page and "199001012020121009" in author.page
    author.follow(author.post("/studio/tulisan/mentor", {"number": "mentor"}))
    assert "Mentor &lt;b&gt;Satu&lt;/b&gt;" in author.page
    mentor = new_browser()
    mentor.sign_in("mentor", PASSWORD)
    mentor.get("/")
    assert 'href="/penilaian"' in mentor.page
    mentor.get("/penilaian")
    mentor.get("/studio/tulisan/mentor", 403)
    session.rollback()
    person_id = session.scalars(select(CourseMentor.person_id)).one()
    author.get("/studio/tulisan/mentor")
    author.follow(author.post(f"/studio/tulisan/mentor/{person_id}/hapus"))
    author.post(f"/studio/tulisan/mentor/{2**70}/hapus")
    mentor.get("/penilaian", 403)
    session.rollback()
    told = session.scalars(select(AuditEntry).where(AuditEntry.action.like("course.%mentor")).order_by(AuditEntry.id)).all()
    assert [(one.action, one.actor_id, one.detail) for one in told] == [
        ("course.add_mentor", agency["penulis"].id, {"person_id": person_id}),
        ("course.remove_mentor", agency["penulis"].id, {"person_id": person_id}),
    ]
    author.get("/studio/tidak-ada/mentor", 404)


def test_survey_results_are_hidden_while_few_and_drawn_with_a_table_from_five_on(author, session, published, now):
    answers = ({"scale": {"0": 5, "1": 2}}, {"choice": 1}, {"text": HOSTILE})
    for _ in range(4):
        make.hand_in(session, make.learner(session, published, now), published, now, *answers, key="evaluasi")
    author.get("/studio/tulisan/evaluasi")
    assert author.page.count("Baru 4 jawaban") == 3 and "HYPERLINK" not in author.page
    assert "disembunyikan" in author.get("/studio/tulisan/evaluasi/unduh").text
    make.hand_in(session, make.learner(session, published, now), published, now, *answers, key="evaluasi")
    author.get("/studio/tulisan/evaluasi")
    assert "5 orang mengisi, tanpa nama" in author.page and "Rata-rata 5" in author.page and "Setiap minggu" in author.page
    assert 'width="100.0%" height="26"' in author.page and "<svg onload" not in author.page
    file = author.get("/studio/tulisan/evaluasi/unduh")
    assert file.headers["Content-Disposition"] == 'attachment; filename="evaluasi-tulisan.csv"'
    lines = file.data.decode("utf-8").splitlines()
    assert lines[0] == "\ufeffEvaluasi;Pertanyaan;Pernyataan;Jawaban;Jumlah"
    assert sum("'=HYPERLINK" in line for line in lines) == 5 and any("Setiap minggu;5" in line for line in lines)


def test_course_without_a_survey_says_so(author, session, tmp_path):
    author.get("/studio/pelayanan-publik-dasar/evaluasi")
    assert "belum punya evaluasi" in author.page
    author.get("/studio/tidak-ada/evaluasi", 404)
    author.get("/studio/tidak-ada/evaluasi/unduh", 404)


@pytest.mark.parametrize(("text", "kept"), [("=1+1", "'=1+1"), ("-", "'-"), ("@x", "'@x"), ("Baik", "Baik"), ("", "")])
def test_no_cell_is_a_formula(text, kept):
    assert cell(text) == kept
