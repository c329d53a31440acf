"""Who needs a word, which one, and how figures are said: tables, no database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from lms.progress.types import State
from lms.teams import rules
from lms.teams.types import Group, MemberCourse, OfferedCourse, TeamCounts, Word

NOW = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
ON_OFFER = (
    OfferedCourse(1, "etika", "Etika", 4, 200),
    OfferedCourse(2, "arsip", "Arsip", 1, 45),
    OfferedCourse(3, "orientasi", "Orientasi", 0, 5),
)


def course(course_id: int, state: State, days_ago: float = 1, finished_days_ago: float | None = None) -> MemberCourse:
    return MemberCourse(
        course_id=course_id,
        course_key=f"c{course_id}",
        title=f"Pelatihan {course_id}",
        state=state,
        percent={State.NOT_STARTED: 0, State.IN_PROGRESS: 40, State.DONE: 100}[state],
        last_activity_at=NOW - timedelta(days=days_ago),
        completed_at=None if finished_days_ago is None else NOW - timedelta(days=finished_days_ago),
    )


NEW, RUNNING, DONE = State.NOT_STARTED, State.IN_PROGRESS, State.DONE


@pytest.mark.parametrize(
    ("courses", "groups"),
    [
        ([], {Group.NOT_BEGUN}),
        ([course(1, NEW, 90)], {Group.NOT_BEGUN}),
        ([course(1, RUNNING, 14)], set()),
        ([course(1, RUNNING, 14.01)], {Group.STUCK}),
        ([course(1, RUNNING, 30), course(2, RUNNING, 1)], {Group.STUCK}),
        ([course(1, DONE, 14, 14)], {Group.FINISHED}),
        ([course(1, DONE, 14, 14.01)], set()),
        ([course(1, DONE, 90, 90)], set()),
        ([course(1, DONE, 1, 1), course(2, RUNNING, 20), course(3, NEW, 20)], {Group.FINISHED, Group.STUCK}),
    ],
)
def test_groups_of_a_person(courses, groups):
    assert rules.groups_of(courses, NOW) == groups


@pytest.mark.parametrize(
    ("courses", "jp_left", "word"),
    [
        ([], 20, Word("arsip", "Arsip")),  # the shortest that adds JP
        ([], 0, Word("arsip", "Arsip")),  # partners have no target and are invited all the same
        ([course(7, NEW)], 20, Word("c7", "Pelatihan 7")),
        ([course(7, RUNNING, 3)], 20, None),  # who is learning needs no reminder
        ([course(7, RUNNING, 20), course(8, RUNNING, 30)], 20, Word("c8", "Pelatihan 8", is_begun=True)),
        ([course(7, RUNNING, 20), course(8, DONE, 1, 1)], 20, Word("c7", "Pelatihan 7", is_begun=True)),
        ([course(7, DONE, 1, 2), course(8, DONE, 1, 1)], 20, Word("c8", "Pelatihan 8", is_thanks=True, course_id=8)),
        ([course(2, DONE, 60, 60)], 12, Word("etika", "Etika")),
        ([course(2, DONE, 60, 60)], 0, None),
        ([course(1, DONE, 60, 60), course(2, DONE, 60, 60)], 5, Word("orientasi", "Orientasi")),
        ([course(number, DONE, 60, 60) for number in (1, 2, 3)], 5, None),
    ],
)
def test_word_for_a_person(courses, jp_left, word):
    assert rules.word_for(courses, jp_left, ON_OFFER, NOW) == word


def test_mean_jp_is_rounded_and_hidden_below_five_people():
    def counts(people: int, jp: int) -> TeamCounts:
        return TeamCounts(people, people, 0, jp, {})

    assert rules.mean_jp(counts(4, 40)) is None
    assert rules.mean_jp(counts(5, 37)) == Decimal("7.4")
    assert rules.mean_jp(counts(8, 38)) == Decimal("4.8")


def test_status_words_are_the_glossarys():
    assert [rules.status_words(state, 40) for state in (NEW, RUNNING, DONE)] == ["Belum mulai", "Berjalan 40 %", "Selesai"]


@pytest.mark.parametrize(
    ("query", "patterns"),
    [
        ("", []),
        ("  \u200b\x00 ", []),
        ("Andi  TENRI", ["%andi%", "%tenri%"]),
        ("100%_/", ["%100/%/_//%"]),
        ("a b c d e f", ["%a%", "%b%", "%c%", "%d%", "%e%"]),
    ],
)
def test_name_patterns_escape_signs_and_stay_few(query, patterns):
    assert rules.name_patterns(query) == patterns


def test_staff_number_is_recognised_in_every_spelling():
    assert [rules.is_staff_number(text) for text in ("198609262015051001", "19860926 201505 1 001", "Pegawai 30", "")] == [
        True,
        True,
        False,
        False,
    ]


def test_invitation_names_course_and_link_and_nothing_about_the_person():
    text = rules.invitation("Etika & Layanan", 8, "https://belajar.kota.go.id/", "etika")
    assert "“Etika & Layanan”" in text
    assert "https://belajar.kota.go.id/pelatihan/etika" in text
    assert "Bapak/Ibu mengikuti" in text
    assert "8 JP lagi" in text
    assert "JP lagi" not in rules.invitation("Etika", 0, "https://x.id", "etika")
    assert "Bapak/Ibu melanjutkan" in rules.invitation("Etika", 8, "https://x.id", "etika", is_begun=True)
    for blame in ("belum", "terlambat", "malas", "wajib", "harus", "teguran", "segera"):
        assert blame not in text.lower()


def test_whatsapp_url_carries_the_text_unharmed():
    text = rules.invitation("Etika & Layanan #1 50% “ya”", 8, "https://x.id", "etika") + "\n" + rules.thanks("Etika")
    url = urlsplit(rules.whatsapp_url(text))
    assert (url.scheme, url.netloc, url.path, url.fragment) == ("https", "wa.me", "/", "")
    assert parse_qs(url.query) == {"text": [text]}
