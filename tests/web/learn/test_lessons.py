"""Reading a lesson: cheap, conditional, and honest about what is done."""

from lms.content import library
from tests.factories.answers import inline_form

COURSE = "/pelatihan/pelayanan-publik-dasar"
LESSON = f"{COURSE}/asas/dua-belas-asas"


def test_opening_a_lesson_costs_the_guard_and_three_selects(signed_in, statements):
    signed_in.get(LESSON)
    signed_in.get(LESSON)
    assert len(statements.selects) <= 4, statements.selects


def test_unchanged_lesson_is_not_sent_again(signed_in, statements):
    tag = signed_in.get(LESSON).headers["ETag"]
    response = signed_in.get(LESSON, status=304, headers={"If-None-Match": tag})
    assert (response.data, len(statements.selects) <= 3) == (b"", True)


def test_lesson_is_sent_again_once_something_was_done(signed_in):
    tag = signed_in.get(f"{COURSE}/asas/mengapa").headers["ETag"]
    signed_in.post(f"{COURSE}/asas/mengapa")
    response = signed_in.get(f"{COURSE}/asas/mengapa", headers={"If-None-Match": tag})
    assert response.headers["ETag"] != tag and "Tandai selesai" not in response.text


def test_lesson_that_asks_for_right_answers_says_what_is_missing_and_keeps_the_page(signed_in):
    signed_in.get(LESSON)
    response = signed_in.post(LESSON, status=400)
    assert "Masih ada 1 dari 1 soal" in response.text and "Dua Belas Asas" in response.text


def test_wrong_then_right_answer_shows_feedback_then_the_key(signed_in, session, agency):
    edition = library.current(session, "pelayanan-publik-dasar").edition_id
    question = library.current(session, "pelayanan-publik-dasar").outline.item("asas/dua-belas-asas").question_ids[0]
    signed_in.get(LESSON)
    signed_in.follow(
        signed_in.post(
            f"/jawab/pelayanan-publik-dasar/{question}", inline_form(session, agency["peserta"].id, edition, question, False)
        )
    )
    assert "Belum tepat" in signed_in.page and "Pembahasan" not in signed_in.page
    signed_in.follow(
        signed_in.post(f"/jawab/pelayanan-publik-dasar/{question}", inline_form(session, agency["peserta"].id, edition, question))
    )
    assert "✓ Benar" in signed_in.page and "Pembahasan" in signed_in.page


def test_empty_answer_is_a_kind_sentence(signed_in):
    signed_in.get(LESSON)
    response = signed_in.post("/jawab/pelayanan-publik-dasar/jumlah-asas", {}, status=400)
    assert '<p class="galat" role="alert" tabindex="-1" autofocus>Belum ada jawaban yang diisi.' in response.text, (
        "the page opens there"
    )


def test_reading_needs_no_enrolment_but_marking_does(browser, agency):
    browser.sign_in("rekan", "lampu minyak di beranda")
    browser.get(f"{COURSE}/asas/mengapa")
    assert "Ikuti pelatihan ini" in browser.page and "Tandai selesai" not in browser.page
    assert "Anda belum ikut" in browser.post(f"{COURSE}/asas/mengapa", status=409).text


def test_place_is_remembered_by_the_beacon_and_home_leads_there(signed_in):
    signed_in.get(f"{COURSE}/standar/menyusun-standar")
    fields = {"course": "pelayanan-publik-dasar", "item": "standar/menyusun-standar", "heading": "b-langkah"}
    signed_in.post("/tempat", fields, status=204)
    signed_in.get("/")
    assert f'href="{COURSE}/standar/menyusun-standar#b-langkah"' in signed_in.page


def test_foreign_and_missing_things_look_the_same(signed_in):
    addresses = (f"{COURSE}/tidak-ada", "/pelatihan/tidak-ada", "/percobaan/xxxx", "/percobaan/xxxx/hasil", "/media/00/x.png")
    assert [signed_in.get(address, status=404).status_code for address in addresses] == [404] * 5
