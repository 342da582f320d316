"""Maps as SVG from the server: places on an outline of land, with lines between them. `map.html` draws them."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from models.geo import NANO
from models.records.place import Position

WIDTH = 800
_HEIGHT_MIN, _HEIGHT_MAX = 320, 560
_MARGIN_SHARE = 0.12
_SPAN_MIN_DEGREES = 1.5
_SPAN_MAX_DEGREES = 360.0
_COS_MIN = 0.2
# A label is about so large, in units of the drawing.
_LETTER_WIDTH, _LABEL_HEIGHT, _LABEL_GAP = 7.2, 16, 9
_HUNDREDTHS = 100
_OUTSIDE = 10

Degrees = tuple[float, float]
Box = tuple[float, float, float, float]


class Place(NamedTuple):
    """Something to show. `kind` chooses the mark, `state` how it looks (chosen, lost, off), `note` is read out."""

    name: str
    position: Position
    kind: str = "warehouse"
    state: str = ""
    note: str = ""
    href: str = ""


class Pin(NamedTuple):
    """A place where it is drawn; without a label where there is no room for one."""

    place: Place
    x: float
    y: float
    label_x: float | None
    label_y: float
    anchor: str


class Line(NamedTuple):
    """A line between two places."""

    x1: float
    y1: float
    x2: float
    y2: float
    state: str


class Map(NamedTuple):
    """Everything a template needs to draw."""

    width: int
    height: int
    land: str
    borders: str
    pins: tuple[Pin, ...]
    lines: tuple[Line, ...]


class _Frame(NamedTuple):
    """What part of the Earth is seen; longitudes shrink with the cosine of the middle latitude."""

    west: float
    north: float
    per_degree_x: float
    per_degree_y: float
    height: int

    def at(self, longitude: float, latitude: float) -> Degrees:
        return (longitude - self.west) * self.per_degree_x, (self.north - latitude) * self.per_degree_y


def draw(places: Sequence[Place], links: Iterable[tuple[int, int, str]] = ()) -> Map | None:
    """Give a map that shows all places; a link joins two of them by number, with a state. None without a place."""
    if not places:
        return None
    degrees = [degrees_of(place.position) for place in places]
    frame = _frame_around(degrees)
    points = [frame.at(*one) for one in degrees]
    lines = tuple(Line(*points[start], *points[end], state) for start, end, state in links)
    land, borders = _background(frame)
    return Map(WIDTH, frame.height, land, borders, tuple(_pins(places, points, frame.height)), lines)


def degrees_of(position: Position) -> Degrees:
    """Give longitude and latitude."""
    x, y, z = position.x / NANO, position.y / NANO, position.z / NANO
    return math.degrees(math.atan2(y, x)), math.degrees(math.atan2(z, math.hypot(x, y)))


def _frame_around(degrees: Sequence[Degrees]) -> _Frame:
    longitudes, latitudes = [one[0] for one in degrees], [one[1] for one in degrees]
    west, east, south, north = min(longitudes), max(longitudes), min(latitudes), max(latitudes)
    cosine = max(_COS_MIN, math.cos(math.radians((south + north) / 2)))
    across = max(east - west, _SPAN_MIN_DEGREES) * (1 + 2 * _MARGIN_SHARE)
    up = max(north - south, _SPAN_MIN_DEGREES / 2) * (1 + 2 * _MARGIN_SHARE)
    # As wide as it must be for the tallest drawing that is allowed.
    across = min(_SPAN_MAX_DEGREES, max(across, up / cosine * WIDTH / _HEIGHT_MAX))
    per_degree_x = WIDTH / across
    per_degree_y = per_degree_x / cosine
    height = round(min(_HEIGHT_MAX, max(_HEIGHT_MIN, up * per_degree_y)))
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    # Rounded, so that frames that hardly differ share one background.
    return _Frame(
        round(middle_x - across / 2, 2),
        round(middle_y + height / per_degree_y / 2, 2),
        round(per_degree_x, 3),
        round(per_degree_y, 3),
        height,
    )


def _pins(places: Sequence[Place], points: Sequence[Degrees], height: int) -> Iterator[Pin]:
    taken: list[Box] = [(x - 7, y - 7, x + 7, y + 7) for x, y in points]
    for place, (x, y) in zip(places, points, strict=True):
        label = _free_label(place.name, x, y, height, taken)
        if label is None:
            yield Pin(place, round(x, 1), round(y, 1), None, 0.0, "start")
            continue
        box, anchor = label
        taken.append(box)
        label_x = {"start": box[0], "end": box[2], "middle": (box[0] + box[2]) / 2}[anchor]
        yield Pin(place, round(x, 1), round(y, 1), round(label_x, 1), round(box[3] - 4, 1), anchor)


def _free_label(name: str, x: float, y: float, height: int, taken: list[Box]) -> tuple[Box, str] | None:
    """Right of its pin, left, below or above: wherever it covers nothing."""
    wide, high, gap = len(name) * _LETTER_WIDTH, _LABEL_HEIGHT, _LABEL_GAP
    for left, top, anchor in (
        (x + gap, y - high / 2, "start"),
        (x - gap - wide, y - high / 2, "end"),
        (x - wide / 2, y + gap, "middle"),
        (x - wide / 2, y - gap - high, "middle"),
    ):
        box = (left, top, left + wide, top + high)
        inside = left >= 0 and top >= 0 and box[2] <= WIDTH and box[3] <= height
        if inside and not any(_overlap(box, other) for other in taken):
            return box, anchor
    return None


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@lru_cache(maxsize=64)
def _background(frame: _Frame) -> tuple[str, str]:
    outlines = _outlines()
    land = "".join(_path(line, frame) + "Z" for line in outlines["land"] if _is_seen(line, frame))
    borders = "".join(
        _path(line, frame) for kind in ("countries", "states") for line in outlines[kind] if _is_seen(line, frame)
    )
    return land, borders


@lru_cache(maxsize=1)
def _outlines() -> dict[str, list[list[int]]]:
    content: dict[str, list[list[int]]] = json.loads(Path(__file__).with_name("outlines.json").read_text())
    return content


def _is_seen(line: list[int], frame: _Frame) -> bool:
    xs, ys = line[0::2], line[1::2]
    left, top = frame.at(min(xs) / _HUNDREDTHS, max(ys) / _HUNDREDTHS)
    right, bottom = frame.at(max(xs) / _HUNDREDTHS, min(ys) / _HUNDREDTHS)
    return left < WIDTH and right > 0 and top < frame.height and bottom > 0


def _path(line: list[int], frame: _Frame) -> str:
    """Write a line in whole units; what is out of sight is pressed to the edge, where few points are enough."""
    kept: list[tuple[int, int]] = []
    for longitude, latitude in zip(line[0::2], line[1::2], strict=True):
        x, y = frame.at(longitude / _HUNDREDTHS, latitude / _HUNDREDTHS)
        point = (
            round(min(max(x, -_OUTSIDE), WIDTH + _OUTSIDE)),
            round(min(max(y, -_OUTSIDE), frame.height + _OUTSIDE)),
        )
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and _is_straight(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return "M" + "L".join(f"{x} {y}" for x, y in kept)


def _is_straight(one: tuple[int, int], two: tuple[int, int], three: tuple[int, int]) -> bool:
    return one[0] == two[0] == three[0] or one[1] == two[1] == three[1]
