"""An executed notebook as one self-contained page: the template `briefing`, its contents list, and what it must keep.

The page shows markdown cells, and the html (else markdown, else text) outputs of code cells. Code, prompts, printed
streams and tracebacks are never shown; cells tagged hide, parameters or injected-parameters are left out whole.
"""

from __future__ import annotations

import base64
import datetime as dt
import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from html import escape, unescape
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from lxml import html as lxml_html

from helpers.errors import ContractError, InputError
from helpers.rounding import format_date
from helpers.settings import slug

if TYPE_CHECKING:
    from nbconvert.exporters import TemplateExporter
    from nbformat import NotebookNode

LEFT_OUT = {"hide", "parameters", "injected-parameters"}
SHOWN = ["application/vnd.jupyter.widget-view+json", "text/html", "text/markdown", "text/plain"]
"""Kinds of output, best first. A widget (a progress bar) has an empty block in the template: it shows nothing."""

NEEDED = {"title": "", "description": ""}
OPTIONAL = {
    "service": "Corporate parenting briefing",
    "borough": "",
    "as_at": "",
    "subtitle": "",
    "status": (),
    "links": (),
    "footer": (),
}
_HEADING = re.compile(r"<h([1-6])\b([^>]*)>(.*?)</h\1>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')
_OUTSIDE = re.compile(r'<a href="(https?:[^"]*)"')
_SCHEME = re.compile(r"([^/?#:]*):")
_UNSEEN = re.compile(r"[\x00-\x20]+")
"""What a browser drops from an address before it looks at it: a line break can hide `javascript:` from a reader."""
_ELEMENTS = """
    html head meta title link style body header main footer nav div span p a h1 h2 h3 h4 h5 h6 ul ol li dl dt dd
    table caption thead tbody tr th td details summary figure figcaption strong em b i s del code pre blockquote hr
    br sub sup img svg desc defs use g path text tspan rect circle ellipse line polyline polygon clippath
"""
ELEMENTS = frozenset(_ELEMENTS.split())
"""All a page is made of. None of them runs, sends, plays or embeds anything."""
_ADDRESSES = """
    src srcset data poster background action formaction ping manifest srcdoc cite longdesc lowsrc dynsrc archive
    codebase classid profile usemap attributename
"""
ADDRESSES = frozenset(_ADDRESSES.split())
"""Attributes that load or send something, or change one that does. Only an image has one (src, with data: in it)."""
_NOT_WORDS = re.compile(r"\b(?:nan|NaN|NaT|None|inf)\b| object at 0x")


def export_page(notebook: NotebookNode, page: dict) -> str:
    """Turn an executed notebook into the text of one page that needs no other file.

    page: title (the page's h1; place, topic and date) and description, both needed; and, where there are,
        service, borough and as_at (a date, or words) for the header, subtitle (below the title),
        status (sentences in a banner, such as 'Made-up children: every child on this page is invented.'),
        links (tables.Link or (words, address): sibling pages and downloads), footer (lines: version, input checksum)
    A `# ` heading in the notebook is its name for analysts and is left out: the page has one h1, its title.
    raises: InputError for a page without title or description, or with an unknown key;
        ContractError naming every rule of `page_faults` that the page breaks; nothing is returned then
    """
    settings = _checked(page)
    pictures = [
        n for n, cell in enumerate(notebook.cells, start=1) if not _tags(cell) & LEFT_OUT and _bare_picture(cell)
    ]
    css = _style()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    resources = {"page": settings, "css": css, "css_hash": digest}
    text, _ = _exporter().from_notebook_node(notebook, resources=resources)
    faults = page_faults(text) + [
        f"cell {n} shows a picture without words: give it to the page as a charts.Chart" for n in pictures
    ]
    if faults:
        told = "\n".join(f"- {fault}" for fault in faults)
        raise ContractError(f"The page {settings['title']!r} was not written:\n{told}")
    return text


def _checked(page: dict) -> dict:
    unknown = sorted(set(page) - set(NEEDED) - set(OPTIONAL))
    if unknown:
        near = difflib.get_close_matches(unknown[0], [*NEEDED, *OPTIONAL], n=1)
        hint = f" Did you mean {near[0]!r}?" if near else f" Use: {', '.join([*NEEDED, *OPTIONAL])}."
        raise InputError(f"A page has no setting {unknown[0]!r}.{hint}")
    blank = [name for name in NEEDED if not str(page.get(name, "")).strip()]
    if blank:
        raise InputError(f"A page needs a {' and a '.join(blank)}. Give them in words a reader would search for.")
    settings = {**NEEDED, **OPTIONAL, **page}
    if isinstance(settings["as_at"], dt.date):
        settings["as_at"] = format_date(settings["as_at"])
    for name in ("status", "footer"):
        settings[name] = [settings[name]] if isinstance(settings[name], str) else list(settings[name])
    settings["links"] = [
        {"text": link[0], "address": link[1]}
        if isinstance(link, tuple)
        else {"text": link.text, "address": link.address}
        for link in settings["links"]
    ]
    return settings


def _tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def _bare_picture(cell: NotebookNode) -> bool:
    """Say whether a cell shows a picture that has no html beside it: its words would be lost."""
    shown = [output.get("data", {}) for output in cell.get("outputs", [])]
    return any("text/html" not in data and any(kind.startswith("image/") for kind in data) for data in shown)


# --------------------------------------------------------------------------------------------------------- exporter


@lru_cache
def _style() -> str:
    text = (files("helpers") / "templates" / "briefing" / "style.css").read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/\s*|\n\s*", "", text, flags=re.DOTALL)


@lru_cache
def _exporter() -> TemplateExporter:
    """Build the exporter once: reading nbconvert's templates takes longer than writing a page.

    TemplateExporter and not HTMLExporter, which parses the finished page again and writes it differently.
    """
    from nbconvert.exporters import TemplateExporter
    from traitlets.config import Config

    config = Config()
    config.TagRemovePreprocessor.remove_cell_tags = LEFT_OUT
    config.NbConvertBase.display_data_priority = SHOWN
    return TemplateExporter(
        config=config,
        file_extension=".html",
        template_name="briefing",
        extra_template_basedirs=[str(files("helpers") / "templates")],
        exclude_raw=True,
        filters={"markdown2html": _markdown, "anchored": anchored},
    )


def _markdown(source: str) -> str:
    """Turn markdown into html. Html written in it is shown as text, and only safe kinds of address become links."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
    text = MarkdownWithMath(renderer=renderer).render(source)
    return _OUTSIDE.sub(r'<a rel="noreferrer noopener" href="\1"', text)


class Heading(NamedTuple):
    """One line of the contents list."""

    anchor: str
    text: str


class Body(NamedTuple):
    """What stands between header and footer, and the contents list to it."""

    html: str
    contents: list[Heading]


def anchored(body: str) -> Body:
    """Give every heading an id, unique and made of its words; drop h1; list the h2 headings.

    body: html of the cells, escaped already
    """
    taken = set(_ID.findall(body)) | {"main"}
    contents: list[Heading] = []

    def with_anchor(found: re.Match) -> str:
        level, attributes, inside = found.groups()
        if level == "1":
            return ""
        text = unescape(re.sub(r"<[^>]+>", "", inside)).strip()
        own = _ID.search(attributes)
        anchor = own[1] if own else _free_anchor(slug(text) or "section", taken)
        taken.add(anchor)
        if level == "2":
            contents.append(Heading(anchor, text))
        return found[0] if own else f'<h{level} id="{escape(anchor)}"{attributes}>{inside}</h{level}>'

    return Body(_HEADING.sub(with_anchor, body), contents)


def _free_anchor(wanted: str, taken: set[str]) -> str:
    anchor, n = wanted, 1
    while anchor in taken:
        n += 1
        anchor = f"{wanted}-{n}"
    return anchor


# ------------------------------------------------------------------------------------------------------------ rules


def page_faults(text: str) -> list[str]:
    """Name every structural rule a page breaks, in words; an empty list is a page that may be shown.

    Rules: no elements but ELEMENTS; nothing is loaded or run; links lead to sibling files or openly outside; one h1 and
    no level skipped; every table captioned and every header scoped; every picture named and described; ids unique and
    every reference to one met; no 'nan' or the like for a reader.
    """
    root = lxml_html.document_fromstring(text.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))
    rules = (_loads, _headings, _tables, _pictures, _references, _words)
    return [fault for rule in rules for fault in rule(root)]


def _count(number: int, what: str) -> Iterator[str]:
    if number:
        yield f"{number} {what}"


def _loads(root: lxml_html.HtmlElement) -> Iterator[str]:
    yield from _count(len(root.xpath("//script|//iframe|//object|//embed|//form|//base")), "scripts, frames or forms")
    others = {str(one.tag) for one in root.iter() if isinstance(one.tag, str)} - ELEMENTS
    if others:
        yield f"elements that no page is made of: {', '.join(sorted(others))}"
    yield from _count(len(root.xpath("//@style")), "style= attributes: show frames with tables.Table")
    handlers = [name for element in root.iter() for name in element.attrib if name.lower().startswith("on")]
    yield from _count(len(handlers), "attributes that run code")
    loaded = root.xpath("//link/@href|//*[local-name()='image' or local-name()='use']/@*[contains(name(), 'href')]")
    loaded += [value for one in root.iter() for name, value in one.attrib.items() if name.lower() in ADDRESSES]
    yield from _count(sum(not address.startswith(("data:", "#")) for address in loaded), "files that would be loaded")
    yield from _count(len(root.xpath("//style")) - 1, "style blocks besides the page's own")
    yield from _count(len(root.xpath("//meta[@http-equiv]")) - 1, "http-equiv settings besides the page's own policy")
    yield from _links(root)


def _links(root: lxml_html.HtmlElement) -> Iterator[str]:
    """Let links lead to sibling files, into the page, or (telling nobody where from) to a site by http or https."""
    found = [(link, _UNSEEN.sub("", link.get("href"))) for link in root.xpath("//a[@href]")]
    found += [(link, _UNSEEN.sub("", link.get("xlink:href"))) for link in root.xpath("//*[@*[name()='xlink:href']]")]
    schemes = [(link, scheme[1].lower() if (scheme := _SCHEME.match(address)) else "") for link, address in found]
    yield from _count(sum(scheme not in ("", "http", "https") for _, scheme in schemes), "links that run code")
    outside = [link for link, address in found if address.replace("\\", "/").startswith("//")]
    yield from _count(len(outside), "links to another machine")
    untold = [link for link, scheme in schemes if scheme.startswith("http") and "noreferrer" not in link.get("rel", "")]
    yield from _count(len(untold), "links outside without rel=noreferrer")


def _headings(root: lxml_html.HtmlElement) -> Iterator[str]:
    levels = [int(heading.tag[1]) for heading in root.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} h1 headings, where there is one"
    for before, after in zip(levels, levels[1:], strict=False):
        if after > before + 1:
            yield f"a heading of level {after} directly under level {before}"
    yield from _count(
        len([h for h in root.xpath("//h1|//h2|//h3|//h4|//title") if not h.text_content().strip()]), "empty headings"
    )


def _tables(root: lxml_html.HtmlElement) -> Iterator[str]:
    tables = root.xpath("//table")
    yield from _count(sum(not table.xpath("string(caption)").strip() for table in tables), "tables without a caption")
    yield from _count(len(root.xpath("//th[not(@scope='col' or @scope='row')]")), "table headers without a scope")


def _pictures(root: lxml_html.HtmlElement) -> Iterator[str]:
    drawn = root.xpath("//*[local-name()='svg']")
    bare = [
        svg for svg in drawn if svg.get("role") != "img" or not svg.xpath("string(*[local-name()='title'])").strip()
    ]
    yield from _count(len(bare), "pictures without a role and a name")
    charts = root.xpath("//figure//*[local-name()='svg'][not(normalize-space(*[local-name()='desc']))]")
    yield from _count(len(charts), "charts without a description")
    yield from _count(len(root.xpath("//img[not(normalize-space(@alt))]")), "images without a description")


def _references(root: lxml_html.HtmlElement) -> Iterator[str]:
    ids = Counter(root.xpath("//@id"))
    for name in sorted(name for name, times in ids.items() if times > 1):
        yield f"the id {name!r} is there {ids[name]} times: give each chart its own key"
    named = " ".join(root.xpath("//@aria-labelledby|//@aria-describedby")).split()
    inside = [link[1:] for link in root.xpath("//a/@href|//*[local-name()='use']/@href") if link.startswith("#")]
    for name in sorted(set(named + inside) - set(ids)):
        yield f"the id {name!r} is referred to and is not there"
    yield from _count(len([a for a in root.xpath("//a[@href]") if not a.text_content().strip()]), "links without words")


def _words(root: lxml_html.HtmlElement) -> Iterator[str]:
    told = " ".join(root.xpath("//text()[not(parent::style)]|//@alt|//@aria-label|//@content"))
    for found in sorted(set(_NOT_WORDS.findall(told))):
        yield f"{found.strip()!r} stands where a reader expects words or a number"
    if not root.get("lang"):
        yield "no language"
