"""Attempts from start to close, on both databases."""

import dataclasses
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from lms.content.types import MARKED_BY_MACHINE, Draw, ItemKind, QuestionKind
from lms.errors import Conflict, Invalid, NotFound
from lms.quizzes import actions, queries
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion, InlineAnswer, LateAnswer
from lms.quizzes.types import AttemptState
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.content import BANK, INLINE, change_item, publish_course, quiz_rules, sample_course, sample_question
from tests.factories.quizzes import QUIZ, RIGHT, WRONG, add_person, begin, count, fill_in, hand_in, publish_quiz, rules_of, take

MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(session):
    return add_person(session)


@pytest.fixture
def published(session, tmp_path, now):
    return publish_quiz(session, tmp_path, now)


def save(session, person, token, now, position=1, answer=None, sequence: int | None = 1):
    with write_tx(session):
        return actions.save_answer(
            session, person_id=person, token=token, position=position, answer=answer or {"choice": 0}, sequence=sequence, now=now
        )


def stored(session, token):
    session.rollback()
    wanted = (
        select(AnswerRow.position, AnswerRow.value)
        .join(Attempt, Attempt.id == AnswerRow.attempt_id)
        .where(Attempt.token == token)
    )
    return dict(tuple(row) for row in session.execute(wanted.order_by(AnswerRow.position)))


# start


def test_start_twice_gives_the_open_attempt(session, person, published, now):
    first = begin(session, person, published, now)
    assert begin(session, person, published, now + MINUTE) == first
    assert count(session, Attempt) == 1


def test_attempt_tokens_carry_128_random_bits(session, person, published, now):
    tokens = {begin(session, add_person(session), published, now) for _ in range(20)}
    assert len(tokens) == 20
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in tokens)


def test_start_pins_questions_versions_and_layouts(session, person, published, now):
    view = queries.attempt_view(session, person, begin(session, person, published, now))
    assert [(one.position, one.question_id) for one in view.questions] == list(enumerate(BANK[:4], start=1))
    assert sorted(ordinal for _, ordinal in view.questions[0].layout.options) == [0, 1, 2]
    assert (view.state, view.try_number, view.edition_id, view.deadline_at) == (AttemptState.OPEN, 1, published.edition_id, None)


def test_start_of_a_lesson_or_an_unknown_quiz_is_not_found(session, person, published, now):
    for key in ("asas/mengapa", "tidak-ada"):
        with pytest.raises(NotFound, match="Kuis ini tidak ada dalam pelatihan"):
            begin(session, person, published, now, key)


def test_used_up_tries_open_a_new_round_after_an_hour(session, person, published, now):
    for _ in range(3):
        take(session, person, published, now, right=0)
    with pytest.raises(Conflict, match="putaran baru terbuka 1 jam lagi"):
        begin(session, person, published, now)
    with pytest.raises(Conflict, match="putaran baru terbuka 1 menit lagi"):
        begin(session, person, published, now + timedelta(minutes=59, seconds=1))
    begin(session, person, published, now + timedelta(hours=1))
    assert count(session, Attempt) == 4


def test_pause_between_tries_holds_the_next_one_back(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, pause_seconds=600)
    take(session, person, published, now, right=0)
    with pytest.raises(Conflict, match="terbuka 10 menit lagi"):
        begin(session, person, published, now)
    assert begin(session, person, published, now + 10 * MINUTE)


def test_passed_quiz_starts_no_more_but_practice_does(session, person, tmp_path, published, now):
    assert take(session, person, published, now).passed is True
    with pytest.raises(Conflict, match="sudah selesai Anda tempuh"):
        begin(session, person, published, now + timedelta(days=9))
    practice = publish_quiz(session, tmp_path, now, tries=0, pass_mark=0, kind=ItemKind.PRACTICE)
    other = add_person(session)
    take(session, other, practice, now)
    assert begin(session, other, practice, now)


