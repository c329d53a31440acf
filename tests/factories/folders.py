"""A small real course folder, to publish, change and publish again."""

import re
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lms.authoring import publishing
from lms.authoring.publishing import Proposal

KEY = "etika"
LESSON, MOVED, QUIZ, OTHER_QUIZ = (
    "01-asas/01-mengapa.md",
    "02-standar/01-menyusun.md",
    "01-asas/02-kuis.md",
    "02-standar/02-kuis.md",
)
TEXT = (
    "Warga berhak dilayani dengan ramah, cepat, dan jelas. Petugas loket menyebut namanya, mendengarkan sampai selesai, lalu "
    "menjelaskan apa yang dapat dibantu hari itu juga."
)
FILES = {
    "course.yml": "judul: Etika Layanan\nringkasan: Contoh kecil untuk petugas loket.\njp: 1\nmenit: 45\n",
    "README.md": "# Etika Layanan\n\nUntuk petugas loket.\n",
    LESSON: f"---\njudul: Mengapa\n---\n\n# Mengapa\n\n{TEXT}\n",
    QUIZ: (
        "---\njudul: Kuis asas\njenis: kuis\nacak-pilihan: tidak\n---\n\n# Kuis asas\n\n"
        "## Soal 1: Apa asas utama pelayanan publik menurut undang-undang? {#asas-utama}\n\n"
        "- [x] Kepentingan umum\n- [ ] Keuntungan instansi\n- [ ] Kerahasiaan prosedur\n\n> **Pembahasan:** Pasal 4.\n\n"
        "## Soal 2: Siapa yang wajib menyusun standar pelayanan di setiap unit? {#penyusun}\n\n"
        "- [x] Penyelenggara layanan\n- [ ] Warga yang mengantre\n- [ ] Lembaga swadaya\n\n> **Pembahasan:** Pasal 20.\n"
    ),
    MOVED: (
        "---\njudul: Menyusun standar\n---\n\n# Menyusun standar\n\nStandar disusun bersama warga: siapa berhak, apa syaratnya, "
        "berapa lama, berapa biayanya, dan ke mana mengadu bila janji itu tidak ditepati.\n"
    ),
    OTHER_QUIZ: (
        "---\njudul: Kuis standar\njenis: kuis\nacak-pilihan: tidak\n---\n\n# Kuis standar\n\n"
        "## Soal 1: Berapa hari paling lama pengaduan warga harus dijawab oleh unit? {#hari-aduan}\n\n"
        "- [x] Lima hari kerja\n- [ ] Tiga puluh hari kerja\n- [ ] Tanpa batas waktu\n\n> **Pembahasan:** Maklumat.\n"
    ),
}


def write_folder(root: Path, **over: str) -> Path:
    """The folder `root`/etika. `over` replaces whole files by path with `/`, `-` and `.` as they are (use ** of a dict)."""
    folder = root / KEY
    for name, text in {**FILES, **over}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def edit(folder: Path, file: str, *changes: tuple[str, str]) -> None:
    """Replace texts in a file; each must be there."""
    text = (folder / file).read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (folder / file).write_text(text, "utf-8")


def drop_ids(folder: Path) -> None:
    """What re-uploading an old Notepad copy does: every `{#id}` is gone."""
    for path in folder.rglob("*.md"):
        path.write_text(re.sub(r" \{#[a-z0-9-]+\}", "", path.read_text("utf-8")), "utf-8")


def proposed(session: Session, folder: Path, **over: Any) -> Proposal:
    """The plan of a folder that checks clean."""
    examined = publishing.examine(folder)
    assert not examined.has_errors, examined.problems
    found = publishing.propose(session, examined, **over)
    session.rollback()
    return found
