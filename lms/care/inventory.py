"""The inventory of data (R86): every column of every table with its class. A test fails for a column without one.

The privacy page, copies, erasure, retention texts and the templates of DPIA and processing record are all made from it.
"""

import hashlib

from lms.care.types import DataClass, Kind, Table

_DUTY = "pelaksanaan tugas publik dan kewajiban hukum instansi dalam pengembangan kompetensi ASN"
_SAFETY = "kewajiban hukum untuk melindungi data pribadi dan mempertanggungjawabkan pemakaiannya"

KINDS = {
    DataClass.IDENTITY: Kind(
        "Identitas dan jabatan",
        "nama dan gelar, NIP, tanggal lahir, golongan, jabatan",
        "mengenali Anda, menempatkan Anda di unit kerja, dan mencetak sertifikat",
        _DUTY,
        "selama Anda bekerja di sini; sesudah berhenti, sampai disamarkan",
        "Anda, atasan Anda (tanpa NIP), dan administrator",
    ),
    DataClass.ACCOUNT: Kind(
        "Akun",
        "nama masuk, alamat surel, hak, sesi perangkat, pesan",
        "membuat Anda dapat masuk dengan aman dan menerima pengingat",
        _DUTY,
        "selama akun dipakai; sesi dan kode lama dihapus sesudah 90 hari, pesan sesudah satu tahun",
        "Anda dan administrator",
    ),
    DataClass.LEARNING: Kind(
        "Kegiatan belajar",
        "pelatihan yang diikuti, materi selesai, nilai, tempat terakhir membaca",
        "menyimpan kemajuan Anda dan menunjukkan kepada atasan siapa yang perlu dibantu",
        _DUTY,
        "selama Anda bekerja di sini; sesudah berhenti, tanpa nama bila disamarkan",
        "Anda, atasan Anda (kemajuan dan hasil, bukan jawaban), dan administrator",
    ),
    DataClass.WORDS: Kind(
        "Jawaban dan tulisan",
        "jawaban kuis, tugas dan berkas yang dikumpulkan, laporan klaim, catatan penilai",
        "menilai hasil belajar dan memberi umpan balik",
        _DUTY,
        "selama Anda bekerja di sini; dihapus bila data Anda disamarkan",
        "Anda dan penilai yang ditunjuk; jawaban objektif masuk statistik soal tanpa nama",
    ),
    DataClass.RECORD: Kind(
        "Catatan resmi",
        "kelulusan, JP, sertifikat, penghargaan, riwayat unit kerja",
        "membuktikan pengembangan kompetensi Anda",
        f"{_DUTY}; catatan ini arsip kepegawaian",
        "menurut jadwal retensi arsip instansi; tidak dihapus atas permintaan",
        "Anda, atasan Anda, administrator; sertifikat juga oleh siapa pun yang memegang kodenya (tanpa nilai, NIP disamarkan)",
    ),
    DataClass.LOG: Kind(
        "Jejak akses",
        "siapa melakukan apa dan kapan, siapa membuka catatan Anda, ekspor yang memuat data Anda",
        "menjaga keamanan dan membuat Anda dapat memeriksa siapa yang memakai data Anda",
        _SAFETY,
        "jejak audit disimpan tanpa batas waktu karena berantai dan tidak memuat nama; jejak pembukaan catatan dua tahun",
        "Anda (yang tentang Anda) dan administrator",
    ),
    DataClass.TECHNICAL: Kind(
        "Data teknis",
        "nomor baris, urutan, waktu simpan",
        "menyimpan data di atas dengan benar",
        _DUTY,
        "mengikuti data yang dijelaskannya",
        "tidak ditampilkan",
    ),
    DataClass.SECRET: Kind(
        "Rahasia masuk",
        "sidik kata sandi, kode, dan sesi; bukan kata sandinya",
        "memeriksa bahwa yang masuk memang Anda",
        _SAFETY,
        "diganti saat Anda menggantinya; dihapus bila data Anda disamarkan",
        "tidak seorang pun; tidak ikut dalam salinan",
    ),
    DataClass.ACTOR: Kind(
        "Pegawai yang bertindak",
        "siapa yang menilai, memutus, atau mengubah",
        "mempertanggungjawabkan keputusan",
        _DUTY,
        "mengikuti catatan keputusannya",
        "administrator; dalam salinan Anda ditulis “pegawai lain”",
    ),
}  # fmt: skip
"""Every class of personal data, in the order people are told of them."""


def _table(label: str, owners: str = "", erased: bool = False, **columns: str) -> Table:
    return Table(
        label,
        tuple(owners.split()),
        {name: DataClass(kind) for kind, names in columns.items() for name in names.split()},
        erased,
    )


