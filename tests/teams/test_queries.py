"""The report's numbers: JP of the year, statuses from the one function, groups, order, search, and what it costs."""

import dataclasses
import random
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event, update

from lms.errors import NotAllowed, NotFound
from lms.people.actions import let_leave, move_person
from lms.people.hierarchy import EVERYBODY
from lms.people.models import Membership, NamedSuperior
from lms.people.settings import save_settings
from lms.people.types import EmploymentKind
from lms.progress import queries as progress
from lms.progress import requirement_actions
from lms.progress.actions import set_bookmark
from lms.progress.awards import correct_jp
from lms.progress.jp import jp_meter, ledger
from lms.progress.models import EnrolmentSummary
from lms.progress.types import Audience
from lms.recognition import thanks
from lms.recognition.queries import certificates_of
from lms.store.engine import write_tx
from lms.teams import queries, rules
from lms.teams.comparison import Figures, UnitFigures
from lms.teams.courses import Funnel
from lms.teams.types import DueCourse, Group, MemberCourse, Order, TeamFilter, TeamRow
from tests.factories.learning import learn, publish_reading
from tests.factories.people import make_person, make_unit

TODAY = date(2026, 3, 5)
SHOWN = (TeamRow, MemberCourse, queries.LearningStory, DueCourse, UnitFigures, Figures, Funnel)


@pytest.fixture
def report(session, now):
    def read(head, *, year=2026, page=1, limit=25, at=now, **wanted):
        return queries.team_report(
            session, head.id, TODAY, now=at, year=year, wanted=TeamFilter(**wanted), page=page, limit=limit
        )

    return read


@pytest.fixture
def agency(session, tmp_path, now):
    """A head with Ani (finished today), Budi (stuck), Citra (entered only), Dodi (nothing), and one course of 5 JP."""
    published = publish_reading(session, tmp_path, now, key="arsip", title="Arsip Rapi", jp=5)
    with write_tx(session):
        unit = make_unit(session, name="Bidang Arsip", parent=make_unit(session, name="Dinas Arsip"))
        head = make_person(session, unit=unit, name="Kepala")
        unit.head_id = head.id
        ani, budi, citra, dodi = (make_person(session, unit=unit, name=name) for name in ("Ani", "Budi", "Citra", "Dodi"))
        learn(session, ani.id, published, now, lessons=5)
        learn(session, budi.id, published, now - timedelta(days=20), lessons=2)
        learn(session, citra.id, published, now - timedelta(days=20), lessons=0)
    return SimpleNamespace(published=published, unit=unit, head=head, ani=ani, budi=budi, citra=citra, dodi=dodi)


def names(page) -> list[str]:
    return [row.display_name for row in page.rows]


def test_report_shows_jp_status_and_activity_of_each_member(report, agency, now):
    page = report(agency.head)
    course = agency.published.course_id
    assert page.headed == (queries.TeamUnit(agency.unit.id, "Bidang Arsip", agency.unit.path),)
    assert [(row.display_name, row.jp, row.target, row.unit_name) for row in page.rows] == [
        ("Ani", 5, 20, "Bidang Arsip"),
        ("Budi", 0, 20, "Bidang Arsip"),
        ("Citra", 0, 20, "Bidang Arsip"),
        ("Dodi", 0, 20, "Bidang Arsip"),
    ]
    long_ago = now - timedelta(days=20)
    assert [row.courses for row in page.rows] == [
        (MemberCourse(course, "arsip", "Arsip Rapi", "done", 100, now, now),),
        (MemberCourse(course, "arsip", "Arsip Rapi", "in_progress", 40, long_ago, None),),
        (MemberCourse(course, "arsip", "Arsip Rapi", "not_started", 0, long_ago, None),),
        (),
    ]
    assert (page.counts.people, page.counts.with_target, page.counts.reached, page.counts.jp) == (4, 4, 0, 5)
    assert page.counts.groups == {Group.STUCK: 1, Group.DUE: 0, Group.NOT_BEGUN: 2, Group.FINISHED: 1}
    assert (page.total, page.page, page.page_count, page.counted_at) == (4, 1, 1, now)


