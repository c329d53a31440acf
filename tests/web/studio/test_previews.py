"""At most so many previews are open, idle ones are closed, and one in use never is."""

import threading
import time

import pytest

from lms.web.studio.previews import Previews


@pytest.fixture
def folders(tmp_path):
    made = []
    for number in range(4):
        folder = tmp_path / f"kursus-{number}"
        folder.mkdir()
        (folder / "course.yml").write_text(f"kode: kursus-{number}\njudul: Kursus {number}\n", encoding="utf-8")
        (folder / "01-a.md").write_text("# A\n\nIsi.\n", encoding="utf-8")
        made.append(folder)
    return made


@pytest.fixture
def previews():
    made = Previews(most=2, idle_seconds=60)
    yield made
    made.close()
    assert made.count() == 0


def test_same_folder_is_read_once_and_kept(previews, folders):
    with previews.of(folders[0], "kursus-0") as first:
        pass
    with previews.of(folders[0], "kursus-0") as second:
        assert second is first


def test_oldest_unused_preview_makes_room(previews, folders):
    for number, folder in enumerate(folders):
        with previews.of(folder, f"kursus-{number}"):
            assert previews.count() <= 2
    assert previews.count() == 2


def test_preview_follows_what_is_saved(previews, folders):
    with previews.of(folders[0], "kursus-0") as preview:
        assert [problem for problem in preview.problems if problem.level == "galat"] == []
    (folders[0] / "01-a.md").write_text("# A\n\n## Soal: Apa?\n\n- [ ] Satu\n- [ ] Dua\n", encoding="utf-8")
    with previews.of(folders[0], "kursus-0") as preview:
        assert [problem.code for problem in preview.problems if problem.level == "galat"] == ["K062"]


def test_third_reader_waits_until_a_place_is_free(previews, folders):
    order = []

    def read(number):
        with previews.of(folders[number], f"kursus-{number}"):
            order.append(number)

    with previews.of(folders[0], "kursus-0"), previews.of(folders[1], "kursus-1"):
        third = threading.Thread(target=read, args=(2,))
        third.start()
        third.join(0.3)
        assert order == []
    third.join(10)
    assert order == [2]


def test_idle_preview_is_closed(folders):
    previews = Previews(most=2, idle_seconds=0.2)
    with previews.of(folders[0], "kursus-0"):
        time.sleep(0.5)
        assert previews.count() == 1
    until = time.monotonic() + 10
    while previews.count() and time.monotonic() < until:
        time.sleep(0.05)
    assert previews.count() == 0


def test_draft_is_worked_out_once_for_findings_and_page(previews, folders):
    text = "# A\n\nLain.\n"
    first = previews.draft(folders[0], "kursus-0", "01-a.md", text)
    assert previews.draft(folders[0], "kursus-0", "01-a.md", text) is first
    assert previews.draft(folders[0], "kursus-0", "01-a.md", f"{text}Lagi.\n") is not first
