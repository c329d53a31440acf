"""One-line messages after a redirect. The address carries only a word from this table, so pages stay cacheable and nobody can forge a text."""

TEXTS = {
    "selesai": ("sukses", "Materi ditandai selesai."),
    "ikut": ("sukses", "Anda sudah ikut. Kemajuan dicatat mulai sekarang."),
    "pindah": ("sukses", "Anda pindah ke edisi baru. Semua yang sudah selesai tetap selesai."),
    "lewati": ("sukses", "Modul yang sudah Anda kuasai ditandai selesai."),
    "sandi": ("sukses", "Kata sandi sudah diganti. Perangkat lain sudah dikeluarkan."),
    "perangkat": ("sukses", "Perangkat itu sudah dikeluarkan."),
    "perangkat-lain": ("sukses", "Semua perangkat lain sudah dikeluarkan."),
    "aktif": ("sukses", "Akun sudah aktif. Silakan masuk dengan kata sandi yang baru Anda buat."),
    "keluar": ("info", "Anda sudah keluar."),
    "terkirim": ("info", "Kuis ini sudah terkirim sebelumnya; hasilnya tidak berubah."),
    "nilai": ("sukses", "Penilaian tersimpan."),
    "mentor": ("sukses", "Mentor ditambahkan. Halaman Penilaian terbuka baginya mulai sekarang."),
    "mentor-hapus": ("sukses", "Mentor dikeluarkan. Penilaian yang sudah diberikannya tetap berlaku."),
    "keluar-kelompok": ("sukses", "Nama Anda sudah dikeluarkan dari kelompok itu."),
    "soal": ("info", "Jawaban tersimpan."),
    "tersimpan": ("sukses", "Tersimpan."),
    "diperbaiki": ("sukses", "Yang pasti sudah diperbaiki. Periksa hasilnya di pratinjau."),
    "dibuat": ("sukses", "Sudah dibuat. Ganti isi contohnya dengan tulisan Anda."),
    "dipindah": ("sukses", "Sudah dipindahkan. Kemajuan peserta tidak berubah."),
    "dinamai": ("sukses", "Judul sudah diganti."),
    "dihapus": ("sukses", "Sudah dihapus. Bila keliru, kembalikan dari Terhapus."),
    "dikembalikan": ("sukses", "Sudah dikembalikan."),
    "diunggah": ("sukses", "Sudah diunggah."),
    "diganti": ("sukses", "Sudah diganti. Isi yang lama ada di Terhapus."),
    "dicatat": ("sukses", "Perubahan sudah dicatat di git."),
    "terbit": ("sukses", "Sudah terbit. Peserta melihatnya mulai sekarang."),
    "terbit-git": ("sukses", "Sudah terbit dan dicatat di git."),
    "terbit-tanpa-git": ("ingat", "Sudah terbit, tetapi belum dicatat di git. Coba catat dari halaman Isi."),
    "rencana-baru": ("ingat", "Edisi lain terbit sementara itu, jadi belum ada yang berubah. Ini rencana yang baru."),
    "nilai-ulang": ("sukses", "Penilaian ulang dimulai. Pilihan Anda tercatat."),
    "ditutup": ("sukses", "Pelatihan ditutup untuk peserta baru. Yang sudah ikut tetap boleh menyelesaikannya."),
    "dibuka": ("sukses", "Pelatihan dibuka lagi dan muncul di katalog."),
    "diperpanjang": ("sukses", "Tenggatnya diperpanjang. Ia melihat tanggal yang baru di Beranda."),
    "penghargaan": ("sukses", "Penghargaan terkirim. Ia melihatnya di Beranda dan di halaman sertifikatnya."),
    "penugasan": ("sukses", "Penugasan disimpan. Semua yang diminta melihatnya di Beranda mulai sekarang."),
    "penugasan-akhir": ("sukses", "Penugasan diakhiri. Yang sudah selesai tetap tercatat."),
    "kode": ("sukses", "Kode aktivasi baru sudah dibuat. Salin sekarang; kode ini hanya ditampilkan sekali."),
}


def of(word: str) -> tuple[tuple[str, str], ...]:
    """The messages of a word: one (kind, text), or none."""
    return (TEXTS[word],) if word in TEXTS else ()
