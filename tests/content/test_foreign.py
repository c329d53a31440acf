"""Markdown as other people write it looks as on GitHub, and no word of it is lost: one small case for every trap that was met."""

import html
import re

import pytest

from lms.content.check import check_course
from lms.content.compile import compile_course
from lms.content.parse import load_course
from lms.content.render import Renderer
from lms.content.types import Level
from lms.content.worker import Fragment
from tests.content.course_files import quiz, write_course, write_files

FILE = "01-asas/02-uji.md"
SAME = {
    "list with one to three blanks": ("- a\n - b\n  - c\n\n   d", "<ul><li>a</li><li>b</li><li>c</li></ul><p>d</p>"),
    "list right below a paragraph": ("Ada:\n- a\n- b\nlanjut", "<p>Ada:</p><ul><li>a</li><li>b lanjut</li></ul>"),
    "text that only looks like an item": ("UU\n2009. tahun\n    - bukan butir", "<p>UU 2009. tahun - bukan butir</p>"),
    "two lists with other bullets": ("- a\n* b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
    "loose list": ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
    "numbers from seven": ("7) a\n8) b", '<ol start="7"><li>a</li><li>b</li></ol>'),
    "item that begins with code": ("1. ```\n   x\n   ```\n2. b", "<ol><li><pre><code>x </code></pre></li><li>b</li></ol>"),
    "deep list below a number": ("10. a\n    - b\n      - c", '<ol start="10"><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li></ol>'),
    "task list": ("- [ ] a\n- [X] b", '<ul><li><input type="checkbox" disabled=""> a</li><li><input type="checkbox" disabled="" checked=""> b</li></ul>'),
    "table without a blank line above": ("Isi\n| a | b |\n|---|:-:|\n| `x\\|y` | 2 |\nsisa",
        '<p>Isi</p><table><thead><tr><th>a</th><th class="tengah">b</th></tr></thead><tbody><tr><td><code>x|y</code></td><td class="tengah">2</td></tr>'
        '<tr><td>sisa</td><td class="tengah"></td></tr></tbody></table>'),
    "table without outer pipes": ("a | b\n-|-\n1 | 2 | 3", "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"),
    "line that ends in a backslash": ("satu\\\ndua", "<p>satu<br> dua</p>"),
    "line that ends in two blanks": ("satu  \ndua", "<p>satu<br> dua</p>"),
    "underlined headings": ("Satu\nbaris\n====\n\nDua\n---", "<h1>Satu baris</h1><h2>Dua</h2>"),
    "heading that ends in a sharp": ("## C#", "<h2>C#</h2>"),
    "seven sharps": ("####### a\n#Tagar", "<p>####### a #Tagar</p>"),
    "details with Markdown inside": ("<details>\n<summary>Buka</summary>\n\n- **a**\n\n</details>\n\nlalu",
        "<details><summary>Buka</summary><ul><li><strong>a</strong></li></ul></details><p>lalu</p>"),
    "raw block keeps its text": ("<pre>\n* a\n\n* b\n</pre>\n*c*", "<pre>* a * b </pre><p><em>c</em></p>"),
    "inline HTML": ("H<sub>2</sub>O<br>10<sup>2</sup> <kbd>Ctrl</kbd>", "<p>H<sub>2</sub>O<br>10<sup>2</sup> <kbd>Ctrl</kbd></p>"),
    "angle brackets that are no tags": ("<nama.berkas> dan <localhost:80> serta 1 < 2 > 0", "<p>&lt;nama.berkas&gt; dan &lt;localhost:80&gt; serta 1 &lt; 2 &gt; 0</p>"),
    "quote in a quote with code": ("> a\n> > b\n>\n> ```\n> c\n> ```", "<blockquote><p>a</p><blockquote><p>b</p></blockquote><pre><code>c </code></pre></blockquote>"),
    "lazy quote": ("> a\nb\n\nc", "<blockquote><p>a b</p></blockquote><p>c</p>"),
    "fence of tildes with a fence inside": ("~~~~ text\n```\nx\n```\n~~~~", "<pre><code>``` x ``` </code></pre>"),
    "fence inside a list": ("- a\n\n  ```\n    x\n  ```\n- b", "<ul><li><p>a</p><pre><code> x </code></pre></li><li><p>b</p></li></ul>"),
    "indented code": ("a\n\n    *x*\n\n    y\n\nb", "<p>a</p><pre><code>*x* y </code></pre><p>b</p>"),
    "underscores inside words": ("nama_file_baru dan _miring_ __tebal__", "<p>nama_file_baru dan <em>miring</em> <strong>tebal</strong></p>"),
    "escapes": ("\\* 100\\% \\& \\$5 \\<b>", "<p>* 100% &amp; $5 &lt;b&gt;</p>"),
    "entities": ("&copy; &amp; &#8212; &nbsp;x", "<p>© &amp; — x</p>"),
    "emoji names and formulas stay": (":tada: $x_1$ {{ var }} [[wiki]]", "<p>:tada: $x_1$ {{ var }} [[wiki]]</p>"),
    "reference links with code": ("[`a`][] dan [b][`a`] dan [c]\n\n[`a`]: https://a.id\n[C]: https://c.id",
        '<p><a href="https://a.id"><code>a</code></a> dan <a href="https://a.id">b</a> dan <a href="https://c.id">c</a></p>'),
    "brackets apart are no reference": ("[x] [a]\n\n[a]: https://a.id", '<p>[x] <a href="https://a.id">a</a></p>'),
    "bare address with brackets": ("Lihat https://id.wikipedia.org/wiki/Asas_(hukum) ini.", '<p>Lihat <a href="https://id.wikipedia.org/wiki/Asas_(hukum)">id.wikipedia.org/wiki/Asas_(hukum)</a> ini.</p>'),
    "address with a blank is no link": ("[Unduh](berkas/dua kata.pdf) [ya](<berkas/dua kata.pdf>)", '<p>[Unduh](berkas/dua kata.pdf) <a href="berkas/dua kata.pdf">ya</a></p>'),
    "MDX": ("import X from './x'\n\n<Tabs>\n\n**a**\n\n</Tabs>\n\n{/* c */}", "<p>import X from './x'</p><p><strong>a</strong></p><p>{/* c */}</p>"),
    "rules of every kind": ("a\n\n***\n- - -\n___", "<p>a</p><hr><hr><hr>"),
    "comment before text": ("<!-- catatan --> Kalimat biasa.\n\n<!-- a\nb --> lagi", "<p>Kalimat biasa.</p><p>lagi</p>"),
    "footnote with two paragraphs": ("x[^1]\n\n[^1]: a\n\n    b", '<p>x<sup id="fnref-1"><a href="#fn-1">1</a></sup></p><div class="footnote"><hr><ol><li id="fn-1"><p>a</p><p>b <a href="#fnref-1">↩</a></p></li></ol></div>'),
    "definition list": ("APBD\n: Anggaran\n  daerah", "<dl><dt>APBD</dt><dd>Anggaran daerah</dd></dl>"),
}  # fmt: skip


def bare(text: str) -> str:
    """HTML without our own dressing and without blanks between tags."""
    text = re.sub(r'<div class="gulir"[^>]*>(<table>.*?</table>)</div>', r"\1", text, flags=re.DOTALL)
    text = (
        re.sub(r' (?:id="b-[^"]*"|class="kode"|rel="[^"]*"|scope="col"|title="[^"]*")', "", text)
        .replace("\xa0", " ")
        .replace("&nbsp;", " ")
    )
    return re.sub(
        r"(?<=>) +(?=<(?!a|kbd|strong|code))|(?<=<li>) | (?=</?(?:ul|ol|li|p)>)",
        "",
        " ".join(text.split()).replace("> <p>", "><p>"),
    )


@pytest.mark.parametrize("name", SAME)
def test_foreign_markdown_looks_as_on_github(tmp_path, name):
    text, wanted = SAME[name]
    source = load_course(write_files(tmp_path, {"a.md": text}) / "a.md").course.files[0].source
    lines = [line + ("  " if number in source.breaks else "") for number, line in enumerate(source.lines, start=1)]
    assert bare(Renderer().render(Fragment("\n".join(lines), "page"))) == bare(wanted)


def test_tabs_stay_inside_code_that_needs_them(tmp_path):
    root = write_course(tmp_path, {FILE: "# M\n\n```makefile\nsemua:\n\tgcc\tx\n```\n"})
    page = compile_course(load_course(root)).pages["asas/uji"].parts[0].html
    assert "semua:\n\tgcc\tx\n" in html.unescape(re.sub(r"<[^>]*>", "", page))


FOREIGN_HEADS = [
    "---\nlayout: post\ntitle: Asas umum\ndate: 2024-01-02\ncategories: [a, b]\npermalink: /x/\n---\n\n# Asas\n",
    "---\nid: 5900f36e1000cf542c50fe80\ntitle: Asas umum\nchallengeType: 1\nforumTopicId: 301\ndashedName: asas\n---\n\n# --description--\n\nIsi.\n",
    "---\ntitle: Asas umum\nteaching: 20\nexercises: 10\nquestions:\n- Apa: ini?\nobjectives:\n- Tahu\nkeypoints:\n- x\n---\n\nIsi.\n",
    '+++\ntitle = "Asas umum"\nweight = 2\n[extra]\ntoc = true\n+++\n\nIsi.\n',
]


@pytest.mark.parametrize("text", FOREIGN_HEADS)
def test_front_matter_of_another_tool_gives_one_note_and_its_title(tmp_path, text):
    loaded = load_course(write_files(tmp_path, {"a.md": text}) / "a.md")
    problems = [problem for problem in check_course(loaded) if problem.code in ("K005", "K006", "K007", "K008", "K122")]
    assert [(problem.code, problem.level) for problem in problems] == [("K122", Level.NOTE)]
    assert (loaded.course.files[0].title, "x" in loaded.course.files[0].key) == ("Asas umum", False)


@pytest.mark.parametrize(
    "text", ["---\njdul: A\nlayout: post\njenis: kuis\n---\n", "---\njdul: A\njnis: kuis\n---\n", "---\nwarna: merah\n---\n"]
)
def test_misspelt_keys_of_our_own_stay_errors(tmp_path, text):
    loaded = load_course(write_files(tmp_path, {"a.md": text + "\n# A\n"}) / "a.md")
    assert "K007" in {problem.code for problem in check_course(loaded) if problem.level is Level.ERROR}


@pytest.mark.parametrize("text", ["---\n\n# Judul\n\nIsi satu.\n\n---\n\nIsi dua.\n", "---\n# Judul\n---\nIsi satu. Isi dua.\n"])
def test_text_between_two_rules_is_no_front_matter(tmp_path, text):
    root = write_course(tmp_path, {FILE: text})
    loaded = load_course(root)
    assert [problem for problem in check_course(loaded) if problem.file == FILE and problem.level is Level.ERROR] == []
    page = compile_course(loaded).pages["asas/uji"]
    assert ("Isi satu." in page.text, "Isi dua." in page.text) == (True, True)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [("#### Q1. What is JSON?", ""), ("### 1. Apa itu JSON?", ""), ("## Apa itu JSON?", ""), ("## Pertanyaan 3: JSON", ""), ("## JSON", "kuis")],
)  # fmt: skip
def test_question_of_another_quiz_tool_is_told_and_repairable(tmp_path, heading, kind):
    body = f"{heading}\n\n- [ ] satu\n- [x] dua\n"
    root = write_course(tmp_path, {FILE: quiz(body) if kind else f"# M\n\n{body}"})
    found = [problem for problem in check_course(load_course(root)) if problem.code == "K021"]
    assert [(problem.file, problem.fixable) for problem in found] == [(FILE, True)]


