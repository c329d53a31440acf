"""The last step of a page: links to final addresses, pictures, players, attachments, CSV tables. Works on nh3's own output.

The patterns below match only what nh3 writes (double-quoted, escaped attributes), in linear time.
"""

import html
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from lms.content.links import AUDIO, DOCUMENTS, IMAGES, VIDEO, VIDEO_HOSTS, Target, resolve
from lms.content.media import MediaRefused, read_media
from lms.content.nodes import CourseNode, FileNode
from lms.content.problems import Reporter
from lms.content.tables import TABLE_LINK, Table, read_table, table_html
from lms.content.types import Attachment, MediaFile

_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_ALONE = re.compile(r"<p><a ([^>]*)>((?:(?!</?a[ >]|</?p>)[\s\S])*)</a></p>")
_PICTURE_ALONE = re.compile(r"<p>(<img [^>]*>)</p>")
_PICTURE = re.compile(r"<img ([^>]*)>")
_ANCHOR = re.compile(r"<a ([^>]*)>((?:(?!</a>)[\s\S])*)</a>")
_PREFIX = re.compile(r"^\s*(?:▶\s*)?(?:Unduh|Download|Video|Audio|Tabel|Table)\s*:\s*", re.IGNORECASE)
_KINDS = {".docx": "Word", ".doc": "Word", ".xlsx": "Excel", ".xls": "Excel", ".pptx": "PowerPoint", ".ppt": "PowerPoint"}


class MediaStore:
    """Media of one course by path; each file is read once. Problems go to the reporter of the page that asked first."""

    def __init__(self, course: CourseNode, cache: dict[tuple[str, int, int], MediaFile] | None = None):
        self.course = course
        self.cache = {} if cache is None else cache
        """By path, time and size of the file: a preview reads a picture again only when it changed."""
        self.files: dict[str, MediaFile | None] = {}

    def get(self, path: str, reporter: Reporter, line: int) -> MediaFile | None:
        if path not in self.files:
            root = Path(self.course.root)
            try:
                if not (root / path).resolve().is_relative_to(root.resolve()):
                    raise FileNotFoundError(path)  # `..` or a link out of the folder: not the author's to publish
                found = (root / path).stat()
                key = (str(root / path), found.st_mtime_ns, found.st_size)
                if key not in self.cache:
                    self.cache[key] = read_media(root, path)
                self.files[path] = self.cache[key]
            except MediaRefused as error:
                self.files[path] = None
                reporter.add("K106", line, path=path, reason=str(error), advice="simpan ulang sebagai png, jpg atau pdf")
            except OSError:
                self.files[path] = None
                reporter.add("K100", line, path=path, advice="periksa nama dan letak berkasnya", fixable=False)
        return self.files[path]

    def all(self) -> tuple[MediaFile, ...]:
        """Every file that some page uses, each content and name once, by address."""
        found = {media.url: media for media in self.files.values() if media is not None}
        return tuple(found[url] for url in sorted(found))


