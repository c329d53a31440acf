"""`lms baru`: a scaffold that is already valid, with comments that say what to change."""

import argparse
from pathlib import Path

from lms.content import scaffold
from lms.errors import Refused

EXAMPLE = """Contoh:
  lms baru kursus "Pelayanan Publik Dasar"
  lms baru modul "Standar pelayanan" --di pelayanan-publik-dasar
  lms baru pelajaran "Dua belas asas" --di pelayanan-publik-dasar/01-pembuka
  lms baru kuis "Kuis modul 1" --di pelayanan-publik-dasar/01-pembuka
  lms baru tugas "Rencana aksi unit" --di pelayanan-publik-dasar/01-pembuka
  lms baru evaluasi "Evaluasi penyelenggaraan" --di pelayanan-publik-dasar"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    names = list(scaffold.KINDS.values())
    parser.add_argument(
        "kind",
        choices=sorted({*scaffold.KINDS, *names}),
        metavar="JENIS",
        help=f"{', '.join(names[:-1])} atau {names[-1]}",
    )
    parser.add_argument("title", metavar="JUDUL", help='judul dalam tanda kutip, misalnya "Dua belas asas"')
    parser.add_argument(
        "--di", "--in", dest="folder", type=Path, default=Path("."), help="folder tempat membuatnya (bawaan: folder ini)"
    )


def run(arguments: argparse.Namespace) -> int:
    if not arguments.folder.is_dir():
        raise Refused(f"Folder {arguments.folder} tidak ada. Buat dulu, atau pilih folder lain dengan --di.")
    kind = next(kind for kind, name in scaffold.KINDS.items() if arguments.kind in (kind, name))
    files = scaffold.make(kind, arguments.folder, arguments.title)
    for path in files:
        print(path)
    print(f"\nBerikutnya: ubah isinya, lalu jalankan `lms check {scaffold.course_of(files[0]) or arguments.folder}`.")
    return 0