@pytest.mark.parametrize(
    "text",
    [
        "## Daftar periksa\n\n- [ ] KTP\n- [ ] KK\n",
        "## Sudah siap?\n\n- [ ] KTP\n- [ ] KK\n",
        "## Contoh\n\n- [x] KTP\n- [ ] KK\n",
    ],
)
def test_checklist_in_a_lesson_is_no_question(tmp_path, text):
    root = write_course(tmp_path, {FILE: f"# M\n\n{text}"})
    assert [problem.code for problem in check_course(load_course(root)) if problem.file == FILE] == []


def test_code_below_options_belongs_to_them_and_code_below_the_answer_does_not(tmp_path):
    code = '```json\n{\n  "a": 1\n}\n```\n'
    body = f"## Soal 1: Mana? {{#mana}}\n\n- [ ] A\n\n{code}\n- [x] B\n\n{code}\n> **Pembahasan:** Karena.\n\n{code}"
    root = write_course(tmp_path, {FILE: quiz(body)})
    question = compile_course(load_course(root)).questions["mana"]
    plain = [re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", option))).strip() for option in question.public.options]
    assert plain == ['A { "a": 1 }', 'B { "a": 1 }']
    assert question.key.explanation.count("<pre") == 1


def test_explanation_that_slipped_below_a_pair_is_not_shown_with_the_question(tmp_path):
    body = "## Soal 1: Jodohkan. {#jodoh}\n\n- a -> b\n  - c -> d\n\n      > **Pembahasan:** Rahasia.\n"
    root = write_course(tmp_path, {FILE: quiz(body)})
    question = compile_course(load_course(root)).questions["jodoh"]
    assert (
        [re.sub(r"<[^>]*>", "", right) for right in sorted(question.public.rights)],
        "Rahasia" in question.key.explanation,
    ) == (["b", "d"], True)


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [("Asas & tujuan: 1.2 “umum”", "asas--tujuan-12-umum"), ("🚀 Mulai", "-mulai"), ("Über Straße", "über-straße"), ("हिन्दी", "हिन्दी"), ("`kode_x` *y*", "kode_x-y")],
)  # fmt: skip
def test_anchors_are_github_s(tmp_path, heading, anchor):
    root = write_course(tmp_path, {FILE: f"# M\n\n[ke](#{anchor}) [lagi](#{anchor}-1)\n\n## {heading}\n\n## {heading}\n"})
    assert [problem for problem in check_course(load_course(root)) if problem.code == "K101"] == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x00",
        b"---",
        b"+++",
        b"```",
        b"<!--",
        b"# \n",
        b"|\n|-",
        b"\\",
        b"[",
        b"> ",
        b"- ",
        b"\xe9",
    ],
)
def test_broken_and_empty_files_raise_nothing(tmp_path, content):
    root = write_course(tmp_path, {FILE: content, "03-kuis.md": content})
    loaded = load_course(root)
    assert all(problem.line >= 1 for problem in check_course(loaded))
