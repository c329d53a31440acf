"""Nothing active survives rendering; the layout is GitHub's; our own markup comes after the sanitiser."""

import html
import os
import re
from pathlib import Path

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.content.blocks import CLOSE, OPEN, lay_out
from lms.content.nodes import CourseNode, FileNode, Metadata, Source
from lms.content.pages import Dresser, MediaStore
from lms.content.problems import Reporter
from lms.content.render import Renderer, plain_paragraph, sanitise
from lms.content.source import read_source
from lms.content.worker import Fragment

ROUNDS = 10_000 if os.environ.get("PELITA_PROVE") == "1" else 300
ACTIVE_TAGS = frozenset(
    [
        "script",
        "style",
        "iframe",
        "frame",
        "frameset",
        "object",
        "embed",
        "applet",
        "base",
        "link",
        "meta",
        "form",
        "button",
        "select",
        "textarea",
        "svg",
        "template",
        "portal",
        "dialog",
        "noscript",
    ]
)
OUR_TAGS = frozenset(["video", "audio", "source", "track"])
SAFE = re.compile(r"(?:https?:|mailto:|tel:|/(?!/)|#|[\w./%-]*(?:[?#]|$))", re.IGNORECASE)
URL_ATTRIBUTES = frozenset(
    ["href", "src", "srcset", "action", "formaction", "data", "poster", "cite", "background", "xlink:href"]
)


def payloads() -> list[str]:
    lines = (Path(__file__).with_name("payloads.txt")).read_text("utf-8").split("\n")[1:]
    decode = lambda text: re.sub(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4}))", lambda m: chr(int(m[1] or m[2], 16)), text)  # noqa: E731
    return [decode(line).replace("⏎", "\n") for line in lines if line]


def active_nodes(text: str) -> list[str]:
    """What a browser would act on in a fragment."""
    found = []
    for node in html5lib.parseFragment(text, treebuilder="etree", namespaceHTMLElements=False).iter():
        if not isinstance(node.tag, str):
            continue
        tag = node.tag.rpartition("}")[2]
        if tag in ACTIVE_TAGS or tag in OUR_TAGS:
            found.append(tag)
        if tag == "input" and (node.get("type") != "checkbox" or node.get("disabled") is None or node.get("name")):
            found.append("input")
        for name, value in node.attrib.items():
            squeezed = re.sub(r"[\x00-\x20\x7f-\xa0\u200b\u2028\ufeff]", "", value)
            if name.startswith(("on", "hx-", "data-")) or name in (
                "style",
                "srcdoc",
                "name",
                "form",
                "target",
                "ping",
                "xlink:href",
            ):
                found.append(f"{tag} {name}")
            elif name in URL_ATTRIBUTES and not SAFE.match(squeezed):
                found.append(f"{tag} {name}={value}")
            elif name == "id" and not value.startswith(("b-", "fn")):
                found.append(f"{tag} id={value}")
    return found


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer({"ASN": 'Aparatur "Sipil" <Negara>'}, math=True)


@pytest.fixture(scope="module")
def dresser(tmp_path_factory) -> Dresser:
    root = tmp_path_factory.mktemp("kursus")
    course = CourseNode(root=str(root), code="contoh", is_course=True, meta=Metadata())
    node = FileNode("a.md", "pelajaran", "a", "A", Source("a.md", (), (), frozenset()), Metadata())
    return Dresser(course, node, MediaStore(course), Reporter("a.md"), lambda path: "")


def as_page(text: str, renderer: Renderer, dresser: Dresser) -> str:
    source = read_source(text.encode("utf-8", "surrogatepass"), "a.md", Reporter("a.md"))
    return dresser.dress(renderer.render(Fragment("\n".join(source.lines), "page")))


def test_corpus_is_large_enough():
    assert len(set(payloads())) >= 300


@pytest.mark.parametrize("mode", ["page", "block", "inline"])
def test_no_payload_leaves_an_active_node(renderer, dresser, mode):
    left = {}
    for payload in payloads():
        raw = renderer.render(Fragment(payload, mode))
        if found := active_nodes(dresser.dress(raw)) + active_nodes(as_page(payload, renderer, dresser)):
            left[payload] = found
    assert left == {}


def test_no_payload_survives_inside_an_option_or_a_title(renderer, dresser):
    left = [
        p
        for p in payloads()
        if active_nodes(as_page(f'# {p}\n\n- {p}\n\n> [!NOTE] {p}\n\n![{p}](x.png "{p}")', renderer, dresser))
    ]
    assert left == []


def test_pictures_of_other_sites_are_never_requested(renderer, dresser):
    for payload in payloads():
        assert not re.search(r"<img[^>]*src=\"(?:https?:)?//", as_page(payload, renderer, dresser)), payload


def test_corpus_test_can_fail():
    assert active_nodes('<a href="javascript:x">x</a><p onclick="y">z</p>') == ["a href=javascript:x", "p onclick"]


@settings(max_examples=ROUNDS, deadline=None)
@given(st.text(st.sampled_from("<>/=\"'& ;:#!-abijnoprstvx\n\t\x00"), max_size=80))
def test_sanitise_twice_is_sanitise_once(text):
    once = sanitise(text)
    assert sanitise(once) == once
    assert active_nodes(once) == []


def test_sanitiser_escapes_angle_brackets_in_attributes():
    assert sanitise('<img alt="a><script>" src="x.png">') == '<img alt="a&gt;&lt;script&gt;" src="x.png">'


def test_ids_of_authors_never_reach_the_page(renderer):
    assert renderer.render(Fragment('<h2 id="csrf_token">x</h2><p id="b-y">z</p>', "page")) == "<h2>x</h2><p>z</p>"


