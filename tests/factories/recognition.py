"""A certificate's snapshot for tests, every field filled."""

from dataclasses import replace
from typing import Any

from lms.recognition.types import Snapshot, Subject, SubjectResult

CODE = "7K3M9QXT2B4D01Z8"
VERIFY_URL = "https://pelita.tanjunglentera.go.id/verifikasi/7K3M-9QXT-2B4D-01Z8"


def make_snapshot(**over: Any) -> Snapshot:
    snapshot = Snapshot(
        number="0042/PELAYANAN-PUBLIK-DASAR/DKPS/III/2026",
        code=CODE,
        name="Dr. Ir. Andi Siti Rahmawati, S.T., M.Si.",
        nip="198609262015052001",
        rank="Penata Tk. I, III/d",
        position="Analis Kebijakan Ahli Muda",
        unit="Dinas Kependudukan dan Pencatatan Sipil",
        agency="Pemerintah Kota Tanjung Lentera",
        course_key="pelayanan-publik-dasar",
        course_title="Pelayanan Publik Dasar",
        course_version="2026.2",
        edition=2,
        form="E-learning",
        learning_form=16,
        started_on="2026-03-02",
        completed_on="2026-03-05",
        time_zone="Asia/Makassar",
        jp=6,
        minutes=270,
        predicate="Memuaskan",
        organizer="BKPSDM Kota Tanjung Lentera",
        place="Tanjung Lentera",
        issued_on="2026-03-05",
        signatory_name="Drs. H. Muhammad Basri, M.M.",
        signatory_nip="197001011995031002",
        signatory_position="Kepala Badan Kepegawaian dan Pengembangan SDM",
        subjects=(
            Subject("Mengapa pelayanan publik", 20, SubjectResult.FINISHED, "Asas"),
            Subject("Kuis Asas", 10, SubjectResult.PASSED, "Asas"),
            Subject("Menyusun Standar", 25, SubjectResult.TESTED_OUT, "Standar"),
            Subject("Tes akhir", 15, SubjectResult.PASSED),
        ),
        score=8450,
        employment_kind="pns",
        jp_note="1 modul diakui melalui tes awal. JP dihitung dari materi yang dipelajari, 6 dari 8 JP.",
    )
    return replace(snapshot, **over)
