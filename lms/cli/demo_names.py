"""Names, titles and posts of the demo's people: invented, and as mixed as an agency in the east of Indonesia really is."""

from dataclasses import dataclass
from datetime import date
from random import Random

from lms.people.types import EmploymentKind, UnitCategory

MEN = (
    "Andi Baso Mappanyukki", "Andi Tenri Pada", "Muhammad Hasanuddin", "Daeng Sikki", "Syamsul Daeng Rala", "La Ode Safrudin",
    "La Ode Muhamad Rusli", "La Ode Hasan", "Yohanis Rante Pasang", "Markus Rante", "Paulus Bunga Allo", "Frits Mandagi",
    "Jemmy Lumowa", "Stenly Rumengan", "Abdul Rahman Latuconsina", "Ode Rumbia", "Yance Wattimena", "Semuel Pattiasina",
    "Suparman", "Sugiyono", "Wagiman", "Bambang Hartono", "I Made Sudiarta", "I Ketut Wirawan", "Ridwan", "Jufri", "Amiruddin",
    "H. Abdul Malik", "H. Mustamin", "Arifin Tolaki", "Konggoasa Sabara", "Ilham Saputra", "Fajar Nugraha", "Rizal Pangeran",
    "Hamzah Tahir", "Zainal Abidin", "Musa Wambrauw", "Petrus Kambuaya", "Ahmad Yani Umar", "Rahmat Hidayat", "Agus Salim",
    "Ishak Tandi", "Nasruddin", "Burhanuddin Lawe", "Sahrul Gunawan Tamrin", "Dedi Kurniawan", "Hendrik Sumual", "Taufik Ismunandar",
)  # fmt: skip
WOMEN = (
    "Andi Tenriola", "Andi Besse Rukmini", "Hasnawati Daeng Ngai", "Sitti Daeng Kebo", "Wa Ode Nurhayati", "Wa Ode Sitti Rahma",
    "Wa Ode Asmawati", "Maria Rante Lembang", "Elisabet Bunga", "Damaris Rante Allo", "Deysi Lumowa", "Meike Mandagi", "Novita Sumual",
    "Fatima Latuconsina", "Hj. Sitti Aminah", "Hj. Rosmiati", "Yosina Wattimena", "Sumarni", "Sukarsih", "Ni Luh Ayu Purnami",
    "Ni Made Sriasih", "Nurlaela", "Hasriani", "Marwah", "Rahmawati Konggoasa", "Dewi Sartika Sabara", "Fitriani", "Nur Aisyah Tahir",
    "Yuliana Kambuaya", "Debora Wambrauw", "Megawati", "Rosdiana", "Indah Permatasari", "Kartini Umar", "Musdalifah", "Hasnah",
    "Irmawati Lawe", "Nurmala Dewi", "Sry Wahyuni", "Asriani Tamrin", "Herlina Tandi", "Martha Pattiasina", "Sarifa Zahra",
    "Ratna Juwita", "Nirmala Sari", "Asmirah", "Jumriah", "Wahidah Umar",
)  # fmt: skip
FIRST = {
    1: (
        "Ahmad", "Andi", "Arman", "Basri", "Darwis", "Fadli", "Haris", "Irfan", "Jamal", "Kasim", "La Ode Ali", "La Ode Darma", "Markus",
        "Muhlis", "Nurdin", "Oktavianus", "Paulus", "Rusdi", "Sabri", "Tamsil", "Usman", "Wahyu", "Yusuf", "Zulkifli", "I Wayan", "Yohanis",
    ),
    2: (
        "Andi", "Asni", "Citra", "Darmawati", "Ernawati", "Fatmawati", "Hadijah", "Ida", "Jumiati", "Kurnia", "Lisna", "Mariana", "Nuraeni",
        "Oktavia", "Pratiwi", "Ramlah", "Sitti", "Suriani", "Tuti", "Wa Ode Ena", "Wa Ode Mirna", "Yanti", "Zubaedah", "Ni Wayan", "Elisabet",
    ),
}  # fmt: skip
LAST = (
    "Amin", "Arsyad", "Bakri", "Daeng Matutu", "Daeng Tata", "Fattah", "Hamid", "Idris", "Jalil", "Kadir", "Laode", "Lembang", "Mangiwa",
    "Mappasessu", "Mokoginta", "Muin", "Nasir", "Pabisa", "Paembonan", "Palinggi", "Pattimura", "Rahim", "Rante", "Rantetondok", "Rumbiak",
    "Sahetapy", "Sakti", "Salam", "Sampe", "Sarira", "Sirajuddin", "Tahir", "Tandirerung", "Tappi", "Tumbelaka", "Umar", "Wally", "Yunus",
)  # fmt: skip
PASSWORD_WORDS = (
    "angin", "bahari", "bakau", "bambu", "cahaya", "camar", "cemara", "cengkeh", "damar", "dayung", "delima", "embun", "fajar", "gelombang",
    "gerimis", "hujan", "ikan", "jagung", "jambu", "kabut", "kakao", "karang", "kelapa", "kenari", "kerang", "ladang", "lampu", "layar",
    "lembah", "lontar", "lumbung", "mangga", "mutiara", "nelayan", "ombak", "padi", "pala", "pantai", "pelita", "perahu", "pinang", "pulau",
    "rakit", "rembulan", "rotan", "rumput", "sagu", "samudra", "sawah", "selat", "senja", "serai", "sumur", "tanjung", "tebing", "teluk",
    "tenun", "teratai", "terumbu", "tikar", "tongkang", "ufuk", "vanili", "warna",
)  # fmt: skip

