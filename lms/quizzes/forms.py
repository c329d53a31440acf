"""Between form fields and canonical answers, both ways, so that every kind of question works without JavaScript. Pure.

Field names: choices `a` (repeated for multiple), typed answers `t`, matching `m0` …, ordering `o<token>` with a position number,
cloze `b0` …, statements of a scale `s0` …. Values of choices are the random tokens of the layout, never ordinals (R10). Files
have no field here: each is sent and removed by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lms.content.types import BlankKind, QuestionKind, QuestionPublic, Scale
from lms.errors import Invalid
from lms.quizzes.grading import (
    PICK_ONE,
    TYPED_KINDS,
    blanks_of,
    is_web_address,
    ordinal,
    ordinals,
    pairs_of,
    reading_of,
    scale_of,
    text_of,
    word_count,
)
from lms.quizzes.types import Answer, FieldBlank, FieldOption, FieldPair, FieldStep, Layout, QuestionFields

LONGEST_TEXT = 2000
"""Characters of a typed answer."""
LONGEST_ESSAY = 20_000
"""Characters of an essay, and of a free text in a survey."""
CHOICE, TYPED, PAIR, STEP, BLANK, STATEMENT = "a", "t", "m", "o", "b", "s"
BAD_ADDRESS = "Ini belum terbaca sebagai alamat web. Tulis lengkap, misalnya https://contoh.go.id/berkas."

Form = Mapping[str, Sequence[str]]
"""Field name to its values, as `request.form.to_dict(flat=False)` gives them."""


def field_names(public: QuestionPublic, layout: Layout) -> tuple[str, ...]:
    """The form fields that carry the answer to this question."""
    if public.kind in PICK_ONE or public.kind is QuestionKind.MULTIPLE:
        return (CHOICE,)
    if public.kind in TYPED_KINDS:
        return (TYPED,)
    if public.kind is QuestionKind.FILE:
        return ()
    if public.kind is QuestionKind.SCALE:
        return tuple(f"{STATEMENT}{number}" for number in range(max(1, len(public.statements))))
    if public.kind is QuestionKind.MATCHING:
        return tuple(f"{PAIR}{number}" for number in range(len(public.lefts)))
    if public.kind is QuestionKind.ORDERING:
        return tuple(f"{STEP}{token}" for token, _ in layout.steps)
    return tuple(f"{BLANK}{number}" for number in range(len(public.blanks)))


def read_answer(public: QuestionPublic, layout: Layout, form: Form) -> Answer:
    """The canonical answer in a posted form; {} when there is none. Unknown fields, tokens and numbers count as not filled in.

    Raises Invalid, with the field, for what a person must put right: a text above its length, or two steps with one number.
    Show the form again with what was posted (`question_fields(..., form=form)`), so that nothing typed is lost.
    """
    if public.kind in PICK_ONE:
        chosen = [found for found in _chosen(public, layout, form) if found is not None]
        return {"choice": chosen[0]} if chosen else {}
    if public.kind is QuestionKind.MULTIPLE:
        ticked = {found for found in _chosen(public, layout, form) if found is not None}
        return {"choices": sorted(ticked)} if ticked else {}
    if public.kind in TYPED_KINDS:
        text = _typed(form, TYPED, longest(public))
        return {"text": text} if text.strip() else {}
    if public.kind is QuestionKind.FILE:
        return {}
    if public.kind is QuestionKind.SCALE:
        return _read_scale(public, form)
    if public.kind is QuestionKind.MATCHING:
        return _read_pairs(public, layout, form)
    if public.kind is QuestionKind.ORDERING:
        return _read_order(public, layout, form)
    return _read_blanks(public, layout, form)


def _values(form: Form, name: str) -> list[str]:
    """All texts posted under a name. Half surrogates cannot be stored, so they become the replacement character."""
    given = form.get(name, ())
    listed = [given] if isinstance(given, str) else list(given) if isinstance(given, list | tuple) else []
    return [value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for value in listed if isinstance(value, str)]


def _first(form: Form, name: str) -> str:
    return next(iter(_values(form, name)), "")


def longest(public: QuestionPublic) -> int:
    """Most characters of a typed answer to this question."""
    return LONGEST_ESSAY if public.kind in (QuestionKind.ESSAY, QuestionKind.OPEN) else LONGEST_TEXT


def typed_text(form: Form, name: str) -> str:
    """What was typed, with one kind of line end."""
    return _first(form, name).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _typed(form: Form, name: str, most: int = LONGEST_TEXT) -> str:
    """What was typed. Raises Invalid above the limit: cutting would lose words unseen."""
    text = typed_text(form, name)
    if len(text) > most:
        raise Invalid(
            f"Jawaban Anda {_grouped(len(text))} karakter; paling banyak {_grouped(most)}. Belum disimpan, tetapi teksnya "
            "masih ada di isian: ringkas dahulu, lalu simpan lagi.",
            field=name,
        )
    return text


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _chosen(public: QuestionPublic, layout: Layout, form: Form) -> list[int | None]:
    known = {token: found for token, found in layout.options if ordinal(found, len(public.options)) is not None}
    return [known.get(token) for token in _values(form, CHOICE)]


def _read_scale(public: QuestionPublic, form: Form) -> Answer:
    given = {name[len(STATEMENT) :]: _first(form, name) for name in field_names(public, Layout())}
    numbers = {place: int(text) for place, text in given.items() if text.isascii() and text.isdigit() and len(text) < 4}
    found = scale_of(public, {"scale": numbers})
    return {"scale": {str(place): number for place, number in found.items()}} if found else {}


def _read_pairs(public: QuestionPublic, layout: Layout, form: Form) -> Answer:
    known = {token: found for token, found in layout.options if ordinal(found, len(public.rights)) is not None}
    pairs = {str(left): known.get(_first(form, f"{PAIR}{left}")) for left in range(len(public.lefts))}
    chosen = {left: right for left, right in pairs.items() if right is not None}
    return {"pairs": chosen} if chosen else {}


def _read_order(public: QuestionPublic, layout: Layout, form: Form) -> Answer:
    """Steps sorted by the numbers given; a step without a number is left out. One number for two steps has no meaning: Invalid."""
    places: dict[int, int] = {}
    for token, step in layout.steps:
        name = f"{STEP}{token}"
        place = _place(_first(form, name), len(public.steps))
        if place is None or ordinal(step, len(public.steps)) is None:
            continue
        if place in places:
            raise Invalid(
                f"Nomor urut {place} dipakai untuk dua langkah. Belum disimpan, tetapi pilihan Anda masih ada di layar: "
                "beri setiap langkah nomor yang berbeda, lalu simpan lagi.",
                field=name,
            )
        places[place] = step
    return {"order": [places[place] for place in sorted(places)]} if places else {}


def _place(text: str, count: int) -> int | None:
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 4:
        return None
    return int(text) if 1 <= int(text) <= count else None


def _read_blanks(public: QuestionPublic, layout: Layout, form: Form) -> Answer:
    found: dict[str, str | int] = {}
    for number, blank in enumerate(public.blanks):
        name = f"{BLANK}{number}"
        if blank.kind is BlankKind.CHOICE:
            known = dict(_blank_layout(layout, number, len(blank.options)))
            chosen = known.get(_first(form, name))
            if chosen is not None:
                found[str(number)] = chosen
        else:
            text = _typed(form, name)
            if text.strip():
                found[str(number)] = text
    return {"blanks": found} if found else {}


def _blank_layout(layout: Layout, number: int, count: int) -> list[tuple[str, int]]:
    shown = layout.blanks[number] if number < len(layout.blanks) else ()
    return [(token, found) for token, found in shown if ordinal(found, count) is not None]


def question_fields(public: QuestionPublic, layout: Layout, answer: Answer, form: Form | None = None) -> QuestionFields:
    """One question ready to draw, with `answer` filled in. With `form`, a refused posting is shown again exactly as it was sent."""
    answer = answer if isinstance(answer, dict) else {}
    fields = QuestionFields(public.id, public.kind, public.stem, unit=public.unit, hints=public.hints)
    if public.kind in PICK_ONE or public.kind is QuestionKind.MULTIPLE:
        return replace(fields, name=CHOICE, options=_option_fields(public, layout, answer, form))
    if public.kind in TYPED_KINDS:
        return _typed_fields(public, fields, text_of(answer.get("text")) if form is None else _first(form, TYPED))
    if public.kind is QuestionKind.FILE:
        return fields
    if public.kind is QuestionKind.SCALE:
        return replace(fields, pairs=_scale_fields(public, answer if form is None else _read_scale(public, form)))
    if public.kind is QuestionKind.MATCHING:
        return replace(fields, pairs=_pair_fields(public, layout, answer, form))
    if public.kind is QuestionKind.ORDERING:
        return replace(fields, steps=_step_fields(public, layout, answer, form))
    return replace(fields, blanks=_blank_fields(public, layout, answer, form), longest=LONGEST_TEXT)


def _typed_fields(public: QuestionPublic, fields: QuestionFields, text: str) -> QuestionFields:
    reading = ""
    if public.kind is QuestionKind.NUMBER:
        reading = reading_of(text, public.language)
    elif public.kind is QuestionKind.LINK and text.strip() and not is_web_address(text):
        reading = BAD_ADDRESS
    limits = (public.fewest_words, public.most_words)
    return replace(
        fields, name=TYPED, text=text, reading=reading, longest=longest(public), words=word_count(text), word_limits=limits
    )


def _scale_fields(public: QuestionPublic, answer: Answer) -> tuple[FieldPair, ...]:
    """A row a statement; a scale without statements has its stem as the one, and then `left` is ""."""
    given = scale_of(public, answer)
    labels = scale_labels(public.scale) if public.scale else {}
    return tuple(
        FieldPair(
            name=f"{STATEMENT}{place}",
            left=statement,
            options=tuple(FieldOption(str(number), label, given.get(place) == number) for number, label in labels.items()),
            chosen=str(given.get(place, "")),
        )
        for place, statement in enumerate(public.statements or ("",))
    )


def scale_labels(scale: Scale) -> dict[int, str]:
    """Number to its label, plain text, "" where it has none: labels stand at both ends, or at every number."""
    numbers = range(scale.low, scale.high + 1)
    if len(scale.labels) == len(numbers):
        return dict(zip(numbers, scale.labels, strict=True))
    ends = {scale.low: scale.labels[0], scale.high: scale.labels[-1]} if scale.labels else {}
    return {number: ends.get(number, "") for number in numbers}


def _option_fields(public: QuestionPublic, layout: Layout, answer: Answer, form: Form | None) -> tuple[FieldOption, ...]:
    if form is not None:
        chosen = {found for found in _chosen(public, layout, form) if found is not None}
    elif public.kind is QuestionKind.MULTIPLE:
        chosen = set(ordinals(answer.get("choices"), len(public.options)))
    else:
        chosen = set(ordinals([answer.get("choice")], len(public.options)))
    return tuple(
        FieldOption(token, public.options[found], found in chosen)
        for token, found in layout.options
        if ordinal(found, len(public.options)) is not None
    )


def _pair_fields(public: QuestionPublic, layout: Layout, answer: Answer, form: Form | None) -> tuple[FieldPair, ...]:
    chosen = pairs_of(public, answer if form is None else _read_pairs(public, layout, form))
    shown = [(token, found) for token, found in layout.options if ordinal(found, len(public.rights)) is not None]
    return tuple(
        FieldPair(
            name=f"{PAIR}{left}",
            left=content,
            options=tuple(FieldOption(token, public.rights[found], chosen.get(left) == found) for token, found in shown),
            chosen=next((token for token, found in shown if chosen.get(left) == found), ""),
        )
        for left, content in enumerate(public.lefts)
    )


def _step_fields(public: QuestionPublic, layout: Layout, answer: Answer, form: Form | None) -> tuple[FieldStep, ...]:
    count = len(public.steps)
    places = {step: place for place, step in enumerate(ordinals(answer.get("order"), count), start=1)}
    shown = [(token, step) for token, step in layout.steps if ordinal(step, count) is not None]
    if form is not None:
        places = {step: _place(_first(form, f"{STEP}{token}"), count) or 0 for token, step in shown}
    return tuple(FieldStep(f"{STEP}{token}", public.steps[step], places.get(step, 0), count) for token, step in shown)


def _blank_fields(public: QuestionPublic, layout: Layout, answer: Answer, form: Form | None) -> tuple[FieldBlank, ...]:
    given = blanks_of(public, answer)
    fields = []
    for number, blank in enumerate(public.blanks):
        name = f"{BLANK}{number}"
        if blank.kind is BlankKind.CHOICE:
            shown = _blank_layout(layout, number, len(blank.options))
            token = (
                next((token for token, found in shown if given.get(number) == found), "") if form is None else _first(form, name)
            )
            options = tuple(FieldOption(each, blank.options[found], each == token) for each, found in shown)
            fields.append(FieldBlank(name, options=options, chosen=token))
        else:
            text = str(given.get(number, "")) if form is None else _first(form, name)
            is_number = blank.kind is BlankKind.NUMBER
            reading = reading_of(text, public.language) if is_number else ""
            fields.append(FieldBlank(name, is_number=is_number, text=text, reading=reading))
    return tuple(fields)
