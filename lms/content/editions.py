"""Correction or new edition? Pure comparison of two outlines (DESIGN.md 3.1)."""

from lms.content.types import CompletionPart, DoneWhen, Item, ItemKind, Outline


def reasons_for_new_edition(old: Outline, new: Outline) -> tuple[str, ...]:
    """Indonesian sentences, one per required item or pass rule that differs. None = the publication is a correction.

    What counts: the course's JP, pass mark, completion rule, weights, certificate and test-out mark; which items are required,
    whether a lesson asks for right answers, and pass mark, tries and score taken of a quiz that counts.
    """
    return (*_course_reasons(old, new), *_item_reasons(old, new))


def _course_reasons(old: Outline, new: Outline) -> list[str]:
    found = []
    if old.jp != new.jp:
        found.append(f"JP berubah dari {old.jp} menjadi {new.jp}.")
    if old.pass_mark != new.pass_mark:
        found.append(f"Nilai lulus pelatihan berubah dari {mark(old.pass_mark)} menjadi {mark(new.pass_mark)}.")
    if set(old.completion) != set(new.completion):
        found.append(f"Syarat lulus berubah dari {_parts(old)} menjadi {_parts(new)}.")
    if old.weights != new.weights:
        found.append(f"Bobot nilai berubah dari {_weights(old)} menjadi {_weights(new)}.")
    if old.certificate != new.certificate:
        found.append("Pelatihan kini bersertifikat." if new.certificate else "Pelatihan tidak lagi bersertifikat.")
    if old.test_out_mark != new.test_out_mark:
        found.append(f"Nilai uji lewati berubah dari {_test_out(old)} menjadi {_test_out(new)}.")
    return found


def _item_reasons(old: Outline, new: Outline) -> list[str]:
    before, after = _counting(old), _counting(new)
    found = [
        f'Materi wajib "{item.title}" ({key}) tidak ada lagi atau tidak lagi wajib.'
        for key, item in before.items()
        if key not in after
    ]
    found += [f'"{item.title}" ({key}) menjadi materi wajib.' for key, item in after.items() if key not in before]
    for key in (key for key in after if key in before):
        found += _changes_of(before[key], after[key])
    return found


def _changes_of(old: Item, new: Item) -> list[str]:
    place = f'"{new.title}" ({new.key})'
    if old.kind != new.kind:
        return [f"{place} berubah jenis."]
    if old.quiz is None or new.quiz is None:
        if (old.done_when is DoneWhen.CORRECT) != (new.done_when is DoneWhen.CORRECT):
            return [f"Syarat selesai {place} berubah."]
        return []
    found = []
    if old.quiz.pass_mark != new.quiz.pass_mark:
        found.append(f"Nilai lulus {place} berubah dari {mark(old.quiz.pass_mark)} menjadi {mark(new.quiz.pass_mark)}.")
    if old.quiz.tries != new.quiz.tries:
        found.append(f"Jumlah percobaan {place} berubah dari {_tries(old.quiz.tries)} menjadi {_tries(new.quiz.tries)}.")
    if old.quiz.taken != new.quiz.taken:
        found.append(f"Cara mengambil nilai {place} berubah.")
    return found


def _counting(outline: Outline) -> dict[str, Item]:
    """Items that completion depends on, by key, in course order. A survey never is one."""
    with_posttest = CompletionPart.POSTTEST in outline.completion
    return {
        item.key: item
        for item in outline.items
        if (item.required and item.kind is not ItemKind.SURVEY) or (with_posttest and item.kind is ItemKind.POSTTEST)
    }


def mark(hundredths: int) -> str:
    """A score for people: 7000 is "70", 7050 is "70,5"."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole},{rest:02d}".rstrip("0").rstrip(",") if rest else str(whole)


def _parts(outline: Outline) -> str:
    return " + ".join(sorted(str(part) for part in set(outline.completion))) or "tanpa syarat"


def _weights(outline: Outline) -> str:
    return ", ".join(f"{kind} {weight}%" for kind, weight in sorted(outline.weights.items())) or "tanpa bobot"


def _test_out(outline: Outline) -> str:
    return mark(outline.test_out_mark) if outline.test_out_mark else "tidak ada"


def _tries(tries: int) -> str:
    return str(tries) if tries else "tak terbatas"
