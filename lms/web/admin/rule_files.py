"""The rules of the 25 forms as a text the office edits: what holds today, a new version checked line by line, and all earlier ones (D7)."""

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.people import queries as people
from lms.progress import claims, rule_files
from lms.progress.forms import LONGEST_TEXT, RuleBook, UnreadableRules
from lms.progress.rule_files import VersionRow
from lms.quizzes.forms import typed_text
from lms.web import agency, clock, language
from lms.web.admin import navigation
from lms.web.claims import clamp_numbers
from lms.web.extensions import reading, writing
from lms.web.identity import user

bp = Blueprint("rule_files", __name__)
bp.url_value_preprocessor(clamp_numbers)


@bp.get("/aturan")
def index() -> str:
    known = rule_files.versions(reading())
    today = clock.today(user().time_zone)
    names = people.names_of(reading(), {one.saved_by for one in known if one.saved_by})
    current = rule_files.in_force(known, today)
    book = rule_files.book_on(known, today)
    return render_template(
        "admin/rule_files/index.html",
        current=_version(current, names),
        book=book,
        edit_url=url_for("admin.rule_files.edit", dari=current.id),
        forms=_forms(book),
        targets=[(one.target, one.source or "sumber belum ditulis", one.is_verified) for one in book.targets],
        versions=[_version(one, names) for one in known],
        **navigation.of("rule_files"),
    )


def _forms(book: RuleBook) -> list[dict[str, Any]]:
    per_jp = agency.current().minutes_per_jp
    return [
        {
            "id": one.id,
            "name": one.name,
            "kind": f"{'Klasikal' if one.is_classical else 'Nonklasikal'} · {one.code}",
            "rule": claims.conversion_sentence(one, per_jp),
            "source": one.source or "sumber belum ditulis",
            "is_verified": one.is_verified,
        }
        for one in book.forms
    ]


def _version(one: VersionRow, names: dict[int, str]) -> dict[str, str]:
    saved = (
        f"disimpan {names.get(one.saved_by or 0, 'pengelola')}, {language.long_date(one.saved_at)}"
        if one.saved_at
        else "bawaan Pelita"
    )
    return {
        "url": url_for("admin.rule_files.show", version_id=one.id),
        "name": one.version,
        "from": language.long_date(one.from_on),
        "saved": saved,
    }


@bp.get("/aturan/versi/<int:version_id>")
def show(version_id: int) -> str:
    one, before = rule_files.version(reading(), version_id)
    return render_template(
        "admin/rule_files/show.html",
        version=_version(one, people.names_of(reading(), {one.saved_by} if one.saved_by else set())),
        before=before.version if before else "",
        changes=rule_files.difference(before.text, one.text) if before else [],
        text=one.text,
        edit_url=url_for("admin.rule_files.edit", dari=one.id),
        **navigation.of("rule_files"),
    )


@bp.get("/aturan/ubah")
def edit() -> str:
    number = request.args.get("dari", "0")
    base, _ = rule_files.version(reading(), int(number) if number.isascii() and number.isdigit() and len(number) <= 9 else 0)
    return _edit_page(base, base.text)


def _edit_page(base: VersionRow, text: str, problems: UnreadableRules | None = None, changes: list[str] | None = None) -> str:
    rows = text.splitlines()
    found = problems.problems if problems else ()
    return render_template(
        "admin/rule_files/edit.html",
        base_id=base.id,
        base=base.version,
        text=text,
        error=str(problems) if problems else "",
        problems=[(one.line, one.message, rows[one.line - 1].strip() if one.line <= len(rows) else "") for one in found],
        changes=changes,
        **navigation.of("rule_files"),
    )


@bp.post("/aturan/ubah")
def save() -> Response:
    """Check the text and show what changes; the button below that difference saves it."""
    number = request.form.get("dari", "0")
    base, _ = rule_files.version(reading(), int(number) if number.isascii() and number.isdigit() and len(number) <= 9 else 0)
    text = typed_text(request.form.to_dict(flat=False), "teks")[: LONGEST_TEXT + 1]
    try:
        rule_files.checked(reading(), text)
        if request.form.get("aksi") != "simpan":
            return make_response(_edit_page(base, text, changes=rule_files.difference(base.text, text)))
        with writing() as session:
            version_id = rule_files.save(session, text=text, by=user().person_id, now=clock.now())
    except UnreadableRules as problem:
        return make_response(_edit_page(base, text, problem), 400)
    return redirect(url_for("admin.rule_files.show", version_id=version_id, pesan="aturan"), 303)
