"""The source of a page: nothing runs, nothing is loaded, nothing is kept where no reader looks."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from functools import lru_cache

from lxml import etree, html

from helpers.audit.files import readable
from helpers.audit.result import Audit
from helpers.codes import load_codelist

_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.S | re.I)
_DATA = re.compile(r"data:([\w/+.-]*)((?:;[\w=-]+)*),([^\"')\s>]*)")
_ELSEWHERE = re.compile(r"@import|url\(\s*[\"']?(?!data:|#)[^)\s]|image-set\(|expression\(|\\[0-9a-f]{2}", re.I)
_QUOTED = re.compile(r"\"([^\"]*)\"")
_LONGEST_IN_STYLE = 10  # letters: 'Page ', ' of ', names of fonts
_SCRIPT_ADDRESS = re.compile(r"\s*(?:javascript|vbscript|data):", re.I)
_LOADS = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "manifest", "xlink:href"}
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_TOLD_IN_PICTURES = re.compile(
    rb"(?:tEXt|iTXt|zTXt)(?!Title\0|Description\0|Software\0)|eXIf|Exif\0|<x:xmpmeta|photoshop", re.I
)


def parse(source: str) -> html.HtmlElement:
    """Read a page as a browser would, comments and all."""
    return html.document_fromstring(source.encode(), parser=html.HTMLParser(encoding="utf-8", huge_tree=True))


@lru_cache
def _allowed() -> dict[str, frozenset[str]]:
    listed = load_codelist("audit_elements")
    every = set(listed.set_index("element").loc["*", "attributes"].split())
    return {row.element: frozenset(every | set(row.attributes.split())) for row in listed.itertuples()}


def check_markup(root: html.HtmlElement, source: str, place: str, audit: Audit) -> list[tuple[str, str]]:
    """Note every element and attribute that no page has, what would run or be loaded, and comments.

    returns: the text inside data: addresses, with its place, to be looked at as any other
    """
    for element in root.iter():
        if element.tag is etree.Comment:
            audit.fault(place, "a comment in the source")
        elif not isinstance(element.tag, str):
            audit.fault(place, "an instruction in the source")
        else:
            _check_element(element, place, audit)
    _check_styles(root, source, place, audit)
    _check_policy(root, source, place, audit)
    audit.count("pages")
    return _carried(source, place, audit)


def unseen_texts(root: html.HtmlElement) -> set[str]:
    """Give what a page's source holds that is no text for readers: attributes, comments, styles, scripts.

    The policy is left out: its hash is of any letters.
    """
    told = set()
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag in ("style", "script"):
            told.add(element.text or "")
        elif "http-equiv" not in element.attrib:
            told.update(value for value in element.attrib.values() if not value.startswith("data:"))
            told.update(name for name in element.attrib if name not in _allowed().get(element.tag, ()))
    return told


def _check_element(element: html.HtmlElement, place: str, audit: Audit) -> None:
    allowed = _allowed().get(element.tag)
    if allowed is None:
        known = element.tag if element.tag.isalpha() else "?"
        audit.fault(place, f"an element <{known}>, which no page has" if known != "script" else "a script")
        allowed = _allowed()["*"]
    for name, value in element.attrib.items():
        if name.startswith("on"):
            audit.fault(place, "an attribute that runs code")
        elif name.startswith("data-"):
            audit.fault(place, "a data- attribute, which may keep what is not shown")
        elif name not in allowed:
            audit.fault(place, f"an attribute of <{element.tag}> that no page has")
        if name in _LOADS and not value.startswith("data:"):
            audit.fault(place, "a request to another place")
        if name == "href" and element.tag != "a" and not value.startswith(("#", "data:,")):
            audit.fault(place, "a request to another place")
        if name == "href" and element.tag == "a" and _SCRIPT_ADDRESS.match(value):
            audit.fault(place, "a link that runs code or carries a file")
        if name == "http-equiv" and value.lower() != "content-security-policy":
            audit.fault(place, "an instruction to the browser in place of a header")


def _check_styles(root: html.HtmlElement, source: str, place: str, audit: Audit) -> None:
    if len(root.xpath("//style")) != 1 or len(_STYLE.findall(source)) != 1:
        audit.fault(place, "another number of style blocks than one")
    for style in _STYLE.findall(source):
        if _ELSEWHERE.search(style):
            audit.fault(place, "a style that loads from another place, or hides what it says")
        if "/*" in style or any(
            len(told) > _LONGEST_IN_STYLE or re.search(r"\d", told) for told in _QUOTED.findall(style)
        ):
            audit.fault(place, "a style with words of its own")


def _check_policy(root: html.HtmlElement, source: str, place: str, audit: Audit) -> None:
    policies = root.xpath(
        "//meta[translate(@http-equiv,'CONTESURIYPL','contesuriypl')='content-security-policy']/@content"
    )
    if len(policies) != 1:
        audit.fault(place, f"{len(policies)} Content-Security-Policies, where there is one")
        return
    told = {words[0]: words[1:] for part in policies[0].split(";") if (words := part.split())}
    if told.get("default-src") != ["'none'"]:
        audit.fault(place, "a policy that does not begin by allowing nothing")
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
        for style in _STYLE.findall(source)
    ]
    if told.get("style-src") != hashes:
        audit.fault(place, "a policy whose hash is not that of the page's style")
    wider = set(told) - {"default-src", "style-src", "img-src", "base-uri", "form-action", "frame-ancestors"}
    if wider or told.get("img-src", []) not in ([], ["data:"], ["'none'"]):
        audit.fault(place, "a policy that allows more than a page needs")


def _carried(source: str, place: str, audit: Audit) -> list[tuple[str, str]]:
    """Decode what data: addresses carry; note a picture that keeps words, and what is no picture."""
    carried = []
    for kind, parameters, content in _DATA.findall(source):
        if not content:
            continue
        try:
            inside = base64.b64decode(content, validate=True) if "base64" in parameters else content.encode()
        except (binascii.Error, ValueError):
            audit.fault(place, "something carried inside the page that cannot be read")
            continue
        if kind not in _PICTURES:
            audit.fault(place, "something carried inside the page that is no picture")
        elif _TOLD_IN_PICTURES.search(inside):
            audit.fault(place, "a picture that keeps words of its own")
        carried.append((f"{place}, carried picture {len(carried) + 1}", readable(inside)))
    return carried
