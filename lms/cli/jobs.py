"""`lms jobs`: the background worker. Closes attempts whose time is up, finishes what publications left to do, settles what was left
unsettled, makes reminders and sends e-mail, clears unused media files and stale sessions, codes and counts.

Every piece is a short write transaction of its own, safe to run twice, beside another worker, and to kill at any point.
"""

import argparse
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from config import Config, read_config
from lms.authoring import follow_up, sources
from lms.care import erasing, retention
from lms.cli import anchoring, mail, reminding
from lms.cli.data import data_folder, open_database
from lms.cli.import_staff import take_over
from lms.content import library, mediastore
from lms.errors import Busy
from lms.people.importing import queries as imports
from lms.progress import claim_queries
from lms.progress.actions import close_due
from lms.quizzes import files
from lms.recognition.actions import settle, settle_pending
from lms.store.engine import write_tx
from lms.store.guards import compact

EXAMPLE = "Contoh: lms jobs --data data        Sekali saja, misalnya dari cron: lms jobs --data data --sekali"
EVERY = 30.0
"""Seconds between two rounds."""
ANCHOR_EVERY = timedelta(hours=1)
MAIL_EVERY = 5.0
"""Seconds between two looks at the outbox: somebody may wait for a code."""
MAIL_PAUSE = timedelta(minutes=2)
"""After trouble with the mail server."""
REMIND_EVERY = timedelta(minutes=30)
AT_ONCE = 20
"""Attempts or completions in one transaction: learners who save an answer meanwhile wait only for these."""
MEDIA_EVERY = timedelta(days=1)
MEDIA_AGE = timedelta(days=1)
"""A file younger than this may belong to a publication that has not committed yet."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="folder data (semua yang perlu dicadangkan ada di sini)")
    parser.add_argument("--sekali", "--once", dest="once", action="store_true", help="jalankan satu putaran, lalu selesai")


def run(arguments: argparse.Namespace) -> int:
    folder = data_folder(arguments.data)
    config = read_config(folder) if os.environ.get("SMTP_URL") else None  # only letters need to know the address of this site
    engine = open_database(folder)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker = Worker(engine, folder, stop, config)
    try:
        if arguments.once:
            return 0 if worker.round(datetime.now(UTC)) else 1
        while not stop.is_set():
            began = time.monotonic()
            worker.round(datetime.now(UTC))
            while not stop.wait(MAIL_EVERY) and time.monotonic() - began < EVERY:
                worker.deliver_only(datetime.now(UTC))
    finally:
        engine.dispose()
    return 0


class Worker:
    """One process's rounds. Remembers only when it last did what is due once in a while; everything else is in the database."""

    def __init__(self, engine: Engine, folder: Path, stop: threading.Event, config: Config | None = None) -> None:
        self._engine, self._folder, self._stop, self._config = engine, folder, stop, config
        self._media_at: datetime | None = None
        self._anchored_at: datetime | None = None
        self._reminded_at: datetime | None = None
        self._mail_after: datetime | None = None

    def round(self, now: datetime) -> bool:
        """Everything once. One failing piece is told and never keeps the others from running. True when all went well."""
        pieces: list[Callable[[datetime], None]] = [self.close_attempts, self.follow_up, self.settle_rest, self.import_staff]
        pieces.append(self.tell_news)
        if self._anchored_at is None or now - self._anchored_at >= ANCHOR_EVERY:
            pieces.append(self.anchor)
        if self._reminded_at is None or now - self._reminded_at >= REMIND_EVERY:
            pieces.append(self.remind)
        pieces.append(self.deliver)
        if self._media_at is None or now - self._media_at >= MEDIA_EVERY:
            pieces += [self.forget_stale, self.clear_media]
        went_well = [self._attempt(piece, now) for piece in pieces]
        return all(went_well)

    def deliver_only(self, now: datetime) -> None:
        self._attempt(self.deliver, now)

    def _attempt(self, piece: Callable[[datetime], None], now: datetime) -> bool:
        if self._stop.is_set():
            return True
        try:
            piece(now)
        except Busy:
            return True  # the next round is soon enough
        except Exception:  # the worker must outlive one bad row; the round says so and goes on
            print(f"Pekerjaan latar {piece.__name__} gagal:\n{traceback.format_exc()}", file=sys.stderr, flush=True)
            return False
        return True

    def close_attempts(self, now: datetime) -> None:
        """Grade attempts as of their deadline, and bring progress and certificates up to date in the same transaction."""
        self._repeat("percobaan ditutup karena waktunya habis", lambda session, _: close_some(session, now))

    def follow_up(self, now: datetime) -> None:
        """What publications left to do: old answers judged again, summaries renewed. A page or command that stopped is gone on with."""
        with Session(self._engine, expire_on_commit=False) as session:
            for edition_id in follow_up.waiting(session):
                more = True
                while more and not self._stop.is_set():
                    with write_tx(session):
                        more = follow_up.advance(session, edition_id, now=now)
                    session.expunge_all()
                _tell(int(not more), f"penerbitan dituntaskan (edisi bernomor {edition_id} di basis data)")

    def settle_rest(self, now: datetime) -> None:
        """The net below `settle`: finished courses that for any reason have no completion fact yet."""
        self._repeat(
            "kelulusan dituntaskan", lambda session, after: settle_pending(session, now=now, after_id=after, limit=AT_ONCE)
        )

    def import_staff(self, now: datetime) -> None:
        """Staff files that are being taken over or taken back: a page or command that stopped is gone on with."""
        with Session(self._engine) as session:
            found = imports.waiting(session)
        for row in found:
            take_over(self._engine, self._folder, row.import_id, lambda _: not self._stop.is_set())
            _tell(1, f"impor pegawai diteruskan (nomor {row.import_id})")

    def tell_news(self, now: datetime) -> None:
        """Certificates, words of thanks and decisions of the last days that their people have not been told."""
        _tell(reminding.tell_news(self._engine, now, has_mail=self._has_mail), "kabar dibuat")

    def remind(self, now: datetime) -> None:
        """Who may be reminded of something this hour, and superiors in the first mornings of a month."""
        _tell(reminding.remind(self._engine, now, self._stop, has_mail=self._has_mail), "pengingat dibuat")
        _tell(reminding.tell_months(self._engine, now, self._stop, has_mail=self._has_mail), "kabar bulanan dibuat")
        self._reminded_at = now

    def deliver(self, now: datetime) -> None:
        """E-mails whose time has come. While the mail server is in trouble they wait."""
        if self._config is None or self._config.mail is None or (self._mail_after is not None and now < self._mail_after):
            return
        began = time.monotonic()
        post = mail.Post(self._config.mail, self._config.base_url)
        sent, trouble = mail.deliver(self._engine, post, lambda: now + timedelta(seconds=time.monotonic() - began), self._stop)
        self._mail_after = now + MAIL_PAUSE if trouble else None
        _tell(sent, "surel dikirim")
        if trouble:
            print(trouble, file=sys.stderr, flush=True)

    @property
    def _has_mail(self) -> bool:
        return self._config is not None and self._config.mail is not None

    def forget_stale(self, now: datetime) -> None:
        """Once a day: drop what is kept for a while only, and let no erased word be read from the file (R88, R89)."""
        with Session(self._engine) as session, write_tx(session):
            count = retention.purge(session, now)
            erased = erasing.erased_since(session, now - 2 * MEDIA_EVERY)
        _tell(count, "baris yang lewat masa simpannya dihapus")
        if erased:
            compact(self._engine)

    def anchor(self, now: datetime) -> None:
        """Once an hour: write the newest hash of the audit log down where the database cannot reach it (R92)."""
        with Session(self._engine) as session:
            anchoring.write(session, self._folder, now)
        self._anchored_at = now

    def clear_media(self, now: datetime) -> None:
        """Remove files that no edition and no hand-in names, left by publications and uploads that did not go through."""
        with Session(self._engine) as session:
            known = {
                mediastore.MEDIA: library.media_hashes(session),
                mediastore.SOURCES: sources.hashes(session),
                mediastore.UPLOADS: files.hashes(session) | claim_queries.hashes(session),
                mediastore.IMPORTS: imports.files_needed(session, now - MEDIA_AGE),
            }
        for folder, keep in known.items():
            count = mediastore.clear(self._folder, keep=keep, before=now - MEDIA_AGE, folder=folder)
            _tell(count, f"berkas {folder} tak terpakai dihapus")
        self._media_at = now

    def _repeat(self, what: str, some: Callable[[Session, int], tuple[int, int]]) -> None:
        """Call `some` in a transaction of its own, with where it stood, until it says 0 or the worker must stop."""
        total, after, more = 0, 0, True
        with Session(self._engine, expire_on_commit=False) as session:
            while more and not self._stop.is_set():
                with write_tx(session):
                    done, after = some(session, after)
                session.expunge_all()
                total, more = total + done, after > 0
        _tell(total, what)


def close_some(session: Session, now: datetime) -> tuple[int, int]:
    """Close at most AT_ONCE attempts that are over. Returns how many, and 0 at the end."""
    closed = close_due(session, now=now, limit=AT_ONCE)
    for enrolment_id, closed_at in closed:
        settle(session, enrolment_id=enrolment_id, now=now, completed_at=closed_at)
    return len(closed), int(len(closed) == AT_ONCE)


def _tell(count: int, what: str) -> None:
    if count:
        print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {count} {what}", flush=True)
