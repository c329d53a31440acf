"""The PDF as a reader sees it: every word is there, nothing is cut, the same input gives the same bytes."""

import io
import re

import pytest
from pypdf import PdfReader

from lms.recognition import pdf
from lms.recognition.types import Subject, SubjectResult
from tests.factories.recognition import VERIFY_URL, make_snapshot

NASTY = 'Si #panic("x") \\ " ] $x^2$ <b>{{7*7}}</b> // /* @ref *tebal* _m_ `k` = ~ #let'
A4_LANDSCAPE = (842, 595)


def read(snapshot, url=VERIFY_URL):
    content = pdf.render(snapshot, verify_url=url)
    return content, PdfReader(io.BytesIO(content))


def squeezed(text):
    """Without blanks and invisible break marks: line breaks are no part of what is said."""
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


def words(reader):
    return [squeezed(page.extract_text()) for page in reader.pages]


def test_front_page_has_every_field():
    snapshot = make_snapshot()
    front = words(read(snapshot)[1])[0]
    for value in (
        "SERTIFIKAT", snapshot.number, snapshot.name, "19860926 201505 2 001", snapshot.rank, snapshot.position, snapshot.unit,
        snapshot.agency, "LULUS", snapshot.course_title, "6 JP", "E-learning", "2–5 Maret 2026", snapshot.organizer,
        "2 (versi 2026.2)", "Tanjung Lentera, 5 Maret 2026", snapshot.signatory_position, snapshot.signatory_name,
        "NIP 19700101 199503 1 002", "7K3M-9QXT-2B4D-01Z8", VERIFY_URL,
    ):  # fmt: skip
        assert squeezed(value) in front


def test_back_page_has_subjects_results_and_predicate_but_no_score():
    content, reader = read(make_snapshot())
    front, back = words(reader)
    for value in (
        "Mengapa pelayanan publik",
        "20 menit",
        "Selesai",
        "Lulus",
        "Diakui melalui tes awal",
        "predikat Memuaskan",
        "1 modul diakui",
    ):
        assert squeezed(value) in back
    assert "Memuaskan" not in front
    assert "84,5" not in front + back
    assert "8450" not in front + back


def test_pages_are_a4_landscape():
    sizes = {(round(page.mediabox.width), round(page.mediabox.height)) for page in read(make_snapshot())[1].pages}
    assert sizes == {A4_LANDSCAPE}


def test_sixty_subjects_flow_on_and_every_title_is_there():
    subjects = tuple(
        Subject(
            f"Materi nomor {number:02} " + "tentang pelayanan yang baik " * (number % 6),
            number,
            SubjectResult.FINISHED,
            f"Modul {number // 10}",
        )
        for number in range(60)
    )
    content, reader = read(make_snapshot(subjects=subjects))
    assert len(reader.pages) >= 3
    text = "".join(words(reader)[1:])
    for subject in subjects:
        assert squeezed(subject.title) in text
    assert all("Hasil" in page for page in words(reader)[1:-1])
    assert f"Halaman{len(reader.pages)}dari{len(reader.pages)}" in words(reader)[-1]
    assert "predikatMemuaskan" in words(reader)[-1]


@pytest.mark.parametrize(
    "field", ["name", "position", "unit", "agency", "course_title", "organizer", "place", "signatory_name", "number", "jp_note"]
)
def test_text_is_never_markup(field):
    assert squeezed(NASTY) in "".join(words(read(make_snapshot(**{field: NASTY}))[1]))


def test_nasty_subject_titles_are_printed_as_they_are():
    text = words(read(make_snapshot(subjects=(Subject(NASTY, 5, SubjectResult.FINISHED, NASTY),)))[1])[1]
    assert text.count(squeezed(NASTY)) == 2


def test_the_longest_values_stay_on_the_front_page():
    long = make_snapshot(
        name=("Prof. Dr. Ir. H. Andi " * 6)[:120],
        position="Analis " * 28,
        unit="Dinas Besar " * 16,
        agency="Pemerintah Kabupaten " * 9,
        course_title="Judul panjang sekali " * 12,
        organizer="Badan " * 33,
        signatory_position="Kepala " * 28,
        signatory_name="Drs. " * 40,
        number="0042/" + "PANJANG/" * 14,
        place="Tanjung " * 10,
    )
    content, reader = read(long, VERIFY_URL + "x" * 120)
    assert len(reader.pages) == 2
    front = words(reader)[0]
    for value in (
        long.name,
        long.position,
        long.unit,
        long.agency,
        long.course_title,
        long.organizer,
        long.signatory_name,
        long.number,
    ):
        assert squeezed(value) in front


def test_a_name_without_blanks_is_complete():
    name = "A" * 120
    assert name in words(read(make_snapshot(name=name))[1])[0]


def test_empty_fields_leave_no_empty_labels():
    bare = make_snapshot(
        nip="", rank="", position="", unit="", place="", signatory_name="", signatory_nip="", signatory_position="",
        course_version="", predicate="", jp_note="", subjects=(), jp=0, minutes=0, organizer="", agency="",
    )  # fmt: skip
    content, reader = read(bare)
    front, back = words(reader)
    for label in ("NIP", "Jabatan", "Unitkerja", "Penyelenggara"):
        assert label not in front
    assert "LULUS" in front


def test_pppk_have_a_grade_and_no_rank_name():
    front = words(read(make_snapshot(employment_kind="pppk", rank="IX"))[1])[0]
    assert "GolonganIX" in front
    assert "Pangkat" not in front


@pytest.mark.parametrize(
    "name", ["Siti 王 Rahma", "Ni Luh ᬅᬓ᭄ᬱᬭ", "Naïve Çelik Ñandú Đặng", "A\u0000\u0007B\u202eC", "\U0001f600", "\ufffd\ud83d"]
)
def test_a_letter_the_font_lacks_still_gives_a_certificate(name):
    content, reader = read(make_snapshot(name=name))
    assert len(reader.pages) == 2


def test_same_input_gives_the_same_bytes():
    assert pdf.render(make_snapshot(), verify_url=VERIFY_URL) == pdf.render(make_snapshot(), verify_url=VERIFY_URL)


def test_pdf_is_tagged_archivable_plain_and_small():
    content, reader = read(make_snapshot())
    catalogue = reader.trailer["/Root"]
    metadata = catalogue["/Metadata"].get_data().decode()
    assert catalogue["/MarkInfo"]["/Marked"] is not None
    assert catalogue["/Lang"] == "id"
    assert ("<pdfaid:part>2</pdfaid:part>" in metadata, "<pdfuaid:part>1</pdfuaid:part>" in metadata) == (True, True)
    assert (reader.is_encrypted, "/AcroForm" in catalogue, len(content) <= 1_000_000) == (False, False, True)
    assert reader.metadata.title == "Sertifikat 0042/PELAYANAN-PUBLIK-DASAR/DKPS/III/2026"


def test_no_claim_of_an_electronic_signature():
    text = "".join(words(read(make_snapshot())[1]))
    assert "elektronik" not in text
    assert "BSrE" not in text


def test_pictures_of_all_pages():
    pictures = pdf.render_png(make_snapshot(), verify_url=VERIFY_URL, ppi=20)
    assert [picture[:4] for picture in pictures] == [b"\x89PNG", b"\x89PNG"]
