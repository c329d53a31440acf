"""What every page of the studio begins with: the folder of courses, the course asked for, and the note of who did what."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, request, url_for

from config import Config
from lms.authoring.workspace import Workspace
from lms.errors import Busy
from lms.people import queries as people
from lms.people.rules import staff_date
from lms.store import audit
from lms.web import clock, language
from lms.web.extensions import reading, writing
from lms.web.identity import user

RECENT = timedelta(minutes=15)


@dataclass(frozen=True)
class CourseLine:
    """A course as a page names it."""

    key: str
    title: str
    url: str


def course_line(key: str, title: str) -> CourseLine:
    return CourseLine(key, title, url_for("studio.structure.show", key=key))


def typed_text() -> str:
    """The text of the form: browsers send line ends as Windows writes them."""
    return request.form.get("text", "").replace("\r\n", "\n").replace("\r", "\n")


def wants_json() -> bool:
    """Whether a script asks, not a person."""
    return request.accept_mimetypes.best == "application/json"


def workspace() -> Workspace:
    """The folder of course folders of this installation."""
    config: Config = current_app.config["PELITA"]
    return Workspace(config.courses_dir)


def note(action: str, key: str, path: str = "") -> None:
    """Append `studio.<action>` to the audit log: who, which course, which file; never what is in it. The files have changed
    already, so a database that is busy is only told to the operator: the author must not do it all again."""
    try:
        with writing() as session:
            audit.record(
                session, at=clock.now(), action=f"studio.{action}", actor_id=user().person_id, subject=_subject(key, path)
            )
    except Busy:
        current_app.logger.warning("studio.%s of %s is not in the audit log: the database was busy", action, _subject(key, path))


def presence(key: str, path: str) -> str:
    """`Diubah Siti Rahma 3 menit lalu` when somebody else changed the file within a quarter of an hour, else ""."""
    now, session = clock.now(), reading()
    found = audit.last(session, subject=_subject(key, path), since=now - RECENT, but_not=user().person_id)
    if found is None:
        return ""
    who, at = found
    name = people.identity(session, who, staff_date(now)).plain_name
    return f"Diubah {name} {ago(at, now)}"


def ago(at: datetime, now: datetime) -> str:
    """`baru saja`, `3 menit lalu`, `5 jam lalu`, `kemarin`, `4 hari lalu`; a date from a month on."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return "baru saja"
    if minutes < 60:
        return f"{minutes} menit lalu"
    if minutes < 24 * 60:
        return f"{minutes // 60} jam lalu"
    days = minutes // (24 * 60)
    if days == 1:
        return "kemarin"
    return f"{days} hari lalu" if days < 30 else f"pada {language.long_date(at, user().time_zone)}"


def _subject(key: str, path: str) -> str:
    return f"{key}/{path}".rstrip("/")[:200]