POSTS: dict[UnitCategory, tuple[tuple[str, str], ...]] = {
    UnitCategory.OFFICE: (
        ("Analis Kebijakan Ahli Muda", "S.Sos., M.Si."), ("Perencana Ahli Pertama", "S.E."), ("Pengelola Keuangan", "S.E., M.M."),
        ("Pranata Komputer Ahli Pertama", "S.Kom."), ("Arsiparis Terampil", "A.Md."), ("Pengadministrasi Perkantoran", ""),
        ("Analis SDM Aparatur Ahli Muda", "S.IP., M.Si."), ("Penelaah Teknis Kebijakan", "S.H."), ("Operator Layanan Operasional", "S.AP."),
    ),
    UnitCategory.HEALTH: (
        ("Perawat Ahli Pertama", "S.Kep., Ns."), ("Bidan Terampil", "A.Md.Keb."), ("Dokter Ahli Pertama", ""), ("Apoteker Ahli Muda", "S.Farm., Apt."),
        ("Nutrisionis Terampil", "A.Md.Gz."), ("Perekam Medis Terampil", "A.Md.RMIK."), ("Sanitarian Ahli Pertama", "S.KM."),
    ),
    UnitCategory.EDUCATION: (
        ("Guru Ahli Pertama", "S.Pd."), ("Guru Ahli Muda", "S.Pd., M.Pd."), ("Guru Ahli Madya", "S.Pd., M.Pd."), ("Guru Ahli Pertama", "S.Pd.I."),
        ("Pengelola Tata Usaha Sekolah", ""), ("Pustakawan Terampil", "A.Md."), ("Guru Ahli Pertama", "S.Si."),
    ),
    UnitCategory.TERRITORY: (
        ("Kepala Seksi Pemerintahan", "S.STP., M.Si."), ("Pengelola Pelayanan Umum", "S.Sos."), ("Penyuluh Masyarakat", "S.IP."),
        ("Pengadministrasi Umum", ""), ("Penata Layanan Operasional", "S.AP."),
    ),
    UnitCategory.OTHER: (
        ("Pengawas Keselamatan Pelayaran", "S.Tr.Pel."), ("Operator Pelabuhan", "A.Md."), ("Petugas Loket", ""), ("Teknisi Dermaga", "S.T."),
    ),
}  # fmt: skip
"""By category of the unit: a post and the degree that usually goes with it."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How one person is called."""

    name: str
    prefix: str
    suffix: str


def listed_name(random: Random, sex: int, taken: set[str]) -> str:
    """A name from the hand-made lists that is not in `taken` yet; once they are used up, one put together."""
    free = [name for name in (MEN if sex == 1 else WOMEN) if name not in taken]
    name = random.choice(free) if free else made_name(random, sex)
    taken.add(name)
    return name


def made_name(random: Random, sex: int) -> str:
    """A name put together from parts; one in eight is a single word, as the field has them."""
    first = random.choice(FIRST[sex])
    single = random.random() < 0.125 and " " not in first and first != "Andi"
    return first if single else f"{first} {random.choice(LAST)}"


def titles(random: Random, position: str, degree: str) -> tuple[str, str]:
    """(before, after) the name, kept apart from it (D25)."""
    if position.startswith("Dokter"):
        return "dr.", ""
    if "M." in degree and random.random() < 0.15:
        return "Dr.", degree
    return "Ir." if degree == "S.T." and random.random() < 0.3 else "", degree


def fitting_post(post: str, years: int) -> str:
    """The tier of a functional post that years of service allow."""
    lower = (("Ahli Madya", 14, "Ahli Muda"), ("Ahli Muda", 6, "Ahli Pertama"))
    for tier, needed, below in lower:
        if tier in post and years < needed:
            post = post.replace(tier, below)
    return post


def nip_of(random: Random, birth: date, appointed: date, sex: int, kind: EmploymentKind, used: dict[str, int]) -> str:
    """A valid, unique NIP (PNS, CPNS) or NI PPPK: `used` counts the sequence for each first fifteen digits (D19, DOMAIN 3.1-3.4)."""
    entered = f"{appointed:%Y}21" if kind is EmploymentKind.PPPK else f"{appointed:%Y%m}"
    first = f"{birth:%Y%m%d}{entered}{sex}"
    used[first] = used.get(first, random.randint(0, 6)) + 1
    return f"{first}{used[first]:03d}"


def grade_of(random: Random, kind: EmploymentKind, degree: str, years: int, is_head: bool) -> str:
    """A grade that fits schooling and years of service, in canonical form; "" for people without a staff number."""
    if kind is EmploymentKind.OTHER:
        return ""
    if kind is EmploymentKind.PPPK:
        return "IX" if degree.startswith("S") else ("VII" if degree else "V")
    steps = ("II/a", "II/b", "II/c", "II/d", "III/a", "III/b", "III/c", "III/d", "IV/a", "IV/b", "IV/c")
    begin = 4 if degree.startswith("S") else (2 if degree else 0)
    highest = 10 if is_head else (8 if "M." in degree else 7 if begin == 4 else 6)
    return steps[min(highest, begin + years // 4 + (2 if is_head else 0) + random.randint(0, 1))]
