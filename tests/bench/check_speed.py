"""`lms check` over 100 lessons and 1,000 questions, as an author runs it. Prints JSON."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.processes import ROOT

COURSE = """kode: uji-kecepatan
judul: Uji Kecepatan
ringkasan: Seratus materi dan seribu soal.
jp: 3
nilai-lulus: 70
"""
LESSON = """---
judul: Materi {number}
tujuan:
  - Menyebutkan satu hal
---

# Materi {number}

{paragraphs}

| Kebutuhan | Yang diberikan |
|---|---|
| Kepastian | Waktu dan langkah |
"""
QUESTION = """
## Soal {number}: Apa langkah nomor {number} di loket pelayanan? {{#s{number}}}

- [ ] Menunggu sampai warga bertanya lagi
    > Belum tepat: warga sudah menunggu.
- [x] Menyapa lalu menanyakan keperluan {number}
    > Tepat, karena warga tahu ia dilihat.
- [ ] Menutup loket lebih awal dari jadwal
    > Belum tepat: jadwal adalah janji.

> **Pembahasan:** Sapaan membuka layanan.
"""


def write_course(folder: Path) -> Path:
    """100 lessons and 10 quizzes of 100 questions each."""
    root = folder / "uji-kecepatan"
    root.mkdir()
    (root / "course.yml").write_text(COURSE, encoding="utf-8")
    sentence = "Warga datang membawa berkas dan tiga kebutuhan yang tidak tertulis di formulir. "
    for number in range(100):
        module = root / f"{number // 10 + 1:02d}-modul-{number // 10 + 1}"
        module.mkdir(exist_ok=True)
        text = LESSON.format(number=number, paragraphs="\n\n".join([sentence * 6] * 9))
        (module / f"{number % 10 + 1:02d}-materi-{number}.md").write_text(text, encoding="utf-8")
    for module_number in range(10):
        questions = "".join(QUESTION.format(number=number) for number in range(module_number * 100, module_number * 100 + 100))
        text = f"---\njudul: Kuis {module_number}\njenis: kuis\nnilai-lulus: 70\nacak-pilihan: ya\n---\n\n# Kuis\n{questions}"
        (root / f"{module_number + 1:02d}-modul-{module_number + 1}" / "99-kuis.md").write_text(text, encoding="utf-8")
    return root


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        root = write_course(Path(folder))
        walls = []
        for _ in range(3):
            started = time.perf_counter()
            done = subprocess.run([sys.executable, "-m", "lms.cli", "check", str(root)], cwd=ROOT, capture_output=True, text=True)
            walls.append(time.perf_counter() - started)
            if done.returncode not in (0, 1):
                raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return {"check_seconds": round(min(walls), 2)}


if __name__ == "__main__":
    print(json.dumps(measure()))
