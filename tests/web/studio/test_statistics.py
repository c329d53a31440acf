"""The statistics page: nothing below twenty answers, then figures, picture, and the way to the line of the file."""

import re
from datetime import timedelta

from lms.quizzes.analysis import FEWEST
from tests.content.course_files import write_files
from tests.factories.content import BANK
from tests.factories.people import PASSWORD
from tests.factories.quizzes import add_person, publish_quiz, take


def test_questions_wait_for_twenty_answers_and_then_show_figures(browser, agency, session, tmp_path, data_dir, now):
    published = publish_quiz(session, tmp_path, now)
    address = f"/studio/{published.course_key}/soal"
    browser.sign_in("penulis", PASSWORD)
    for number in range(FEWEST - 1):
        take(session, add_person(session, f"Orang {number}"), published, now - timedelta(days=1), right=number % 5)
    page = browser.get(address)
    assert page.text.count("Baru 19 jawaban; angka tampil mulai 20.") == 4
    assert "Benar sejak awal" not in page.text
    take(session, add_person(session, "Orang terakhir"), published, now - timedelta(days=1), right=4)
    page = browser.get(address)
    assert page.text.count("<dt>Benar sejak awal</dt>") == 4
    assert page.text.count("<circle ") == 4
    assert f"?soal={BANK[0]}#baris-" not in page.text
    write_files(data_dir / "courses", {"2026/course.yml": f"kode: {published.course_key}\n"})
    assert re.search(rf'href="/studio/2026/berkas/[^"?]+\?soal={BANK[0]}#baris-\d', browser.get(address).text)


def test_an_unknown_course_is_missing(browser, agency):
    browser.sign_in("penulis", PASSWORD)
    assert browser.get("/studio/tidak-ada/soal", status=404).status_code == 404