@pytest.mark.parametrize(
    ("kind", "css", "label"),
    [("NOTE", "catatan", "Catatan"), ("TIP", "kiat", "Kiat"), ("IMPORTANT", "penting", "Penting"), ("WARNING", "peringatan", "Peringatan"),
     ("CAUTION", "awas", "Awas"), ("KASUS", "kasus", "Kasus"), ("REFLEKSI", "refleksi", "Refleksi")],
)  # fmt: skip
def test_callout_has_its_class_and_a_visible_label(renderer, kind, css, label):
    assert (
        renderer.render(Fragment(f"> [!{kind}]\n> Isi.", "page"))
        == f'<div class="{css}">\n<p class="jdl">{label}</p>\n<p>Isi.</p>\n</div>'
    )


def test_table_is_framed_for_keyboard_and_narrow_screens(renderer):
    made = renderer.render(Fragment("| a | b |\n|---|--:|\n| 1 | 2 |", "page"))
    assert made.startswith('<div class="gulir" tabindex="0" role="region" aria-label="Tabel 1"><table>')
    assert '<th scope="col">a</th>' in made and made.endswith("</table></div>")


def test_headings_are_numbered_like_github(renderer):
    made = renderer.render(Fragment("## Asas & tujuan\n\n## Asas & tujuan\n\n## Asas `x_y`", "page"))
    assert re.findall(r'id="([^"]*)"', made) == ["b-asas--tujuan", "b-asas--tujuan-1", "b-asas-x_y"]


def test_pages_do_not_depend_on_what_was_rendered_before(renderer):
    page = Fragment("## A\n\nx[^1] ASN\n\n[^1]: y", "page")
    first = renderer.render(page)
    renderer.render(Fragment("## A\n\nz[^1]\n\n[^1]: q\n\n*[BPK]: Badan", "page"))
    assert renderer.render(page) == first


def test_code_is_highlighted_after_the_sanitiser(renderer):
    made = renderer.render(Fragment('```python\nprint("<b>")\n```', "page"))
    assert made == (
        '<pre class="kode"><code><span class="nb">print</span><span class="p">(</span><span class="s2">"&lt;b&gt;"</span>'
        '<span class="p">)</span>\n</code></pre>'
    )


def test_formula_becomes_mathml(renderer):
    assert renderer.render(Fragment("$\\frac{a}{b}$", "inline")).startswith('<math display="inline"><mrow><mfrac>')


@pytest.mark.parametrize(
    "text",
    [
        "Biasa saja.",
        "Dua\nbaris",
        "Dua\n\nalinea & lebih",
        "Pukul 12:45, Rp5.000 (70,8%)",
        "-5 derajat",
        "1. satu",
        "a  \nb",
        "+62",
    ],
)
def test_plain_text_renders_as_python_markdown_would(text):
    simple = plain_paragraph(text)
    renderer = Renderer()
    slow = sanitise(renderer.fragment.convert(text), ids=False)
    assert simple is None or simple == slow


def test_inline_fragment_is_unwrapped_and_block_is_not(renderer):
    assert [renderer.render(Fragment(text, mode)) for text in ("satu", "**dua**") for mode in ("inline", "block")] == [
        "satu", "<p>satu</p>", "<strong>dua</strong>", "<p><strong>dua</strong></p>",
    ]  # fmt: skip


LISTS = [
    ("teks\n- a\n- b", "<p>teks</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
    ("- a\n  - b\n    - c\n- d", "<ul>\n<li>a\n<ul>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n</li>\n<li>d</li>\n</ul>"),
    ("1. a\n   - b\n2. c", "<ol>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n<li>c</li>\n</ol>"),
    ("9. a\n10. b\n    - c", '<ol start="9">\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ol>'),
    ("- a\n\n  lanjut\n- b", "<ul>\n<li>\n<p>a</p>\n<p>lanjut</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>"),
    ("> - a\n>   - b", "<blockquote>\n<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n</blockquote>"),
    ("teks\n2026. bukan daftar", "<p>teks\n2026. bukan daftar</p>"),
    ("teks\n| a | b |\n|---|---|\n| 1 | 2 |", None),
    ("#Tagar bukan judul", "<p>#Tagar bukan judul</p>"),
    ("```\na\n```\nteks", "<pre><code>a\n</code></pre>\n<p>teks</p>"),
    ("- a\n  ```\n  b\n  ```\n- c", "<ul>\n<li>a\n<pre><code>b\n</code></pre>\n</li>\n<li>c</li>\n</ul>"),
]


@pytest.mark.parametrize(("text", "wanted"), LISTS)
def test_layout_is_github_s(renderer, text, wanted):
    made = renderer.render(Fragment(text, "block"))
    if wanted is None:
        assert made.startswith('<p>teks</p>\n<div class="gulir"')
    else:
        assert made == wanted


@settings(max_examples=ROUNDS // 3, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["", "- a", "  - b", "    c", "1. d", "> - e", "```", "teks", "   10. f", "# h", "| a | b |", "|---|---|", "***"]
        ),
        max_size=12,
    )
)
def test_layout_keeps_every_word_in_order(lines):
    made, kept = lay_out(lines)
    words = lambda text: re.findall(r"[a-z]+", text)  # noqa: E731
    whole = re.sub(
        f"{OPEN}(\\d+){CLOSE}", lambda match: html.unescape(re.sub(r"<[^>]*>", " ", kept[int(match[1])])), "\n".join(made)
    )
    assert words(whole) == words("\n".join(lines))
