"""Certificates as anyone and as their owner may see them, on both databases."""

import dataclasses

import pytest
from sqlalchemy import text

from lms.errors import NotFound
from lms.progress.types import Difference
from lms.recognition import queries
from lms.recognition.actions import settle
from lms.recognition.types import CertificateState, PublicCertificate
from lms.store.engine import write_tx
from tests.factories.content import publish_sample
from tests.factories.people import make_person
from tests.factories.progress import finish_sample


@pytest.fixture
def person(session):
    with write_tx(session):
        return make_person(session, name="Siti Rahma", nip="198609262015052001", birth_date=None)


@pytest.fixture
def code(session, tmp_path, person, now):
    published = publish_sample(session, tmp_path, now)
    with write_tx(session):
        return settle(session, enrolment_id=finish_sample(session, person, published, now), now=now)


def test_public_page_masks_the_nip_and_leaves_out_score_and_birth_date(session, person, code):
    public = queries.certificate_by_code(session, code)
    assert public.masked_nip == "•••••••• 201505 • 001"
    shown = " ".join(str(value) for value in dataclasses.astuple(public))
    for secret in (person.nip, "19860926", "84,5", "8450", "Memuaskan"):
        assert secret not in shown
    assert {field.name for field in dataclasses.fields(PublicCertificate)}.isdisjoint({"score", "predicate", "nip", "birth_date"})


@pytest.mark.parametrize(
    "form", [str, str.lower, lambda code: "-".join(code[start : start + 4] for start in (0, 4, 8, 12)), "  {}  ".format]
)
def test_code_is_found_as_people_type_it(session, code, form):
    assert queries.certificate_by_code(session, form(code)).state is CertificateState.VALID


@pytest.mark.parametrize(
    "form", [lambda code: code[:-1], lambda code: code + "0", lambda code: "", lambda code: "\x00" * 16, lambda code: "%" * 16]
)
def test_unknown_code_is_none(session, code, form):
    assert queries.certificate_by_code(session, form(code)) is None


def test_flipping_any_character_finds_nothing(session, code):
    for place in range(16):
        other = "0" if code[place] != "0" else "2"
        assert queries.certificate_by_code(session, code[:place] + other + code[place + 1 :]) is None


def test_snapshot_is_for_its_owner_only(session, person, code):
    assert queries.snapshot_for(session, person.id, code).name == "Siti Rahma"
    with write_tx(session):
        other = make_person(session)
    for person_id, text_ in ((other.id, code), (person.id, "0" * 16), (person.id, "x")):
        with pytest.raises(NotFound, match="tidak ditemukan"):
            queries.snapshot_for(session, person_id, text_)
    assert queries.certificates_of(session, other.id) == []


def test_verify_finds_gaps_and_missing_awards(session, code):
    assert queries.verify(session) == []
    with write_tx(session):
        session.execute(text("UPDATE certificate_counter SET last = 3"))
        session.execute(text("INSERT INTO certificate_counter (year, last) VALUES (2025, 1)"))
    assert queries.verify(session) == [
        Difference("certificates:2025", "sequence", "0 issued, highest 0", "1 counted"),
        Difference("certificates:2026", "sequence", "1 issued, highest 1", "3 counted"),
    ]
