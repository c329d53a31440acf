"""Gain from stored attempts, on both databases."""

import pytest

from lms.evaluation.queries import gain_of
from lms.progress import actions
from lms.store.engine import write_tx
from tests.factories.content import publish_sample, sample_course
from tests.factories.people import make_person
from tests.factories.progress import close_attempt


@pytest.fixture
def person(session):
    with write_tx(session):
        return make_person(session)


def test_gain_compares_the_first_pretest_with_the_posttest_that_counts(session, tmp_path, person, now):
    published = publish_sample(session, tmp_path, now)
    assert gain_of(session, person.id, published.course_id) is None
    with write_tx(session):
        actions.enrol(session, person_id=person.id, published=published, now=now)
        for key, score in (("pretest", 4000), ("pretest", 9000), ("posttest", 6000), ("posttest", 8500)):
            close_attempt(session, person, published, key, score=score, passed=score >= 7000, at=now)
    found = gain_of(session, person.id, published.course_id)
    assert (found.pre, found.post, found.gain, found.normalised) == (4000, 8500, 4500, 75)


def test_gain_before_the_tests_says_what_is_missing(session, tmp_path, person, now):
    published = publish_sample(session, tmp_path, now)
    with write_tx(session):
        actions.enrol(session, person_id=person.id, published=published, now=now)
    assert gain_of(session, person.id, published.course_id).verdict == "Belum dapat disimpulkan: tes awal belum dikerjakan."


def test_gain_of_a_course_without_both_tests_is_none(session, tmp_path, person, now):
    published = publish_sample(session, tmp_path, now, key="tanpa", items=sample_course().outline.items[1:])
    with write_tx(session):
        actions.enrol(session, person_id=person.id, published=published, now=now)
    assert gain_of(session, person.id, published.course_id) is None
