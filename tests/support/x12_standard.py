"""A 940 as the standard has it, for a validator that shares nothing with what writes it: the library `pyx12`.

It knows the transaction sets of health insurance. The one of warehouses is given to it here as a table: segments in
their order with their elements, each with its number in the data element dictionary, type and lengths.
Source: X12 004010, transaction set 940.
"""

import io
import json
import shutil
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, ElementTree, SubElement

import pyx12.params  # type: ignore[import-untyped]
import pyx12.x12n_document  # type: ignore[import-untyped]
from defusedxml.ElementTree import parse  # type: ignore[import-untyped]

ELEMENTS = {
    "473": ("ID", 1, 1),
    "285": ("AN", 1, 22),
    "324": ("AN", 1, 22),
    "98": ("ID", 2, 3),
    "93": ("AN", 1, 60),
    "66": ("ID", 1, 2),
    "67": ("AN", 2, 80),
    "166": ("AN", 1, 55),
    "19": ("AN", 2, 30),
    "156": ("ID", 2, 2),
    "116": ("ID", 3, 15),
    "26": ("ID", 2, 3),
    "128": ("ID", 2, 3),
    "127": ("AN", 1, 30),
    "366": ("ID", 2, 2),
    "365": ("ID", 2, 2),
    "364": ("AN", 1, 80),
    "432": ("ID", 2, 2),
    "373": ("DT", 8, 8),
    "363": ("ID", 3, 3),
    "352": ("AN", 1, 80),
    "146": ("ID", 2, 2),
    "91": ("ID", 1, 2),
    "150": ("ID", 2, 2),
    "399": ("ID", 2, 2),
    "387": ("AN", 1, 35),
    "140": ("ID", 2, 4),
    "554": ("N0", 1, 6),
    "330": ("R", 1, 9),
    "355": ("ID", 2, 2),
    "438": ("AN", 12, 12),
    "235": ("ID", 2, 2),
    "234": ("AN", 1, 48),
    "369": ("AN", 1, 45),
    "143": ("ID", 3, 3),
    "329": ("AN", 4, 9),
    "96": ("N0", 1, 10),
    "ANY": ("AN", 1, 10),
}


class Part(NamedTuple):
    """A segment: its tag, its elements with ! behind those that must be there, and how often it may be."""

    tag: str
    elements: str
    most: str = "1"
    required: bool = False


HEADING = (
    Part("N9", "128! 127!", ">1"),
    Part("G61", "366! 93! 365 364", "3"),
    Part("G62", "432! 373!", "10"),
    Part("NTE", "363! 352!", ">1"),
    Part("W66", "146! 91 150 399 387 ANY ANY ANY ANY 140"),
)
PARTY = (
    Part("N1", "98! 93 66 67", required=True),
    Part("N2", "93! 93"),
    Part("N3", "166! 166", "2"),
    Part("N4", "19 156 116 26"),
)
ITEM = (Part("W01", "330! 355! 438 235 234", required=True), Part("G69", "369!", "5"), Part("N9", "128! 127!", "200"))


def faults(document: bytes, folder: Path) -> list[str]:
    """Give what the validator has to say against a document that holds 940s or 997s."""
    maps = _maps(folder)
    found, acknowledgement = io.StringIO(), io.StringIO()
    is_valid = pyx12.x12n_document.x12n_document(
        pyx12.params.params(),
        io.StringIO(document.decode()),
        acknowledgement,
        None,
        fd_json=found,
        map_path=str(maps),
    )
    said = _reasons(json.loads(found.getvalue())) if found.getvalue() else []
    return said if said or is_valid else [acknowledgement.getvalue() or "invalid"]


def _reasons(node: object) -> list[str]:
    if isinstance(node, list):
        return [reason for one in node for reason in _reasons(one)]
    if not isinstance(node, dict):
        return []
    own = [str(node)] if "err_cde" in node or "error_code" in node else []
    return own + [reason for one in node.values() for reason in _reasons(one)]


