"""The Flask extensions, made once, bound to an app in app.py."""

from contextlib import AbstractContextManager

from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session

from lms.store.base import Base
from lms.store.engine import write_tx

# Models subclass lms.store.base.Base, never db.Model; db is only session and engine.
db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
csrf = CSRFProtect()
login = LoginManager()


def reading() -> Session:
    """The request's session, for queries. It cannot write."""
    return db.session()


def writing() -> AbstractContextManager[Session]:
    """The one write transaction of a request; commits at its end."""
    return write_tx(db.session())
