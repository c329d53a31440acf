"""Tables as files: written to disk row by row, sent from there, and gone when the answer is."""

import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO

from flask import Response, send_file

from lms.errors import Invalid
from lms.shared.spreadsheet import Table, write_csv, write_xlsx

SHAPES = (
    ("xlsx", "Excel (XLSX)"),
    ("csv", "CSV, titik koma"),
    ("csv-koma", "CSV, koma"),
)
"""(word of the form, label)."""
MIMES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv", "zip": "application/zip"}


def checked_shape(word: str) -> str:
    """Raises Invalid for a shape that is not on offer."""
    if all(word != known for known, _ in SHAPES):
        raise Invalid("Pilih bentuk berkas: Excel atau CSV. Belum ada yang diunduh.", field="bentuk")
    return word


def send_table(table: Table, stem: str, shape: str, made_at: datetime) -> Response:
    """The table in the shape of one of SHAPES."""
    ending = shape.partition("-")[0]

    def write(path: Path) -> None:
        if ending == "xlsx":
            write_xlsx(table, path, made_at)
            return
        with path.open("w", encoding="utf-8", newline="") as out:
            write_csv(table, out, "," if shape == "csv-koma" else ";")

    return _send(write, f"{stem}.{ending}", MIMES[ending])


def send_zip(pack: Callable[[IO[bytes]], None], stem: str) -> Response:
    def write(path: Path) -> None:
        with path.open("wb") as out:
            pack(out)

    return _send(write, f"{stem}.zip", MIMES["zip"])


def _send(write: Callable[[Path], None], name: str, mime: str) -> Response:
    with tempfile.TemporaryDirectory(prefix="pelita-unduhan-") as folder:
        path = Path(folder, name)
        write(path)
        content = path.open("rb")  # the name goes with the folder, the content with the answer
    response = send_file(content, mimetype=mime, as_attachment=True, download_name=name)
    response.content_length = os.fstat(content.fileno()).st_size
    response.headers["Cache-Control"] = "no-store"
    return response
