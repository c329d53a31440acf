"""LibreOffice without a window: what a spreadsheet program makes of a file of ours."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


def soffice() -> str:
    """The program; skips the test where it is missing, and fails it in CI."""
    found = shutil.which("soffice")
    if found is None and os.environ.get("CI"):
        pytest.fail("LibreOffice (soffice) is missing, and CI must open every report in it.")
    if found is None:
        pytest.skip("LibreOffice (soffice) is missing: install libreoffice-calc to open the reports in it.")
    return found


def opened(files: Sequence[Path], folder: Path, separator: str = "") -> dict[str, list[list[tuple[str, str]]]]:
    """By file name, the rows of the first sheet as LibreOffice reads them: (type, text) of each cell, "formula" for formulas."""
    program, out = soffice(), folder / "dibuka"
    reads = [f"--infilter=Text - txt - csv (StarCalc):{ord(separator)},34,76,1,,0,true,false"] if separator else []
    profile = f"-env:UserInstallation=file://{folder / 'profil'}"
    command = [program, profile, "--headless", "--norestore", *reads, "--convert-to", "fods", "--outdir", str(out)]
    subprocess.run([*command, *map(str, files)], check=True, capture_output=True, timeout=240)
    return {file.name: _rows(out / f"{file.stem}.fods") for file in files}


def _rows(path: Path) -> list[list[tuple[str, str]]]:
    sheet = next(ElementTree.parse(path).iter(f"{TABLE}table"))
    found = []
    for row in sheet.iter(f"{TABLE}table-row"):
        cells = []
        for cell in row:
            times = min(int(cell.get(f"{TABLE}number-columns-repeated", "1")), 50)
            kind = "formula" if cell.get(f"{TABLE}formula") else cell.get(f"{OFFICE}value-type", "")
            text = "\n".join("".join(part.itertext()) for part in cell.iter(f"{TEXT}p"))
            cells += [(kind, text)] * times
        found += [cells] * min(int(row.get(f"{TABLE}number-rows-repeated", "1")), 2)
    return found
