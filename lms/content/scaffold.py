"""New courses, modules and files: already valid, with words that say what to change. `lms baru` and the studio make the same."""

import re
from pathlib import Path

from lms.content.parse import MANIFEST, load_course
from lms.content.slugs import key_segment
from lms.content.stamp import stamp_ids
from lms.errors import Invalid
from lms.shared.files import write_whole

KINDS = {
    "course": "kursus",
    "module": "modul",
    "lesson": "pelajaran",
    "quiz": "kuis",
    "assignment": "tugas",
    "survey": "evaluasi",
    "bank": "bank",
}
"""What can be made, and its Indonesian name."""

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
MODULE = """\
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
ASSIGNMENT = """\
---
judul: "{title}"
jenis: tugas
kumpul: berkas
berkas: pdf, docx
maks: 10 MB
tenggat: 14 hari
penilai: mentor
nilai-lulus: 65
---

# {title}

Ceritakan keadaannya, lalu apa yang diminta: satu hasil kerja yang berguna di unit peserta, paling banyak dua halaman.

1. Pilih satu layanan di unit Anda.
2. Tulis apa yang akan diubah, siapa yang mengerjakan, dan kapan selesai.
3. Simpan sebagai PDF atau Word, lalu kumpulkan di sini.

Rubrik:

- Ketepatan analisis (40%)
    - 4: Data lengkap dan akar masalahnya tepat
    - 3: Data lengkap, akar masalahnya belum tajam
    - 2: Sebagian data
    - 1: Tanpa data
- Kelayakan usulan (40%)
    - 4: Dapat dijalankan tanpa anggaran baru
    - 3: Dapat dijalankan dengan dukungan atasan
    - 2: Perlu anggaran yang belum ada
    - 1: Tidak dapat dijalankan
- Bahasa (20%)
    - 4: Runtut dan jelas
    - 2: Perlu dibaca ulang
"""
SURVEY = """\
---
judul: "{title}"
jenis: evaluasi
anonim: ya
---

# {title}

Jawaban Anda tidak memuat nama. Dua menit, untuk memperbaiki pelatihan ini.

## Soal 1: Seberapa setuju Anda?

Skala: 1-5 Sangat tidak setuju – Sangat setuju

- Materi sesuai dengan pekerjaan saya
- Contohnya dekat dengan keadaan di unit saya
- Saya akan menerapkannya bulan ini

## Soal 2: Apa yang menghambat penerapan di unit Anda?

Jenis: survei
"""
BANK = """\
# Bank soal: {title}

Soal di berkas ini diambil tes awal dan tes akhir. Peserta tidak pernah melihat berkas ini.

## Soal 1: Ganti dengan pertanyaan Anda. Untuk apa tes awal?
{module}
- [x] Mengetahui yang sudah dan yang belum dikuasai
- [ ] Menentukan siapa yang tidak boleh ikut

> **Pembahasan:** Tes awal menunjukkan titik mulai, supaya kemajuan dapat diukur.

## Soal 2: Ganti dengan pertanyaan Anda. Kapan tes akhir dikerjakan?
{module}
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
_PAGES = {"lesson": LESSON, "quiz": QUIZ, "assignment": ASSIGNMENT, "survey": SURVEY}


def make(kind: str, folder: Path, title: str) -> list[Path]:
    """Write a new thing of `kind` (see KINDS) into `folder`; the files, the one to open first at the head. Questions get their ids.

    Raises Invalid, having written nothing, when the title gives no name or the name is taken, and OSError.
    """
    title = " ".join(title.split()).replace('"', "'").replace("\\", "/")
    name = key_segment(title)
    if not name:
        raise Invalid("Judul ini tidak dapat menjadi nama berkas. Pakai sedikitnya satu huruf atau angka.", "title")
    files = _files(kind, folder, name, title)
    taken = next((path for path in files if path.exists()), None)
    if taken is not None:
        raise Invalid(f"{taken.name} sudah ada. Tidak ada yang diubah; pilih judul lain, atau hapus dulu berkas itu.", "title")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    root = course_of(next(iter(files)))
    if root is not None:
        for path in files:
            stamp_ids(load_course(root, may_leave_folder=True), only=[path.resolve().relative_to(root).as_posix()])
    return list(files)


def course_of(path: Path) -> Path | None:
    """The course folder that a file lies in."""
    return next((folder for folder in path.resolve().parents if (folder / MANIFEST).is_file()), None)


def _files(kind: str, folder: Path, name: str, title: str) -> dict[Path, str]:
    """Path -> content of everything to write."""
    if kind == "course":
        return _course(folder / name, name, title)
    if kind == "bank":
        return {folder / f"{name}.md": BANK.format(title=title, module="")}
    if kind == "survey" and (folder / MANIFEST).is_file() and not (folder / "evaluasi.md").exists():
        return {folder / "evaluasi.md": SURVEY.format(title=title)}  # of the whole course: it comes last by itself
    numbered = f"{_next_number(folder)}-{_free(folder, name)}"
    if kind == "module":
        return {
            folder / numbered / "README.md": MODULE.format(title=title),
            folder / numbered / "01-materi-pertama.md": LESSON.format(title="Materi pertama"),
        }
    return {folder / f"{numbered}.md": _PAGES[kind].format(title=title)}


def _course(root: Path, key: str, title: str) -> dict[Path, str]:
    module = "pembuka"
    return {
        root / MANIFEST: COURSE.format(key=key, title=title),
        root / "README.md": COURSE_README.format(title=title),
        root / "istilah.md": GLOSSARY,
        root / "pretest.md": TEST.format(title="Tes awal", kind="pretest", module=module),
        root / f"01-{module}" / "README.md": MODULE.format(title="Pembuka"),
        root / f"01-{module}" / "01-materi-pertama.md": LESSON.format(title="Materi pertama"),
        root / f"01-{module}" / "02-kuis.md": QUIZ.format(title="Kuis modul 1"),
        root / "posttest.md": TEST.format(title="Tes akhir", kind="posttest", module=module),
        root / "evaluasi.md": SURVEY.format(title="Evaluasi penyelenggaraan"),
        root / "bank" / f"{module}.md": BANK.format(title="Pembuka", module=f"\nModul: {module}\n"),
    }


def _next_number(folder: Path) -> str:
    numbers = [int(match[1]) for path in folder.glob("*") if (match := re.match(r"(\d{1,4})(?!\d)", path.name))]
    return f"{max(numbers, default=0) + 1:02d}"


def _free(folder: Path, name: str) -> str:
    """The name, numbered when its address is taken: prefixes are no part of it."""
    taken = {key_segment(path.stem) for path in folder.glob("*")}
    return next(made for made in (name, *(f"{name[:56]}-{number}" for number in range(2, 10_000))) if made not in taken)
