"""The figure, its style and its SVG: drawn 5 inches wide with afcharts colours, cleaned of all a page does not need.

Figures are made without pyplot, so none stays open; matplotlib's settings are changed only while a figure is drawn.
One unit of the picture is one point, and 360 points fit a phone, so a label of 12 is 12 pixels there.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, ParamSpec

from lxml import etree

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 360  # points: 5 inches
TEXT_SIZE = 12
LINE_HEIGHT = 14
TEXT = "#0b0c0c"
GRID = "#cccccc"  # gridlines alone; everything that carries meaning is at least 3:1
AXIS = "#6f777b"
LAST_YEAR = "#6f777b"
SCREEN_HEIGHT = 1.4  # pixels a point in JupyterLab, which has no style sheet of ours
# Every machine measures text with the font that comes with matplotlib; it is wider than the Arial that is shown.
_MEASURED_FONT = "DejaVu Sans"
_SHOWN_FONT = "Arial, Helvetica, sans-serif"
_SVG = "http://www.w3.org/2000/svg"
_HREF = "{http://www.w3.org/1999/xlink}href"

P = ParamSpec("P")


@lru_cache
def palette() -> list[str]:
    """The six categorical colours of the Analysis Function; each is at least 3:1 against white. The first is ours."""
    from afcharts.af_colours import get_af_colours

    return [colour.lower() for colour in get_af_colours("categorical", number_of_colours=6)]


@lru_cache
def _settings() -> dict:
    from matplotlib import rc_params_from_file

    style = rc_params_from_file(files("afcharts") / "afcharts.mplstyle", use_default_template=False)
    ours = {
        "font.family": [_MEASURED_FONT],
        "font.size": TEXT_SIZE,
        "text.color": TEXT,
        "axes.labelcolor": TEXT,
        "xtick.labelcolor": TEXT,
        "ytick.labelcolor": TEXT,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "xtick.minor.size": 0,
        "axes.unicode_minus": True,
        "svg.fonttype": "none",
        "svg.hashsalt": "briefing",
        "text.parse_math": False,
    }
    return {**style, **ours}


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Run a drawing function under the house style, and put matplotlib's own settings back after it."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        from matplotlib import rc_context

        with rc_context(_settings()):
            return draw(*args, **kwargs)

    return drawn


def new_axes(height: float, *, left: float, right: float, top: float, bottom: float) -> tuple[Figure, Axes]:
    """Make a figure 360 points wide with one axes, margins in points, and no background."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / 72, height / 72))
    figure.patch.set_visible(False)
    axes = figure.add_axes(
        (left / WIDTH, bottom / height, (WIDTH - left - right) / WIDTH, (height - top - bottom) / height)
    )
    axes.patch.set_visible(False)
    axes.tick_params(pad=4)
    return figure, axes


@lru_cache(maxsize=2000)
def text_width(text: str, *, bold: bool = False) -> float:
    """Measure a line of text in points, at the size of chart labels."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=_MEASURED_FONT, size=TEXT_SIZE, weight="bold" if bold else "normal")
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]


def wrap(text: str, width: float, *, bold: bool = False) -> list[str]:
    """Break text at spaces into lines of at most `width` points; a longer word keeps its own line."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def write_lines(axes: Axes, x: float, y: float, lines: Sequence[str], *, bold: bool = False, **options: object) -> None:
    """Write lines of text one below the other, centred on y. Each line is its own text, so SVG keeps it as text."""
    for n, line in enumerate(lines):
        offset = ((len(lines) - 1) / 2 - n) * LINE_HEIGHT
        axes.annotate(
            line,
            (x, y),
            xytext=(0, offset),
            textcoords="offset points",
            va="center_baseline",
            weight="bold" if bold else "normal",
            annotation_clip=False,
            **options,
        )


# ------------------------------------------------------------------------------------------------------------- SVG


