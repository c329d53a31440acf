"""Small course folders for tests."""

from pathlib import Path

from PIL import Image

SKELETON = {
    "course.yml": 'kode: contoh\njudul: "Pelatihan contoh"\n',
    "01-asas/README.md": "# Asas\n\nPengantar.\n",
    "01-asas/01-materi.md": "# Materi\n\nIsi materi.\n",
    "bank/etika.md": "## Soal 1: Apa itu gratifikasi? {#b-gratifikasi}\n\nTag: suap\n\n- [x] Pemberian\n- [ ] Gaji\n\nPembahasan: ya.\n\n"
    "## Soal 2: Siapa penerimanya? {#b-penerima}\n\n- [x] Pegawai\n- [ ] Pemberi\n\nPembahasan: ya.\n",
}


def write_files(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def write_course(root: Path, files: dict[str, str | bytes] | None = None) -> Path:
    """The skeleton with `files` over it, and a few media files."""
    write_files(root, {**SKELETON, **(files or {})})
    media = root / "01-asas" / "media"
    media.mkdir(exist_ok=True)
    Image.new("RGB", (40, 20), "teal").save(media / "loket.png")
    for name in ("sambutan.mp4", "lengkap.mp4", "bagan.svg", "formulir standar.pdf"):
        (media / name).write_bytes(b"bukan video sungguhan")
    (media / "lengkap.id.vtt").write_text("WEBVTT\n")
    return root


def quiz(body: str, head: str = "") -> str:
    return f"---\njudul: Kuis\njenis: kuis\n{head}---\n\n{body}\n"
