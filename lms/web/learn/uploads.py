"""Files of a hand-in: sending, removing, and opening them again. Only through an attempt, and never as a page of ours (R25)."""

from flask import Blueprint, current_app, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from config import Config
from lms.content import mediastore
from lms.content.types import ItemKind, QuestionPublic
from lms.content.uploads import Accepted, accept
from lms.errors import Invalid, Refused
from lms.quizzes import files, queries
from lms.web import clock, work
from lms.web.body_limits import HAND_IN
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.learn import assignments, quizzes

bp = Blueprint("uploads", __name__)
FULL = "Penyimpanan server sedang penuh, jadi berkas belum tersimpan. Draf dan berkas lain tetap ada; coba lagi nanti atau beri tahu pengelola."


@bp.post("/percobaan/<token>/soal/<int:position>/berkas")
def add(token: str, position: int) -> Response | tuple[str, int]:
    """Each file is judged and stored by itself: one that is refused does not keep the others out, and is named."""
    public = files.question_for_file(reading(), person_id=user().person_id, token=token, position=position)
    reading().rollback()
    problems = []
    sent = [one for one in request.files.getlist("file") if one.filename]
    for one in sent:
        try:
            _keep(token, position, public, one)
        except (Invalid, Refused) as problem:
            problems.append(FULL if isinstance(problem, Refused) else str(problem))
    if not sent:
        problems.append("Belum ada berkas yang dipilih. Pilih dulu berkasnya, lalu unggah.")
    return _page(token, position, problems) if problems else redirect(_page_url(token, position), 303)


def _keep(token: str, position: int, public: QuestionPublic, sent: FileStorage) -> None:
    """The bytes first, then the row that names them; a row without its file can never be."""
    config: Config = current_app.config["PELITA"]
    most = public.most_bytes or HAND_IN
    taken: Accepted = accept(sent.filename or "", sent.stream.read(most + 1), endings=public.file_types, most_bytes=most)
    sha256 = mediastore.keep(taken.content, config.data_dir, mediastore.UPLOADS)
    with writing() as session:
        files.add_file(
            session,
            person_id=user().person_id,
            token=token,
            position=position,
            sha256=sha256,
            name=taken.name,
            mime=taken.mime,
            size=len(taken.content),
            now=clock.now(),
        )


def _page_url(token: str, position: int) -> str:
    return url_for("learn.quizzes.question", token=token, position=position)


def _page(token: str, position: int, problems: list[str]) -> tuple[str, int]:
    """The page the files were sent from, with what was wrong; what was taken stands in its list."""
    told = " ".join(dict.fromkeys(problems))
    study, item = assignments.of_attempt(token)
    if item.kind is ItemKind.ASSIGNMENT:
        return assignments.page(study, item, upload_error=told), 400
    return quizzes.question_again(token, position, upload_error=told), 400


@bp.post("/percobaan/<token>/berkas/<int:upload_id>/hapus")
def remove(token: str, upload_id: int) -> Response:
    queries.attempt_view(reading(), user().person_id, token)
    with writing() as session:
        position = files.remove_file(session, person_id=user().person_id, token=token, upload_id=upload_id, now=clock.now())
    return redirect(_page_url(token, position or 1), 303)


@bp.get("/percobaan/<token>/berkas/<int:upload_id>")
def show(token: str, upload_id: int) -> Response:
    """For who handed it in, alone or with a group."""
    return work.send(files.own_file(reading(), user().person_id, token, upload_id))
