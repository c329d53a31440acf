"""The watching thread: a save is seen within moments, whoever waits is told, nothing stops it."""

import threading
import time

import pytest

from lms.authoring.preview import CoursePreview
from lms.authoring.watch import Watch
from tests.content.course_files import write_course, write_files

PATIENCE = 10.0


@pytest.fixture
def folder(tmp_path):
    return write_course(tmp_path / "contoh")


@pytest.fixture
def watch(folder):
    watch = Watch({"contoh": CoursePreview(folder)})
    watch.start()
    assert watch.wait("contoh", 0, PATIENCE) == 1
    yield watch
    watch.stop()


def test_save_gives_the_next_version_to_everybody_who_waits(watch, folder):
    got: list[int] = []
    waiting = [threading.Thread(target=lambda: got.append(watch.wait("contoh", 1, PATIENCE))) for _ in range(3)]
    for thread in waiting:
        thread.start()
    write_files(folder, {"01-asas/01-materi.md": "# Materi\n\nBaru.\n"})
    for thread in waiting:
        thread.join(PATIENCE)
    assert got == [2, 2, 2]


def test_nothing_new_is_said_after_the_time_and_at_once_to_who_is_gone_or_behind(watch):
    started = time.monotonic()
    assert watch.wait("contoh", 1, 0.2) == 1
    assert watch.wait("contoh", 0, PATIENCE) == 1
    assert watch.wait("contoh", 1, PATIENCE, lambda: True) == 1
    assert 0.2 <= time.monotonic() - started < PATIENCE


def test_release_lets_everybody_go(watch):
    thread = threading.Thread(target=watch.wait, args=("contoh", 1, PATIENCE))
    started = time.monotonic()
    thread.start()
    watch.release()
    thread.join(PATIENCE)
    assert time.monotonic() - started < PATIENCE


def test_file_written_in_pieces_is_read_when_it_is_whole(watch, folder):
    seen: list[str] = []
    path = folder / "01-asas/01-materi.md"
    with path.open("w") as stream:
        for number in range(6):
            stream.write(f"# Materi\n\nBagian {number}.\n" if number == 0 else f"\nBagian {number}.\n")
            stream.flush()
            time.sleep(0.01)
    watch.wait("contoh", 1, PATIENCE)
    seen.append(watch.previews["contoh"].page("asas/materi").page.text)
    assert seen == ["\n".join(f"Bagian {number}." for number in range(6))]


def test_what_goes_wrong_is_logged_in_a_sentence_and_the_next_save_is_seen(watch, folder, caplog, monkeypatch):
    preview = watch.previews["contoh"]
    with monkeypatch.context() as patched:
        patched.setattr(preview, "_take", lambda *parts: 1 / 0)
        write_files(folder, {"istilah.md": "# Istilah\n"})
        until = time.monotonic() + PATIENCE
        while not caplog.records and time.monotonic() < until:
            time.sleep(0.05)
    assert [record.exc_info for record in caplog.records] == [None]
    write_files(folder, {"istilah.md": "# Istilah\n\nBaru.\n"})
    assert watch.wait("contoh", 1, PATIENCE) == 2
