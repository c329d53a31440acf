"""`lms jelaskan`: what a check code means, with a bad and a good example."""

import argparse
import difflib
import sys

from lms.content.problems import Code, registry

EXAMPLE = """Contoh:
  lms jelaskan K043
  lms jelaskan K001 K002
  lms jelaskan            (daftar semua kode)"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("codes", nargs="*", metavar="KODE", help="kode pemeriksaan, misalnya K043")


def run(arguments: argparse.Namespace) -> int:
    codes = registry()
    if not arguments.codes:
        for known in codes.values():
            print(f"{known.name}  {known.level:<10}  {known.title}")
        return 0
    result = 0
    for position, written in enumerate(arguments.codes):
        code = codes.get(written.upper())
        if code is None:
            near = difflib.get_close_matches(written.upper(), codes, 1, 0.5)
            print(
                f"Kode {written} tidak ada." + (f" Maksud Anda {near[0]}?" if near else " Daftar semua kode: lms jelaskan"),
                file=sys.stderr,
            )
            result = 2
            continue
        print(("\n" if position else "") + explanation(code))
    return result


def explanation(code: Code) -> str:
    fix = (
        "\nDapat diperbaiki otomatis: " + ("lms check --beri-id" if code.name == "K032" else "lms check --perbaiki")
        if code.fixable
        else ""
    )
    parts = [
        f"{code.name} ({code.level}): {code.title}",
        "",
        code.explanation + fix,
        "",
        "Belum benar:",
        _indented(code.bad),
        "",
        "Sudah benar:",
        _indented(code.good),
    ]
    return "\n".join(parts)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))
