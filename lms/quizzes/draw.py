"""Draws the questions of an attempt and lays each one out behind random tokens. Pure: randomness is passed in."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from random import Random

from lms.content.types import QuestionKind, QuestionPublic, QuizRules
from lms.quizzes.types import Layout

CHOICE_KINDS = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
KEPT_KINDS = (QuestionKind.TRUE_FALSE, QuestionKind.POLL)
"""Choices that stand in the author's order: a survey's often go from little to much."""


def new_token() -> str:
    """64 random bits: enough that no token can be guessed or carries a place."""
    return secrets.token_urlsafe(8)


def draw(
    rules: QuizRules,
    publics: Mapping[str, QuestionPublic],
    random: Random,
    seen: Collection[str] = frozenset(),
    *,
    token_source: Callable[[], str] = new_token,
) -> list[tuple[str, Layout]]:
    """The questions of one attempt in the order shown, each once, with their layouts.

    A draw that may choose takes questions outside `seen` first (the retry prefers unseen ones). Ids without an entry in `publics`
    are passed over. Without `acak-soal` the author's order stands. Nothing here looks at a key, so nothing can depend on one (R10).
    """
    chosen: dict[int, list[str]] = {}
    taken: set[str] = set()
    candidates = {
        place: [id_ for id_ in dict.fromkeys(one.question_ids) if id_ in publics] for place, one in enumerate(rules.draws)
    }
    tightest_first = sorted(candidates, key=lambda place: (len(candidates[place]) - rules.draws[place].pick, place))
    for place in tightest_first:  # draws may overlap; the one with the least choice goes first, so that none comes up short
        free = [id_ for id_ in candidates[place] if id_ not in taken]
        chosen[place] = _pick(free, rules.draws[place].pick, random, seen)
        taken.update(chosen[place])
    question_ids = [id_ for place in range(len(rules.draws)) for id_ in chosen[place]]
    if rules.shuffle_questions:
        random.shuffle(question_ids)
    return [(id_, lay_out(publics[id_], rules.shuffle_options, random, token_source)) for id_ in question_ids]


def _pick(free: list[str], count: int, random: Random, seen: Collection[str]) -> list[str]:
    """`count` of `free`, unseen ones first, in the author's order."""
    if count >= len(free):
        return free
    unseen = [id_ for id_ in free if id_ not in seen]
    picked = set(random.sample(unseen, min(count, len(unseen))))
    picked.update(random.sample([id_ for id_ in free if id_ not in picked], count - len(picked)))
    return [id_ for id_ in free if id_ in picked]


def lay_out(public: QuestionPublic, shuffle_options: bool, random: Random, token_source: Callable[[], str] = new_token) -> Layout:
    """Order on screen and tokens of one question. `public.shuffle` (`Acak:`) wins over the quiz's `shuffle_options`.

    Pinned options stay last in the author's order, true/false and polls are never shuffled, steps always are, and the right sides
    of a matching question keep their alphabetical order, in which people find them.
    """
    shuffles = shuffle_options if public.shuffle is None else public.shuffle
    options: list[int] = []
    if public.kind is QuestionKind.MATCHING:
        options = list(range(len(public.rights)))
    elif public.kind in CHOICE_KINDS or public.kind in KEPT_KINDS:
        options = list(range(len(public.options)))
        if shuffles and public.kind in CHOICE_KINDS:
            pinned = [ordinal for ordinal in options if ordinal in public.pinned]
            options = [*_shuffled((ordinal for ordinal in options if ordinal not in public.pinned), random), *pinned]
    steps = _shuffled(range(len(public.steps)), random) if public.kind is QuestionKind.ORDERING else []
    blanks: list[list[int]] = []
    if public.kind is QuestionKind.CLOZE and any(blank.options for blank in public.blanks):
        orders = (list(range(len(blank.options))) for blank in public.blanks)
        blanks = [_shuffled(order, random) if shuffles else order for order in orders]
    used: set[str] = set()
    return Layout(
        options=tuple((_fresh(token_source, used), ordinal) for ordinal in options),
        steps=tuple((_fresh(token_source, used), ordinal) for ordinal in steps),
        blanks=tuple(tuple((_fresh(token_source, used), ordinal) for ordinal in order) for order in blanks),
    )


def inline_layout(public: QuestionPublic, person_id: int, version_id: int) -> Layout:
    """Layout of a check inside a lesson, the same each time for one person and one wording, so that reading it writes nothing.

    Drawn from a hash instead of stored: the author's order, which often has the right option first, is not shown.
    """
    seed = f"{person_id}:{version_id}:{public.id}"
    numbers = iter(range(1_000_000))

    def token() -> str:
        return hashlib.sha256(f"{seed}:{next(numbers)}".encode()).hexdigest()[:16]

    return lay_out(public, True, Random(seed), token)


def _shuffled(ordinals: Iterable[int], random: Random) -> list[int]:
    order = list(ordinals)
    random.shuffle(order)
    return order


def _fresh(token_source: Callable[[], str], used: set[str]) -> str:
    token = token_source()
    while token in used:
        token = token_source()
    used.add(token)
    return token
