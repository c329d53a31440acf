"""Anyone checks a certificate here. Wrong codes are slowed per address; a right one shows every printed field, the NIP masked."""

import threading
import time
from collections import deque

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import TooManyTries
from lms.recognition import printing, queries, rules
from lms.recognition.types import PublicCertificate
from lms.web.extensions import reading

bp = Blueprint("verification", __name__)
WRONG_LIMIT = 20
WINDOW_SECONDS = 600.0
KEPT_ADDRESSES = 10_000


class WrongCodes:
    """Wrong codes of the last ten minutes by address. In memory: a GET writes nothing, and losing it at a restart harms nobody."""

    def __init__(self) -> None:
        self._times: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Start afresh, as after a restart."""
        with self._lock:
            self._times.clear()

    def wait(self, address: str) -> int:
        """Seconds until another code may be tried; 0 = now."""
        with self._lock:
            times = self._recent(address)
            return max(1, int(times[0] + WINDOW_SECONDS - time.monotonic())) if len(times) >= WRONG_LIMIT else 0

    def note(self, address: str) -> None:
        with self._lock:
            if len(self._times) >= KEPT_ADDRESSES:
                self._times.clear()
            self._recent(address).append(time.monotonic())

    def _recent(self, address: str) -> deque[float]:
        times = self._times.setdefault(address, deque(maxlen=WRONG_LIMIT))
        while times and times[0] < time.monotonic() - WINDOW_SECONDS:
            times.popleft()
        return times


wrong_codes = WrongCodes()


@bp.get("/verifikasi")
@bp.get("/verifikasi/<code>")
def show(code: str = "") -> Response | str | tuple[str, int]:
    typed = request.args.get("code", "")
    if typed and not code:
        return redirect(url_for("public.verification.show", code=typed[:60].replace("/", "-").strip() or "-"), 303)
    if not code:
        return render_template("public/verification/show.html", code="", state="form", certificate=None)
    address = request.remote_addr or ""
    wait = wrong_codes.wait(address)
    if wait:
        raise TooManyTries("Terlalu banyak kode yang salah dari sambungan ini. Tunggu beberapa menit, lalu coba lagi.", wait)
    bare = rules.parse_code(code)
    found = queries.certificate_by_code(reading(), bare) if bare else None
    if found is None:
        wrong_codes.note(address)
        return render_template("public/verification/show.html", code=code[:60], state="missing", certificate=None), 404
    return render_template(
        "public/verification/show.html",
        code=found.code,
        state=found.state.value,
        certificate=found,
        rows=_rows(found),
        revoked_label=f"{printing.day(found.revoked_on)}. {found.reason}" if found.revoked_on else "",
    )


def _rows(found: PublicCertificate) -> list[tuple[str, str]]:
    """Every printed field, in the order of the certificate; the NIP masked, empty ones left out."""
    fields = (
        ("NIP", found.masked_nip),
        ("Pangkat/golongan", found.rank),
        ("Jabatan", found.position),
        ("Unit kerja", found.unit),
        ("Instansi", found.agency),
        ("Pelatihan", found.course_title),
        ("Edisi", found.edition),
        ("Bentuk", found.form),
        ("Waktu", printing.period(found.started_on, found.completed_on)),
        ("Jam pelajaran", f"{found.jp} JP, {printing.hours(found.minutes)}"),
        ("Nomor sertifikat", found.number),
        ("Penyelenggara", found.organizer),
        ("Tempat dan tanggal terbit", ", ".join(part for part in (found.place, printing.day(found.issued_on)) if part)),
        ("Penandatangan", ", ".join(part for part in (found.signatory_name, found.signatory_position) if part)),
    )
    return [(label, text) for label, text in fields if text]