@pytest.mark.parametrize(
    ("group", "found"), [(Group.STUCK, ["Budi"]), (Group.NOT_BEGUN, ["Citra", "Dodi"]), (Group.FINISHED, ["Ani"])]
)
def test_report_of_a_group(report, agency, group, found):
    page = report(agency.head, group=group)
    assert (names(page), page.total) == (found, len(found))


def test_reading_without_finishing_a_lesson_is_activity_too(session, report, agency, now):
    with write_tx(session):
        set_bookmark(
            session, person_id=agency.budi.id, course_id=agency.published.course_id, item_key="asas/materi-3", heading="", now=now
        )
    page = report(agency.head)
    assert page.counts.groups[Group.STUCK] == 0
    assert page.rows[1].last_activity_at == now
    assert report(agency.head, group=Group.STUCK).rows == ()


def test_groups_counted_by_the_database_are_those_of_the_rules(session, tmp_path, report, now):
    draw = random.Random(5)
    courses = [publish_reading(session, tmp_path, now, key=key, title=key, jp=3, lessons=3) for key in ("a1", "b2")]
    with write_tx(session):
        unit = make_unit(session)
        head = make_person(session)
        unit.head_id = head.id
        for _ in range(40):
            person = make_person(session, unit=unit, position=draw.choice(("Guru Ahli", "Perawat Ahli", "Guru", "")))
            for published in draw.sample(courses, draw.randrange(3)):
                at = now - timedelta(days=draw.choice((1, 13, 14, 15, 40)), seconds=draw.randrange(3))
                learn(session, person.id, published, at, lessons=draw.randrange(4))
                if draw.random() < 0.3:
                    set_bookmark(session, person_id=person.id, course_id=published.course_id, item_key="x", heading="", now=now)
        for days, words in ((14, "ahli guru"), (15, ""), (-1, "perawat")):
            requirement_actions.require_course(
                session,
                course_id=courses[0].course_id,
                audience=Audience(unit.id, position_words=words),
                due_on=TODAY + timedelta(days=days),
                note="",
                team=EVERYBODY,
                by=head.id,
                now=now - timedelta(days=30),
            )
    for course_id in (None, courses[0].course_id):
        rows = report(head, course_id=course_id, limit=100).rows
        for group in Group:
            expected = [row.person_id for row in rows if group in rules.groups_of(row.courses, now, row.due)]
            page = report(head, course_id=course_id, group=group, limit=100)
            assert [row.person_id for row in page.rows] == expected
            assert page.counts.groups[group] == len(expected) > 0


def test_front_page_names_five_of_each_group_and_who_was_thanked_no_more(session, report, agency, now):
    with write_tx(session):
        requirement_actions.require_course(
            session,
            course_id=agency.published.course_id,
            audience=Audience(agency.unit.id),
            due_on=TODAY + timedelta(days=3),
            note="",
            team=EVERYBODY,
            by=agency.head.id,
            now=now,
        )

    def first():
        page = queries.today(session, agency.head.id, TODAY, now=now, year=2026)
        return {group: [row.display_name for row in rows] for group, rows in page.first.items()}, page.counts.groups

    named, counts = first()
    assert named == {Group.STUCK: ["Budi"], Group.DUE: ["Budi", "Citra", "Dodi"], Group.FINISHED: ["Ani"]}
    assert counts == {group: report(agency.head).counts.groups[group] for group in (Group.STUCK, Group.DUE, Group.FINISHED)}
    with write_tx(session):
        thanks.give(
            session,
            person_id=agency.ani.id,
            given_by=agency.head.id,
            course_id=agency.published.course_id,
            reason="Hebat",
            now=now,
        )
    named, counts = first()
    assert (named[Group.FINISHED], counts[Group.FINISHED]) == ([], 1)


def test_direct_subordinates_are_the_units_own_people_and_heads_one_step_below(session, report, agency):
    with write_tx(session):
        child = make_unit(session, parent=agency.unit)
        child.head_id = make_person(session, unit=child, name="Eka").id
        make_person(session, unit=child, name="Fajar")
    assert names(report(agency.head)) == ["Ani", "Budi", "Citra", "Dodi", "Eka", "Fajar"]
    page = report(agency.head, is_direct=True)
    assert (names(page), page.counts.people) == (["Ani", "Budi", "Citra", "Dodi", "Eka"], 5)