def test_voided_attempt_uses_up_no_try(session, person, published, now):
    tokens = [take(session, person, published, now, right=0).token for _ in range(3)]
    with write_tx(session):
        actions.void(session, tokens[1], None, "Listrik padam di ruang ujian", now)
    assert begin(session, person, published, now)
    assert [one.try_number for one in queries.closed_attempts(session, person, published.course_id, QUIZ)] == [1, 3]


def test_next_try_and_other_quizzes_of_the_course_draw_unseen_questions(session, person, tmp_path, now):
    rules = quiz_rules(draws=(Draw(BANK, 3),))
    published = publish_quiz(session, tmp_path, now, rules=rules)
    pretest = take(session, person, published, now, quiz_key="pretest")
    used = {one.question_id for one in queries.attempt_view(session, person, pretest.token).questions}
    first = {one.question_id for one in queries.attempt_view(session, person, begin(session, person, published, now)).questions}
    assert (len(used), len(first), used & first) == (4, 3, set())


def test_quiz_without_questions_says_so(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, rules=quiz_rules("hilang"))
    with pytest.raises(Conflict, match="belum berisi soal"):
        begin(session, person, published, now)


# save


def test_saved_answer_is_there_on_every_device(session, new_session, person, published, now):
    token = begin(session, person, published, now)
    saved = save(session, person, token, now, answer={"choice": 2}, sequence=5)
    assert (saved.saved_at, saved.sequence, saved.answer, saved.is_newest, saved.late) == (now, 5, {"choice": 2}, True, "")
    with new_session() as other:
        question = queries.attempt_view(other, person, token).questions[0]
        assert (question.answer, question.saved_at, question.sequence) == ({"choice": 2}, now, 5)


@pytest.mark.parametrize("sequence", [5, 4, 0])
def test_echo_of_the_past_changes_nothing_and_learns_what_stands(session, person, published, now, sequence):
    token = begin(session, person, published, now)
    save(session, person, token, now, answer={"choice": 2}, sequence=5)
    echo = save(session, person, token, now + MINUTE, answer={"choice": 1}, sequence=sequence)
    assert (echo.saved_at, echo.sequence, echo.answer, echo.is_newest) == (now, 5, {"choice": 2}, False)
    again = save(session, person, token, now + MINUTE, answer={"choice": 2}, sequence=5)
    assert (again.saved_at, again.is_newest) == (now, True)
    assert stored(session, token) == {1: {"choice": 2}}


def test_save_without_a_sequence_counts_on_from_the_stored_one(session, person, published, now):
    token = begin(session, person, published, now)
    assert save(session, person, token, now, sequence=None).sequence == 1
    save(session, person, token, now, answer={"choice": 1}, sequence=7)
    assert save(session, person, token, now, answer={"choice": 2}, sequence=None).sequence == 8
    assert stored(session, token) == {1: {"choice": 2}}


def test_answer_can_be_taken_back(session, person, published, now):
    token = begin(session, person, published, now)
    save(session, person, token, now)
    with write_tx(session):
        actions.save_answer(session, person_id=person, token=token, position=1, answer={}, sequence=2, now=now)
    assert queries.attempt_view(session, person, token).answered_count == 0
    assert hand_in(session, person, token, now).score == 0


def test_foreign_missing_and_nonsense_attempts_look_the_same(session, person, published, now):
    token = begin(session, person, published, now)
    stranger = add_person(session, "Orang Lain")
    tried = [
        (stranger, token, 1),
        (person, "x" * 22, 1),
        (person, "", 1),
        (person, "a\x00b", 1),
        (person, "é" * 22, 1),
        (person, "a" * 999, 1),
    ]
    tried += [(person, token, position) for position in (0, -1, 5, 2**31, 2**70, True, "1")]
    sentences = set()
    for who, what, position in tried:
        with pytest.raises(NotFound) as missing:
            save(session, who, what, now, position=position)
        sentences.add(str(missing.value))
    for act in (
        hand_in,
        lambda *given: queries.attempt_view(*given[:3]),
        lambda *given: queries.result_view(*given[:3], rules_of(published)),
    ):
        for who, what in ((stranger, token), (person, "x" * 22), (person, "\ud800")):
            with pytest.raises(NotFound) as missing:
                act(session, who, what, now)
            sentences.add(str(missing.value))
    assert sentences == {"Percobaan ini tidak ditemukan. Buka kuisnya dari halaman pelatihan."}
    assert stored(session, token) == {}


