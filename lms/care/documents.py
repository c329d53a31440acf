"""Templates of the impact assessment and of the processing record (R95), filled from the inventory; the agency completes them."""

from lms.care import inventory

BLANK = "(diisi instansi)"
RISKS = (
    ("Akun dipakai orang lain", "kata sandi panjang, faktor kedua bagi petugas, sesi dapat dikeluarkan, percobaan diperlambat"),
    ("Petugas membuka data tanpa keperluan", "hak dibatasi unit, pembukaan dan ekspor tercatat dan terlihat oleh pemilik data"),
    ("Catatan diubah diam-diam", "fakta tidak dapat diubah, jejak audit berantai dengan jangkar di luar basis data"),
    ("Data hilang", "cadangan terjadwal, penulisan tahan putus daya"),
    ("Data keluar ke pihak ketiga", "tidak ada permintaan ke situs lain; data tetap di mesin instansi"),
)
"""(risk, what the program does against it)"""


def assessment(agency: str) -> str:
    """The DPIA template as Markdown."""
    lines = [
        f"# Penilaian Dampak Pelindungan Data Pribadi: Pelita – {agency}", "",
        f"Pengendali: {agency}. Pejabat pelindungan data (PPDP): {BLANK}. Tanggal: {BLANK}.", "",
        "## Pemrosesan", "", "Pembelajaran mandiri ASN, pencatatan JP, dan sertifikat. Profiling atau keputusan otomatis yang berakibat hukum: tidak ada.", "",
        "## Keperluan dan kesepadanan", "",
        *(f"- **{kind.label}** ({kind.examples}): untuk {kind.purpose}." for kind in inventory.KINDS.values()), "",
        "## Risiko", "", "| risiko | yang sudah dilakukan program | sisa risiko | tindakan instansi |", "|---|---|---|---|",
        *(f"| {risk} | {answer} | {BLANK} | {BLANK} |" for risk, answer in RISKS), "",
        f"## Keputusan\n\n{BLANK}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def processing_record(agency: str) -> str:
    """The record of processing (UU 27/2022 article 31) as Markdown."""
    lines = [
        f"# Rekam Kegiatan Pemrosesan: Pelita – {agency}", "",
        "| kelas data | isi | tujuan | dasar | yang melihat | masa simpan | tabel |", "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for data_class, kind in inventory.KINDS.items():
        tables = ", ".join(table.label for table in inventory.tables_of(data_class))
        lines.append(
            f"| {kind.label} | {kind.examples} | {kind.purpose} | {kind.basis} | {kind.seen_by} | {kind.retention} | {tables} |"
        )
    lines += [
        "",
        "Penerima di luar instansi: tidak ada, kecuali ekspor yang dibuat petugas (lihat /admin/jejak).",
        f"Transfer ke luar negeri: tidak ada. Pengamanan: {BLANK}.",
    ]
    return "\n".join(lines) + "\n"
