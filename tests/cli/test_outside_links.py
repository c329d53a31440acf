"""`lms check --luar` against a site on this machine."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lms.cli.main import main
from lms.cli.outside_links import AT_ONCE, check_outside
from lms.content.parse import load_course
from tests.content.course_files import write_course

FILE = "01-asas/02-uji.md"


class Site(BaseHTTPRequestHandler):
    """`/ada` answers, `/tanpa-head` only to GET, `/pindah` leads on, `/tolak` refuses programs, `/lambat` never answers in time."""

    asked: list[tuple[str, str]] = []
    open_now = most_at_once = 0

    def do_HEAD(self) -> None:
        path = self.path.partition("?")[0]
        type(self).asked.append((self.command, self.path))
        type(self).open_now += 1
        type(self).most_at_once = max(type(self).most_at_once, type(self).open_now)
        time.sleep(1.5 if path == "/lambat" else 0.02)
        type(self).open_now -= 1
        status = {"/ada": 200, "/pindah": 302, "/tolak": 403, "/rusak": 500, "/lambat": 200}.get(path, 404)
        self.send_response(405 if path == "/tanpa-head" and self.command == "HEAD" else 200 if path == "/tanpa-head" else status)
        self.send_header("Location", "/ada")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def site():
    Site.asked, Site.open_now, Site.most_at_once = [], 0, 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_only_addresses_that_do_not_answer_are_noted_at_every_place(tmp_path, site):
    text = f"# M\n\n[a]({site}/ada#b) [b]({site}/tanpa-head) [c]({site}/pindah) [d]({site}/tolak)\n\n[e]({site}/hilang?q=é) <{site}/rusak>\n\n[f]({site}/hilang?q=é#x)\n"
    root = write_course(tmp_path, {FILE: text})
    problems = check_outside(load_course(root))
    assert [(problem.code, problem.file, problem.line, problem.column, problem.message) for problem in problems] == [
        ("K105", FILE, 5, 5, f"tautan `{site}/hilang?q=é` tidak dapat dicoba: peladen menjawab 404"),
        ("K105", FILE, 5, 5 + len(f"{site}/hilang?q=é") + 3, f"tautan `{site}/rusak` tidak dapat dicoba: peladen menjawab 500"),
        ("K105", FILE, 7, 5, f"tautan `{site}/hilang?q=é` tidak dapat dicoba: peladen menjawab 404"),
    ]
    assert Site.asked.count(("HEAD", "/hilang?q=%C3%A9")) == 1


def test_slow_closed_and_unknown_sites_are_told_apart(tmp_path, site):
    text = f"# M\n\n[a]({site}/lambat)\n\n[b](http://127.0.0.1:1/x)\n\n[c](http://tidak-ada.invalid/)\n"
    problems = check_outside(load_course(write_course(tmp_path, {FILE: text})), seconds=0.3)
    assert [(problem.line, problem.message.rpartition(": ")[2]) for problem in problems] == [
        (3, "tidak menjawab dalam batas waktu"), (5, "sambungan ditolak"), (7, "nama situsnya tidak ditemukan"),
    ]  # fmt: skip


def test_one_site_is_asked_one_thing_at_a_time(tmp_path, site):
    text = "# M\n\n" + "".join(f"[a]({site}/ada?{n})\n\n" for n in range(12))
    assert check_outside(load_course(write_course(tmp_path, {FILE: text}))) == []
    assert (len(Site.asked), Site.most_at_once, AT_ONCE) == (12, 1, 4)


def test_links_are_tried_only_when_asked_for_and_can_be_silenced(tmp_path, site, capsys):
    text = f"# M\n\n[a]({site}/hilang)\n\n<!-- lms: abaikan K105 -->\n[a]({site}/juga-hilang)\n"
    root = write_course(tmp_path, {FILE: text})
    main(["check", str(root / FILE), "--format", "json"])
    assert (["tidak dapat dicoba" in one["message"] for one in json.loads(capsys.readouterr().out)], Site.asked) == ([False], [])
    main(["check", str(root / FILE), "--luar", "--format", "json"])
    told = [one["line"] for one in json.loads(capsys.readouterr().out) if "tidak dapat dicoba" in one["message"]]
    assert (told, len(Site.asked)) == ([3], 4)