@pytest.mark.parametrize("answer", [None, [], "0", {"text": "\ud800"}, {"x": object()}, {"text": "a" * 200_000}, {"s": {1, 2}}])
def test_what_cannot_be_stored_is_refused_in_words(session, person, published, now, answer):
    token = begin(session, person, published, now)
    with pytest.raises(Invalid, match="Jawaban belum disimpan"), write_tx(session):
        actions.save_answer(session, person_id=person, token=token, position=1, answer=answer, sequence=1, now=now)
    assert stored(session, token) == {}


@pytest.mark.parametrize("sequence", [-1, 2**31, 1.5, "1", True])
def test_nonsense_sequence_is_refused_in_words(session, person, published, now, sequence):
    token = begin(session, person, published, now)
    with pytest.raises(Invalid, match="nomor urut kirimannya"):
        save(session, person, token, now, sequence=sequence)


@pytest.mark.parametrize("text", ["70,8", "'; DROP TABLE answer; --", "a\x00b", "日本語 \U0001f600", "%s {} \\", "x" * 2000])
def test_any_text_is_kept_as_typed(session, person, published, now, text):
    token = begin(session, person, published, now)
    save(session, person, token, now, position=4, answer={"text": text})
    assert stored(session, token) == {4: {"text": text}}


# deadline


@pytest.mark.parametrize(("seconds", "counts"), [(-1, True), (0, True), (30, True), (31, False)])
def test_server_clock_and_grace_decide_whether_a_save_counts(session, person, tmp_path, now, seconds, counts):
    published = publish_quiz(session, tmp_path, now, time_limit_seconds=600)
    token = begin(session, person, published, now)
    at = now + timedelta(seconds=600 + seconds)
    saved = save(session, person, token, at)
    assert saved.late == (
        ""
        if counts
        else "Waktu mengerjakan sudah habis. Jawaban ini tetap kami simpan sebagai jawaban terlambat, tetapi tidak ikut dinilai."
    )
    assert stored(session, token) == ({1: {"choice": 0}} if counts else {})
    assert count(session, LateAnswer) == (0 if counts else 1)
    closed = hand_in(session, person, token, at)
    assert (closed.state, closed.score) == ((AttemptState.GRADED, 2500) if counts else (AttemptState.EXPIRED, 0))
    assert closed.closed_at == min(at, now + timedelta(seconds=600))


def test_late_answer_is_kept_once_and_an_echo_of_a_timely_one_is_answered_as_it_was(session, person, published, now):
    token = begin(session, person, published, now)
    save(session, person, token, now, answer={"choice": 0}, sequence=3)
    hand_in(session, person, token, now)
    echo = save(session, person, token, now + MINUTE, answer={"choice": 0}, sequence=3)
    assert (echo.saved_at, echo.late) == (now, "")
    for _ in range(3):
        late = save(session, person, token, now + MINUTE, answer={"choice": 1}, sequence=4)
    assert (
        late.late == "Kuis ini sudah dikirim. Jawaban ini tetap kami simpan sebagai jawaban terlambat, tetapi tidak ikut dinilai."
    )
    assert (late.answer, late.is_newest) == ({"choice": 0}, False)
    session.rollback()
    assert session.execute(select(LateAnswer.value, LateAnswer.received_at)).all() == [({"choice": 1}, now + MINUTE)]
    assert stored(session, token) == {1: {"choice": 0}}


