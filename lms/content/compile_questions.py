"""QuestionNode to CompiledQuestion: what a learner may see, apart from the key. Nothing in the first depends on the second."""

import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lms.content.answers import GAP, mask_code
from lms.content.assignments import Criterion, RubricLevel
from lms.content.nodes import AnswerNode, BlankNode, CriterionNode, QuestionNode, Span
from lms.content.slugs import plain_text
from lms.content.source import GAP_CLOSE, GAP_OPEN
from lms.content.types import Blank, BlankKey, BlankKind, CompiledQuestion, NumberRange, QuestionKey, QuestionKind, QuestionPublic
from lms.content.worker import Fragment
from lms.shared.codec import encode

POINT = 100
"""A rubric point in hundredths."""
_TOKEN = re.compile(f"{GAP_OPEN}(\\d+){GAP_CLOSE}")


class GapLost(Exception):
    """A gap stands where no field can stand (in a link or a picture)."""


def joined(spans: list[Span]) -> str:
    lines = [span.text for span in spans]
    return "\n".join(lines).strip("\n")


def fragments(question: QuestionNode, code: frozenset[int]) -> list[Fragment]:
    """Everything of one question that must be rendered, in the order `compile_question` takes it back."""
    stem = _stem_with_tokens(question, code) if question.kind is QuestionKind.CLOZE else joined(question.stem)
    result = [Fragment(stem, "block")]
    for option in question.options:
        result += [Fragment(joined(option.text), "inline"), Fragment(joined(option.feedback), "block")]
    for pair in question.pairs:
        result += [Fragment(pair.left, "inline"), Fragment(pair.right, "inline")]
    result += [Fragment(joined(step.text), "inline") for step in question.steps]
    result += [Fragment(joined(hint), "inline") for hint in question.hints]
    result += [Fragment(joined(statement.text), "inline") for statement in question.statements]
    for criterion in question.rubric:
        result.append(Fragment(joined(criterion.name), "inline"))
        result += [Fragment(joined(level.text), "inline") for level in criterion.levels]
    result += [Fragment(joined(text), "block") for text in (_explanation(question), question.if_correct, question.if_incorrect)]
    return result


def _explanation(question: QuestionNode) -> list[Span]:
    source = question.settings.get("sumber")
    if source is None or not source.text.strip():
        return question.explanation
    return [*question.explanation, Span(source.line, 1, ""), replace(source, text=f"Sumber: {source.text}")]


