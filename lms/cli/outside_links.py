"""`lms check --luar`: try every link that leaves the course. Never part of an ordinary check, which needs no network."""

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit, urlunsplit

from lms.content.check_links import links_of
from lms.content.links import resolve
from lms.content.nodes import LoadedCourse
from lms.content.problems import Reporter
from lms.content.types import Problem

AT_ONCE = 4
SECONDS = 10.0
_NOT_FOR_PROGRAMS = (401, 403, 405, 406, 429, 451, 999)
"""The site answers, but not to us: no reason to call the link broken."""
_AGENT = {"User-Agent": "Mozilla/5.0 (lms check --luar)", "Accept": "*/*"}


def check_outside(loaded: LoadedCourse, only: str = "", seconds: float = SECONDS) -> list[Problem]:
    """A note (K105) for every place whose http or https address does not answer, or answers that there is no such page."""
    places: dict[str, list[tuple[str, int, int, int]]] = {}
    for node in loaded.course.all_files():
        for link in links_of(node) if only in ("", node.file) else ():
            target = resolve(loaded.course, node, link.href)
            if target.kind == "external" and target.address.casefold().startswith(("http:", "https:")) and not link.is_picture:
                address = target.address.partition("#")[0]
                places.setdefault(address, []).append((node.file, link.line, link.column, link.width))
    problems = []
    for address, reason in _failures(places, seconds).items():
        for file, line, column, width in places[address]:
            reporter = Reporter(file)
            message = f"tautan `{address}` tidak dapat dicoba: {reason}"
            reporter.add(
                "K105", line, column, width, message=message, help="buka di peramban; bila memang mati, ganti atau hapus"
            )
            problems += reporter.problems
    return sorted(problems)


def _failures(addresses: Iterable[str], seconds: float) -> dict[str, str]:
    """Why each address failed, few at once, those of one host one after the other."""
    by_host: dict[str, list[str]] = {}
    for address in sorted(addresses):
        by_host.setdefault(urlsplit(address).netloc.casefold(), []).append(address)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = pool.map(lambda group: {address: reason_of(address, seconds) for address in group}, by_host.values())
        return {address: reason for group in made for address, reason in group.items() if reason}


def reason_of(address: str, seconds: float) -> str:
    """Why an address cannot be opened, in words; "" when it can. HEAD first, GET when a site does not know HEAD."""
    reason = ""
    for method in ("HEAD", "GET"):
        try:
            request = urllib.request.Request(_ascii(address), headers=_AGENT, method=method)
            with urllib.request.urlopen(request, timeout=seconds):
                return ""
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in _NOT_FOR_PROGRAMS and method == "GET":
                return ""
            reason = f"peladen menjawab {error.code}"
        except urllib.error.URLError as error:
            return _said(error.reason)
        except TimeoutError:
            return _said(TimeoutError())
        except (OSError, ValueError, http.client.HTTPException) as error:
            return _said(error)
    return reason


def _ascii(address: str) -> str:
    parts = urlsplit(address)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return urlunsplit(
        (parts.scheme, host, quote(parts.path, safe="/%:@!$&'()*+,;=~-._"), quote(parts.query, safe="/%?:@!$&'()*+,;=~-._"), "")
    )


def _said(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "tidak menjawab dalam batas waktu"
    if isinstance(error, ssl.SSLError):
        return "sertifikat situsnya tidak sah"
    if isinstance(error, ConnectionRefusedError):
        return "sambungan ditolak"
    if isinstance(error, OSError) and error.errno is not None and error.errno < 0:
        return "nama situsnya tidak ditemukan"
    return "alamatnya tidak dapat dibuka"