def test_expiry_grades_saved_answers_as_of_the_deadline(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, time_limit_seconds=600)
    untimed = begin(session, add_person(session), publish_quiz(session, tmp_path / "b", now, tries=5), now)
    token = begin(session, person, published, now)
    fill_in(session, person, token, now, right=3)
    with write_tx(session):
        assert actions.expire_due(session, now + timedelta(seconds=630)) == []
    with write_tx(session):
        (closed,) = actions.expire_due(session, now + timedelta(days=2))
    assert (closed.token, closed.person_id, closed.state, closed.score, closed.passed) == (
        token,
        person,
        AttemptState.EXPIRED,
        7500,
        True,
    )
    assert closed.closed_at == now + timedelta(seconds=600)
    with write_tx(session):
        assert actions.expire_due(session, now + timedelta(days=2)) == []
    assert untimed != token


def test_expiry_of_one_person_leaves_others_alone_and_goes_in_batches(session, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, time_limit_seconds=600)
    people = [add_person(session) for _ in range(4)]
    tokens = [begin(session, each, published, now) for each in people]
    later = now + timedelta(hours=1)
    with write_tx(session):
        assert [one.token for one in actions.expire_due(session, later, person_id=people[2])] == [tokens[2]]
    with write_tx(session):
        assert [one.token for one in actions.expire_due(session, later, limit=2)] == tokens[:2]
    with write_tx(session):
        assert [one.token for one in actions.expire_due(session, later)] == tokens[3:]


def test_start_closes_an_attempt_whose_time_is_up_and_opens_the_next(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, time_limit_seconds=600)
    first = begin(session, person, published, now)
    second = begin(session, person, published, now + timedelta(hours=1))
    assert first != second
    states = [(one.token, one.state) for one in queries.closed_attempts(session, person, published.course_id, QUIZ)]
    assert states == [(first, AttemptState.EXPIRED)]


# submit


def test_submit_grades_every_answer_and_repeating_gives_the_same_result(session, person, published, now):
    token = begin(session, person, published, now)
    fill_in(session, person, token, now, right=3)
    closed = hand_in(session, person, token, now + MINUTE)
    assert (closed.state, closed.score, closed.passed, closed.closed_at) == (AttemptState.GRADED, 7500, True, now + MINUTE)
    assert hand_in(session, person, token, now + timedelta(days=3)) == closed
    session.rollback()
    assert session.scalars(select(AnswerRow.score).order_by(AnswerRow.position)).all() == [100, 100, 100, 0]


def test_submit_without_an_answer_scores_nothing(session, person, published, now):
    closed = hand_in(session, person, begin(session, person, published, now), now)
    assert (closed.score, closed.passed) == (0, False)


@pytest.mark.parametrize("kind", MARKED_BY_MACHINE)
def test_every_kind_of_question_is_graded_from_the_database(session, person, tmp_path, now, kind):
    published = publish_quiz(session, tmp_path, now, question_ids=(BANK[list(MARKED_BY_MACHINE).index(kind)],), tries=0)
    assert [take(session, person, published, now, right=right).score for right in (0, 1)] == [0, 10000]


def test_key_corrected_after_the_start_changes_nothing_for_the_version_served(session, person, tmp_path, published, now):
    token = begin(session, person, published, now)
    corrected = sample_question(BANK[0], QuestionKind.SINGLE, correct=(1,))
    course = change_item(sample_course(questions={BANK[0]: corrected}), QUIZ, quiz=rules_of(published))
    newer = publish_course(session, tmp_path, now + MINUTE, course)
    fill_in(session, person, token, now, right=4)
    assert hand_in(session, person, token, now).score == 10000
    other = add_person(session)
    assert take(session, other, newer, now).score == 7500


def test_malformed_answer_in_the_database_scores_nothing(session, person, published, now):
    token = begin(session, person, published, now)
    for position, answer in enumerate(({"choice": "0"}, {"choices": {"0": 1}}, {"choice": 99}, {"text": ["x"]}), start=1):
        save(session, person, token, now, position=position, answer=answer)
    assert hand_in(session, person, token, now).score == 0


# void


