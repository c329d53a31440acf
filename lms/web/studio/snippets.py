"""Pieces of Markdown that the editor offers, as text the author can read, copy and change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snippet:
    """`text` begins at the start of a line; `pick` is the part of it that is marked after inserting, to be written over."""

    label: str
    text: str
    pick: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    icon: str
    snippets: tuple[Snippet, ...]


_FEEDBACK = "\n> **Pembahasan:** Jelaskan mengapa, supaya orang belajar dari jawabannya.\n"
_STEM = "Tulis pertanyaannya di sini?"

_QUESTIONS = (
    Snippet(
        "Pilihan tunggal",
        f"Soal: {_STEM}\n\n- [x] Jawaban yang benar\n    > Tepat. Sebutkan alasannya.\n- [ ] Jawaban yang keliru\n"
        f"    > Belum tepat. Tunjukkan letak kelirunya.\n- [ ] Jawaban lain yang keliru\n{_FEEDBACK}",
        _STEM,
    ),
    Snippet(
        "Pilihan jamak",
        f"Soal: {_STEM}\n\nPilih semua yang benar.\n\n- [x] Jawaban benar pertama\n- [x] Jawaban benar kedua\n"
        f"- [ ] Jawaban yang keliru\n{_FEEDBACK}",
        _STEM,
    ),
    Snippet("Benar atau salah", f"Soal: Tulis pernyataannya di sini.\n\n- [x] Benar\n- [ ] Salah\n{_FEEDBACK}", "Tulis pernyataannya di sini."),
    Snippet("Isian singkat", f"Soal: {_STEM}\n\nJawaban: ejaan pertama | ejaan lain\n{_FEEDBACK}", _STEM),
    Snippet("Isian angka", f"Soal: {_STEM}\n\nJawaban: 70,8 ± 0,5\n\nSatuan: %\n{_FEEDBACK}", _STEM),
    Snippet(
        "Menjodohkan",
        "Soal: Jodohkan yang kiri dengan yang kanan.\n\n- Kiri pertama -> Pasangan pertama\n- Kiri kedua -> Pasangan kedua\n"
        f"- Kiri ketiga -> Pasangan ketiga\n- -> Pengecoh tanpa pasangan\n{_FEEDBACK}",
        "Jodohkan yang kiri dengan yang kanan.",
    ),
    Snippet(
        "Mengurutkan",
        f"Soal: Urutkan langkahnya.\n\nJenis: urutan\n\n1. Langkah pertama\n2. Langkah kedua\n3. Langkah ketiga\n{_FEEDBACK}",
        "Urutkan langkahnya.",
    ),
    Snippet(
        "Rumpang",
        f"Soal: Lengkapi kalimat ini.\n\nUU Nomor [[25]] Tahun [[2009]] mengatur pelayanan [[*publik | niaga | daring]].\n{_FEEDBACK}",
        "Lengkapi kalimat ini.",
    ),
    Snippet(
        "Esai",
        f"Soal: {_STEM}\n\nJenis: esai\n\nKata: 100-300\n\nRubrik:\n\n- Ketepatan uraian (60%)\n    - 4: Lengkap dan tepat\n"
        "    - 2: Sebagian tepat\n- Bahasa (40%)\n    - 4: Runtut dan jelas\n    - 2: Sulit diikuti\n",
        _STEM,
    ),
)  # fmt: skip

_CALLOUTS = tuple(
    Snippet(label, f"> [!{kind}]\n> {text}\n", text)
    for label, kind, text in (
        ("Catatan", "NOTE", "Keterangan tambahan."),
        ("Kiat", "TIP", "Satu saran yang langsung dapat dipakai."),
        ("Penting", "IMPORTANT", "Hal yang harus diingat."),
        ("Peringatan", "WARNING", "Hal yang sering keliru."),
        ("Awas", "CAUTION", "Hal yang dapat merugikan orang."),
        ("Kasus", "KASUS", "Kejadian nyata di unit kerja."),
        ("Refleksi", "REFLEKSI", "Pertanyaan untuk direnungkan sendiri."),
    )
)

_PARTS = (
    Snippet("Judul bagian", "## Judul bagian\n", "Judul bagian"),
    Snippet("Daftar", "- Butir pertama\n- Butir kedua\n", "Butir pertama"),
    Snippet("Tabel", "| Kolom pertama | Kolom kedua |\n|---|---|\n| isi | isi |\n", "Kolom pertama"),
    Snippet("Tautan", "[tulisan yang tampak](https://contoh.go.id)", "tulisan yang tampak"),
    Snippet("Video", "[▶ Video: Judul video (5 menit)](https://www.youtube.com/watch?v=ganti)\n", "Judul video"),
    Snippet("Unduhan", "[Unduh: Nama formulir](berkas/formulir.pdf)\n", "Nama formulir"),
)


def groups(hashes: str) -> tuple[Group, ...]:
    """All pieces; `hashes` opens a question's heading: `##` in a quiz or a bank, `###` inside a lesson."""
    questions = tuple(Snippet(each.label, f"{hashes} {each.text}", each.pick) for each in _QUESTIONS)
    return Group("Soal", "quiz", questions), Group("Kotak", "box", _CALLOUTS), Group("Sisipkan", "plus", _PARTS)
