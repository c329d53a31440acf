"""Checks of the course as a whole: course.yml, addresses, order, prerequisites, completion, unused media."""

import re
from datetime import date, timedelta
from pathlib import Path, PurePosixPath

from lms.content import measure
from lms.content.nodes import CourseNode, FileNode
from lms.content.problems import Reporter
from lms.content.slugs import RESERVED, key_segment, without_prefix
from lms.content.types import Problem

MINUTES_PER_JP = 45
ITEM_KINDS = ("pelajaran", "kuis", "pretest", "posttest", "latihan", "tugas", "evaluasi")


def check_rules(course: CourseNode, used: set[str], today: date | None) -> list[Problem]:
    """`used` are the paths some file links to."""
    problems = []
    for node in course.files:
        reporter = Reporter(node.file)
        _check_file(course, node, reporter)
        problems += reporter.problems
    problems += _check_keys(course)
    if course.manifest is not None:
        reporter = Reporter(course.manifest.file)
        _check_manifest(course, reporter, today)
        _check_order(course, reporter)
        _check_completion(course, reporter)
        _check_prerequisite_courses(course, reporter)
        _check_unused(course, used, reporter)
        problems += reporter.problems
    return problems


def _first_line(course: CourseNode) -> int:
    lines = course.manifest.lines if course.manifest else ()
    return next((number for number, line in enumerate(lines, start=1) if line.strip() and not line.startswith("#")), 1)


def _place(course: CourseNode, key: str) -> tuple[int, int, int]:
    setting = course.meta.settings.get(key)
    return (setting.line, setting.column, setting.width) if setting else (_first_line(course), 1, 1)


def _check_file(course: CourseNode, node: FileNode, reporter: Reporter) -> None:
    """K086, `soal-benar` without questions (K115), and prerequisites among lessons (K111)."""
    _check_without_effect(node, reporter)
    done = node.meta.settings.get("selesai-bila")
    if done is not None and done.value == "correct" and not any(node.questions()):
        advice = "tambahkan soal di dalam materi, atau tulis `selesai-bila: ditandai`"
        reporter.add("K115", done.line, done.column, done.width, reason="`soal-benar` pada materi tanpa soal", advice=advice)
    wanted = node.meta.settings.get("prasyarat")
    if wanted is None:
        return
    by_key = {other.key: other for other in course.files}
    for span, key in zip(wanted.items, wanted.value, strict=False):
        if key not in by_key:
            advice = "kunci yang ada: " + ", ".join(sorted(other for other in by_key if other != node.key)[:5])
            reporter.add("K111", span.line, span.column, len(span.text), key=key, advice=advice)
        elif circle := _circle(node.key, {other: tuple(by_key[other].meta.get("prasyarat", ())) for other in by_key}):
            shown = " → ".join(circle)
            reporter.add(
                "K111",
                span.line,
                span.column,
                len(span.text),
                message=f"prasyarat melingkar: {shown}",
                advice="putuskan lingkarannya",
            )


def _check_without_effect(node: FileNode, reporter: Reporter) -> None:
    """K086: front matter that is right but changes nothing in this file."""
    kind = node.meta.get("kumpul", "berkas")
    idle = {
        "selesai-bila": (node.meta.get("selesai-bila") == "video", "pakai `selesai-bila: ditandai`; peserta menandai sendiri"),
        "berkas": (node.kind == "tugas" and kind != "berkas", "hapus barisnya, atau tulis `kumpul: berkas`"),
        "maks": (node.kind == "tugas" and kind != "berkas", "hapus barisnya, atau tulis `kumpul: berkas`"),
        "kata": (node.kind == "tugas" and kind != "teks", "hapus barisnya, atau tulis `kumpul: teks`"),
        "wajib": (node.kind == "evaluasi" and node.meta.get("wajib"), "hapus barisnya; evaluasi tidak menjadi syarat lulus"),
    }
    for key, (is_idle, advice) in idle.items():
        setting = node.meta.settings.get(key)
        if setting is not None and is_idle:
            width = len(key) + 1
            reporter.add("K086", setting.line, 1, width, what=f"`{key}` pada `jenis: {node.kind}`", advice=advice)