TABLES = {
    # people
    "person": _table(
        "Data pegawai", "id", technical="id", account="email wants_email", record="employment_kind left_on",
        identity="nip name title_prefix title_suffix grade position birth_date siasn_id",
    ),
    "account": _table(
        "Akun", "person_id", technical="person_id disabled_at", account="identifier password_changed_at second_factor_asked_at",
        secret="password_hash",
    ),
    "membership": _table("Riwayat unit kerja", "person_id", technical="id person_id", record="unit_id from_on to_on"),
    "acting_head": _table("Penugasan Plt/Plh", "person_id", technical="id person_id", record="unit_id kind from_on to_on"),
    "named_superior": _table(
        "Atasan yang ditunjuk", "person_id", technical="id person_id", record="from_on to_on", actor="superior_id"
    ),
    "unit_operator": _table("Tugas operator unit", "person_id", erased=True, technical="person_id", account="unit_id"),
    "course_mentor": _table("Tugas mentor", "person_id", erased=True, technical="person_id", account="course_id"),
    "role_grant": _table("Hak", "person_id", erased=True, technical="id person_id", account="role"),
    "session": _table(
        "Sesi perangkat", "person_id", erased=True, technical="id person_id", secret="token_hash csrf_secret",
        account="device is_shared created_at authenticated_at second_factor_at expires_at ended_at",
    ),
    "one_time_code": _table(
        "Kode aktivasi", "person_id", erased=True, technical="id person_id", secret="code_hash",
        account="purpose issued_at expires_at used_at", actor="issued_by",
    ),
    "second_factor": _table(
        "Faktor kedua", "person_id", erased=True, technical="person_id last_step", secret="secret", account="made_at confirmed_at"
    ),
    "recovery_code": _table(
        "Kode cadangan", "person_id", erased=True, technical="id person_id", secret="code_hash", account="used_at"
    ),
    "external_identity": _table(
        "Akun masuk luar", "person_id", erased=True, technical="id person_id", account="issuer subject linked_at"
    ),
    "privacy_reading": _table("Bacaan halaman privasi", "person_id", technical="person_id", record="version read_at"),
    "data_request": _table(
        "Permintaan tentang data", "person_id", technical="id person_id", words="text answer", record="kind made_at answered_at",
        actor="answered_by",
    ),
    "message": _table(
        "Pesan", "person_id", erased=True, technical="id person_id channel about not_before tries ended_at outcome",
        account="kind subject body link reason made_at state read_at",
    ),
    "personal_view": _table(
        "Pembukaan catatan", "person_id", technical="person_id", log="on what first_at count", actor="viewer_id"
    ),
    "data_export": _table(
        "Ekspor yang Anda buat", "by", technical="id", log="at kind scope_path people detail", actor="by"
    ),
    "audit_entry": _table(
        "Jejak audit", "actor_id subject", technical="id hash", log="at action subject detail", actor="actor_id"
    ),
    "staff_import_change": _table(
        "Perubahan dari impor pegawai", "subject", technical="id import_id line subject kind", identity="before after"
    ),
    # learning
    "enrolment": _table(
        "Pendaftaran pelatihan", "person_id", technical="id person_id", learning="course_id edition_number enrolled_at"
    ),
    "enrolment_summary": _table(
        "Ringkasan kemajuan", "enrolment_id", technical="enrolment_id version",
        learning="state percent done_count total_count minutes_left next_key last_activity_at",
    ),
    "lesson_done": _table("Materi selesai", "enrolment_id", technical="enrolment_id edition_id", learning="lesson_key done_at"),
    "tested_out": _table(
        "Modul yang dilewati", "enrolment_id", technical="enrolment_id attempt_id", learning="module_key score accepted_at"
    ),
    "bookmark": _table(
        "Tempat terakhir membaca", "person_id", erased=True, technical="person_id", learning="course_id item_key heading set_at"
    ),
    "attempt": _table(
        "Percobaan kuis dan tugas", "person_id", technical="id token person_id edition_id",
        learning="course_id quiz_key try_number state started_at deadline_at closed_at score passed",
    ),
    "attempt_question": _table(
        "Soal yang didapat", "attempt_id", technical="attempt_id position version_id layout", learning="question_id"
    ),
    "answer": _table("Jawaban", "attempt_id", technical="attempt_id position sequence saved_at", words="value", learning="score"),
    "late_answer": _table("Jawaban terlambat", "attempt_id", technical="id attempt_id position received_at", words="value"),
    "inline_answer": _table(
        "Jawaban dalam materi", "person_id", technical="id person_id version_id", words="value",
        learning="course_id question_id is_correct answered_at",
    ),
    "upload": _table(
        "Berkas yang dikumpulkan", "attempt_id", technical="id attempt_id position mime size uploaded_at", words="sha256 name"
    ),
    "group_member": _table("Keanggotaan kelompok", "person_id", technical="attempt_id person_id", learning="member_attempt_id"),
    "marking": _table(
        "Penilaian atas karya", "attempt_id", technical="id attempt_id position", words="comment",
        learning="is_peer levels score marked_at", actor="marker_id",
    ),
    "regrade": _table(
        "Nilai ulang", "attempt_id", technical="id attempt_id edition_id", learning="score passed at", actor="by"
    ),
    "requirement_person": _table("Kewajiban belajar", "person_id", technical="person_id", learning="requirement_id"),
    "requirement_extension": _table(
        "Perpanjangan tenggat", "person_id", technical="id person_id requirement_id", learning="due_on at", actor="by"
    ),
    # records
    "completion": _table(
        "Kelulusan", "enrolment_id", technical="enrolment_id edition_id", record="completed_at final_score"
    ),
    "jp_entry": _table(
        "Catatan JP", "person_id", technical="id person_id enrolment_id edition_id claim_id corrects_id", actor="author_id",
        record="title learning_form jp year completed_at time_zone minutes minutes_per_jp rule_version reason",
    ),
    "certificate": _table(
        "Sertifikat", "person_id", technical="id enrolment_id person_id template_version",
        record="code issue number year sequence issued_at snapshot",
    ),
    "certificate_revocation": _table(
        "Pencabutan sertifikat", "certificate_id", technical="certificate_id", record="at reason", actor="by"
    ),
    "siasn_export": _table("Pengiriman ke SIASN", "certificate_id", technical="certificate_id", record="export_id siasn_id"),
    "recognition": _table(
        "Penghargaan", "person_id", technical="id person_id", record="giver course_id reason given_at", actor="given_by"
    ),
    "claim": _table(
        "Klaim JP", "person_id", technical="id person_id", words="report", actor="partner_id",
        record="learning_form title organizer from_on to_on minutes programme_jp state made_at sent_at",
    ),
    "claim_file": _table(
        "Bukti klaim", "claim_id", erased=True, technical="id claim_id mime size uploaded_at", words="sha256 name"
    ),
    "claim_decision": _table(
        "Keputusan klaim", "claim_id", technical="id claim_id", words="comment", record="step verdict at", actor="by"
    ),
    # not about anybody; columns that name who acted are marked all the same
    "unit": _table("Unit kerja", none="id parent_id path name category time_zone code", actor="head_id"),
    "staff_import": _table(
        "Impor pegawai", none="id file_name sha256 begun_at state options counts finished_at undone_at", actor="by undone_by"
    ),
    "sign_in_throttle": _table("Hitungan gagal masuk", none="key failures window_started_at blocked_until"),
    "setting": _table("Pengaturan instansi", none="name value"),
    "requirement": _table(
        "Aturan kewajiban", actor="made_by",
        none="id course_id made_at is_personal unit_id unit_category employment_kind position_words due_on note ended_at",
    ),
    "rule_file": _table("Aturan berlaku", none="id name version from_on text saved_at", actor="saved_by"),
    "survey_answer": _table("Jawaban survei tanpa nama", none="token course_id quiz_key question_id version_id value answered_on"),
    "certificate_counter": _table("Penghitung nomor", none="year last"),
    "course": _table("Pelatihan", none="id key current_edition_id retired_at"),
    "course_alias": _table("Kode lama pelatihan", none="key course_id"),
    "edition": _table(
        "Edisi", none="id course_id number revision sha256 outline questions published_at note", actor="published_by"
    ),
    "page": _table("Halaman materi", none="edition_id item_key page sha256"),
    "question_version": _table(
        "Soal", none="id course_id question_id full_hash meaning_hash public key text source published_at"
    ),
    "media": _table("Berkas pelatihan", none="sha256 mime size width height"),
    "edition_media": _table("Berkas edisi", none="edition_id name sha256"),
    "edition_source": _table("Sumber edisi", none="edition_id sha256 size"),
    "follow_up": _table(
        "Pekerjaan sesudah terbit", none="edition_id course_id since_id mode step after_id raised lowered newly_passed", actor="by"
    ),
}  # fmt: skip
"""By name of the table."""

ERASED = (DataClass.IDENTITY, DataClass.ACCOUNT, DataClass.WORDS, DataClass.SECRET)
"""Classes that erasing blanks; the others stay under a pseudonym."""


def personal() -> dict[str, Table]:
    """The tables whose rows belong to a person."""
    return {name: table for name, table in TABLES.items() if table.owners}


def tables_of(kind: DataClass) -> list[Table]:
    """Tables that hold data of a class about a person."""
    return [table for table in personal().values() if kind in table.columns.values()]


VERSION = hashlib.sha256(repr([*KINDS.items(), *(table.label for table in personal().values())]).encode()).hexdigest()[:12]
"""Names what the privacy page says: whoever read an older text is asked again (D68)."""