def _stem_with_tokens(question: QuestionNode, code: frozenset[int]) -> str:
    number = -1

    def token(_: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return f"{GAP_OPEN}{number}{GAP_CLOSE}"

    lines = []
    for span in question.stem:
        if span.line in code or "[[" not in span.text:
            lines.append(span.text)
            continue
        masked, made, position = mask_code(span.text), "", 0
        for match in GAP.finditer(masked):
            made += span.text[position : match.start()] + token(match)
            position = match.end()
        lines.append(made + span.text[position:])
    return "\n".join(lines).strip("\n")


def compile_question(question: QuestionNode, htmls: list[str], module_key: str, language: str) -> CompiledQuestion:
    """`htmls` are the rendered `fragments(question)`; the question has no errors. Raises GapLost."""
    assert question.kind is not None
    rendered = iter(htmls)
    stem = next(rendered)
    options = [(next(rendered), next(rendered)) for _ in question.options]
    sides = [(next(rendered), next(rendered)) for _ in question.pairs]
    steps = [next(rendered) for _ in question.steps]
    hints = tuple(next(rendered) for _ in question.hints)
    statements = tuple(next(rendered) for _ in question.statements)
    rubric = tuple(_criterion(criterion, rendered) for criterion in question.rubric)
    texts = (next(rendered), next(rendered), next(rendered))
    lefts, rights, pairs = _matching(question, sides)
    sorted_steps, order = _ordering(question, steps)
    public = QuestionPublic(
        id=question.id,
        kind=question.kind,
        points=question.points,
        stem=_split_at_gaps(stem, len(question.blanks)) if question.kind is QuestionKind.CLOZE else (stem,),
        options=tuple(text for text, _ in options),
        pinned=tuple(index for index, option in enumerate(question.options) if option.is_pinned),
        shuffle=question.shuffle,
        lefts=lefts,
        rights=rights,
        steps=sorted_steps,
        blanks=tuple(_public_blank(blank) for blank in question.blanks),
        unit=question.unit,
        hints=hints,
        module_key=question.module or module_key,
        tags=question.tags,
        language=language,
        rubric=rubric,
        fewest_words=question.fewest_words,
        most_words=question.most_words,
        file_types=question.file_types,
        most_bytes=question.most_bytes,
        scale=question.scale,
        statements=statements,
    )
    key = _key(question, tuple(feedback for _, feedback in options), pairs, order, texts)
    return CompiledQuestion(
        public=public,
        key=key,
        full_hash=digest({"public": encode(public), "key": encode(key)}),
        meaning_hash=digest(_meaning(question)),
        text=normalised(question),
        file=question.file,
        line=question.line,
    )


def _key(
    question: QuestionNode, feedback: tuple[str, ...], pairs: tuple[int, ...], order: tuple[int, ...], texts: tuple[str, str, str]
) -> QuestionKey:
    """`texts` are the explanation and the remarks for right and wrong, rendered."""
    return QuestionKey(
        correct=tuple(index for index, option in enumerate(question.options) if option.is_correct),
        feedback=feedback,
        texts=tuple(answer.text for answer in question.answers) if question.kind is QuestionKind.TEXT else (),
        match=question.match,
        numbers=_ranges(question.answers) if question.kind is QuestionKind.NUMBER else (),
        pairs=pairs,
        order=order,
        blanks=tuple(_blank_key(blank) for blank in question.blanks),
        explanation=texts[0],
        if_correct=texts[1],
        if_incorrect=texts[2],
        all_or_nothing=question.all_or_nothing,
    )


def _criterion(criterion: CriterionNode, rendered: Iterator[str]) -> Criterion:
    """With every level that can be given: the whole numbers between those written (up to 10), and always 0."""
    name = next(rendered)
    texts = {level.points: next(rendered) for level in criterion.levels}
    highest = max(texts, default=0)
    if highest <= 10 * POINT and all(points % POINT == 0 for points in texts):
        texts = dict.fromkeys(range(highest, -1, -POINT), "") | texts if texts else {}
    else:
        texts.setdefault(0, "")
    return Criterion(
        name, criterion.weight or 0, tuple(RubricLevel(points, texts[points]) for points in sorted(texts, reverse=True))
    )


def _split_at_gaps(stem: str, count: int) -> tuple[str, ...]:
    outside = re.sub(r"<[^>]*>", "", stem)
    if _TOKEN.findall(outside) != [str(number) for number in range(count)] or len(_TOKEN.findall(stem)) != count:
        raise GapLost
    return tuple(_TOKEN.split(stem)[::2])


def _matching(question: QuestionNode, sides: list[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...]]:
    """Left sides in the author's order; each distinct right side once, sorted by its text."""
    by_text = {sort_text(pair.right): right for pair, (_, right) in zip(question.pairs, sides, strict=True)}
    texts = sorted(by_text)
    lefts, pairs = [], []
    for pair, (left, _) in zip(question.pairs, sides, strict=True):
        if pair.left:
            lefts.append(left)
            pairs.append(texts.index(sort_text(pair.right)))
    return tuple(lefts), tuple(by_text[text] for text in texts), tuple(pairs)


def _ordering(question: QuestionNode, steps: list[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    texts = [sort_text(joined(step.text)) for step in question.steps]
    by_text = sorted(range(len(texts)), key=lambda index: texts[index])
    return tuple(steps[index] for index in by_text), tuple(by_text.index(index) for index in range(len(texts)))


def sort_text(markdown: str) -> str:
    return canonical_text(plain_text(markdown)).casefold()


def _public_blank(blank: BlankNode) -> Blank:
    if blank.choices:
        return Blank(BlankKind.CHOICE, blank.choices)
    return Blank(BlankKind.NUMBER if all(answer.low for answer in blank.answers) else BlankKind.TEXT)


def _blank_key(blank: BlankNode) -> BlankKey:
    if blank.choices:
        return BlankKey(choice=blank.correct)
    if all(answer.low for answer in blank.answers):
        return BlankKey(numbers=_ranges(blank.answers))
    return BlankKey(texts=tuple(answer.text for answer in blank.answers))


def _ranges(answers: list[AnswerNode] | tuple[AnswerNode, ...]) -> tuple[NumberRange, ...]:
    return tuple(NumberRange(answer.low, answer.high) for answer in answers)


def canonical_text(text: str) -> str:
    """NFC, blanks collapsed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def normalised(question: QuestionNode) -> str:
    """Stem and answers as plain lower-case text, in the author's order."""
    parts = [GAP.sub(" … ", joined(question.stem))]
    parts += [joined(option.text) for option in question.options]
    parts += [f"{pair.left} {pair.right}" for pair in question.pairs]
    parts += [joined(item.text) for item in (*question.steps, *question.statements)]
    return " | ".join(sort_text(part) for part in parts if part.strip())


def _meaning(question: QuestionNode) -> dict[str, Any]:
    """Kind, options as a set, key, tolerance, points and blanks: everything but wording of the stem and feedback."""
    return {
        "kind": question.kind,
        "points": question.points,
        "options": sorted([sort_text(joined(option.text)), option.is_correct] for option in question.options),
        "answers": sorted(
            [answer.low, answer.high] if answer.low else [canonical_text(answer.text)] for answer in question.answers
        ),
        "match": question.match,
        "all": question.all_or_nothing,
        "pairs": sorted([sort_text(pair.left), sort_text(pair.right)] for pair in question.pairs),
        "steps": [sort_text(joined(step.text)) for step in question.steps],
        "blanks": [
            [sorted([choice, index == blank.correct] for index, choice in enumerate(blank.choices))]
            + [sorted([answer.low, answer.high] if answer.low else [canonical_text(answer.text)] for answer in blank.answers)]
            for blank in question.blanks
        ],
        **_meaning_without_key(question),
    }


def _meaning_without_key(question: QuestionNode) -> dict[str, Any]:
    """What a rubric, a hand-in and a scale add. Empty for all other kinds, so that hashes published before these existed hold."""
    meaning = {
        "rubric": [
            [sort_text(joined(each.name)), each.weight, [level.points for level in each.levels]] for each in question.rubric
        ],
        "words": [question.fewest_words, question.most_words] if question.fewest_words or question.most_words else [],
        "files": [*question.file_types, question.most_bytes] if question.file_types else [],
        "scale": [question.scale.low, question.scale.high] if question.scale else [],
        "statements": [sort_text(joined(statement.text)) for statement in question.statements],
    }
    return {name: value for name, value in meaning.items() if value}


def digest(value: Any) -> str:
    """SHA-256 of canonical JSON: NFC, sorted keys, trailing blanks of lines stripped."""
    return hashlib.sha256(
        json.dumps(_canonical(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, str):
        return "\n".join(line.rstrip() for line in unicodedata.normalize("NFC", html.unescape(value)).split("\n"))
    if isinstance(value, list | tuple):
        return [_canonical(part) for part in value]
    if isinstance(value, dict):
        return {key: _canonical(part) for key, part in value.items()}
    return value
