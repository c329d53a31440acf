"""The agency of the browser tests: people of every role, the sample course with all eight kinds of question, the two shipped
courses, and one person for every state a page can be in. Written with the product's own actions, at the real time."""

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from config import ROOT
from lms.content import library
from lms.content.compile import compile_course
from lms.content.library import Published
from lms.content.parse import load_course
from lms.content.types import FeedbackPolicy, Item, ItemKind
from lms.people.models import Person, Unit
from lms.people.settings import save_settings
from lms.people.types import Role
from lms.progress import actions as progress
from lms.quizzes import actions as quizzes
from lms.quizzes import queries as quiz_queries
from lms.quizzes.grading import grade
from lms.quizzes.models import Attempt
from lms.quizzes.types import AttemptQuestionView
from lms.recognition import actions as recognition
from lms.recognition import queries as certificates
from lms.recognition import rules
from lms.store.engine import make_engine, sqlite_url, write_tx
from lms.store.migrate import upgrade
from tests.factories.answers import attempt_forms
from tests.factories.content import BANK, LESSONS, change_item, publish_course, quiz_rules, sample_course
from tests.factories.people import PASSWORD, make_person, make_unit
from tests.factories.progress import finish_sample, take_pretest
from tests.factories.quizzes import fill_in, hand_in

SHIPPED = ("pelayanan-publik-ramah", "anggaran-transparan-akuntabel")
LONG_NAME = "Dr. H. Andi Muhammad Fajaruddin Syahputra Daeng Mattola, S.Sos., M.Si."
KINDS_COURSE = "semua-jenis-soal"
TIMED_QUIZ = "asas/kuis-berwaktu"


@dataclass(frozen=True)
class Someone:
    """A person who can sign in."""

    person_id: int
    identifier: str
    name: str
    password: str = PASSWORD


