"""What learners see when a course changes under them: every kind of change × every place a learner can stand, through the pages.

One table. Each case publishes the same folder, lets four learners get somewhere, changes the folder, publishes again, and says
for each learner what then differs on their pages; whatever is not named must look as it did before. At the end the attempt that
was open is sent, and everyone who is not through finishes: nobody is ever stuck, and who had finished still has.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from lms.authoring import follow_up, publishing
from lms.authoring.publishing import Order
from lms.content.compile import Cache
from lms.progress import projection
from lms.quizzes.types import RegradeMode
from lms.store.engine import write_tx
from tests.factories.folders import drop_ids, edit
from tests.factories.people import PASSWORD, make_person, make_unit

LEARNERS = ("mengerjakan", "antara", "tengah", "lulus")
"""In the middle of an attempt; between two attempts; in the middle of the course; finished with a certificate."""
LESSON, QUIZ = "01-asas/01-mengapa.md", "01-asas/02-kuis.md"
LESSON_2, QUIZ_2 = "02-standar/01-menyusun.md", "02-standar/02-kuis.md"


def question(number: int, text: str, *options: str) -> str:
    first, *others = options
    rest = "".join(f"- [ ] {other}\n" for other in others)
    name = text.split()[-1].strip("?").casefold()
    return f"## Soal {number}: {text} {{#{name}}}\n\n- [x] {first}\n{rest}\n> **Pembahasan:** Lihat modul.\n\n"


ASKED = (
    question(1, "Apa asas utama pelayanan?", "Kepentingan umum", "Kepastian hukum", "Kerahasiaan"),
    question(2, "Siapa menyusun standar?", "Penyelenggara", "Warga antre"),
    question(3, "Siapa mengawasi unit?", "Ombudsman", "Sesama petugas"),
    question(4, "Berapa hari menjawab pengaduan?", "Lima hari kerja", "Tiga puluh hari"),
)
ALSO_ASKED = question(1, "Apa isi maklumat?", "Janji layanan", "Daftar gaji")
TEXT = (
    "Warga berhak dilayani dengan ramah, cepat, dan jelas. Petugas menyebut nama, mendengarkan sampai selesai, lalu menjelaskan."
)
FILES = {
    "course.yml": "judul: Etika Layanan\nringkasan: Untuk petugas loket.\njp: 1\nmenit: 45\n",
    "README.md": "# Etika Layanan\n\nUntuk petugas loket.\n",
    "01-asas/README.md": "# Asas\n",
    LESSON: f"# Mengapa melayani\n\n{TEXT}\n",
    QUIZ: "---\njudul: Kuis asas\njenis: kuis\nacak-pilihan: tidak\n---\n\n" + "".join(ASKED),
    "02-standar/README.md": "# Standar\n",
    LESSON_2: "# Menyusun standar\n\nStandar disusun bersama warga: syarat, waktu, biaya, dan tempat mengadu bila janji meleset.\n",
    QUIZ_2: "---\njudul: Kuis standar\njenis: kuis\nacak-pilihan: tidak\n---\n\n" + ALSO_ASKED,
}
START = ["Mengapa melayani", "Kuis asas", "Menyusun standar", "Kuis standar"]
DONE_1, DONE_2 = ["✓ Mengapa melayani", *START[1:]], ["✓ Mengapa melayani", "✓ Kuis asas", *START[2:]]
ALL_DONE = [f"✓ {title}" for title in START]
Seen = dict[str, Any]
FIRST_STEMS = ["Apa asas utama pelayanan?", "Siapa menyusun standar?", "Siapa mengawasi unit?", "Berapa hari menjawab pengaduan?"]
IN_THE_COURSE = {"edisi": "1", "tawaran": None, "kabar": [], "soal kuis": "4", "dibuka": [], "sertifikat": False}
RESULT = {"catatan": None, "ditanya": FIRST_STEMS}
BEFORE: dict[str, Seen] = {
    "mengerjakan": IN_THE_COURSE
    | {
        "kemajuan": "1 dari 4 selesai",
        "lanjut": "Kuis asas",
        "susunan": DONE_1,
        "percobaan": [],
        "dibuka": [
            (FIRST_STEMS[0], ["Kepentingan umum", "✓ Kepastian hukum", "Kerahasiaan"]),
            (FIRST_STEMS[1], ["✓ Penyelenggara", "Warga antre"]),
            (FIRST_STEMS[2], ["Ombudsman", "Sesama petugas"]),
            (FIRST_STEMS[3], ["Lima hari kerja", "Tiga puluh hari"]),
        ],
    },
    "antara": IN_THE_COURSE
    | RESULT
    | {
        "kemajuan": "1 dari 4 selesai",
        "lanjut": "Kuis asas",
        "susunan": DONE_1,
        "percobaan": ["nilai 50"],
        "hasil": "Nilai 50. Perlu 70 untuk lulus",
        "jawaban": ["Belum tepat", "Benar", "Benar", "Belum tepat"],
    },
    "tengah": IN_THE_COURSE
    | RESULT
    | {
        "kemajuan": "2 dari 4 selesai",
        "lanjut": "Menyusun standar",
        "susunan": DONE_2,
        "percobaan": ["nilai 100"],
        "hasil": "Lulus dengan nilai 100",
        "jawaban": ["Benar", "Benar", "Benar", "Benar"],
    },
    "lulus": IN_THE_COURSE
    | RESULT
    | {
        "kemajuan": "Selesai",
        "lanjut": None,
        "susunan": ALL_DONE,
        "percobaan": ["nilai 100"],
        "hasil": "Lulus dengan nilai 100",
        "jawaban": ["Benar", "Benar", "Benar", "Benar"],
        "sertifikat": True,
    },
}


@dataclass(frozen=True)
class Case:
    change: Callable[[Path], None]
    is_correction: bool = True
    mode: RegradeMode | None = None
    former: str = ""
    back: bool = False
    """Publish the first edition once more afterwards."""
    sent: str = "Lulus dengan nilai 75"
    """What the learner who was in the middle of an attempt reads after sending it."""
    sees: dict[str, Seen] = field(default_factory=dict)
    """By learner, what differs on their pages after the publication; "*" for all."""


# ------------------------------------------------------------------ the changes


def correct_key(folder: Path) -> None:
    edit(folder, QUIZ, ("[x] Kepentingan umum", "[ ] Kepentingan umum"), ("[ ] Kepastian hukum", "[x] Kepastian hukum"))


def correct_wording(folder: Path) -> None:
    edit(folder, QUIZ, ("Apa asas utama pelayanan?", "Apa asas paling utama pelayanan publik?"))


def move_question(folder: Path) -> None:
    moved = ASKED[3].replace("Soal 4", "Soal 2")
    edit(folder, QUIZ, (ASKED[3], ""))
    edit(folder, QUIZ_2, (ALSO_ASKED, ALSO_ASKED + moved))


def rewrite_question(folder: Path) -> None:
    edit(folder, QUIZ, ("Siapa mengawasi unit?", "Lembaga mana yang menerima laporan warga tentang unit layanan yang buruk?"))


def delete_question(folder: Path) -> None:
    edit(folder, QUIZ, (ASKED[0], ""))


def reorder_options(folder: Path) -> None:
    edit(folder, QUIZ, ("- [x] Kepentingan umum\n- [ ] Kepastian hukum\n", "- [ ] Kepastian hukum\n- [x] Kepentingan umum\n"))


def upload_without_ids(folder: Path) -> None:
    drop_ids(folder)
    edit(folder, QUIZ, ("Siapa menyusun standar?", "Siapa yang menyusun standar?"))


def rename_lesson(folder: Path) -> None:
    edit(folder, LESSON, ("# Mengapa melayani", "# Alasan melayani"))
    (folder / LESSON).rename(folder / "01-asas/01-alasan.md")


def move_lesson(folder: Path) -> None:
    (folder / LESSON_2).rename(folder / "01-asas/03-menyusun.md")


def rename_course(folder: Path) -> None:
    edit(folder, "course.yml", ("judul: Etika Layanan\n", "judul: Etika Layanan\nkode: layanan-prima\n"))


def raise_pass_mark(folder: Path) -> None:
    edit(folder, QUIZ, ("jenis: kuis\n", "jenis: kuis\nnilai-lulus: 90\n"))


def add_lessons(folder: Path) -> None:
    for number in (3, 4):
        text = f"# Tambahan {number}\n\nBahan baru nomor {number} tentang cara menjawab warga yang kecewa.\n"
        (folder / f"02-standar/0{number}-tambahan-{number}.md").write_text(text)


REGRADED = "karena kunci soal 1 diperbaiki setelah Anda mengerjakannya."
OFFER = "Edisi 2 sudah terbit. "
STAYS = "yang sudah selesai tetap selesai."
CASES = {
    "key corrected": Case(
        correct_key,
        sent="Lulus dengan nilai 100",
        sees={
            "antara": {
                "kemajuan": "2 dari 4 selesai",
                "lanjut": "Menyusun standar",
                "susunan": DONE_2,
                "percobaan": ["nilai 75"],
                "hasil": "Lulus dengan nilai 75",
                "catatan": f"Nilai ini diperbarui pada 5 Maret 2026, dari 50 menjadi 75, {REGRADED}",
                "jawaban": ["Benar", "Benar", "Benar", "Belum tepat"],
            },
        },
    ),
    "key corrected, scores may fall": Case(
        correct_key,
        mode=RegradeMode.FULL,
        sent="Lulus dengan nilai 100",
        sees={
            "antara": {
                "kemajuan": "2 dari 4 selesai",
                "lanjut": "Menyusun standar",
                "susunan": DONE_2,
                "percobaan": ["nilai 75"],
                "hasil": "Lulus dengan nilai 75",
                "catatan": f"Nilai ini diperbarui pada 5 Maret 2026, dari 50 menjadi 75, {REGRADED}",
                "jawaban": ["Benar", "Benar", "Benar", "Belum tepat"],
            },
            "tengah": {
                "percobaan": ["nilai 75"],
                "hasil": "Lulus dengan nilai 75",
                "catatan": f"Nilai ini diperbarui pada 5 Maret 2026, dari 100 menjadi 75, {REGRADED}",
                "jawaban": ["Belum tepat", "Benar", "Benar", "Benar"],
            },
            "lulus": {
                "percobaan": ["nilai 75"],
                "hasil": "Lulus dengan nilai 75",
                "catatan": f"Nilai ini diperbarui pada 5 Maret 2026, dari 100 menjadi 75, {REGRADED}",
                "jawaban": ["Belum tepat", "Benar", "Benar", "Benar"],
            },
        },
    ),
    "key corrected, old scores left alone": Case(correct_key, mode=RegradeMode.KEEP),
    "wording corrected": Case(correct_wording),
    "question moved to another quiz": Case(move_question, sees={"*": {"soal kuis": "3"}}),
    "question rewritten": Case(rewrite_question),
    "question deleted": Case(delete_question, sees={"*": {"soal kuis": "3"}}),
    "options reordered": Case(reorder_options),
    "file uploaded again without ids": Case(upload_without_ids),
    "lesson renamed": Case(
        rename_lesson,
        sees={
            "mengerjakan": {"susunan": ["✓ Alasan melayani", *DONE_1[1:]]},
            "antara": {"susunan": ["✓ Alasan melayani", *DONE_1[1:]]},
            "tengah": {"susunan": ["✓ Alasan melayani", *DONE_2[1:]]},
            "lulus": {"susunan": ["✓ Alasan melayani", *ALL_DONE[1:]]},
        },
    ),
    "lesson moved to another module": Case(move_lesson),
    "course code renamed": Case(rename_course, former="etika"),
    "pass mark raised": Case(
        raise_pass_mark,
        is_correction=False,
        sees={
            "mengerjakan": {
                "tawaran": f"{OFFER}Nilai lulus “Kuis asas” berubah dari 70 menjadi 90. Kemajuan Anda 25 % menjadi 25 %; {STAYS}"
            },
            "antara": {
                "tawaran": f"{OFFER}Nilai lulus “Kuis asas” berubah dari 70 menjadi 90. Kemajuan Anda 25 % menjadi 25 %; {STAYS}"
            },
            "tengah": {
                "tawaran": f"{OFFER}Nilai lulus “Kuis asas” berubah dari 70 menjadi 90. Kemajuan Anda 50 % menjadi 50 %; {STAYS}"
            },
        },
    ),
    "new required lessons": Case(
        add_lessons,
        is_correction=False,
        sees={
            "mengerjakan": {"tawaran": f"{OFFER}2 materi baru: Tambahan 3, Tambahan 4. Kemajuan Anda 25 % menjadi 16 %; {STAYS}"},
            "antara": {"tawaran": f"{OFFER}2 materi baru: Tambahan 3, Tambahan 4. Kemajuan Anda 25 % menjadi 16 %; {STAYS}"},
            "tengah": {"tawaran": f"{OFFER}2 materi baru: Tambahan 3, Tambahan 4. Kemajuan Anda 50 % menjadi 33 %; {STAYS}"},
            "lulus": {"kabar": ["2 materi baru di “Etika Layanan” sejak Anda lulus."]},
        },
    ),
    "rolled back": Case(add_lessons, is_correction=False, back=True),
    "rolled back after a corrected key": Case(
        correct_key,
        back=True,
        sees={
            "antara": {
                "kemajuan": "2 dari 4 selesai",
                "lanjut": "Menyusun standar",
                "susunan": DONE_2,
                "percobaan": ["nilai 75"],
                "hasil": "Lulus dengan nilai 75",
                "catatan": f"Nilai ini diperbarui pada 5 Maret 2026, dari 50 menjadi 75, {REGRADED}",
                "jawaban": ["Benar", "Benar", "Benar", "Belum tepat"],
            },
        },
    ),
}


# ------------------------------------------------------------------ the author


@pytest.fixture(scope="module")
def cache():
    kept = Cache()
    yield kept
    kept.close()


@pytest.fixture
def author(session, tmp_path, now, cache):
    """Publishes a folder as the command does, with every likeness accepted. Returns what became of it."""

    def publish(folder: Path, case: Case | None = None):
        former, mode = (case.former, case.mode) if case else ("", None)
        for _ in range(2):
            proposal = publishing.propose(session, publishing.examine(folder, cache=cache), former=former, cache=cache)
            same = [doubt for doubt in publishing.doubts(session, proposal) if doubt.is_open and not doubt.pair.is_sure]
            session.rollback()
            publishing.write_ids(proposal, {one.pair.new_id: one.pair.old_id for one in same if one.is_question})
            publishing.write_item_ids(proposal, {one.pair.new_id: one.pair.old_id for one in same if not one.is_question})
        order = Order(proposal.compiled, tmp_path, mode, "", proposal.former)
        made = publishing.ready(order)
        with write_tx(session):
            publication = publishing.publish(session, order, made, now=now)
        finish(session, publication.edition_id, now)
        return publication

    return publish


def finish(session, edition_id, now):
    for waiting_id in follow_up.waiting_for(session, edition_id):
        more = True
        while more:
            with write_tx(session):
                more = follow_up.advance(session, waiting_id, now=now)
    session.rollback()


# ------------------------------------------------------------------ the learners


class Learner:
    """A person with a browser in which nothing runs; does and sees only what the pages offer."""

    def __init__(self, browser, identifier):
        self.browser, self.course = browser, "/pelatihan/etika"
        browser.sign_in(identifier, PASSWORD)

    def open(self, address=""):
        """A page of the course, by the address it had when the learner first came; a redirect is followed."""
        response = self.browser.client.get(self.course + address)
        self.browser.get(response.headers["Location"] if response.status_code == 301 else self.course + address)
        return unescape(self.browser.page)

    def press(self, address, fields=None):
        sent = {"csrf_token": self.browser.token()} | (fields or {})
        response = self.browser.client.post(address, data=sent)
        if response.status_code == 308:
            response = self.browser.client.post(response.headers["Location"], data=sent)
        assert response.status_code == 303, response.text
        return self.browser.follow(response)

    def enrol(self):
        self.open()
        self.press(f"{self.course}/daftar")

    def read(self, key):
        self.open(f"/{key}")
        self.press(f"{self.course}/{key}")

    def begin(self, key):
        """Start or go on with a quiz; the address of the attempt."""
        page = self.open(f"/kuis/{key}")
        link = re.search(r'class="tombol utama" href="(/percobaan/[^"/]+)', page)
        if link is None:
            self.press(f"{self.course}/kuis/{key}")
            link = re.search(r'action="(/percobaan/[^"/]+)/soal/1"', self.browser.page)
        return link[1]

    def answer(self, attempt, *letters):
        """Choose options by their place on the page, question after question; "" leaves a question as it is."""
        for number, letter in enumerate(letters, start=1):
            if letter:
                self.browser.get(f"{attempt}/soal/{number}")
                tokens = re.findall(r'type="radio" name="a" value="([^"]+)"', self.browser.page)
                self.browser.post(f"{attempt}/soal/{number}", {"a": tokens["AB".index(letter)]})

    def send(self, attempt):
        self.browser.get(f"{attempt}/periksa")
        self.press(f"{attempt}/kirim")
        return headline(self.browser.page)

    def take(self, key, *letters):
        attempt = self.begin(key)
        self.answer(attempt, *letters)
        return self.send(attempt)

    def sees(self) -> Seen:
        """Everything on their pages that a publication could touch."""
        page = self.open()
        seen: Seen = {
            "edisi": re.search(r"Edisi (\d+),", page)[1],
            "kemajuan": found(r'<p class="redup">([^<]*selesai|Selesai)</p>', page),
            "lanjut": found(r"Lanjutkan: ([^<]+)</a>", page),
            "tawaran": found(r'<div class="kabar info"><p>(.*?)</p>', page),
            "susunan": [
                ("✓ " if state == "usai" else "") + title
                for state, title in re.findall(r'<li class="(\w*)"[^>]*>\s*<a href="[^"]+">([^<]+)</a>', page)
            ],
        }
        self.browser.get("/")
        news = re.findall(r'<div class="kabar info"><p>(.*?) <a', unescape(self.browser.page))
        seen["kabar"] = [
            text for text in news if not text.startswith("Baca bagaimana")
        ]  # of everybody's first days, not of courses
        page = self.open("/kuis/asas/kuis")
        seen["soal kuis"] = found(r"<dt>Soal</dt><dd>(\d+)</dd>", page)
        seen["percobaan"] = re.findall(r'class="kanan \w+">([^<]+)<', page)
        seen["dibuka"] = self._open_attempt(page)
        results = re.findall(r'<a href="(/percobaan/[^"]+/hasil)"', page)
        if results:
            self.browser.get(results[-1])
            page = unescape(self.browser.page)
            seen["hasil"] = headline(page)
            seen["catatan"] = found(r'<div class="kabar info" role="status"><p>(.*?)</p>', page)
            seen["jawaban"] = re.findall(r'<strong class="\w+">[✓◐✗] ([^<]+)</strong>', page)
            seen["ditanya"] = re.findall(r'<h3>Soal \d+</h3>\s*<div class="prosa"><p>([^<]+)</p>', page)
        seen["sertifikat"] = "/sertifikat" in self.open()
        return seen

    def certificate(self):
        return found(r"<code>([0-9A-Z-]{19})</code>", self.open("/sertifikat"))

    def _open_attempt(self, page):
        """The questions of an attempt that is not sent, with their options in order, as it shows them."""
        link = re.search(r'class="tombol utama" href="(/percobaan/[^"/]+)', page)
        asked = []
        for number in range(1, 5) if link else ():
            self.browser.get(f"{link[1]}/soal/{number}")
            page = unescape(self.browser.page)
            options = re.findall(r'<input type="radio"[^>]*?( checked)?><span>(.*?)</span>', page)
            told = [("✓ " if chosen else "") + text for chosen, text in options]
            asked.append((found(r'id="soal-[^"]+"><p>([^<]+)</p>', page), told))
        return asked


def found(pattern, page):
    match = re.search(pattern, page, re.S)
    return match[1] if match else None


def headline(page):
    return found(r"<h1>(.*?)</h1>", unescape(page))


@pytest.fixture
def learners(session, new_browser, tmp_path, author):
    """Four learners, each where the word says, in the course as it was first published."""
    folder = tmp_path / "kursus" / "etika"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    first = author(folder)
    with write_tx(session):
        unit = make_unit(session)
        for word in LEARNERS:
            make_person(session, unit=unit, identifier=word, password=PASSWORD, name=f"Orang {word.title()}")
    people = {word: Learner(new_browser(), word) for word in LEARNERS}
    for person in people.values():
        person.enrol()
        person.read("asas/mengapa")
    people["mengerjakan"].answer(people["mengerjakan"].begin("asas/kuis"), "B", "A")
    assert people["antara"].take("asas/kuis", "B", "A", "A", "B") == "Nilai 50. Perlu 70 untuk lulus"
    for word in ("tengah", "lulus"):
        assert people[word].take("asas/kuis", "A", "A", "A", "A") == "Lulus dengan nilai 100"
    people["lulus"].read("standar/menyusun")
    people["lulus"].take("standar/kuis", "A")
    return folder, first, people


# ------------------------------------------------------------------ the story


RUNS = [(name, "sqlite") for name in CASES] + [(name, "postgres") for name in ("key corrected", "lesson renamed", "rolled back")]


@pytest.mark.parametrize(("name", "fresh_database"), RUNS, indirect=["fresh_database"])
def test_course_changes_under_its_learners(session, author, learners, now, name):
    case, (folder, first, people) = CASES[name], learners
    for word, person in people.items():
        assert person.sees() == BEFORE[word], word
    certificate = people["lulus"].certificate()
    assert certificate
    case.change(folder)
    made = author(folder, case)
    assert made.changed and made.is_correction == case.is_correction
    if case.back:
        with write_tx(session):
            back = publishing.roll_back(session, "etika", first.edition_id, mode=None, note="", now=now, by=None)
        finish(session, back.edition_id, now)
    for word, person in people.items():
        assert person.sees() == BEFORE[word] | case.sees.get("*", {}) | case.sees.get(word, {}), word

    working = people["mengerjakan"]
    attempt = working.begin("asas/kuis")
    working.answer(attempt, "", "", "A", "A")
    assert working.send(attempt) == case.sent
    for word in ("mengerjakan", "antara", "tengah"):
        finish_course(people[word])
        assert "Lihat sertifikat" in people[word].open(), word
    assert people["lulus"].certificate() == certificate
    session.rollback()
    assert projection.verify(session) == []


def finish_course(person):
    """Press what the course page offers until it offers nothing more."""
    for _ in range(8):
        page = person.open()
        link = re.search(r'<a class="tombol utama" href="([^"]+)">Lanjutkan', page)
        if link is None:
            return
        key = "/".join(link[1].split("/")[3:])
        if key.startswith("kuis/"):
            key = key.removeprefix("kuis/")
            count = int(found(r"<dt>Soal</dt><dd>(\d+)</dd>", person.open(f"/kuis/{key}")) or 0)
            person.take(key, *["A"] * count)
        else:
            person.read(key)


def test_offer_is_taken_and_nothing_is_lost(author, learners):
    folder, _, people = learners
    add_lessons(folder)
    (folder / LESSON_2).unlink()
    author(folder)
    moving, staying, through = people["tengah"], people["antara"], people["lulus"]
    page = moving.open("/perubahan")
    assert re.findall(r"<h2>([^<]+)</h2>", page) == ["Materi baru", "Tidak ada lagi"]
    moving.press(f"{moving.course}/perubahan", {"number": "2"})
    seen = moving.sees()
    assert (seen["edisi"], seen["kemajuan"], seen["lanjut"], seen["tawaran"]) == ("2", "2 dari 5 selesai", "Kuis standar", None)
    assert seen["susunan"] == ["✓ Mengapa melayani", "✓ Kuis asas", "Kuis standar", "Tambahan 3", "Tambahan 4"]
    assert seen["percobaan"] == ["nilai 100"]
    moving.browser.get(f"{moving.course}/standar/menyusun", status=404)
    assert "Materi ini tidak ada di edisi pelatihan yang Anda ikuti" in moving.browser.page
    finish_course(moving)
    assert "Lihat sertifikat" in moving.open()
    assert staying.sees()["edisi"] == "1" and "Menyusun standar" in staying.open("/standar/menyusun")
    seen = through.sees()
    assert (seen["kemajuan"], seen["kabar"]) == ("Selesai", ["2 materi baru di “Etika Layanan” sejak Anda lulus."])
    assert "Kelulusan, nilai, JP, dan sertifikat Anda tidak berubah" in through.open("/perubahan")
    assert "Lihat yang baru sejak Anda lulus" in through.open("/sertifikat")
