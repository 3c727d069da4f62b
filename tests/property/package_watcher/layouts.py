"""Layout files as people and tools write them: odd, but layouts."""

from hypothesis import strategies as st

METADATA = "http://soap.sforce.com/2006/04/metadata"
WORDS = st.text(alphabet="abc é%()-_.>/'\"", min_size=1, max_size=12).filter(str.strip)
PAGES = st.sampled_from(["Other_Page", "Causeway_Lead", "ns__Causeway_Lead", "Causeway_Contact"])
NOISE = st.sampled_from(
    [
        "",
        "",
        "",
        " ",
        "\t",
        "<!-- note -->",
        "<!--<layoutSections><page>Causeway_Lead</page></layoutSections>-->",
        "<?tool keep?>",
        "<!-- a > b -->  ",
    ]
)
BREAKS = st.sampled_from(["\n", "\r\n", "", "\n\n", "\n  \n"])
INDENTS = st.sampled_from(["    ", "\t", "  ", ""])


@st.composite
def elements(draw: st.DrawFn, name: str, inner: str) -> str:
    """One element, with an attribute or an odd tag now and then."""
    head = draw(st.sampled_from([name, f"{name} ", f"{name}\n", f'{name} a=">"']))
    if not inner:
        return draw(st.sampled_from([f"<{head}/>", f"<{head}></{name} >"]))
    return f"<{head}>{inner}</{draw(st.sampled_from([name, name + ' ']))}>"


@st.composite
def texts(draw: st.DrawFn, value: str) -> str:
    """A text, escaped, as CDATA, or with a character reference."""
    escaped = value.replace("&", "&amp;").replace("<", "&lt;")
    plain = f"<![CDATA[{value}]]>" if "]]>" not in value else escaped
    return draw(st.sampled_from([escaped, plain, f"{escaped}<!-- x -->", f" {escaped} "]))


@st.composite
def items(draw: st.DrawFn, prefix: str) -> str:
    """One place of a section: a field, a page, or nothing."""
    kind = draw(st.sampled_from(["field", "page", "emptySpace"]))
    if kind == "emptySpace":
        inner = draw(elements(f"{prefix}emptySpace", "true"))
    else:
        value = draw(PAGES if kind == "page" else WORDS)
        inner = draw(elements(f"{prefix}{kind}", draw(texts(value))))
    return draw(elements(f"{prefix}layoutItems", draw(NOISE) + inner))


@st.composite
def sections(draw: st.DrawFn, prefix: str) -> str:
    """One section, labelled like ours now and then."""
    label = draw(st.one_of(WORDS, st.just("Causeway")))
    columns = [
        draw(elements(f"{prefix}layoutColumns", "".join(draw(st.lists(items(prefix), max_size=2)))))
        for _ in range(draw(st.integers(0, 2)))
    ]
    inner = draw(elements(f"{prefix}label", draw(texts(label)))) + "".join(columns)
    return draw(elements(f"{prefix}layoutSections", draw(NOISE) + inner))


@st.composite
def layouts(draw: st.DrawFn) -> bytes:
    """A whole file."""
    prefix = draw(st.sampled_from(["", "", "m:"]))
    line, indent = draw(BREAKS), draw(INDENTS)
    parts = [
        *(draw(elements(f"{prefix}excludeButtons", draw(texts(draw(WORDS))))) for _ in range(1)),
        *draw(st.lists(sections(prefix), max_size=3)),
        *draw(
            st.lists(elements(f"{prefix}relatedLists", draw(WORDS).replace("&", "")), max_size=1)
        ),
    ]
    body = "".join(line + indent + draw(NOISE) + part + draw(NOISE) for part in parts)
    space = f'xmlns{":m" if prefix else ""}="{METADATA}"'
    head = draw(st.sampled_from(['<?xml version="1.0" encoding="UTF-8"?>\n', "", "\ufeff"]))
    return f"{head}<{prefix}Layout {space}>{body}{line}</{prefix}Layout>\n".encode()