class Agency:
    """The database behind a server: reads and writes beside it, as `lms` commands do."""

    def __init__(self, data_dir: Path):
        self.data_dir = data_dir
        self.engine: Engine = make_engine(sqlite_url(data_dir))
        upgrade(self.engine)
        self.people: dict[str, Someone] = {}
        self.places: dict[str, str] = {}
        """Addresses that only the database knows: attempts, certificates, codes."""
        self._count = 0
        self._fill()

    def session(self) -> Session:
        return Session(self.engine, expire_on_commit=False)

    def close(self) -> None:
        self.engine.dispose()

    def newcomer(self, name: str = "Siti Rahma", roles: tuple[Role, ...] = ()) -> Someone:
        """Somebody nobody else's test touches."""
        with self.session() as session, write_tx(session):
            return self._person(session, session.get_one(Unit, self._unit_id), name, roles=roles)

    def _person(self, session: Session, unit: Unit, name: str, **over: object) -> Someone:
        self._count += 1
        nip = f"19860926201505{1 + self._count % 2}{self._count:03d}"
        person = make_person(session, unit=unit, name=name, nip=nip, password=PASSWORD, **over)
        return Someone(person.id, nip, name)

    def _fill(self) -> None:
        with self.session() as session:
            now = datetime.now(UTC)
            self._publish(session, now - timedelta(days=60))
            with write_tx(session):
                save_settings(
                    session, agency_name="Pemerintah Kota Tanjung Lentera", agency_place="Tanjung Lentera",
                    signatory_name="Drs. H. Muhammad Basri Hasanuddin Daeng Mappuna, M.M., CGCAE.", signatory_nip="197001011995031002",
                    signatory_position="Kepala Badan Kepegawaian dan Pengembangan Sumber Daya Manusia",
                )  # fmt: skip
                unit = make_unit(
                    session, name="Dinas Kependudukan dan Pencatatan Sipil Kota Tanjung Lentera", time_zone="Asia/Makassar"
                )
                self._unit_id = unit.id
                self._make_people(session, unit)
            self._make_states(session, now)

    def _publish(self, session: Session, at: datetime) -> None:
        self.sample = publish_course(session, self.data_dir, at, _course())
        self.kinds = publish_course(session, self.data_dir, at, _course_of_kinds())
        self.shipped = [
            publish_course(session, self.data_dir, at, compile_course(load_course(ROOT / "courses" / key))) for key in SHIPPED
        ]

    def _make_people(self, session: Session, unit: Unit) -> None:
        names: dict[str, tuple[str, tuple[Role, ...]]] = {
            "new": ("Andi Rahmawati", ()),
            "author": ("Yusuf Tandi Rerung", (Role.AUTHOR,)),
            "admin": ("Maria Goreti Pangaribuan", (Role.ADMIN,)),
            "head": ("Hj. Sitti Nurhaliza", ()),
            "running": (LONG_NAME, ()),
            "trying": ("Baharuddin", ()),
            "failed": ("Fransiskus Xaverius Tukan", ()),
            "used-up": ("Ni Made Ayu Lestari", ()),
            "timed": ("Rizky Ramadhan", ()),
            "skipping": ("Lalu Zulkifli", ()),
            "finished": (LONG_NAME, ()),
        }
        for key, (name, roles) in names.items():
            self.people[key] = self._person(session, unit, name, roles=roles)
        self.places["member"] = f"/tim/pegawai/{self.people['running'].person_id}"
        self.places["unopened"] = f"/tim/pegawai/{self.people['trying'].person_id}"
        unit.head_id = self.people["head"].person_id
        school = make_unit(session, name="SMP Negeri 2 Tanjung Lentera")
        for name in (LONG_NAME, "Wahidah"):
            make_person(session, unit=school, name=name, position="Guru Ahli Pertama")

    def _make_states(self, session: Session, now: datetime) -> None:
        self._make_running(session, now)
        self._make_tries(session, now)
        self._make_finished(session, now)

    def _make_running(self, session: Session, now: datetime) -> None:
        """Half of the sample course, a shipped one begun, and an open attempt of every kind of question, half answered."""
        who = self.people["running"].person_id
        with write_tx(session):
            for published in (self.sample, self.kinds, self.shipped[0]):
                progress.enrol(session, person_id=who, published=published, now=now - timedelta(days=3))
            progress.mark_done(session, person_id=who, published=self.sample, lesson_key=LESSONS[0], now=now)
            first = _lessons(self.shipped[0])[0]
            progress.mark_done(session, person_id=who, published=self.shipped[0], lesson_key=first.key, now=now)
        token = self._begin(session, "running", self.kinds, "asas/kuis", now)
        fields = quiz_queries.attempt_view(session, who, token).questions
        with write_tx(session):
            quizzes.save_answer(
                session, person_id=who, token=token, position=1, answer={"choice": 0}, sequence=fields[0].sequence + 1, now=now
            )
        self.places["open"] = f"/percobaan/{token}"

    def _make_tries(self, session: Session, now: datetime) -> None:
        token = self._take(session, "failed", self.sample, "asas/kuis", now, right=1)
        self.places["failed"] = f"/percobaan/{token}/hasil"
        for _ in range(3):
            token = self._take(session, "used-up", self.sample, "asas/kuis", now, right=1)
        self.places["used-up"] = f"/percobaan/{token}/hasil"
        token = self._take(session, "trying", self.kinds, "asas/kuis", now, right=8)
        self.places["passed"] = f"/percobaan/{token}/hasil"
        token = self._begin(session, "timed", self.sample, TIMED_QUIZ, now)
        self.places["timed"] = f"/percobaan/{token}/soal/1"
        token = self._begin(session, "timed", self.kinds, TIMED_QUIZ, now - timedelta(hours=3))
        self.places["expired"] = f"/percobaan/{token}/hasil"
        token = self._take(session, "skipping", self.sample, "pretest", now, right=4)
        self.places["pretest"] = f"/percobaan/{token}/hasil"

    def _make_finished(self, session: Session, now: datetime) -> None:
        who = self.people["finished"].person_id
        person = session.get_one(Person, who)
        with write_tx(session):
            enrolment = finish_sample(session, person, self.sample, now - timedelta(days=20))
            take_pretest(session, person, self.sample, now - timedelta(days=25))
            recognition.settle(session, enrolment_id=enrolment, now=now - timedelta(days=20))
        code = certificates.code_for(session, enrolment)
        assert code is not None
        self.places["certificate"] = f"/verifikasi/{rules.grouped_code(code)}"
        for state in ("replaced", "revoked"):
            with write_tx(session):
                someone = self._person(session, session.get_one(Unit, self._unit_id), f"Pegawai {state}")
                person = session.get_one(Person, someone.person_id)
                enrolment = finish_sample(session, person, self.sample, now - timedelta(days=20))
                code = recognition.settle(session, enrolment_id=enrolment, now=now - timedelta(days=20))
                assert code is not None
                if state == "replaced":
                    recognition.issue_correction(session, code=code, by=None, reason="Nama salah ketik", now=now)
                else:
                    recognition.revoke(session, code=code, by=None, reason="Diterbitkan untuk orang yang keliru.", now=now)
            self.places[state] = f"/verifikasi/{rules.grouped_code(code)}"

    def _begin(self, session: Session, who: str, published: Published, quiz: str, now: datetime) -> str:
        person_id = self.people[who].person_id
        with write_tx(session):
            progress.enrol(session, person_id=person_id, published=published, now=now)
            return progress.start_quiz(session, person_id=person_id, published=published, quiz_key=quiz, now=now)

    def _take(self, session: Session, who: str, published: Published, quiz: str, now: datetime, right: int) -> str:
        token = self._begin(session, who, published, quiz, now)
        fill_in(session, self.people[who].person_id, token, now, right)
        hand_in(session, self.people[who].person_id, token, now)
        return token

    def begin(self, who: Someone, published: Published, quiz: str) -> str:
        """Enrol somebody and open an attempt; returns its address."""
        with self.session() as session, write_tx(session):
            now = datetime.now(UTC)
            progress.enrol(session, person_id=who.person_id, published=published, now=now)
            return (
                f"/percobaan/{progress.start_quiz(session, person_id=who.person_id, published=published, quiz_key=quiz, now=now)}"
            )

    def question(self, who: Someone, attempt: str, position: int) -> AttemptQuestionView:
        with self.session() as session:
            return quiz_queries.attempt_view(session, who.person_id, attempt.split("/")[2]).questions[position - 1]

    def is_right(self, who: Someone, attempt: str, position: int) -> bool:
        """Whether the stored answer earns all points."""
        here = self.question(who, attempt, position)
        with self.session() as session:
            key = library.keys(session, [here.version_id])[here.version_id]
        return grade(here.public, key, here.answer).is_correct

    def answers(self, who: Someone, attempt: str) -> list[dict[str, object]]:
        """What the database holds for each question of an attempt, empty where nothing is stored."""
        with self.session() as session:
            return [each.answer for each in quiz_queries.attempt_view(session, who.person_id, attempt.split("/")[2]).questions]

    def tries(self, who: Someone, published: Published, quiz: str) -> int:
        """How many attempts there are, open ones included."""
        with self.session() as session:
            wanted = (Attempt.person_id == who.person_id, Attempt.course_id == published.course_id, Attempt.quiz_key == quiz)
            return session.scalar(select(func.count()).select_from(Attempt).where(*wanted)) or 0

    def forms(self, who: Someone, token: str, right: bool = True) -> list[tuple[int, dict[str, str | list[str]]]]:
        """(position, fields) of an attempt, as somebody fills them in who knows the answers, or none of them."""
        with self.session() as session:
            return [(question.position, fields) for question, fields in attempt_forms(session, who.person_id, token, right)]

    def published(self, course_key: str) -> Published:
        with self.session() as session:
            return library.current(session, course_key)


