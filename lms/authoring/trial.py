"""Throw-away attempts: authors answer their own questions under the rules that learners will meet. In memory only."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from lms.content.types import MARKED_BY_MACHINE, CompiledQuestion, QuestionPublic, QuizRules
from lms.quizzes.draw import lay_out
from lms.quizzes.feedback import feedback_of
from lms.quizzes.forms import Form, read_answer
from lms.quizzes.grading import grade, mark
from lms.quizzes.rules import Reveal, reveal, shows_at_once
from lms.quizzes.types import Answer, Feedback, Layout, Mark


@dataclass(slots=True)
class Trial:
    """One person's answers on one page. Pauses and time limits are not kept; the tries are, because they decide what is told."""

    answers: dict[str, Answer] = field(default_factory=dict)
    tries_used: int = 0
    passed: bool = False
    outcome: Mark | None = None
    """Of the attempt that was sent; None while one is open."""

    def save(self, question: CompiledQuestion, shuffles: bool, form: Form) -> None:
        """Raises Invalid for what a learner would have to put right."""
        self.answers[question.public.id] = read_answer(question.public, layout_of(question.public, shuffles), form)

    def send(self, questions: Iterable[CompiledQuestion], rules: QuizRules) -> None:
        """Grade what is saved, of the questions that a machine can grade."""
        gradable = [one for one in questions if one.public.kind in MARKED_BY_MACHINE]
        answered = [(one.public, one.key, self.answers.get(one.public.id, {})) for one in gradable]
        self.outcome = mark(answered, rules.pass_mark)
        self.tries_used += 1
        self.passed = self.passed or self.outcome.passed

    def start_again(self) -> None:
        self.answers, self.outcome = {}, None

    def told(self, question: CompiledQuestion, rules: QuizRules | None, posttest_passed: bool = False) -> Feedback | None:
        """What a learner is told about this answer now; None = nothing yet. `rules` is None for a check inside a lesson."""
        public, key = question.public, question.key
        if public.kind not in MARKED_BY_MACHINE:
            return None
        answer = self.answers.get(public.id, {})
        judged = grade(public, key, answer)
        if rules is None or (self.outcome is None and shows_at_once(rules)):
            if not answer:
                return None
            return feedback_of(public, key, answer, judged, shows_parts=True, shows_key=judged.is_correct)
        shown = self.revealed(rules, posttest_passed)
        return feedback_of(public, key, answer, judged, shows_parts=False, shows_key=shown.key) if shown.answers else None

    def revealed(self, rules: QuizRules, posttest_passed: bool) -> Reveal:
        """What the feedback policy of the quiz allows after sending; nothing before."""
        if self.outcome is None:
            return Reveal()
        is_used_up = 0 < rules.tries <= self.tries_used
        return reveal(rules.feedback, passed=self.passed, is_used_up=is_used_up, posttest_passed=posttest_passed)


def layout_of(public: QuestionPublic, shuffles: bool = True) -> Layout:
    """The same for one question each time, so that a page that is drawn anew keeps what is filled in."""
    random = Random(public.id)
    return lay_out(public, shuffles, random, lambda: f"{random.getrandbits(64):016x}")