def test_people_named_by_hand_stand_beside_the_subtree_and_alone(session, report, agency, now):
    with write_tx(session):
        alone = make_person(session, name="Tanpa Unit")
        boss = make_person(session, name="Pembina")
        for superior in (agency.head, boss):
            session.add(NamedSuperior(person_id=alone.id, superior_id=superior.id, from_on=TODAY, to_on=None))
    assert names(report(agency.head)) == ["Ani", "Budi", "Citra", "Dodi", "Tanpa Unit"]
    page = report(boss)
    assert (names(page), page.headed, page.counts.people) == (["Tanpa Unit"], (), 1)
    assert queries.today(session, boss.id, TODAY, now=now, year=2026).counts.people == 1
    assert queries.learning_story(session, boss.id, alone.id, TODAY, now=now).display_name == "Tanpa Unit"


def test_every_percent_is_the_status_functions(session, report, agency):
    for row in report(agency.head).rows:
        for course in row.courses:
            enrolment = progress.enrolment(session, row.person_id, course.course_id)
            status = progress.status_of(session, enrolment)
            assert (course.state, course.percent) == (status.state, status.percent)


def test_target_goes_by_kind_of_employment_and_partners_have_none(session, tmp_path, report, now):
    published = publish_reading(session, tmp_path, now, key="arsip", jp=5)
    with write_tx(session):
        save_settings(session, jp_target_pns=20, jp_target_pppk=5)
        unit = make_unit(session)
        head = make_person(session)
        unit.head_id = head.id
        for name, kind in (("A", EmploymentKind.PNS), ("B", EmploymentKind.PPPK), ("C", EmploymentKind.OTHER)):
            learn(session, make_person(session, unit=unit, name=name, employment_kind=kind).id, published, now, lessons=5)
    page = report(head)
    assert [(row.display_name, row.jp, row.target, row.jp_left) for row in page.rows] == [
        ("A", 5, 20, 15),
        ("B", 5, 5, 0),
        ("C", 5, 0, 0),
    ]
    assert (page.counts.people, page.counts.with_target, page.counts.reached, page.counts.jp) == (3, 2, 1, 15)


def test_jp_are_those_of_the_year_in_the_members_own_zone_and_of_the_last_correction(session, tmp_path, report, agency, now):
    new_year = now.replace(month=1, day=1, hour=0) - timedelta(hours=1, minutes=30)  # 31 December 22.30 UTC
    with write_tx(session):
        unit = make_unit(session, parent=agency.unit, time_zone="Asia/Makassar")
        eka = make_person(session, unit=unit, name="Eka")
        west = make_person(session, unit=make_unit(session, parent=agency.unit, time_zone="Asia/Jakarta"), name="Fajar")
        for person in (eka, west):
            learn(session, person.id, agency.published, new_year.replace(hour=16), lessons=5)
    assert {row.display_name: row.jp for row in report(agency.head).rows[-2:]} == {"Eka": 5, "Fajar": 0}
    assert {row.display_name: row.jp for row in report(agency.head, year=2025).rows[-2:]} == {"Eka": 0, "Fajar": 5}
    with write_tx(session):
        entry = ledger(session, eka.id)[0]
        correct_jp(session, entry_id=entry.id, jp=3, reason="Salah hitung", author_id=None, now=now)
    page = report(agency.head)
    assert {row.display_name: row.jp for row in page.rows} == {"Ani": 5, "Budi": 0, "Citra": 0, "Dodi": 0, "Eka": 3, "Fajar": 0}
    assert page.counts.jp == 8
    for row in page.rows:
        assert row.jp == jp_meter(session, row.person_id, 2026, row.employment_kind).earned


def test_order_by_fewest_jp_puts_those_who_need_most_first(report, agency):
    assert names(report(agency.head, order=Order.FEWEST_JP)) == ["Budi", "Citra", "Dodi", "Ani"]
    assert names(report(agency.head, order=Order.FEWEST_JP, limit=2, page=2)) == ["Dodi", "Ani"]