def _circle(start: str, needs: dict[str, tuple[str, ...]]) -> list[str]:
    """The way back to `start`, or []."""
    stack, seen = [(start, [start])], set()
    while stack:
        key, path = stack.pop()
        for other in needs.get(key, ()):
            if other == start:
                return [*path, start]
            if other not in seen:
                seen.add(other)
                stack.append((other, [*path, other]))
    return []


def _check_keys(course: CourseNode) -> list[Problem]:
    """K119 and K121: addresses must be possible and unique."""
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for node in course.files:
        reporter = Reporter(node.file)
        segments = node.key.split("/")
        if node.kind == "pelajaran" and segments[0] in RESERVED:
            advice = f"ganti nama folder atau berkasnya, atau tulis `id:` di kepala berkas; `{segments[0]}` dipakai halaman lain"
            reporter.add("K119", 1, key=node.key, reason="dipakai halaman lain", advice=advice)
        if node.key in seen and course.is_course:
            advice = "ganti nama salah satu, atau tulis `id:` di kepala berkas"
            reporter.add("K119", 1, key=node.key, reason=f"sudah dipakai {seen[node.key]}", advice=advice)
        seen.setdefault(node.key, node.file)
        path = PurePosixPath(node.file)
        names = [*path.parts[:-1], path.stem]
        if (
            "id" not in node.meta.settings
            and any(key_segment(name) != without_prefix(name) for name in names)
            and course.is_course
        ):
            reporter.add("K121", 1, name=node.file, key=node.key)
        problems += reporter.problems
    return problems


def _check_manifest(course: CourseNode, reporter: Reporter, today: date | None) -> None:
    meta = course.meta
    first = _first_line(course)
    if "judul" not in meta.settings:
        reporter.add("K009", first)
    weights = meta.get("bobot")
    if weights and sum(weights.values()) != 100 * 100:
        reporter.add("K114", *_place(course, "bobot"), total=f"{sum(weights.values()) / 100:g}")
    _check_hours(course, reporter)
    reviewed, every = meta.get("ditinjau"), meta.get("tinjau-tiap")
    if today is not None and reviewed:
        late = (today - (date.fromisoformat(reviewed) + timedelta(seconds=every or 0))).days
        if late > 0:
            reporter.add("K116", *_place(course, "ditinjau"), late=f"{late} hari" if late < 60 else f"{late // 30} bulan")
    has_bank = any((Path(course.root) / path).is_file() for path in course.banks)
    if has_bank and any((parent / ".git").exists() for parent in (Path(course.root), *Path(course.root).parents)):
        reporter.add("K118", first)


def _check_hours(course: CourseNode, reporter: Reporter) -> None:
    jp = course.meta.get("jp")
    minutes = measure.carried_minutes(course)
    if jp and (minutes < jp * MINUTES_PER_JP or minutes > jp * MINUTES_PER_JP * 2):
        estimate = f"{minutes / MINUTES_PER_JP:.1f}".replace(".", ",")
        time = f"{minutes // 60} j {minutes % 60} m" if minutes >= 60 else f"{minutes} m"
        reporter.add("K113", *_place(course, "jp"), jp=jp, time=time, estimate=estimate)


def _check_order(course: CourseNode, reporter: Reporter) -> None:
    order = course.meta.settings.get("urutan")
    if order is None or not order.value:
        return
    pages = [node.file for node in course.files]
    entries = [entry.strip("/") for entry in order.value]
    for span, entry in zip(order.items, entries, strict=False):
        if not any(page == entry or page.startswith(entry + "/") for page in pages):
            reporter.add("K112", span.line, span.column, len(span.text), what=f"`{entry}` di `urutan:` tidak ada")
    for page in pages:
        if not any(page == entry or page.startswith(entry + "/") for entry in entries):
            reporter.add("K112", order.line, order.column, what=f"berkas `{page}` tidak ada di `urutan:`")