def to_svg(figure: Figure, *, key: str, title: str, description: str) -> str:
    """Give the figure as SVG for a page: role, title and description, text as text, no style, no date, no clip.

    Every id begins with `key`. The picture has a viewBox and no width, so a page scales it.
    """
    from matplotlib import rc_context

    out = io.BytesIO()
    with rc_context(_settings()):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = etree.fromstring(out.getvalue(), etree.XMLParser(remove_comments=True, remove_blank_text=True))
    height = float(root.get("height").removesuffix("pt"))
    for unwanted in root.xpath("//*[local-name()='metadata' or local-name()='style']"):
        unwanted.getparent().remove(unwanted)
    picture = etree.Element("g", {"font-family": _SHOWN_FONT, "font-size": str(TEXT_SIZE), "fill": TEXT})
    picture.extend(list(root))
    for element in picture.iterdescendants():
        _plain_attributes(element)
    _flatten(picture)
    _name_ids(picture, key)
    body = etree.tostring(picture, encoding="unicode").replace(f' xmlns="{_SVG}"', "")
    body = re.sub(r' xmlns:\w+="[^"]*"', "", body)
    return (
        f'<svg xmlns="{_SVG}" viewBox="0 0 {WIDTH} {height:g}" height="{height * SCREEN_HEIGHT:.0f}" '
        f'preserveAspectRatio="xMinYMin meet" role="img" aria-labelledby="{key}-name {key}-desc">'
        f'<title id="{key}-name">{escape(title, quote=False)}</title>'
        f'<desc id="{key}-desc">{escape(description, quote=False)}</desc>{body}</svg>'
    )


def _plain_attributes(element: etree._Element) -> None:
    """Turn the style into attributes (a strict page allows no style), shorten numbers, drop what the group says."""
    element.tag = etree.QName(element).localname
    for declaration in filter(None, element.attrib.pop("style", "").split(";")):
        name, value = (part.strip() for part in declaration.split(":", 1))
        element.set(name, value)
    if _HREF in element.attrib:
        element.set("href", element.attrib.pop(_HREF))
    if element.tag == "text":
        element.attrib.pop("font-family", None)
        element.set("fill", element.get("fill", "#000000"))
        if element.get("text-anchor") == "start":
            del element.attrib["text-anchor"]
    for name, default in (("font-size", f"{TEXT_SIZE}px"), ("fill", TEXT), ("stroke-linejoin", "miter")):
        if element.get(name) == default:
            del element.attrib[name]
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    for name in ("d", "x", "y", "transform"):
        if name in element.attrib:
            element.set(name, _short(element.get(name)))


def _short(numbers: str) -> str:
    rounded = re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), numbers)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", re.sub(r"\s+", " ", rounded)).replace("-0 ", "0 ").strip()


def _flatten(picture: etree._Element) -> None:
    """Drop the ids nobody refers to, then the groups that say nothing, keeping what is in them."""
    wanted = {element.get("href", "#")[1:] for element in picture.iter()}
    for element in list(picture.iter()):
        if element.get("id") not in wanted:
            element.attrib.pop("id", None)
    for element in list(picture.iter("g", "defs")):
        if element is picture or element.attrib or (element.tag == "defs" and len(element)):
            continue
        parent = element.getparent()
        place = parent.index(element)
        parent[place : place + 1] = list(element)


def _name_ids(picture: etree._Element, key: str) -> None:
    names = {element.get("id"): f"{key}-{n}" for n, element in enumerate(picture.xpath(".//*[@id]"), start=1)}
    for element in picture.iter():
        if "id" in element.attrib:
            element.set("id", names[element.get("id")])
        if "href" in element.attrib:
            element.set("href", "#" + names[element.get("href")[1:]])


def to_png(figure: Figure, *, title: str, description: str) -> bytes:
    """Give the figure as PNG on white, 200 dots per inch, with no date or software name inside."""
    from matplotlib import rc_context

    out = io.BytesIO()
    figure.patch.set_visible(True)
    with rc_context(_settings()):
        metadata = {"Title": title, "Description": description, "Software": None}
        figure.savefig(out, format="png", dpi=200, facecolor="white", metadata=metadata)
    return out.getvalue()
