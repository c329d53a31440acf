"""One-line messages after a redirect. The address carries only a word from this table, so pages stay cacheable and nobody can forge a text."""

TEXTS = {
    "selesai": ("baik", "Materi ditandai selesai."),
    "ikut": ("baik", "Anda sudah ikut. Kemajuan dicatat mulai sekarang."),
    "pindah": ("baik", "Anda pindah ke edisi baru. Semua yang sudah selesai tetap selesai."),
    "lewati": ("baik", "Modul yang sudah Anda kuasai ditandai selesai."),
    "sandi": ("baik", "Kata sandi sudah diganti. Perangkat lain sudah dikeluarkan."),
    "perangkat": ("baik", "Perangkat itu sudah dikeluarkan."),
    "perangkat-lain": ("baik", "Semua perangkat lain sudah dikeluarkan."),
    "aktif": ("baik", "Akun sudah aktif. Silakan masuk dengan kata sandi yang baru Anda buat."),
    "keluar": ("info", "Anda sudah keluar."),
    "terkirim": ("info", "Kuis ini sudah terkirim sebelumnya; hasilnya tidak berubah."),
    "soal": ("info", "Jawaban tersimpan."),
    "kode": ("baik", "Kode aktivasi baru sudah dibuat. Salin sekarang; kode ini hanya ditampilkan sekali."),
}


def of(word: str) -> tuple[str, str] | None:
    """(kind, text) of a message word, or None."""
    return TEXTS.get(word)