def _lessons(published: Published) -> list[Item]:
    return [item for item in published.outline.items if item.kind is ItemKind.LESSON]


def _course():
    """The sample course with a timed practice quiz, so that there is a clock on a page."""
    return _with_timed_quiz(sample_course(audience="Semua ASN", authors=("Yusuf Tandi Rerung",)))


def _course_of_kinds():
    """A course whose quiz asks one question of each of the eight kinds, in the order of the bank."""
    course = sample_course(key=KINDS_COURSE, title="Semua Jenis Soal dalam Satu Pelatihan yang Judulnya Panjang Sekali")
    rules_of_all = quiz_rules(*BANK, tries=0, shuffle_questions=False)
    return _with_timed_quiz(change_item(course, "asas/kuis", quiz=rules_of_all))


def _with_timed_quiz(course):
    timed = Item(
        TIMED_QUIZ, ItemKind.PRACTICE, "Latihan Berwaktu", 10, "asas",
        quiz=quiz_rules(*BANK[:2], pass_mark=0, tries=0, time_limit_seconds=1800, feedback=FeedbackPolicy.AT_ONCE), required=False,
    )  # fmt: skip
    items = (*course.outline.items[:4], timed, *course.outline.items[4:])
    return dataclasses.replace(course, outline=dataclasses.replace(course.outline, items=items))
