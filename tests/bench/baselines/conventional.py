"""Baseline 2: the conventional way. flask-login, an ORM user, five small ORM queries, no CSRF, no security headers."""

import os

from flask import Flask, render_template_string
from flask_login import LoginManager, UserMixin, login_required, login_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.bench.baselines.bare import PAGE, PARAGRAPHS, TEXT


class Base(DeclarativeBase):
    pass


app = Flask(__name__)
app.config.update(SECRET_KEY="benchmark", SQLALCHEMY_DATABASE_URI=f"sqlite:///{os.environ['BENCH_DATABASE']}")
db = SQLAlchemy(app, model_class=Base)
manager = LoginManager(app)


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Course(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]


class Lesson(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    title: Mapped[str]


class Progress(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"))


@manager.user_loader
def load_user(user_id: str) -> User | None:
    return db.session.get(User, int(user_id))


@app.get("/masuk")
def sign_in() -> str:
    login_user(db.session.get(User, 1))
    return "ok"


@app.get("/")
@login_required
def page() -> str:
    course = db.session.get(Course, 1)
    lesson = db.session.get(Lesson, 3)
    lessons = db.session.scalars(select(Lesson).where(Lesson.course_id == course.id).order_by(Lesson.id)).all()
    done = db.session.scalars(select(Progress).where(Progress.user_id == 1).order_by(Progress.id)).all()
    following = db.session.scalars(select(Lesson).where(Lesson.id > lesson.id).order_by(Lesson.id).limit(1)).first()
    title = f"{lesson.title} {len(lessons)} {len(done)} {following.title}"
    return render_template_string(PAGE, title=title, count=PARAGRAPHS, text=TEXT)


def fill() -> None:
    with app.app_context():
        db.create_all()
        db.session.add(User(id=1, name="Andi"))
        db.session.add(Course(id=1, title="Pelayanan Publik"))
        db.session.add_all(Lesson(id=number, course_id=1, title=f"Materi {number}") for number in range(1, 13))
        db.session.flush()
        db.session.add_all(Progress(user_id=1, lesson_id=number) for number in range(1, 7))
        db.session.commit()


if __name__ == "__main__":
    fill()
