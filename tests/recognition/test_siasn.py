"""The record SIASN takes, and the card a learner copies from."""

import pytest

from lms.recognition import siasn
from tests.factories.recognition import make_snapshot


def test_course_record_has_siasns_own_names_and_formats():
    assert siasn.course_record(make_snapshot()) == {
        "namaKursus": "Pelayanan Publik Dasar",
        "nomorSertipikat": "0042/PELAYANAN-PUBLIK-DASAR/DKPS/III/2026",
        "institusiPenyelenggara": "BKPSDM Kota Tanjung Lentera",
        "tanggalKursus": "02-03-2026",
        "tanggalSelesaiKursus": "05-03-2026",
        "tahunKursus": 2026,
        "jumlahJam": 6,
        "jenisDiklatId": 16,
        "jenisKursusSertipikat": "T",
    }


def test_names_are_cut_to_255_characters():
    record = siasn.course_record(make_snapshot(course_title="x" * 300, organizer="y" * 300))
    assert (len(record["namaKursus"]), len(record["institusiPenyelenggara"])) == (255, 255)


@pytest.mark.parametrize(
    ("form", "competencies", "kind"),
    [
        (16, (), "T"), (16, ("Manajerial: Pelayanan publik",), "-"), (16, ("Sosial kultural",), "-"), (16, ("teknis", "manajerial"), "T"),
        (2, (), "F"), (3, (), "T"), (4, (), "P"), (9, ("manajerial",), "P"), (6, (), "-"),
    ],
)  # fmt: skip
def test_kind_of_certificate(form, competencies, kind):
    assert siasn.kind_of(make_snapshot(learning_form=form, competencies=competencies)) == kind


def test_myasn_card_in_the_order_of_the_form():
    assert siasn.myasn_card(make_snapshot()) == [
        ("Nama Kursus", "Pelayanan Publik Dasar"),
        ("Nomor Sertipikat", "0042/PELAYANAN-PUBLIK-DASAR/DKPS/III/2026"),
        ("Institusi Penyelenggara", "BKPSDM Kota Tanjung Lentera"),
        ("Tanggal Kursus", "02-03-2026"),
        ("Tanggal Selesai Kursus", "05-03-2026"),
        ("Tahun Kursus", "2026"),
        ("Jumlah Jam", "6"),
        ("Jenis Diklat", "16 (E-learning)"),
        ("Jenis Kursus Sertipikat", "T"),
    ]
