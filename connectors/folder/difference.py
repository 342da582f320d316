"""What is wanted against what runs: each change by part and key, old and new as the files would write them."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from msgspec.structs import replace

from connectors.folder.accounts import ACCOUNT
from connectors.folder.goods import CATALOGUE_COLUMNS, cells_of
from connectors.folder.keys import CHANNEL, LOCATION, POLICY, POOL
from connectors.folder.kinds import Tree
from connectors.folder.listings import in_order, taken
from connectors.folder.setup import Running, Setup
from connectors.folder.shapes import Shape
from connectors.frame.accounts import SetUpAccount
from models.records.pool import CatalogueItem
from models.types import Record

Part = Literal["pool", "channels", "locations", "policy", "catalogue", "opening stock", "accounts"]
_SHOWN = 10
_ALWAYS = ("name", "weight_grams")
What = Literal["added", "changed", "disabled", "left"]


class FieldChange(Record, omit_defaults=False, kw_only=True):
    """A key with what runs and what is wanted; an empty text is a key that is not written."""

    key: str
    old: str
    new: str


class Change(Record, omit_defaults=False, kw_only=True):
    """One thing that differs. What is `left` runs, is not in the folder, and stays as it is."""

    part: Part
    what: What
    name: str
    fields: tuple[FieldChange, ...] = ()


def differences(wanted: Setup, running: Running | None, *, prune: bool = False) -> tuple[Change, ...]:
    """Give all changes, in the order in which they are applied."""
    currency = wanted.head.currency
    found = [*_one("pool", POOL, wanted.head, None if running is None else running.setup.head, currency)]
    present = Setup(head=wanted.head) if running is None else running.setup
    if wanted.channels is not None:
        found += _each("channels", CHANNEL, wanted.channels, present.channels or (), currency)
    if wanted.locations is not None:
        found += _locations(wanted, present, prune=prune)
    if wanted.policy is not None:
        found += _one("policy", POLICY, wanted.policy, present.policy or POLICY.default, currency)
    if wanted.catalogue is not None:
        found += _catalogue(items_of(wanted, running), present.catalogue or ())
    if wanted.accounts is not None:
        found += _accounts(accounts_of(wanted, running), present.accounts or (), wanted.head.currency)
    if wanted.opening is not None:
        booked = frozenset() if running is None else running.booked
        found += [
            Change(
                part="opening stock",
                what="added",
                name=f"{line.sku} at {line.location_id}",
                fields=(FieldChange(key="quantity", old="", new=str(line.quantity)),),
            )
            for line in wanted.opening
            if (line.sku, line.location_id) not in booked
        ]
    return tuple(found)


def items_of(wanted: Setup, running: Running | None) -> tuple[CatalogueItem, ...]:
    """Give the items that are wanted; without a file of kits, or of listings, these stay as they run."""
    items = wanted.catalogue or ()
    if running is None:
        return items
    present = running.setup.catalogue or ()
    if not wanted.kits:
        kits = {item.sku: item.components for item in present if item.components}
        items = tuple(replace(item, components=kits[item.sku]) if item.sku in kits else item for item in items)
    if not wanted.listings:
        names = {item.sku: item.listings for item in present if item.listings}
        items = tuple(replace(item, listings=names[item.sku]) if item.sku in names else item for item in items)
    return items


def accounts_of(wanted: Setup, running: Running | None) -> tuple[SetUpAccount, ...]:
    """Give the accounts that are wanted; without a file of aliases, aliases stay as they run."""
    accounts = wanted.accounts or ()
    if wanted.aliases or running is None:
        return accounts
    aliases = {account.name: account.aliases for account in running.setup.accounts or ()}
    return tuple(replace(account, aliases=aliases.get(account.name, {})) for account in accounts)


def refusals(wanted: Setup, running: Running | None) -> tuple[str, ...]:
    """Give what the core would refuse of this folder, though each file is right."""
    found = []
    present = None if running is None else running.setup.head
    if present is not None and present.currency != wanted.head.currency:
        found.append(
            f"pool.yaml: the pool {present.pool} runs in {present.currency}, and a pool keeps its currency: "
            f"write {present.currency}, or open another pool"
        )
    places = frozenset() if running is None else frozenset(place.location_id for place in running.setup.locations or ())
    if wanted.opening and wanted.locations is None:
        strange = sorted({line.location_id for line in wanted.opening} - places)
        found += [f"opening-stock.csv: the pool has no location {name}: add it in locations.yaml" for name in strange]
    return (*found, *_kept_elsewhere(wanted, running))


def is_done(changes: Sequence[Change]) -> bool:
    """Tell whether there is nothing to send."""
    return all(change.what == "left" for change in changes)


def _one(part: Part, shape: Shape, wanted: Any, present: Any, currency: str) -> Iterable[Change]:
    name = getattr(wanted, "pool", part)
    fields = _fields(shape, wanted, present, currency)
    if present is None:
        yield Change(part=part, what="added", name=name, fields=fields)
    elif fields:
        yield Change(part=part, what="changed", name=name, fields=fields)


def _each(part: Part, shape: Shape, wanted: Sequence[Any], present: Sequence[Any], currency: str) -> list[Change]:
    id_field = shape.fields[0].name
    runs = {getattr(thing, id_field): thing for thing in present}
    found = []
    for thing in wanted:
        name = getattr(thing, id_field)
        before = runs.pop(name, None)
        fields = _fields(shape, thing, before, currency)
        if fields:
            found.append(Change(part=part, what="added" if before is None else "changed", name=name, fields=fields))
    return found + [Change(part=part, what="left", name=name) for name in sorted(runs)]


def _locations(wanted: Setup, present: Setup, *, prune: bool) -> list[Change]:
    found = _each("locations", LOCATION, wanted.locations or (), present.locations or (), wanted.head.currency)
    enabled = {place.location_id for place in present.locations or () if place.enabled}
    switch = (FieldChange(key="enabled", old="yes", new="no"),)
    return [
        Change(part=change.part, what="disabled", name=change.name, fields=switch)
        if prune and change.what == "left"
        else change
        for change in found
        # What is disabled already needs no telling.
        if change.what != "left" or change.name in enabled
    ]


def _accounts(wanted: Sequence[SetUpAccount], present: Sequence[SetUpAccount], currency: str) -> list[Change]:
    """As others, with their aliases; of many that differ only the first are told."""
    runs = {account.name: account for account in present}
    found = {change.name: change for change in _each("accounts", ACCOUNT, wanted, present, currency)}
    for account in wanted:
        before = runs.get(account.name)
        old = {} if before is None else _alias_texts(before)
        new = _alias_texts(account)
        keys = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
        if not keys:
            continue
        fields = [FieldChange(key=f"alias {key}", old=old.get(key, ""), new=new.get(key, "")) for key in keys[:_SHOWN]]
        if len(keys) > _SHOWN:
            fields.append(FieldChange(key="more aliases", old="", new=str(len(keys) - _SHOWN)))
        known = found.get(account.name)
        what: What = "changed" if before is not None else "added"
        own = () if known is None else known.fields
        found[account.name] = Change(part="accounts", what=what, name=account.name, fields=(*own, *fields))
    return list(found.values())


def _alias_texts(account: SetUpAccount) -> dict[str, str]:
    return {theirs: f"{alias.quantity} {alias.sku}" for theirs, alias in account.aliases.items()}


def _catalogue(wanted: Sequence[CatalogueItem], present: Sequence[CatalogueItem]) -> list[Change]:
    runs = {item.sku: item for item in present}
    found = []
    for item in wanted:
        before = runs.pop(item.sku, None)
        if before is not None and _cells(before) == _cells(item):
            continue
        new = _cells(item)
        old = dict.fromkeys(new, "") if before is None else _cells(before)
        usual = _cells(CatalogueItem(sku=item.sku)) if before is None else {}
        fields = tuple(
            FieldChange(key=key, old=old[key], new=now)
            for key, now in new.items()
            # Of what is new, what everything has by default is not told.
            if old[key] != now and (key in _ALWAYS or usual.get(key) != now)
        )
        found.append(
            Change(part="catalogue", what="added" if before is None else "changed", name=item.sku, fields=fields)
        )
    return found + [Change(part="catalogue", what="left", name=sku) for sku in sorted(runs)]


def _kept_elsewhere(wanted: Setup, running: Running | None) -> Iterable[str]:
    if running is None or not wanted.listings:
        return ()
    return taken(wanted.catalogue or (), running.setup.catalogue or ())


def _cells(item: CatalogueItem) -> dict[str, str]:
    made_of = ", ".join(f"{part.quantity} {part.sku}" for part in sorted(item.components, key=lambda part: part.sku))
    sold_as = ", ".join(f"{one.quantity} as {one.sku} on {one.channel}" for one in in_order(item.listings))
    cells = dict(zip(CATALOGUE_COLUMNS[1:], cells_of(item)[1:], strict=True))
    return cells | {"components": made_of, "listings": sold_as}


def _fields(shape: Shape, wanted: Any, present: Any, currency: str) -> tuple[FieldChange, ...]:
    """Compare what would be written, so that a difference is one that a person sees."""
    if present is None:
        new, old = _flat(shape.trees(wanted, currency)), {}
    else:
        new, old = _flat(shape.every(wanted, currency)), _flat(shape.every(present, currency))
    keys = dict.fromkeys([*new, *old])
    return tuple(
        FieldChange(key=key, old=old.get(key, ""), new=new.get(key, ""))
        for key in keys
        if old.get(key, "") != new.get(key, "")
    )


def _flat(trees: dict[str, Tree], before: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, tree in trees.items():
        if isinstance(tree, dict):
            flat |= _flat(tree, f"{before}{key}.")
        else:
            flat[f"{before}{key}"] = _written(tree)
    return flat


def _written(tree: Tree) -> str:
    match tree:
        case dict():
            return "{" + ", ".join(f"{key}: {_written(value)}" for key, value in tree.items()) + "}"
        case list():
            return f"[{', '.join(map(_written, tree))}]"
        case _:
            return tree
