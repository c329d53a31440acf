"""What can go wrong, in the words of the domain. No HTTP here: lms/web/errors.py maps each kind to a status and a page.

Every message is a finished Indonesian sentence for the person: what happened, what was kept, what to do next.
"""


class LmsError(Exception):
    """Base of all expected failures. `str(error)` is shown to the person."""


class NotFound(LmsError):
    """The object does not exist, or is not this person's: both look the same (law 8)."""


class NotAllowed(LmsError):
    """The person may not enter here."""


class Invalid(LmsError):
    """The input cannot be taken. `field` names the form field, when there is one."""

    def __init__(self, message: str, field: str | None = None):
        super().__init__(message)
        self.field = field


class Conflict(LmsError):
    """The state has moved on: an attempt is closed, tries are used up, a pause is running."""


class Busy(LmsError):
    """The database could not be written within the waiting time; nothing was saved, trying again is safe."""


class TooManyTries(LmsError):
    """Slowed down. `retry_after` is in whole seconds."""

    def __init__(self, message: str, retry_after: int):
        super().__init__(message)
        self.retry_after = retry_after


class Refused(LmsError):
    """Start-up or a command cannot go on; the sentence names the missing thing."""
