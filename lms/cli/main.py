"""The `lms` command: a table of verbs. A verb's module is imported only when it is used, so that `lms check` stays light.

Every module has `EXAMPLE`, `add_arguments(parser)` and `run(arguments) -> int`.
"""

import argparse
import difflib
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from lms.errors import LmsError


@dataclass(frozen=True, slots=True)
class Verb:
    name: str
    alias: str
    module: str
    summary: str


VERBS = (
    Verb("baru", "new", "lms.cli.new", "buat kerangka pelatihan, modul, pelajaran, kuis, tugas atau evaluasi"),
    Verb("check", "periksa", "lms.cli.check", "periksa berkas pelatihan: semua masalah dengan letak dan perbaikannya"),
    Verb("pratinjau", "preview", "lms.cli.preview", "lihat pelatihan di peramban sambil menulis"),
    Verb("jelaskan", "explain", "lms.cli.explain", "jelaskan kode pemeriksaan, dengan contoh"),
    Verb("ukur", "measure", "lms.cli.measure", "ukur pelatihan: waktu, keterbacaan, dan apakah kuncinya mudah ditebak"),
    Verb("terbit", "publish", "lms.cli.publish", "terbitkan pelatihan menjadi edisi"),
    Verb("statistik", "statistics", "lms.cli.statistics", "tunjukkan apa kata jawaban peserta tentang tiap soal"),
    Verb("demo", "peragaan", "lms.cli.demo", "buat instansi peragaan"),
    Verb("serve", "sajikan", "lms.cli.serve", "jalankan peladen web"),
    Verb("jobs", "kerja", "lms.cli.jobs", "jalankan pekerjaan latar"),
    Verb("ekspor", "export", "lms.cli.export", "tulis sertifikat, JP, atau kursus untuk SIASN ke berkas"),
    Verb("kode", "code", "lms.cli.code", "buat kode aktivasi atau pemulihan untuk seorang pegawai"),
    Verb("admin", "pengelola", "lms.cli.admin", "mulai instalasi: pengaturan instansi dan administrator pertama"),
    Verb("impor", "import", "lms.cli.import_staff", "ambil alih data pegawai dari ekspor SIASN atau SIMPEG"),
    Verb("verify", "verifikasi", "lms.cli.verify", "bandingkan catatan turunan dengan fakta"),
    Verb("audit", "jejak", "lms.cli.audit", "periksa rantai jejak audit, atau tampilkan catatan terakhirnya"),
    Verb("data", "data-pribadi", "lms.cli.personal_data", "salinan, penghapusan, dan dokumen pelindungan data pribadi"),
    Verb("retensi", "retention", "lms.cli.retention", "tunjukkan data yang lewat masa simpannya"),
)


class _Parser(argparse.ArgumentParser):
    """argparse in Indonesian, as far as people see it."""

    def format_help(self) -> str:
        text = super().format_help()
        for english, indonesian in (
            ("usage:", "Pemakaian:"),
            ("positional arguments:", "Masukan:"),
            ("options:", "Pilihan:"),
            ("show this help message and exit", "tampilkan bantuan ini"),
        ):
            text = text.replace(english, indonesian)
        return text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code. 2 for a wrong command line and for errors that stop the work."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a Windows console without → must not stop a check
    if not words or words[0] in ("-h", "--help", "bantuan", "help"):
        print(overview())
        return 0 if words else 2
    verb = next((verb for verb in VERBS if words[0] in (verb.name, verb.alias)), None)
    if verb is None or not _is_there(verb):
        near = difflib.get_close_matches(words[0], [name for verb in VERBS for name in (verb.name, verb.alias)], 1, 0.5)
        hint = f" Maksud Anda `lms {near[0]}`?" if near else ""
        print(f"Perintah `{words[0]}` tidak dikenal.{hint}\n\n{overview()}", file=sys.stderr)
        return 2
    return _run(verb, words[1:])


def _run(verb: Verb, words: list[str]) -> int:
    module = importlib.import_module(verb.module)
    parser = _Parser(
        prog=f"lms {verb.name}", description=verb.summary.capitalize() + f" (juga: lms {verb.alias}).", epilog=module.EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    module.add_arguments(parser)
    try:
        code: int = module.run(parser.parse_args(words))
        sys.stdout.flush()
        return code
    except LmsError as error:
        print(str(error), file=sys.stderr)
        return 2
    except BrokenPipeError:  # `lms check | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def overview() -> str:
    """The table of verbs, as `lms --help` prints it."""
    rows = [f"  {verb.name:<10} {verb.summary} ({verb.alias})" for verb in VERBS if _is_there(verb)]
    return (
        "Pemakaian: lms PERINTAH [pilihan]\n\n"
        + "\n".join(rows)
        + "\n\nContoh: lms check courses/pelayanan-publik-ramah\nSetiap perintah: lms PERINTAH --help"
    )


def _is_there(verb: Verb) -> bool:
    return importlib.util.find_spec(verb.module) is not None