def test_a_course_alone_and_a_course_that_is_not_offered(session, tmp_path, report, agency, now):
    other = publish_reading(session, tmp_path, now, key="etika", title="Etika", jp=1, lessons=1)
    with write_tx(session):
        learn(session, agency.dodi.id, other, now, lessons=1)
    page = report(agency.head, course_id=other.course_id)
    assert [[course.title for course in row.courses] for row in page.rows] == [[], [], [], ["Etika"]]
    assert page.counts.groups == {Group.STUCK: 0, Group.DUE: 0, Group.NOT_BEGUN: 3, Group.FINISHED: 1}
    assert [course.title for course in page.courses] == ["Arsip Rapi", "Etika"]
    with pytest.raises(NotFound):
        report(agency.head, course_id=999_999)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("an", ["Ani"]),
        ("ANI", ["Ani"]),
        ("  i   d ", ["Budi", "Dodi"]),
        ("%", []),
        ("_ni", []),
        ("/", []),
        ("'; drop table person; --", []),
        ("\ud800", ["Ani", "Budi", "Citra", "Dodi"]),
        ("\x00", ["Ani", "Budi", "Citra", "Dodi"]),
        ("x" * 5000, []),
    ],
)
def test_search_by_name_takes_any_input(report, agency, query, found):
    page = report(agency.head, query=query)
    assert (names(page), page.total) == (found, len(found))


def test_search_within_a_group_counts_the_matches(report, agency):
    assert [(names(page), page.total) for page in (report(agency.head, query="d", group=Group.NOT_BEGUN),)] == [(["Dodi"], 1)]


def test_page_numbers_outside_lead_to_the_nearest_page(report, agency):
    assert [(names(page), page.page) for page in (report(agency.head, limit=3, page=page) for page in (-5, 1, 2, 10**9))] == [
        (["Ani", "Budi", "Citra"], 1),
        (["Ani", "Budi", "Citra"], 1),
        (["Dodi"], 2),
        (["Dodi"], 2),
    ]


def test_transfer_and_leave_take_people_out_at_once(session, report, agency, now):
    with write_tx(session):
        elsewhere = make_unit(session)
        move_person(session, person_id=agency.ani.id, unit_id=elsewhere.id, on=TODAY, now=now)
        let_leave(session, person_id=agency.budi.id, on=TODAY, now=now)
    page = report(agency.head)
    assert (names(page), page.counts.people, page.counts.jp) == (["Citra", "Dodi"], 2, 0)
    for gone in (agency.ani, agency.budi):
        with pytest.raises(NotFound):
            queries.learning_story(session, agency.head.id, gone.id, TODAY, now=now)


def test_units_to_choose_go_down_step_by_step(session, report, agency):
    with write_tx(session):
        child = make_unit(session, parent=agency.unit, name="Seksi A")
        grandchild = make_unit(session, parent=child, name="Subseksi")
        make_person(session, unit=grandchild, name="Gita")
    page = report(agency.head)
    assert (page.unit, [unit.name for unit in page.units], page.counts.people) == (None, ["Seksi A"], 5)
    page = report(agency.head, unit_id=child.id)
    assert (page.unit.name, [unit.name for unit in page.units], names(page)) == ("Seksi A", ["Subseksi"], ["Gita"])
    for outside in (agency.unit.parent_id, 999_999):
        with pytest.raises(NotFound):
            report(agency.head, unit_id=outside)


def test_somebody_who_heads_nothing_is_refused(report, agency):
    with pytest.raises(NotAllowed):
        report(agency.ani)


def test_counts_of_a_large_unit_are_kept_for_a_minute_and_rows_never(session, report, agency, now, monkeypatch):
    tick = [1000.0]
    monkeypatch.setattr(queries, "time", SimpleNamespace(monotonic=lambda: tick[0]))
    monkeypatch.setattr(queries, "COUNTS_KEPT_ABOVE", 3)
    assert report(agency.head).counts.people == 4
    with write_tx(session):
        session.execute(
            update(Membership)
            .where(Membership.person_id == agency.ani.id)
            .values(to_on=TODAY)
            .execution_options(synchronize_session=False)
        )
    tick[0] += 59
    page = report(agency.head, at=now + timedelta(seconds=59))
    assert (page.counts.people, page.counted_at, names(page)) == (4, now, ["Budi", "Citra", "Dodi"])
    assert report(agency.head, group=Group.FINISHED, at=now + timedelta(seconds=59)).total == 0
    tick[0] += 2
    page = report(agency.head, at=now + timedelta(seconds=61))
    assert (page.counts.people, page.counted_at) == (3, now + timedelta(seconds=61))


