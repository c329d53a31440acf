"""Published courses are read back as they were compiled, cheaply, and never mixed up."""

from lms.content import library
from lms.content.types import QuestionKind
from tests.factories.content import BANK, INLINE, publish_course, sample_course


def test_published_course_reads_back_as_compiled(session, tmp_path, now):
    course = sample_course()
    published = publish_course(session, tmp_path, now, course)
    assert (published.number, published.revision, published.published_at) == (1, 1, now)
    assert published.outline == course.outline
    assert {key: library.page(session, published.edition_id, key) for key in course.pages} == course.pages
    versions = library.questions(session, published.edition_id, [*BANK, *INLINE])
    assert {key: version.public for key, version in versions.items()} == {key: q.public for key, q in course.questions.items()}
    keys = library.keys(session, [version.version_id for version in versions.values()])
    assert {name: keys[version.version_id] for name, version in versions.items()} == {
        name: q.key for name, q in course.questions.items()
    }
    assert sorted({version.public.kind for version in versions.values()}) == sorted(QuestionKind)
