"""The files of a configuration folder, to what is wanted of each pool and all that is wrong in them."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from msgspec.structs import replace
from yaml import Mark
from yaml.nodes import MappingNode, SequenceNode

from connectors.folder.accounts import ACCOUNT, checked, read_aliases
from connectors.folder.faults import Fault, Faults, did_you_mean
from connectors.folder.goods import read_catalogue, read_kits, read_opening
from connectors.folder.keys import CHANNEL, LOCATION, POLICY, POOL
from connectors.folder.kinds import Reading
from connectors.folder.listings import read_listings
from connectors.folder.marked import fault_at, root_of
from connectors.folder.setup import Head, Setup
from connectors.folder.shapes import Shape
from connectors.frame.declaration import Connector
from connectors.frame.registry import connectors

HEAD, LOCATIONS, CHANNELS, ROUTING = "pool.yaml", "locations.yaml", "channels.yaml", "policy.yaml"
CATALOGUE, KITS, OPENING = "catalogue.csv", "kits.csv", "opening-stock.csv"
CONNECTORS, ALIASES = "connectors.yaml", "aliases.csv"
LISTINGS = "listings.csv"
FILES = (HEAD, LOCATIONS, CHANNELS, ROUTING, CATALOGUE, KITS, LISTINGS, OPENING, CONNECTORS, ALIASES)
_OURS = (".yaml", ".yml", ".csv")
_FIELDS, _WORDS = re.compile(r"[\r\n,;\t]"), re.compile(r"[\s,;:{}\[\]]+")
_NO_HEAD = Head(pool="", currency="")


class Folder(NamedTuple):
    """What was read: the pools, which hold only where there are no faults."""

    pools: tuple[Setup, ...]
    faults: tuple[Fault, ...]


def read_folder(files: Mapping[str, bytes], systems: Callable[[], Mapping[str, Connector]] = connectors) -> Folder:
    """Read a folder of one pool, or of one folder a pool, by the paths of its files."""
    faults = Faults()
    by_folder: dict[str, dict[str, bytes]] = {}
    for path in sorted(files):
        parent, name = str(PurePosixPath(path).parent), PurePosixPath(path).name
        if name in FILES:
            by_folder.setdefault(parent, {})[name] = files[path]
    for path in files:
        parent, name = str(PurePosixPath(path).parent), PurePosixPath(path).name
        if parent in by_folder and name not in FILES and name.endswith(_OURS):
            faults.of(path).add(1, 1, f"no file is called so: {did_you_mean(name, FILES)}")
    pools = [
        _with_accounts(_pool(folder, held, faults), folder, held, faults, systems)
        for folder, held in sorted(by_folder.items())
    ]
    if not by_folder:
        faults.of(HEAD).add(1, 1, "there is no pool.yaml: `headrace init` writes a folder to begin with")
    if "." in by_folder and len(by_folder) > 1:
        faults.of(HEAD).add(1, 1, "a folder holds one pool, or folders of one pool each: move these files into one too")
    _check_once(pools, sorted(by_folder), faults)
    return Folder(tuple(pools), faults.listed())


def _pool(folder: str, files: dict[str, bytes], faults: Faults) -> Setup:
    def at(name: str) -> Faults:
        return faults.of(str(PurePosixPath(folder, name)))

    texts = {name: _text(raw, at(name)) for name, raw in files.items()}
    head = _NO_HEAD
    if HEAD not in files:
        at(HEAD).add(1, 1, "there is no pool.yaml: it names the pool and its currency")
    elif (text := texts[HEAD]) is not None:
        head = _thing(POOL, text, Reading(at(HEAD), "")) or _NO_HEAD

    def listed(name: str, shape: Shape, plural: str) -> tuple[Any, ...] | None:
        text = texts.get(name)
        return None if text is None else _list(shape, plural, text, Reading(at(name), head.currency))

    def known(name: str, names: Iterable[str]) -> frozenset[str]:
        # What stands in a line with a mistake is told of there, and not again by every line that names it.
        return frozenset(names) | (_names_in(texts[name] or "") if at(name).has_any() else frozenset())

    locations = listed(LOCATIONS, LOCATION, "locations")
    channels = listed(CHANNELS, CHANNEL, "channels")
    policy = texts.get(ROUTING)
    catalogue = texts.get(CATALOGUE)
    items = None if catalogue is None else read_catalogue(catalogue, at(CATALOGUE))
    skus = None if items is None else known(CATALOGUE, (item.sku for item in items))
    kits = texts.get(KITS)
    if kits is not None and items is not None and skus is not None:
        items = read_kits(kits, at(KITS), items, skus)
    elif kits is not None and CATALOGUE not in files:
        at(KITS).add(1, 1, "kits are items of the catalogue: put catalogue.csv beside this file")
    listings = texts.get(LISTINGS)
    if listings is not None and items is not None and skus is not None:
        sellers = None if channels is None else known(CHANNELS, (channel.channel_id for channel in channels))
        items = read_listings(listings, at(LISTINGS), items, skus, sellers)
    elif listings is not None and CATALOGUE not in files:
        at(LISTINGS).add(1, 1, "listings are of items of the catalogue: put catalogue.csv beside this file")
    opening = texts.get(OPENING)
    places = None if locations is None else known(LOCATIONS, (location.location_id for location in locations))
    return Setup(
        head=head,
        policy=None
        if policy is None
        else _thing(POLICY, policy, Reading(at(ROUTING), head.currency)) or POLICY.default,
        locations=locations,
        channels=channels,
        catalogue=items,
        kits=kits is not None,
        listings=listings is not None,
        opening=None if opening is None else read_opening(opening, at(OPENING), places, skus),
    )


def _with_accounts(
    setup: Setup, folder: str, files: dict[str, bytes], faults: Faults, systems: Callable[[], Mapping[str, Connector]]
) -> Setup:
    """Give a pool with the accounts of its folder; all connectors are looked at only where there are any."""

    def at(name: str) -> Faults:
        return faults.of(str(PurePosixPath(folder, name)))

    if CONNECTORS not in files:
        if ALIASES in files:
            at(ALIASES).add(1, 1, "aliases are of accounts: put connectors.yaml beside this file")
        return setup
    text = _text(files[CONNECTORS], at(CONNECTORS))
    channels = None if setup.channels is None else {channel.channel_id for channel in setup.channels}
    locations = None if setup.locations is None else {location.location_id for location in setup.locations}
    check = checked(systems(), channels, locations)
    reading = Reading(at(CONNECTORS), setup.head.currency)
    accounts = () if text is None else _list(ACCOUNT, "accounts", text, reading, check)
    accounts = tuple(replace(account, pool=setup.head.pool) for account in accounts)
    aliases = _text(files[ALIASES], at(ALIASES)) if ALIASES in files else None
    if aliases is not None:
        accounts = read_aliases(aliases, at(ALIASES), accounts)
    return replace(setup, accounts=accounts, aliases=aliases is not None)


def _text(raw: bytes, faults: Faults) -> str | None:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        found = f"the byte 0x{raw[error.start]:02X}"
        faults.add(line, column, f"{found} is not UTF-8: save the file as UTF-8 (in Excel: CSV UTF-8)")
        return None


def _names_in(text: str) -> frozenset[str]:
    """Give whatever in a text may be a name: fields and words."""
    return frozenset(part.strip(" \"'") for parts in (_FIELDS, _WORDS) for part in parts.split(text))


def _thing(shape: Shape, text: str, reading: Reading) -> Any:
    root = root_of(text, reading.faults)
    if root is None:
        # A file of comments leaves everything as it is by default; what is required is missing.
        root = MappingNode("", [], _start(), _start())
    return shape.read(root, reading)


def _list(
    shape: Shape, plural: str, text: str, reading: Reading, check: Callable[[Any], Iterable[str]] = lambda _: ()
) -> tuple[Any, ...]:
    root = root_of(text, reading.faults)
    if root is None:
        return ()
    if not isinstance(root, SequenceNode):
        fault_at(reading.faults, root, f"write the {plural} as a list, each beginning with '- id: '")
        return ()
    found: dict[str, int] = {}
    things = []
    for node in root.value:
        thing = shape.read(node, reading)
        if thing is None:
            continue
        key = shape.take(thing)[shape.fields[0].name]
        line = node.start_mark.line + 1
        if found.setdefault(key, line) != line:
            fault_at(reading.faults, node, f"the {shape.what} {key} stands in line {found[key]} already: keep one")
        for wrong in check(thing):
            fault_at(reading.faults, node, wrong)
        things.append(thing)
    return tuple(things)


def _start() -> Any:
    return Mark("", 0, 0, 0, None, 0)


def _check_once(pools: list[Setup], folders: list[str], faults: Faults) -> None:
    seen: dict[str, str] = {}
    for setup, folder in zip(pools, folders, strict=True):
        name = setup.head.pool
        if name and seen.setdefault(name, folder) != folder:
            other = PurePosixPath(seen[name], HEAD)
            faults.of(str(PurePosixPath(folder, HEAD))).add(1, 1, f"the pool {name} is in {other} already: rename one")
