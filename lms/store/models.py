"""Imports every table, so that `Base.metadata` is whole. The only module above the capabilities in this package."""

from lms.content import models as content
from lms.messages import models as messages
from lms.people import models as people
from lms.progress import models as progress
from lms.quizzes import models as quizzes
from lms.recognition import models as recognition
from lms.store import audit
from lms.store.base import Base

__all__ = ["Base", "audit", "content", "messages", "people", "progress", "quizzes", "recognition"]