def test_void_strikes_an_attempt_out_once_and_is_audited(session, person, published, now):
    token = take(session, person, published, now).token
    for _ in range(2):
        with write_tx(session):
            actions.void(session, token, person, "Bukan dikerjakan sendiri", now + MINUTE)
    attempt_id, state, closed_at = session.execute(select(Attempt.id, Attempt.state, Attempt.closed_at)).one()
    assert (state, closed_at) == (AttemptState.VOIDED, now)
    audited = session.execute(
        select(AuditEntry.actor_id, AuditEntry.subject, AuditEntry.detail).where(AuditEntry.action == "attempt.void")
    ).all()
    assert audited == [(person, f"attempt:{attempt_id}", {"reason": "Bukan dikerjakan sendiri", "was": "graded"})]
    assert queries.quiz_facts(session, person, published.course_id) == {}
    assert save(session, person, token, now).late == "" and save(
        session, person, token, now, answer={"choice": 2}
    ).late.startswith("Percobaan ini sudah dibatalkan.")
    voided = hand_in(session, person, token, now)
    assert (voided.state, voided.score, voided.passed) == (AttemptState.VOIDED, None, False)


def test_void_needs_a_reason_and_an_attempt(session, person, published, now):
    token = begin(session, person, published, now)
    with pytest.raises(Invalid, match="alasan"), write_tx(session):
        actions.void(session, token, person, "  ", now)
    with pytest.raises(NotFound), write_tx(session):
        actions.void(session, "x" * 22, person, "Salah", now)
    with write_tx(session):
        actions.void(session, token, None, "Salah buka", now)
    assert begin(session, person, published, now) != token


# inline checks


def answer_inline(session, person, published, now, answer, question_id=INLINE[0]):
    with write_tx(session):
        return actions.answer_inline(
            session, person_id=person, published=published, question_id=question_id, answer=answer, now=now
        )


def test_inline_check_tells_at_once_but_keeps_the_key_until_it_is_right(session, person, published, now):
    wrong = answer_inline(session, person, published, now, {"choice": 1})
    assert (wrong.grade.is_correct, wrong.feedback.key) == (False, None)
    assert wrong.feedback.chosen == (("Keuntungan instansi", "Bukan. Pelayanan publik tidak mencari laba."),)
    right = answer_inline(session, person, published, now, {"choice": 0})
    assert right.grade.is_correct is True
    assert right.feedback.key is not None and right.feedback.key.explanation == "<p>Lihat Pasal 4.</p>"


def test_inline_answers_are_all_kept_but_a_repeated_click_is_one(session, person, published, now):
    for choice in (1, 1, 0, 0, 1):
        answer_inline(session, person, published, now, {"choice": choice})
    session.rollback()
    rows = session.execute(select(InlineAnswer.value, InlineAnswer.is_correct).order_by(InlineAnswer.id)).all()
    assert rows == [({"choice": 1}, False), ({"choice": 0}, True), ({"choice": 1}, False)]
    assert queries.inline_correct(session, person, published.course_id) == {INLINE[0]}


def test_quiz_question_is_never_judged_as_an_inline_check(session, person, published, now):
    for question_id in (*BANK, "tidak-ada", ""):
        with pytest.raises(NotFound):
            answer_inline(session, person, published, now, {"choice": 0}, question_id)
    assert count(session, InlineAnswer) == 0


@pytest.mark.parametrize("answer", [{}, {"choice": None}, {"choice": 99}, {"text": "a"}])
def test_inline_check_without_an_answer_asks_for_one(session, person, published, now, answer):
    with pytest.raises(Invalid, match="Pilih atau tulis jawaban dahulu"):
        answer_inline(session, person, published, now, answer)


def test_draws_and_answers_are_written_once_a_question(session, person, published, now):
    token = begin(session, person, published, now)
    for _ in range(2):
        fill_in(session, person, token, now)
    assert len(stored(session, token)) == 4
    assert len(session.execute(select(AttemptQuestion.position)).all()) == 4
    assert {dataclasses.asdict(one)["position"] for one in queries.attempt_view(session, person, token).questions} == {1, 2, 3, 4}
    assert RIGHT.keys() == WRONG.keys()