class Dresser:
    """Finishes the HTML of one file. `attachments` and `used` grow as it works."""

    def __init__(
        self, course: CourseNode, node: FileNode, store: MediaStore, reporter: Reporter, transcript: Callable[[str], str]
    ):
        self.course, self.node, self.store, self.reporter = course, node, store, reporter
        self.transcript = transcript
        self.attachments: list[Attachment] = []
        self.used: dict[str, MediaFile] = {}

    def dress(self, text: str) -> str:
        """`text` is one sanitised fragment of the file."""
        if "<a " in text:
            text = _ALONE.sub(self._alone, text)
            text = _ANCHOR.sub(self._link, text)
        if "<img " in text:
            text = _PICTURE_ALONE.sub(self._figure, text)
            text = _PICTURE.sub(lambda match: self._picture(match[0]), text)
        return text.replace("<img data-selesai ", "<img ")

    def _alone(self, match: re.Match[str]) -> str:
        """A link that is a paragraph of its own may be a player or a table."""
        target = resolve(self.course, self.node, _attributes(match[1]).get("href", ""))
        suffix = PurePosixPath(target.path).suffix.casefold() if target.kind == "file" else ""
        if suffix in VIDEO or suffix in AUDIO:
            return self._player(target.path, suffix, match[2])
        if suffix == ".csv" and TABLE_LINK.match(_plain(match[2])):
            return self._table(target.path, match[2])
        return match[0]

    def _link(self, match: re.Match[str]) -> str:
        attributes, inner = _attributes(match[1]), match[2]
        href = attributes.get("href", "")
        if "rel" not in attributes:  # ours already: players and tables
            return match[0]
        title = f' title="{_escape(attributes["title"])}"' if attributes.get("title") else ""
        if not href:
            return inner
        if href.startswith("#fn"):
            return f'<a href="{_escape(href)}"{title}>{inner}</a>'
        target = resolve(self.course, self.node, href)
        if target.kind == "external":
            return _external(target, inner, title)
        if target.kind in ("anchor", "page", "folder", "contact"):
            return f'<a href="{_escape(target.address)}"{title}>{inner}</a>'
        if target.kind == "file":
            return self._attachment(target.path, inner, title)
        return inner  # nothing to open: the words stay

    def _attachment(self, path: str, inner: str, title: str) -> str:
        media = self._media(path)
        if media is None:
            return inner
        name = _PREFIX.sub("", _plain(inner)) or media.name
        suffix = PurePosixPath(media.name).suffix
        if suffix in DOCUMENTS and all(media.url != attachment.url for attachment in self.attachments):
            self.attachments.append(Attachment(name, media.url, len(media.content)))
        kind = _KINDS.get(suffix, suffix[1:].upper())
        download = " download" if suffix not in IMAGES and suffix != ".pdf" else ""
        label = (
            readable_size(len(media.content))
            if kind.casefold() in _plain(inner).casefold()
            else f"{kind}, {readable_size(len(media.content))}"
        )
        note = f' <span class="ukuran">({label})</span>'
        return f'<a href="{_escape(media.url)}" class="unduh"{download}{title}>{inner}{note}</a>'

    def _media(self, path: str) -> MediaFile | None:
        media = self.store.get(path, self.reporter, self._line_of(path))
        if media is not None:
            self.used[media.url] = media
        return media

    def _line_of(self, path: str) -> int:
        name = PurePosixPath(path).name
        return next((number for number, line in enumerate(self.node.source.lines, start=1) if name in line), 1)

    def _player(self, path: str, suffix: str, inner: str) -> str:
        media = self._media(path)
        if media is None:
            return f"<p>{inner}</p>"
        stem = path[: -len(suffix)]
        tag = "video" if suffix in VIDEO else "audio"
        tracks = ""
        for language, name in (("id", "Bahasa Indonesia"), ("en", "English")):
            if f"{stem}.{language}.vtt" in self.course.known_paths and (track := self._media(f"{stem}.{language}.vtt")):
                default = " default" if not tracks else ""
                tracks += f'<track kind="captions" src="{_escape(track.url)}" srclang="{language}" label="{name}"{default}>'
        caption = re.sub(r"^\s*▶\s*", "", inner)
        size = readable_size(len(media.content))
        player = f'<{tag} controls preload="none"><source src="{_escape(media.url)}" type="{media.mime}">{tracks}</{tag}>'
        words = self.transcript(f"{stem}.md") if f"{stem}.md" in self.course.known_paths else ""
        words = f"<details><summary>Transkrip</summary>{words}</details>" if words else ""
        return f'<figure class="video">{player}<figcaption>{caption} <span class="ukuran">({size})</span></figcaption></figure>{words}'

    def _table(self, path: str, inner: str) -> str:
        try:
            table = read_table((Path(self.course.root) / path).read_bytes())
        except OSError:
            table = Table([])
        return table_html(table, _PREFIX.sub("", _plain(inner))) if table.rows else f"<p>{inner}</p>"

    def _figure(self, match: re.Match[str]) -> str:
        title = _attributes(match[1]).get("title", "")
        picture = self._picture(match[1])
        if not title or not picture.startswith("<img"):
            return f"<p>{picture}</p>"
        return f"<figure>{picture}<figcaption>{html.escape(title, quote=False)}</figcaption></figure>"

    def _picture(self, tag: str) -> str:
        if tag.startswith("<img data-selesai "):
            return tag
        attributes = _attributes(tag)
        alt, title = attributes.get("alt", ""), attributes.get("title", "")
        target = resolve(self.course, self.node, attributes.get("src", ""))
        is_picture = target.kind == "file" and PurePosixPath(target.path).suffix.casefold() in (*IMAGES, ".svg")
        media = self._media(target.path) if is_picture else None
        if media is None:
            return f"<em>[{html.escape(alt or title or 'gambar', quote=False)}]</em>"
        size = f' width="{media.width}" height="{media.height}"' if media.width else ""
        return f'<img data-selesai src="{_escape(media.url)}" alt="{_escape(alt)}"{size} loading="lazy" decoding="async">'


def _attributes(text: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(text)}


def _escape(text: str) -> str:
    return html.escape(text, quote=True)


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", text))


def _external(target: Target, inner: str, title: str) -> str:
    """Says to eyes (a class) and to screen readers (words) that it leaves; a video says that it costs data."""
    note = " (video di situs luar, memakai kuota data)" if VIDEO_HOSTS.match(target.address) else " (situs luar)"
    shown = f"{note}" if VIDEO_HOSTS.match(target.address) else f'<span class="sr">{note}</span>'
    return f'<a href="{_escape(target.address)}" class="luar" rel="noopener noreferrer nofollow"{title}>{inner}{shown}</a>'


def readable_size(size: int) -> str:
    """`60 kB`, `2,3 MB`: Indonesian decimals."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB"
    return f"{size / 1_000_000:.1f} MB".replace(".", ",")
