"""Pure rules of effect measurement: gain from pre-test to post-test, said in plain words."""

from collections.abc import Sequence
from math import sqrt

from lms.evaluation.types import Gain

FULL = 10000
HIGH, MODERATE = 70, 30
"""Limits of the normalised gain in hundredths (Hake)."""
NOTICEABLE = 500
"""A change below five points is about one question, so it says nothing."""
SMALLEST_GROUP = 5
"""Smaller groups are not reported (D60)."""
UNKNOWN = "Belum dapat disimpulkan"


def gain(pre: int | None, post: int | None) -> Gain:
    """What one person's scores, in hundredths of 100, say about learning. A missing score gives no numbers and says why."""
    if pre is None or post is None:
        missing = "tes awal" if pre is None else "tes akhir"
        return Gain(pre, post, None, None, f"{UNKNOWN}: {missing} belum dikerjakan.")
    change, normalised = post - pre, _normalised(pre, post)
    return Gain(pre, post, change, normalised, _verdict(change, normalised))


def group_gain(pairs: Sequence[tuple[int, int]]) -> Gain:
    """Mean gain of people with both scores, as (pre, post). Groups below five show no numbers (D60); where chance alone could
    explain the difference (twice its standard error reaches zero), the verdict says that nothing can be concluded yet."""
    count = len(pairs)
    if count < SMALLEST_GROUP:
        reason = f"{UNKNOWN}: baru {count} orang mengerjakan kedua tes, sedikitnya {SMALLEST_GROUP}."
        return Gain(None, None, None, None, reason, count)
    pre, post = (_mean([pair[place] for pair in pairs]) for place in (0, 1))
    changes = [after - before for before, after in pairs]
    mean = sum(changes) / count
    error = sqrt(sum((change - mean) ** 2 for change in changes) / (count - 1) / count)
    change, normalised = post - pre, _normalised(pre, post)
    if abs(mean) <= 2 * error:
        verdict = f"{UNKNOWN}: perbedaan antarpeserta terlalu besar dibanding rata-rata kenaikannya."
    else:
        verdict = _verdict(change, normalised)
    return Gain(pre, post, change, normalised, verdict, count)


def _mean(scores: Sequence[int]) -> int:
    """Rounded half up."""
    return (2 * sum(scores) + len(scores)) // (2 * len(scores))


def _normalised(pre: int, post: int) -> int | None:
    """Hundredths, rounded towards zero so that no gain is overstated."""
    if pre >= FULL:
        return None
    return int(100 * (post - pre) / (FULL - pre))


def _verdict(change: int, normalised: int | None) -> str:
    if normalised is None:
        return f"{UNKNOWN}: tes awal sudah bernilai penuh, jadi tidak ada ruang untuk naik."
    if abs(change) < NOTICEABLE:
        return f"{UNKNOWN}: selisih kedua tes kurang dari 5 angka, dan itu bisa kebetulan."
    if change < 0:
        return "Nilai tes akhir lebih rendah daripada tes awal. Materinya perlu diulang atau ditinjau."
    share = "sebagian besar" if normalised >= HIGH else "cukup banyak" if normalised >= MODERATE else "sebagian kecil"
    level = "tinggi" if normalised >= HIGH else "sedang" if normalised >= MODERATE else "rendah"
    return f"Peningkatan {level}: {share} dari yang semula belum dikuasai kini sudah dikuasai."
