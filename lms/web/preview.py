"""A page of a course folder as HTML, seen as a learner or as its author: one document for `lms pratinjau` and for the studio's frame."""

from dataclasses import dataclass, field, replace
from typing import Any

from flask import render_template
from markupsafe import Markup

from lms.authoring.preview import PreviewPage
from lms.authoring.trial import Trial, layout_of
from lms.content.types import (
    MARKED_BY_MACHINE,
    MARKED_BY_PERSON,
    CompiledQuestion,
    ItemKind,
    QuestionKind,
    QuizRules,
)
from lms.quizzes.feedback import feedback_of
from lms.quizzes.forms import Form, question_fields
from lms.quizzes.grading import grade
from lms.quizzes.types import AttemptQuestionView, ResultQuestion
from lms.web import language
from lms.web.learn.questions import (
    QuestionPart,
    ReviewedAnswer,
    ToldAnswer,
    key_lines,
    points_label,
    question_part,
    quiz_facts,
    reviewed_answer,
    told_answer,
)
from lms.web.learn.shapes import KIND_LABELS, minutes_and_size
from lms.web.work import GRADERS, RubricLine, rubric

NOWHERE = "about:blank"
"""Where forms lead that shall do nothing: our policy lets no form leave for it."""
KINDS = {
    QuestionKind.SINGLE: "Pilihan tunggal",
    QuestionKind.MULTIPLE: "Pilihan jamak",
    QuestionKind.TRUE_FALSE: "Benar atau salah",
    QuestionKind.TEXT: "Isian singkat",
    QuestionKind.NUMBER: "Isian angka",
    QuestionKind.MATCHING: "Menjodohkan",
    QuestionKind.ORDERING: "Mengurutkan",
    QuestionKind.CLOZE: "Rumpang",
    QuestionKind.ESSAY: "Esai",
    QuestionKind.FILE: "Kumpul berkas",
    QuestionKind.LINK: "Kumpul tautan",
    QuestionKind.OPEN: "Pendapat bebas",
    QuestionKind.POLL: "Jajak pendapat",
    QuestionKind.SCALE: "Skala",
}


@dataclass(frozen=True)
class AuthorNote:
    """What only the author sees under a question."""

    id: str
    place: str
    facts: str
    key: list[Markup]
    feedback: list[tuple[Markup, Markup]]
    explanation: Markup | None


@dataclass(frozen=True)
class Check:
    """A question with its fields; the shape that templates/_parts/inline_check.html draws."""

    id: str
    question: QuestionPart
    url: str
    result: ToldAnswer | None = None
    error: str | None = None
    is_saved: bool = False
    note: AuthorNote | None = None
    rubric: list[RubricLine] = field(default_factory=list)
    accepts: str = ""
    """Which files may be handed in."""
    number: int = 0
    heading: str = ""
    """Stands above the first question of a group that is drawn from."""


@dataclass(frozen=True)
class Block:
    html: Markup | None = None
    check: Check | None = None


@dataclass(frozen=True)
class Answered:
    review: ReviewedAnswer
    note: AuthorNote | None


@dataclass(frozen=True)
class Outcome:
    headline: str
    verdict: str
    answers: list[Answered]
    shows_key: bool


@dataclass(frozen=True)
class Answering:
    """What was answered on the page and where answers go. Without one the fields are there to be looked at."""

    url: str = NOWHERE
    trial: Trial = field(default_factory=Trial)
    posttest_passed: bool = False
    question_id: str = ""
    """Of an answer that could not be taken: shown again as it was typed, with the reason."""
    typed: Form = field(default_factory=dict)
    reason: str = ""


def preview_html(
    shown: PreviewPage, *, view: str = "peserta", answering: Answering | None = None, media_root: str = "/media", **around: Any
) -> str:
    """The whole document. `view`: "peserta", or "penulis" with keys, ids, feedback and places.

    `media_root` is where the media of this folder are served. `around` goes to templates/_layout/preview.html: the bar of
    `lms pratinjau`; a frame has none.
    """
    item, rules = shown.item, shown.item.quiz
    drawing = _Drawing(shown, view == "penulis", answering or Answering())
    outcome = drawing.outcome(rules) if rules else None
    html = render_template(
        "preview/page.html",
        item={
            "title": item.title,
            "meta": " · ".join(filter(None, ("" if rules is None else KIND_LABELS.get(item.kind, ""), minutes_and_size(item)))),
            "goals": item.objectives,
            "blocks": drawing.blocks(),
            "attachments": item.attachments,
            "key": item.key,
        },
        facts=facts_of(item.kind, rules) if rules else [],
        checks=drawing.checks(rules) if rules and outcome is None else [],
        outcome=outcome,
        url=drawing.answering.url,
        file=shown.file,
        is_author=drawing.is_author,
        is_hidden=shown.is_hidden,
        is_stale=shown.is_stale,
        **around,
    )
    return html if media_root == "/media" else html.replace('="/media/', f'="{media_root}/')


