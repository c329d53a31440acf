"""Acts of the audit log in plain sentences. {who} acted on {about}; other names in braces come from the row's detail."""

from typing import Any

from lms.people.journal import JournalRow

NOBODY = "Pengelola server"
GROUPS = {
    "masuk": ("Masuk dan akun", ("account.", "factor.", "second_factor.", "identity.")),
    "orang": ("Pegawai, unit, dan hak", ("person.", "unit.", "role.", "import.", "staff.", "acting.", "superior.", "operator.")),
    "data": ("Data pribadi dan ekspor", ("data.", "person.erase")),
    "pelatihan": ("Pelatihan dan studio", ("course.", "studio.", "requirement.")),
    "nilai": ("Nilai, JP, dan sertifikat", ("attempt.", "certificate.", "jp.", "claim.", "enrolment.", "recognition.")),
    "atur": ("Pengaturan", ("settings.", "rules.", "message.", "audit.", "demo.")),
}
"""Word of the address to (label, beginnings of actions)."""
SENTENCES = {
    "account.sign_in": "{who} masuk dari {device}.",
    "account.sign_in_failed": "Percobaan masuk gagal pada akun {about}.",
    "account.code_failed": "Kode aktivasi atau pemulihan yang salah dicoba.",
    "account.sign_out": "{who} keluar atau mengeluarkan satu perangkat.",
    "account.end_sessions": "Semua sesi {about} diakhiri.",
    "account.issue_code": "{who} membuat kode {purpose} untuk {about}.",
    "account.activate": "{about} mengaktifkan akunnya.",
    "account.reset": "{about} memulihkan akunnya dengan kata sandi baru.",
    "account.change_password": "{about} mengganti kata sandi.",
    "account.disable": "{who} menonaktifkan akun {about}.",
    "account.enable": "{who} mengaktifkan lagi akun {about}.",
    "account.identifier": "{who} mengganti nama masuk {about}.",
    "account.link": "{about} dihubungkan dengan akun luar.",
    "account.unlink": "{who} melepas akun luar {about}.",
    "account.link_asked": "{about} meminta tautan untuk membuat kata sandi baru.",
    "account.external_refused": "Masuk lewat akun luar ditolak.",
    "account.second_factor": "{about} memberi kode verifikasi dua langkah.",
    "account.second_factor_failed": "Kode verifikasi dua langkah {about} salah.",
    "account.second_factor_on": "{about} memasang verifikasi dua langkah.",
    "account.second_factor_off": "{about} mematikan verifikasi dua langkah.",
    "account.second_factor_reset": "{who} melepas verifikasi dua langkah {about}.",
    "account.recovery_codes": "{about} membuat kode pemulihan baru.",
    "role.grant": "{who} memberi hak {role} kepada {about}.",
    "role.revoke": "{who} mencabut hak {role} dari {about}.",
    "person.make": "{who} mencatat pegawai {about}.",
    "person.change": "{who} mengubah data {about}: {names}.",
    "person.move": "{who} memindahkan {about} ke unit lain.",
    "person.leave": "{who} mencatat bahwa {about} berhenti.",
    "person.erase": "{who} menyamarkan data {about}.",
    "unit.change": "{who} mengubah unit {about}.",
    "unit.move": "{who} memindahkan unit {about}.",
    "unit.make": "{who} membuat unit {about}.",
    "unit.acting": "{who} menunjuk Plt atau Plh unit {about}.",
    "unit.acting_end": "{who} mengakhiri penunjukan Plt atau Plh unit {about}.",
    "unit.operator": "{who} menunjuk operator unit {about}.",
    "unit.operator_end": "{who} mengakhiri tugas operator unit {about}.",
    "person.superior": "{who} menunjuk atasan langsung bagi {about}.",
    "person.superior_end": "{who} mengakhiri penunjukan atasan bagi {about}.",
    "person.import": "Data {about} berubah oleh impor pegawai.",
    "staff.import": "{who} memulai impor pegawai nomor {about}.",
    "staff.import_done": "Impor pegawai nomor {about} selesai.",
    "staff.undo": "{who} membatalkan impor pegawai nomor {about}.",
    "staff.undone": "Pembatalan impor pegawai nomor {about} selesai.",
    "unit.head": "{who} menetapkan kepala unit {about}.",
    "data.export": "{who} mengekspor data {kind}, {people} orang.",
    "data.request": "{about} mengajukan permintaan tentang datanya.",
    "data.answer": "{who} menjawab permintaan {about} tentang datanya.",
    "settings.save": "{who} mengubah pengaturan: {names}.",
    "rules.save": "{who} menyimpan versi aturan JP {about}.",
    "message.retry": "{who} mengirim ulang surel yang gagal.",
    "requirement.make": "{who} meminta pelatihan, penugasan nomor {about}.",
    "requirement.end": "{who} mengakhiri penugasan nomor {about}.",
    "claim.send": "{who} mengirim klaim JP nomor {about}.",
    "claim.withdraw": "{who} menarik klaim JP nomor {about}.",
    "claim.approved": "{who} menyetujui klaim JP nomor {about}.",
    "claim.revise": "{who} meminta perbaikan klaim JP nomor {about}.",
    "claim.rejected": "{who} menolak klaim JP nomor {about}.",
    "course.roll_back": "{who} menerbitkan lagi edisi lama pelatihan {about}.",
    "course.publish": "{who} menerbitkan pelatihan {about}.",
    "course.correct": "{who} menerbitkan koreksi pelatihan {about}.",
    "course.rename": "{who} mengganti kode pelatihan menjadi {about}.",
    "course.retire": "{who} menutup pelatihan {about}.",
    "course.restore": "{who} membuka lagi pelatihan {about}.",
    "course.complete": "{who} menyelesaikan pelatihan.",
    "course.add_mentor": "{who} menambah mentor pelatihan.",
    "course.remove_mentor": "{who} mengeluarkan mentor pelatihan.",
    "enrolment.move": "{who} pindah ke edisi baru.",
    "enrolment.test_out": "{who} melewati modul yang sudah dikuasai.",
    "attempt.regrade_choice": "{who} memilih cara menilai ulang.",
    "attempt.regrade": "Jawaban lama dinilai ulang: {raised} naik, {lowered} turun.",
    "attempt.mark_again": "{who} mengubah nilai yang sudah keluar.",
    "attempt.void": "{who} membatalkan percobaan kuis: {reason}.",
    "certificate.issue": "Sertifikat {about} terbit.",
    "certificate.correct": "Sertifikat {about} terbit sebagai perbaikan.",
    "certificate.replace": "{who} mengganti sertifikat {about}: {reason}.",
    "certificate.revoke": "{who} mencabut sertifikat {about}.",
    "jp.correct": "{who} mengoreksi JP dari {jp_before} menjadi {jp_after}.",
    "audit.begin": "Rantai jejak audit dimulai; {rows} catatan sebelumnya tersegel.",
    "demo.create": "Data peragaan dibuat.",
}
VALUES = {
    "author": "penulis", "admin": "administrator", "activation": "aktivasi", "reset": "pemulihan", "own": "diri sendiri",
    "person": "seorang pegawai", "audit": "jejak audit", "name": "nama", "title_prefix": "gelar depan",
    "title_suffix": "gelar belakang", "position": "jabatan", "grade": "golongan", "birth_date": "tanggal lahir",
    "employment_kind": "jenis kepegawaian", "agency_name": "nama instansi", "agency_place": "tempat", "time_zone": "zona waktu",
    "help_contact": "kontak bantuan", "logo": "logo", "signatory_name": "nama penandatangan", "signatory_nip": "NIP penandatangan",
    "signatory_position": "jabatan penandatangan", "certificate_pattern": "pola nomor sertifikat",
    "minutes_per_jp": "menit untuk 1 JP", "jp_target_pns": "target JP PNS", "jp_target_pppk": "target JP PPPK",
    "jp_cap_pppk": "batas JP PPPK",
}  # fmt: skip
"""What is stored, as people call it."""


class _Words(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


def sentence(row: JournalRow) -> str:
    """What happened. An act that this table does not know is told by its own name."""
    told = {name: _shown(value) for name, value in row.detail.items()}
    words = _Words(told | {"who": row.who or NOBODY, "about": row.about or "yang tidak dikenal"})
    known = SENTENCES.get(row.action)
    if known is None:
        known = "{who} mengubah berkas pelatihan {about}." if row.action.startswith("studio.") else "{who}: {action}, {about}."
    return known.format_map(_Words(words | {"action": row.action}))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value)
    return VALUES.get(str(value), str(value))
