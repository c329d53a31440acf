"""Every form of COURSE-FORMAT 2.4, 2.5 and 2.9 on a real page: the exact HTML, media addresses without their hashes."""

import re

import pytest

from lms.content.check import check_course
from lms.content.compile import compile_course
from lms.content.parse import load_course
from lms.content.tables import MOST_COLUMNS, MOST_ROWS, read_table
from tests.content.course_files import write_course

PICTURE = '<img src="/media/loket.png" alt="{}" width="40" height="20" loading="lazy" decoding="async">'
FRAME = '<div class="gulir" tabindex="0" role="region" aria-label="Tabel {}"><table>'
FORMS = {
    "gambar dengan keterangan": (
        '![Alur loket](media/loket.png "Gambar 1. Loket & *antrean*")',
        f"<figure>{PICTURE.format('Alur loket')}<figcaption>Gambar 1. Loket &amp; *antrean*</figcaption></figure>",
    ),
    "gambar tanpa keterangan": ("![Alur](media/loket.png)", f"<p>{PICTURE.format('Alur')}</p>"),
    "gambar di dalam kalimat": (
        'Lihat ![alur](media/loket.png "Gambar 1") ini.',
        f"<p>Lihat {PICTURE.format('alur')} ini.</p>",
    ),
    "tabel CSV": (
        "[Tabel: Rekap *IKM*](../data/ikm.csv)",
        FRAME.format("Rekap IKM") + "<caption>Rekap IKM</caption><thead><tr>"
        '<th scope="col">Unsur</th><th scope="col">Nilai</th></tr></thead><tbody>\n'
        "<tr><td>Waktu &lt;b&gt; &amp; \"biaya\"</td><td>3,2</td></tr>\n</tbody></table></div>",
    ),
    "tautan CSV di dalam kalimat": (
        "Unduh [Tabel: Rekap](../data/ikm.csv).",
        '<p>Unduh <a href="/media/ikm.csv" class="unduh" download>Tabel: Rekap <span class="ukuran">(CSV, 1 kB)</span></a>.</p>',
    ),
    "video dengan teks dan transkrip": (
        "[▶ Video: Sambutan (4 menit)](media/lengkap.mp4)",
        '<figure class="video"><video controls preload="none"><source src="/media/lengkap.mp4" type="video/mp4">'
        '<track kind="captions" src="/media/lengkap-id.vtt" srclang="id" label="Bahasa Indonesia" default></video>'
        '<figcaption>Video: Sambutan (4 menit) <span class="ukuran">(1 kB)</span></figcaption></figure>'
        "<details><summary>Transkrip</summary><h4>Sambutan</h4>\n<p>Selamat <em>datang</em>.</p></details>",
    ),
    "video tanpa teks": (
        "[Sambutan](media/sambutan.mp4)",
        '<figure class="video"><video controls preload="none"><source src="/media/sambutan.mp4" type="video/mp4"></video>'
        '<figcaption>Sambutan <span class="ukuran">(1 kB)</span></figcaption></figure>',
    ),
    "audio": (
        "[Audio: Rekaman (3 menit)](media/rekaman.mp3)",
        '<figure class="video"><audio controls preload="none"><source src="/media/rekaman.mp3" type="audio/mpeg"></audio>'
        '<figcaption>Audio: Rekaman (3 menit) <span class="ukuran">(1 kB)</span></figcaption></figure>',
    ),
    "video di situs lain": (
        "[▶ Video: Asas (7 menit)](https://youtu.be/XXXXXXXXXXX)",
        '<p><a href="https://youtu.be/XXXXXXXXXXX" class="luar" rel="noopener noreferrer nofollow">▶ Video: Asas (7 menit)'
        " (video di situs luar, memakai kuota data)</a></p>",
    ),
    "lampiran": (
        "[Unduh: Formulir](../berkas/formulir.docx) dan [panduan PDF](../berkas/panduan.pdf)",
        '<p><a href="/media/formulir.docx" class="unduh" download>Unduh: Formulir <span class="ukuran">(Word, 1 kB)</span></a> dan '
        '<a href="/media/panduan.pdf" class="unduh">panduan PDF <span class="ukuran">(1 kB)</span></a></p>',
    ),
    "rumus": (
        "Nilai $a^2$.",
        '<p>Nilai <math display="inline"><mrow><msup><mi>a</mi><mn>2</mn></msup></mrow></math>.</p>',
    ),
    "rumus pada baris sendiri": (
        "$$\nx\n$$",
        '<math display="block"><mrow><mi>x</mi></mrow></math>',
    ),
    "rupiah bukan rumus": ("Harga $5 dan $6.", "<p>Harga $5 dan $6.</p>"),
    "catatan": (
        "> [!NOTE]\n> Antrean **turun**.",
        '<div class="catatan">\n<p class="jdl">Catatan</p>\n<p>Antrean <strong>turun</strong>.</p>\n</div>',
    ),
    "kiat": ("> [!TIP]\n> x", '<div class="kiat">\n<p class="jdl">Kiat</p>\n<p>x</p>\n</div>'),
    "penting": ("> [!IMPORTANT]\n> x", '<div class="penting">\n<p class="jdl">Penting</p>\n<p>x</p>\n</div>'),
    "peringatan": ("> [!WARNING]\n> x", '<div class="peringatan">\n<p class="jdl">Peringatan</p>\n<p>x</p>\n</div>'),
    "awas": ("> [!CAUTION]\n> x", '<div class="awas">\n<p class="jdl">Awas</p>\n<p>x</p>\n</div>'),
    "kasus dengan judul sendiri": (
        "> [!KASUS] Loket 3\n> Warga datang.\n>\n> - satu\n> - dua",
        '<div class="kasus">\n<p class="jdl">Loket 3</p>\n<p>Warga datang.</p>\n<ul>\n<li>satu</li>\n<li>dua</li>\n</ul>\n</div>',
    ),
    "refleksi": ("> [!refleksi]\n> x", '<div class="refleksi">\n<p class="jdl">Refleksi</p>\n<p>x</p>\n</div>'),
    "kutipan": ("> satu\n\n> dua", "<blockquote>\n<p>satu</p>\n</blockquote>\n<blockquote>\n<p>dua</p>\n</blockquote>"),
    "istilah": (
        "ASN dan `ASN` dan SAKIP.",
        '<p><abbr title="Aparatur Sipil Negara">ASN</abbr> dan <code>ASN</code> dan <abbr title="Sistem Akuntabilitas">SAKIP</abbr>.</p>',
    ),
    "catatan kaki": (
        "Wajib[^1].\n\n[^1]: Pasal 4.",
        '<p>Wajib<sup id="fnref-1"><a href="#fn-1">1</a></sup>.</p>\n<div class="footnote">\n<hr>\n<ol>\n<li id="fn-1">\n'
        '<p>Pasal 4.&nbsp;<a href="#fnref-1" title="Kembali ke rujukan 1">↩</a></p>\n</li>\n</ol>\n</div>',
    ),
    "daftar istilah": ("Asas\n:   Dasar", "<dl>\n<dt>Asas</dt>\n<dd>Dasar</dd>\n</dl>"),
    "daftar periksa": (
        "- [x] sudah\n- [ ] belum",
        '<ul>\n<li>\n<input type="checkbox" disabled="" checked=""> sudah</li>\n<li>\n<input type="checkbox" disabled=""> belum</li>\n</ul>',
    ),
    "tabel": (
        "| A | B | C |\n|---|--:|:-:|\n| 1 | 2 | 3 |",
        FRAME.format(1) + '\n<thead>\n<tr>\n<th scope="col">A</th>\n<th scope="col" class="angka">B</th>\n<th scope="col" class="tengah">C</th>\n</tr>\n</thead>\n'
        '<tbody>\n<tr>\n<td>1</td>\n<td class="angka">2</td>\n<td class="tengah">3</td>\n</tr>\n</tbody>\n</table></div>',
    ),
    "tagar": ("#BanggaMelayani", "<p>#BanggaMelayani</p>"),
    "coret dan garis bawah": ("~~lama~~ nama_berkas_baru", "<p><del>lama</del> nama_berkas_baru</p>"),
    "alamat": (
        "https://contoh.go.id/a",
        '<p><a href="https://contoh.go.id/a" class="luar" rel="noopener noreferrer nofollow">contoh.go.id/a'
        '<span class="sr"> (situs luar)</span></a></p>',
    ),
    "pukul dan pasal": ("Pukul 12:45, Pasal 3:17.", "<p>Pukul 12:45, Pasal 3:17.</p>"),
    "judul dengan id": ("## Bagian {#bagian}", '<h2 id="b-bagian">Bagian</h2>'),
    "kode di dalam daftar": (
        "1. satu\n\n   ```\n   a  b\n   ```\n2. dua",
        "<ol>\n<li>\n<p>satu</p>\n<pre><code>a  b\n</code></pre>\n</li>\n<li>\n<p>dua</p>\n</li>\n</ol>",
    ),
    "HTML": ("<kbd>Ctrl</kbd> <u>x</u> <b onclick=y>z</b>", "<p><kbd>Ctrl</kbd> x z</p>"),
}  # fmt: skip
FILES = {
    "course.yml": "kode: contoh\njudul: Contoh\nrumus: ya\n",
    "istilah.md": "# Istilah\n\n*[ASN]: Aparatur Sipil Negara\n- *[SAKIP]: Sistem Akuntabilitas\n",
    "data/ikm.csv": 'Unsur,Nilai\n"Waktu <b> & ""biaya""","3,2"\n',
    "berkas/formulir.docx": b"PK\x03\x04" * 200,
    "berkas/panduan.pdf": b"%PDF-1.4",
    "01-asas/media/rekaman.mp3": b"ID3",
    "01-asas/media/lengkap.md": "# Sambutan\r\n\r\nSelamat *datang*.\r\n".encode("utf-16"),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    lessons = {
        f"01-asas/1{number:02d}-bentuk-{number}.md": f"# Judul\n\n{text}\n" for number, (text, _) in enumerate(FORMS.values())
    }
    root = write_course(tmp_path_factory.mktemp("kursus"), {**FILES, **lessons})
    compiled = compile_course(load_course(root)).pages
    found = [compiled[f"asas/bentuk-{number}"] for number in range(len(FORMS))]
    return {
        name: re.sub("/media/[0-9a-f]{64}/", "/media/", "".join(part.html for part in page.parts))
        for name, page in zip(FORMS, found, strict=True)
    }


@pytest.mark.parametrize("name", FORMS)
def test_form_has_exactly_this_html(pages, name):
    assert pages[name] == FORMS[name][1]


ROWS = [["Unsur", "Nilai (1,00-4,00), rata-rata, simpangan"], ["Waktu", "3,25"], ["Biaya; sewa", "4,00"]]
SEMICOLONS = 'Unsur;Nilai (1,00-4,00), rata-rata, simpangan\nWaktu;3,25\n"Biaya; sewa";4,00\n'


@pytest.mark.parametrize(
    "data",
    [
        SEMICOLONS.encode(),
        SEMICOLONS.encode("utf-8-sig"),
        SEMICOLONS.replace("\n", "\r\n").encode("utf-16"),
        SEMICOLONS.replace("\n", "\r").encode("cp1252"),
        ("\n" + SEMICOLONS.replace("\n", "\n;\n\n")).encode(),
        ("sep=;\r\n" + SEMICOLONS).encode("cp1252"),
        SEMICOLONS.replace('"Biaya; sewa"', "Biaya~ sewa").replace(";", "\t").replace("~", ";").encode(),
        b'Unsur,"Nilai (1,00-4,00), rata-rata, simpangan"\nWaktu,"3,25"\nBiaya; sewa,"4,00"\n',
    ],
)
def test_table_is_read_as_any_spreadsheet_saved_it(data):
    assert (read_table(data).rows, read_table(data).cut) == (ROWS, "")


@pytest.mark.parametrize(
    ("data", "rows", "columns", "cut"),
    [
        (b"", 0, 0, ""),
        (b"\n;;\n", 0, 0, ""),
        (b"satu kolom\nsaja\n", 2, 1, ""),
        (b"a,b\n1\n1,2,3\n", 3, 3, ""),
        (b"a,b\n" * (MOST_ROWS + 1), MOST_ROWS + 1, 2, ""),
        (b"a,b\n" * (MOST_ROWS + 2), MOST_ROWS + 1, 2, "baris setelah 500"),
        (b"," * MOST_COLUMNS + b"x\n", 1, MOST_COLUMNS, "kolom setelah 30"),
        (b"x" * 400_001, 0, 0, "isi setelah 400 kB"),
        (b'"' + b"a,b\n" * 200_000, 0, 0, "isi setelah 400 kB"),
        (b"\x00\x01\xff", 1, 1, ""),
    ],
)
def test_table_has_limits_and_says_what_it_leaves_out(data, rows, columns, cut):
    table = read_table(data)
    assert (len(table.rows), max(map(len, table.rows), default=0), table.cut) == (rows, columns, cut)


def test_empty_and_cut_tables_are_told_at_their_link(tmp_path):
    text = "# M\n\n[Tabel: A](../data/a.csv)\n\n[Tabel: B](../data/b.csv)\n\n[unduh](../data/b.csv)\n"
    root = write_course(tmp_path, {"01-asas/02-m.md": text, "data/a.csv": "", "data/b.csv": "a,b\n" * 600})
    assert [(p.line, p.column, p.message) for p in check_course(load_course(root)) if p.code == "K109"] == [
        (3, 12, "tabel `data/a.csv` kosong"),
        (5, 12, "tabel `data/b.csv` dipotong: baris setelah 500 tidak tampil"),
    ]
    html = compile_course(load_course(root)).pages["asas/m"].parts[0].html
    assert html.startswith("<p>Tabel: A</p>\n<div class=")