def test_story_tells_courses_jp_and_certificates_of_one_person(session, agency, now):
    story = queries.learning_story(session, agency.head.id, agency.ani.id, TODAY, now=now)
    assert (story.display_name, story.unit_name, story.time_zone) == ("Ani", "Bidang Arsip", "Asia/Makassar")
    assert (story.meter.year, story.meter.earned, story.meter.target, story.meter.left) == (2026, 5, 20, 15)
    assert [(course.title, course.percent, course.completed_at) for course in story.courses] == [("Arsip Rapi", 100, now)]
    assert [(entry.title, entry.jp, entry.year) for entry in story.entries] == [("Arsip Rapi", 5, 2026)]
    assert list(story.certificates) == certificates_of(session, agency.ani.id)
    assert len(story.certificates) == 1


def test_nothing_in_the_rows_tells_answers_scores_or_nip():
    """Field by field (R5, R86): a new field must be weighed here."""
    shown = {kind: {field.name for field in dataclasses.fields(kind)} for kind in SHOWN}
    assert shown == {
        TeamRow: {"person_id", "display_name", "employment_kind", "position", "unit_name", "jp", "target", "courses", "due", "thanked"},
        MemberCourse: {"course_id", "course_key", "title", "state", "percent", "last_activity_at", "completed_at"},
        queries.LearningStory: {
            "person_id", "display_name", "employment_kind", "position", "unit_name", "time_zone", "meter", "courses", "entries",
            "certificates", "due", "thanked", "offered",
        },
        DueCourse: {"requirement_id", "course_id", "title", "due_on", "due_at", "time_zone"},
        UnitFigures: {"unit_id", "name", "figures"},
        Figures: {"people", "share", "median"},
        Funnel: {"title", "people", "steps", "learning", "stops"},
    }  # fmt: skip


@pytest.mark.parametrize("wanted", [{}, {"group": Group.STUCK}, {"query": "pegawai"}, {"order": Order.FEWEST_JP}])
def test_one_person_costs_as_many_selects_as_thirty(session, engine, tmp_path, report, now, wanted, monkeypatch):
    published = publish_reading(session, tmp_path, now, key="arsip", jp=5)
    heads = []
    with write_tx(session):
        for size in (1, 30):
            unit = make_unit(session)
            heads.append(make_person(session))
            unit.head_id = heads[-1].id
            for _ in range(size):
                learn(session, make_person(session, unit=unit).id, published, now - timedelta(days=20), lessons=2)
    few_under, many_under = (SimpleNamespace(id=head.id) for head in heads)
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda connection, cursor, sql, *rest: seen.append(sql))

    def selects(head) -> int:
        session.rollback()
        seen.clear()
        assert report(head, **wanted).total in (1, 30)
        return sum(sql.startswith(("SELECT", "WITH")) for sql in seen)

    few, many = selects(few_under), selects(many_under)
    assert few == many == (12 if "query" in wanted else 11)
    monkeypatch.setattr(queries, "READ_BY_NAME_ABOVE", 5)
    assert selects(many_under) == many


def test_large_units_are_read_in_the_same_order(session, report, agency, monkeypatch):
    pages = [report(agency.head, limit=2, page=page) for page in (1, 2)]
    monkeypatch.setattr(queries, "READ_BY_NAME_ABOVE", 0)
    assert [report(agency.head, limit=2, page=page).rows for page in (1, 2)] == [page.rows for page in pages]


def test_summaries_without_facts_do_not_break_the_page(session, report, agency):
    """A half-imported enrolment has no summary: the person is listed without the course."""
    with write_tx(session):
        row = progress.enrolment(session, agency.citra.id, agency.published.course_id)
        session.delete(session.get_one(EnrolmentSummary, row.id))
    assert [row.courses for row in report(agency.head).rows[2:]] == [(), ()]