def _check_completion(course: CourseNode, reporter: Reporter) -> None:
    kinds = {node.kind for node in course.files if not node.meta.get("sembunyi")}
    wanted = course.meta.get("lulus-bila", ())
    lacking = {"semua-pelajaran": "pelajaran", "semua-kuis": "kuis", "posttest": "posttest", "tugas": "tugas"}
    for part in wanted:
        if lacking[part] not in kinds:
            advice = f"tambahkan berkas `jenis: {lacking[part]}`, atau hapus dari `lulus-bila:`"
            reporter.add(
                "K115", *_place(course, "lulus-bila"), reason=f"`{part}` tetapi tidak ada {lacking[part]}", advice=advice
            )
    for name in sorted(set(course.meta.get("bobot") or ()) - kinds):
        advice = f"bagi persennya kepada yang ada, atau tambahkan berkas `jenis: {name}`"
        what = f"bobot `{name}` (pelatihan ini tidak punya {name})"
        reporter.add("K086", *_place(course, "bobot"), what=what, advice=advice)
    if not kinds & set(ITEM_KINDS):
        reporter.add(
            "K115",
            _first_line(course),
            reason="pelatihan ini tidak berisi materi atau kuis",
            advice="tambahkan berkas .md di folder modul",
        )
    if course.meta.get("uji-lewati") and "pretest" not in kinds:
        reporter.add(
            "K115",
            *_place(course, "uji-lewati"),
            reason="`uji-lewati` tanpa tes awal",
            advice="tambahkan pretest.md, atau hapus `uji-lewati:`",
        )


def _check_prerequisite_courses(course: CourseNode, reporter: Reporter) -> None:
    """Against the courses in the folder beside this one; alone, nothing can be said before publishing."""
    wanted = course.meta.settings.get("prasyarat")
    if wanted is None or not wanted.value:
        return
    needs = {course.code: tuple(wanted.value)}
    for manifest in sorted(Path(course.root).parent.glob("*/course.yml"))[:500]:
        if manifest.parent != Path(course.root):
            code, others = _code_and_needs(manifest)
            needs[code] = others
    for span, key in zip(wanted.items, wanted.value, strict=False):
        if key == course.code or (key in needs and (circle := _circle(course.code, needs))):
            shown = " → ".join([course.code, key] if key == course.code else circle)
            reporter.add(
                "K111",
                span.line,
                span.column,
                len(span.text),
                message=f"prasyarat melingkar: {shown}",
                advice="putuskan lingkarannya",
            )
        elif key not in needs and len(needs) > 1:
            advice = "pelatihan di folder ini: " + ", ".join(sorted(code for code in needs if code != course.code)[:8])
            reporter.add("K111", span.line, span.column, len(span.text), key=key, advice=advice)


def _code_and_needs(manifest: Path) -> tuple[str, tuple[str, ...]]:
    """A neighbour's code and prerequisites, read leniently: its own check will say what is wrong there."""
    try:
        text = manifest.read_text("utf-8", errors="replace")[:20_000]
    except OSError:
        return manifest.parent.name, ()
    code = re.search(r"^(?:kode|code):\s*([a-z0-9-]+)", text, re.MULTILINE)
    needs = re.search(r"^(?:prasyarat|prerequisites):\s*(\[[^\]]*\]|\S.*|(?:\n\s*- .*)+)", text, re.MULTILINE)
    return (code[1] if code else manifest.parent.name), tuple(re.findall(r"[a-z0-9][a-z0-9-]*", needs[1]) if needs else ())


def _check_unused(course: CourseNode, used: set[str], reporter: Reporter) -> None:
    for path in sorted(course.known_paths - used):
        parts = path.split("/")
        if "media" in parts[:-1] or "berkas" in parts[:-1]:
            reporter.add("K117", _first_line(course), path=path)