def facts_of(kind: ItemKind, rules: QuizRules) -> list[tuple[str, str]]:
    """What stands above the questions: of a quiz its rules, of an assignment who marks it and until when, of a survey who sees it."""
    if kind is ItemKind.SURVEY:
        return [("Jawaban", "anonim" if rules.is_anonymous else "bernama")]
    facts = quiz_facts(rules, rules.tries)
    if rules.hand_in is None:
        return facts
    days = rules.hand_in.due_seconds // 86400
    due = rules.hand_in.due_on or (f"{days} hari sejak ikut" if days else "tidak ada")
    return [("Dinilai oleh", GRADERS[rules.hand_in.grader]), ("Tenggat", due), *facts[1:]]


@dataclass(frozen=True)
class _Drawing:
    """Turns one page into what the template reads."""

    shown: PreviewPage
    is_author: bool
    answering: Answering

    def blocks(self) -> list[Block]:
        """The text, with the checks of a lesson in their places."""
        questions = self.shown.questions
        found = (
            Block(check=self._check(questions[part.question_id], None))
            if part.question_id in questions
            else Block(Markup(part.html))
            for part in self.shown.page.parts
        )
        return [block for block in found if block.check or block.html]

    def checks(self, rules: QuizRules) -> list[Check]:
        """All questions that the quiz may ask, group by group."""
        checks: list[Check] = []
        for draw in rules.draws:
            group = draw.name or "Kelompok"
            words = (
                f"{group}: {draw.pick} dari {len(draw.question_ids)} soal ini diambil"
                if draw.pick < len(draw.question_ids)
                else ""
            )
            known = [self.shown.questions[id] for id in draw.question_ids if id in self.shown.questions]
            for place, question in enumerate(known):
                checks.append(replace(self._check(question, rules), number=len(checks) + 1, heading="" if place else words))
        return checks

    def outcome(self, rules: QuizRules) -> Outcome | None:
        """After sending: what the learner's result page tells."""
        trial = self.answering.trial
        if trial.outcome is None:
            return None
        questions = self._all(rules)
        headline, verdict = f"Nilai {language.score(trial.outcome.score)}", ""
        if not any(question.public.kind in MARKED_BY_MACHINE for question in questions):
            headline = "Terkirim"
        elif rules.pass_mark:
            verdict = "Lulus" if trial.outcome.passed else f"Belum lulus, perlu {language.score(rules.pass_mark)}"
        if any(question.public.kind in MARKED_BY_PERSON for question in questions):
            verdict = "Di situs, penilai yang menilai kiriman ini."
        told = trial.revealed(rules, self.answering.posttest_passed)
        answers = []
        for number, question in enumerate(questions, 1):
            layout = layout_of(question.public, rules.shuffle_options)
            answer = trial.answers.get(question.public.id, {})
            view = AttemptQuestionView(number, question.public.id, 0, question.public, layout, answer, None, 0)
            feedback = trial.told(question, rules, self.answering.posttest_passed)
            answers.append(Answered(reviewed_answer(ResultQuestion(view, feedback)), self._note(question)))
        return Outcome(headline, verdict, answers, told.key)

    def _all(self, rules: QuizRules) -> list[CompiledQuestion]:
        ids = dict.fromkeys(id for draw in rules.draws for id in draw.question_ids)
        return [self.shown.questions[id] for id in ids if id in self.shown.questions]

    def _check(self, question: CompiledQuestion, rules: QuizRules | None) -> Check:
        public, answering = question.public, self.answering
        is_refused = answering.question_id == public.id
        layout = layout_of(public, rules is None or rules.shuffle_options)
        answer = answering.trial.answers.get(public.id, {})
        fields = question_fields(public, layout, answer, answering.typed if is_refused else None)
        told = None if is_refused else told_answer(answering.trial.told(question, rules, answering.posttest_passed))
        return Check(
            id=public.id,
            question=question_part(fields, public.points),
            url=answering.url if answering.url == NOWHERE else f"{answering.url}?soal={public.id}",
            result=told,
            error=answering.reason if is_refused else None,
            is_saved=bool(answer) and not is_refused,
            note=self._note(question),
            rubric=rubric(public),
            accepts=f"{', '.join(public.file_types)}; paling besar {language.kilobytes(public.most_bytes)}"
            if public.file_types
            else "",
        )

    def _note(self, question: CompiledQuestion) -> AuthorNote | None:
        if not self.is_author:
            return None
        public, key = question.public, question.key
        told = feedback_of(public, key, {}, grade(public, key, {}), shows_parts=True, shows_key=True)
        feedback = [(Markup(option), Markup(words)) for option, words in told.key.option_feedback] if told.key else []
        feedback += [
            (Markup(label), Markup(words))
            for label, words in (("Bila benar", key.if_correct), ("Bila salah", key.if_incorrect))
            if words
        ]
        facts = [KINDS[public.kind], points_label(public.points), *(f"tag {tag}" for tag in public.tags)]
        return AuthorNote(
            id=public.id,
            place=f"{question.file}:{question.line}",
            facts=" · ".join(facts),
            key=key_lines(told) or [],
            feedback=feedback,
            explanation=Markup(key.explanation) if key.explanation else None,
        )