def _maps(folder: Path) -> Path:
    maps = folder / "maps"
    if maps.is_dir():
        return maps
    maps.mkdir()
    for source in Path(str(files("pyx12").joinpath("map"))).iterdir():
        if source.suffix in (".xml", ".xsd"):
            shutil.copy(source, maps)
    index = parse(maps / "maps.xml")
    version = next(one for one in index.getroot().iter("version") if one.get("icvn") == "00401")
    SubElement(version, "map", vriic="004010", fic="OW", abbr="940").text = "940.xml"
    index.write(maps / "maps.xml")
    dictionary = parse(maps / "dataele.xml")
    known = {one.get("ele_num"): one for one in dictionary.getroot()}
    for number, (kind, least, most) in ELEMENTS.items():
        one = known[number] if number in known else SubElement(dictionary.getroot(), "data_ele")
        one.attrib |= {"ele_num": number, "data_type": kind, "min_len": str(least), "max_len": str(most)}
        one.attrib.setdefault("name", number)
    dictionary.write(maps / "dataele.xml")
    control = parse(maps / "x12.control.00401.xml")
    _allow(control, "GS01", "OW")
    control.write(maps / "x12.control.00401.xml")
    transaction = parse(maps / "997.4010.xml")
    # It names the groups and transaction sets of health insurance alone.
    for one in transaction.getroot().iter("element"):
        if one.get("xid") in ("AK101", "AK201"):
            one.remove(one.find("valid_codes"))
    transaction.write(maps / "997.4010.xml")
    _replace(transaction)
    _allow(transaction, "GS01", "OW")
    transaction.write(maps / "940.xml")
    return maps


def _allow(tree: "ElementTree[Element]", element: str, code: str) -> None:
    for one in tree.getroot().iter("element"):
        codes = one.find("valid_codes")
        if one.get("xid") == element and codes is not None:
            SubElement(codes, "code").text = code


def _replace(tree: "ElementTree[Element]") -> None:
    """Put the 940's content where the map of another transaction set has its own."""
    root = tree.getroot()
    root.set("xid", "940")
    loop = next(one for one in root.iter("loop") if one.get("xid") == "ST_LOOP")
    header, trailer = (next(one for one in loop.iter("segment") if one.get("xid") == tag) for tag in ("ST", "SE"))
    for child in list(loop):
        if child.tag in ("loop", "segment"):
            loop.remove(child)
    for one in header.iter("element"):
        codes = one.find("valid_codes")
        if one.get("xid") == "ST01" and codes is not None:
            next(codes.iter("code")).text = "940"
    loop.append(header)
    heading = _loop(loop, "HEADER", "015", "1")
    _segment(heading, Part("W05", "473! 285! 324", required=True), 10)
    party = _loop(heading, "0100", "020", ">1")
    for place, part in enumerate(PARTY, start=1):
        _segment(party, part, place * 10)
    for place, part in enumerate(HEADING, start=3):
        _segment(heading, part, place * 10)
    detail = _loop(loop, "DETAIL", "020", "1")
    assigned = _loop(detail, "0300", "010", ">1")
    _segment(assigned, Part("LX", "554!", required=True), 10)
    item = _loop(assigned, "0310", "020", ">1")
    for place, part in enumerate(ITEM, start=1):
        _segment(item, part, place * 10)
    summary = _loop(loop, "FOOTER", "030", "1")
    _segment(summary, Part("W76", "330!", required=True), 10)
    trailer.find("pos").text = "040"  # type: ignore[union-attr]
    loop.append(trailer)


def _loop(parent: Element, name: str, position: str, repeat: str) -> Element:
    loop = SubElement(parent, "loop", xid=name)
    for tag, value in (("name", name), ("usage", "R"), ("pos", position), ("repeat", repeat)):
        SubElement(loop, tag).text = value
    return loop


def _segment(parent: Element, part: Part, position: int) -> None:
    segment = SubElement(parent, "segment", xid=part.tag)
    usage = "R" if part.required else "S"
    for tag, value in (("name", part.tag), ("usage", usage), ("pos", f"{position:03}"), ("max_use", part.most)):
        SubElement(segment, tag).text = value
    for number, given in enumerate(part.elements.split(), start=1):
        element = SubElement(segment, "element", xid=f"{part.tag}{number:02}")
        needed = "R" if given.endswith("!") else "S"
        stated = (
            ("data_ele", given.rstrip("!")),
            ("name", f"{part.tag}{number:02}"),
            ("usage", needed),
            ("seq", f"{number:02}"),
        )
        for tag, value in stated:
            SubElement(element, tag).text = value
