"""What is published, by whom and when, and how to publish the next edition."""

from flask import Blueprint, render_template

from lms.content import library
from lms.teams import queries as teams
from lms.web import language
from lms.web.extensions import reading
from lms.web.identity import user

bp = Blueprint("courses", __name__)
