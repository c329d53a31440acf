"""`lms baru`: a scaffold that is already valid, with comments that say what to change."""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

from lms.content.parse import MANIFEST, load_course
from lms.content.slugs import key_segment
from lms.content.stamp import stamp_ids
from lms.errors import Refused

EXAMPLE = """Contoh:
  lms baru kursus "Pelayanan Publik Dasar"
  lms baru modul "Standar pelayanan" --di pelayanan-publik-dasar
  lms baru pelajaran "Dua belas asas" --di pelayanan-publik-dasar/01-pembuka
  lms baru kuis "Kuis modul 1" --di pelayanan-publik-dasar/01-pembuka"""

KINDS = {"kursus": "course", "modul": "module", "pelajaran": "lesson", "kuis": "quiz"}

COURSE = """\
# Keterangan pelatihan. Baris yang diawali # adalah catatan dan boleh dihapus.
kode: {key}
judul: "{title}"
ringkasan: "Satu kalimat: apa yang dapat peserta lakukan sesudahnya."
bahasa: id
# jp: 2                      # jam pelajaran, 1 JP = 45 menit; isi setelah materinya cukup
penyelenggara: Nama instansi Anda
sasaran: Siapa pesertanya
nilai-lulus: 70
lulus-bila: [semua-pelajaran, semua-kuis, posttest]
sertifikat: ya
"""
COURSE_README = """\
# {title}

Tulis di sini untuk siapa pelatihan ini dan apa yang dapat mereka lakukan sesudahnya. Dua tiga kalimat cukup.
"""
MODULE_README = """\
---
judul: "{title}"
---

# {title}

Satu dua kalimat: apa yang dipelajari di modul ini.
"""
LESSON = """\
---
judul: "{title}"
tujuan:
  - Menyebutkan satu hal yang dapat dilakukan peserta setelah membaca
---

# {title}

Mulai dari keadaan nyata yang dikenal peserta.

> [!TIP]
> Satu gagasan untuk satu paragraf. Lima sampai sepuluh menit untuk satu materi.

## Periksa pemahaman

### Soal: Berapa gagasan sebaiknya ada dalam satu paragraf?

- [x] Satu gagasan
    > Tepat. Pembaca di ponsel mudah mengikutinya.
- [ ] Sebanyak mungkin
    > Belum tepat. Paragraf panjang sering dilewati.

> **Pembahasan:** Paragraf pendek dengan satu gagasan paling mudah dibaca.
"""
QUIZ = """\
---
judul: "{title}"
jenis: kuis
nilai-lulus: 70
percobaan: 3
---

# {title}

## Soal 1: Ganti dengan pertanyaan Anda. Manakah yang ditandai benar?

- [x] Pilihan yang diberi tanda x
    > Tepat. Umpan balik ditulis menjorok di bawah pilihannya.
- [ ] Pilihan yang kotaknya kosong
    > Belum tepat. Kotak kosong berarti salah.

> **Pembahasan:** Setiap soal punya pembahasan, supaya orang belajar dari jawabannya.

## Soal 2: Satu jam pelajaran (JP) sama dengan berapa menit?

Jawaban: 45

Satuan: menit

> **Pembahasan:** Satu JP dihitung 45 menit.
"""
BANK = """\
# Bank soal: {title}

Soal di berkas ini diambil tes awal dan tes akhir. Peserta tidak pernah melihat berkas ini.

## Soal 1: Ganti dengan pertanyaan Anda. Untuk apa tes awal?

Modul: {module}

- [x] Mengetahui yang sudah dan yang belum dikuasai
- [ ] Menentukan siapa yang tidak boleh ikut

> **Pembahasan:** Tes awal menunjukkan titik mulai, supaya kemajuan dapat diukur.

## Soal 2: Ganti dengan pertanyaan Anda. Kapan tes akhir dikerjakan?

Modul: {module}

- [ ] Sebelum membuka materi pertama
- [x] Setelah semua materi selesai

> **Pembahasan:** Tes akhir dibandingkan dengan tes awal.
"""
TEST = """\
---
judul: {title}
jenis: {kind}
---

# {title}

## Kelompok: Pembuka (ambil 1 dari bank/{module}.md)
"""
GLOSSARY = """\
# Istilah

Satu singkatan satu baris; kepanjangannya muncul di setiap materi.

*[ASN]: Aparatur Sipil Negara
*[JP]: Jam pelajaran
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "kind", choices=sorted({*KINDS, *KINDS.values()}), metavar="JENIS", help="kursus, modul, pelajaran atau kuis"
    )
    parser.add_argument("title", metavar="JUDUL", help='judul dalam tanda kutip, misalnya "Dua belas asas"')
    parser.add_argument(
        "--di", "--in", dest="folder", type=Path, default=Path("."), help="folder tempat membuatnya (bawaan: folder ini)"
    )


def run(arguments: argparse.Namespace) -> int:
    title = " ".join(arguments.title.split()).replace('"', "'")
    key = key_segment(title)
    if not key:
        raise Refused("Judul ini tidak dapat menjadi nama berkas. Pakai sedikitnya satu huruf atau angka.")
    if not arguments.folder.is_dir():
        raise Refused(f"Folder {arguments.folder} tidak ada. Buat dulu, atau pilih folder lain dengan --di.")
    kind = {**KINDS, **{name: name for name in KINDS.values()}}[arguments.kind]
    files = _files(kind, arguments.folder, key, title)
    _write(files)
    root = next((folder for folder in next(iter(files)).resolve().parents if (folder / MANIFEST).is_file()), None)
    if root is not None:
        stamp_ids(load_course(root, may_leave_folder=True))
    for path in files:
        print(path)
    print(f"\nBerikutnya: ubah isinya, lalu jalankan `lms check {root or arguments.folder}`.")
    return 0


def _files(kind: str, folder: Path, key: str, title: str) -> dict[Path, str]:
    """Path -> content of everything to write."""
    if kind == "course":
        return _course(folder / key, key, title)
    if kind == "module":
        module = folder / f"{_next_number(folder, '*/')}-{key}"
        return {
            module / "README.md": MODULE_README.format(title=title),
            module / "01-materi-pertama.md": LESSON.format(title="Materi pertama"),
        }
    template = QUIZ if kind == "quiz" else LESSON
    return {folder / f"{_next_number(folder, '*.md')}-{key}.md": template.format(title=title)}


def _course(root: Path, key: str, title: str) -> dict[Path, str]:
    module = "pembuka"
    return {
        root / MANIFEST: COURSE.format(key=key, title=title),
        root / "README.md": COURSE_README.format(title=title),
        root / "istilah.md": GLOSSARY,
        root / "pretest.md": TEST.format(title="Tes awal", kind="pretest", module=module),
        root / f"01-{module}" / "README.md": MODULE_README.format(title="Pembuka"),
        root / f"01-{module}" / "01-materi-pertama.md": LESSON.format(title="Materi pertama"),
        root / f"01-{module}" / "02-kuis.md": QUIZ.format(title="Kuis modul 1"),
        root / "posttest.md": TEST.format(title="Tes akhir", kind="posttest", module=module),
        root / "bank" / f"{module}.md": BANK.format(title="Pembuka", module=module),
    }


def _next_number(folder: Path, pattern: str) -> str:
    numbers = [int(match[1]) for path in folder.glob(pattern) if (match := re.match(r"(\d{1,4})", path.name))]
    return f"{max(numbers, default=0) + 1:02d}"


def _write(files: Mapping[Path, str]) -> None:
    taken = next((path for path in files if path.exists()), None)
    if taken is not None:
        raise Refused(f"{taken} sudah ada. Tidak ada yang diubah; pilih judul lain, atau hapus dulu berkas itu.")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
