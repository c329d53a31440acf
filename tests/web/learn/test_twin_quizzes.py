"""R10 over HTTP: two courses equal but for keys and explanations give the same bytes until the quiz is closed."""

import dataclasses
import re
import secrets
from random import Random

import pytest
from sqlalchemy.orm import Session

from lms.content.types import QuestionKind
from lms.quizzes import actions as quiz_actions
from lms.store.engine import make_engine, write_tx
from lms.web.extensions import db
from tests.factories.content import BANK, compiled_question, publish_course, sample_course
from tests.factories.people import PASSWORD, make_person, make_unit
from tests.web_fixtures import Browser, Statements, make_app

COURSE = "/pelatihan/pelayanan-publik-dasar"
NOISE = (
    (re.compile(r'name="csrf_token" value="[^"]+"'), "csrf"),
    (re.compile(r'data-csrf="[^"]+"'), "csrf"),
    (re.compile(r'data-owner="[^"]+"'), "owner"),
)


def other_keys(course):
    """The same course with every key moved, every feedback and explanation rewritten, at other lengths."""
    questions = {}
    for question_id, question in course.questions.items():
        key, public = question.key, question.public
        count = max(len(public.options), 1)
        changed = dataclasses.replace(
            key,
            correct=tuple(sorted({(one + 1) % count for one in key.correct}))
            if public.kind is not QuestionKind.MULTIPLE
            else key.correct,
            feedback=tuple(f"Lain sekali dan jauh lebih panjang {number}." for number in range(len(key.feedback))),
            texts=tuple(f"lain {text}" for text in key.texts),
            pairs=tuple(reversed(key.pairs)),
            order=tuple(reversed(key.order)),
            explanation="Pembahasan lain yang panjangnya berbeda sekali dari yang semula.",
            if_correct="Betul.",
            if_incorrect="Salah.",
        )
        questions[question_id] = compiled_question(public, changed)
    return dataclasses.replace(course, questions=questions)


@pytest.fixture
def counting_tokens(monkeypatch):
    """Tokens and seeds that repeat from the start on demand, so that both runs draw alike."""
    state = {"number": 0}

    def token(size=16):
        state["number"] += 1
        return f"t{state['number']:06d}"

    monkeypatch.setattr(secrets, "token_urlsafe", token)
    monkeypatch.setattr(quiz_actions, "SystemRandom", lambda: Random(7))
    return lambda: state.update(number=0)


def walk(browser: Browser, quiz: str) -> list[str]:
    """Every page and header from opening the course to just before sending the quiz."""
    seen = []

    def note(response):
        text = response.text
        for pattern, word in NOISE:
            text = pattern.sub(word, text)
        headers = sorted(
            (name, value) for name, value in response.headers if name not in ("Set-Cookie", "ETag", "Content-Length", "Date")
        )
        seen.append(f"{response.status_code} {headers} {text}")
        return response

    note(browser.get(COURSE))
    for lesson in ("asas/mengapa", "asas/dua-belas-asas", "standar/menyusun-standar"):
        note(browser.get(f"{COURSE}/{lesson}"))
    note(browser.get("/cari?q=asas"))
    note(browser.get(f"{COURSE}/kuis/{quiz}"))
    page = note(browser.follow(browser.post(f"{COURSE}/kuis/{quiz}"))).text
    token = re.search(r'action="/percobaan/([^/]+)/soal/', page)[1]
    count = int(re.search(r"Soal 1 dari (\d+)", page)[1])
    for position in range(1, count + 1):
        page = note(browser.get(f"/percobaan/{token}/soal/{position}")).text
        first = re.search(r'name="(a|t|m0|b0)"(?: value="([^"]+)")?', page)
        fields = {first[1]: first[2] or "sesuatu"} if first else {}
        note(browser.post(f"/percobaan/{token}/soal/{position}", fields))
    note(browser.get(f"/percobaan/{token}/periksa"))
    return seen


@pytest.mark.parametrize("quiz", ["asas/kuis", "pretest", "posttest"])
def test_nothing_before_sending_depends_on_the_key(fresh_database, tmp_path, now, frozen, counting_tokens, quiz):
    course = sample_course()
    assert set(BANK) <= set(course.questions)
    runs = []
    for variant in (course, other_keys(course)):
        url = fresh_database()
        engine = make_engine(url)
        with Session(engine, expire_on_commit=False) as session:
            with write_tx(session):
                make_person(
                    session, unit=make_unit(session, name="Unit"), identifier="peserta", password=PASSWORD, name="Orang Sama"
                )
            publish_course(session, tmp_path, now, variant)
        browser = Browser(make_app(url, tmp_path), Statements())
        browser.sign_in("peserta", PASSWORD)
        browser.get(COURSE)
        browser.post(f"{COURSE}/daftar")
        counting_tokens()
        runs.append(walk(browser, quiz))
        engine.dispose()
        with browser.client.application.app_context():
            db.engine.dispose()
    assert runs[0] == runs[1]
