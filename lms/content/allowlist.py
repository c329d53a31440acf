"""What of authors' HTML may stay: the allow-list that render.py gives to nh3 and that the checker explains (K014, K015)."""

TAGS = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "a", "img", "strong", "em", "del", "code", "pre", "table", "thead", "tbody", "tr", "th", "td", "blockquote", "hr", "br", "sup", "sub", "div", "span", "figure", "figcaption", "dl", "dt", "dd", "abbr", "kbd", "mark", "details", "summary", "input"]
)
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "th": {"align"},
    "td": {"align"},
    "ol": {"start"},
    "abbr": {"title"},
    "input": {"type", "checked", "disabled"},
    "code": {"class"},
    **{name: {"id"} for name in ("h1", "h2", "h3", "h4", "h5", "h6", "sup", "li")},
}
CLASSES = {
    "div": {"admonition", "note", "tip", "important", "warning", "caution", "kasus", "refleksi", "footnote", "arithmatex"},
    "p": {"admonition-title"},
    "span": {"arithmatex"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
CALLOUTS = {
    "note": ("catatan", "Catatan"),
    "tip": ("kiat", "Kiat"),
    "important": ("penting", "Penting"),
    "warning": ("peringatan", "Peringatan"),
    "caution": ("awas", "Awas"),
    "kasus": ("kasus", "Kasus"),
    "refleksi": ("refleksi", "Refleksi"),
}
