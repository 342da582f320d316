"""What a shop may sell, told in absolute numbers; products and variations are found by their SKUs.

Source: WooCommerce REST API, "List all products" (`sku`), "Batch update products" and "product variations".
"""

import math
from collections.abc import Generator, Iterable

from connectors.frame.answers import undone
from connectors.frame.declaration import Sending
from connectors.frame.documents import Available, Occasion, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse, get_request, json_request
from connectors.frame.message import Account
from connectors.frame.reading import Given, read_json
from connectors.systems.woocommerce.calls import API, address
from connectors.systems.woocommerce.shapes import Id

_SKUS_A_REQUEST = 50
_MOST_NAMED = 10


class ProductGiven(Given):
    """A product, or a variation, whose `parent_id` is its product."""

    id: Id
    parent_id: Id = 0
    sku: str = ""
    stock_quantity: float | None = None


class FaultGiven(Given):
    message: str = ""


class UpdatedGiven(Given):
    id: Id = 0
    error: FaultGiven | None = None


class BatchGiven(Given):
    update: tuple[UpdatedGiven, ...] = ()


def tell_stock(occasion: Occasion, account: Account) -> Sending:
    """Find the products, then set those that differ: what the shop had instead of what it was last told is observed."""
    observed: dict[str, int] = {}
    missing: list[str] = []
    wanted = occasion.available
    for begin in range(0, len(wanted), _SKUS_A_REQUEST):
        chunk = wanted[begin : begin + _SKUS_A_REQUEST]
        there = yield _search(chunk, account)
        if not there.ok:
            return undone(there)
        products = {product.sku: product for product in read_json(there.body, tuple[ProductGiven, ...])}
        targets = [(one, _target(one, products)) for one in chunk]
        missing += [one.sku for one, target in targets if target is None]
        observed |= {one.sku: seen for one in chunk if (seen := _edited(one, products)) is not None}
        changes = [(one, target) for one, target in targets if target is not None and _differs(one, target)]
        wrong = yield from _set(changes, account)
        if wrong is not None:
            return wrong
    if missing:
        named = ", ".join(missing[:_MOST_NAMED])
        return Sent(outcome=Outcome.REFUSED, note=f"the shop has no product with the SKU {named}", observed=observed)
    return Sent(outcome=Outcome.DONE, observed=observed)


def _search(chunk: Iterable[Available], account: Account) -> HttpRequest:
    skus = ",".join(one.sku for one in chunk)
    fields = "id,parent_id,sku,stock_quantity"
    return get_request(address(account, f"{API}/products", sku=skus, per_page=100, _fields=fields))


def _target(one: Available, products: dict[str, ProductGiven]) -> ProductGiven | None:
    """Give what to set: by SKU, else by the listing that order lines named, `product` or `product/variation`."""
    if one.sku in products:
        return products[one.sku]
    product, _, variation = one.listing_ref.partition("/")
    if not _is_number(product) or (variation and not _is_number(variation)):
        return None
    if variation:
        return ProductGiven(id=int(variation), parent_id=int(product))
    return ProductGiven(id=int(product))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _edited(one: Available, products: dict[str, ProductGiven]) -> int | None:
    """Give what the shop has of a product, where that is not what it was told last."""
    product = products.get(one.sku)
    if product is None or product.stock_quantity is None or one.last_sent is None:
        return None
    seen = _whole(product.stock_quantity)
    return None if seen == one.last_sent else seen


def _whole(quantity: float) -> int:
    """Shops that sell by weight keep parts of a unit."""
    return math.floor(quantity) if math.isfinite(quantity) else 0


def _differs(one: Available, target: ProductGiven) -> bool:
    return target.stock_quantity is None or _whole(target.stock_quantity) != one.quantity


def _set(
    changes: list[tuple[Available, ProductGiven]], account: Account
) -> Generator[HttpRequest, HttpResponse, Sent | None]:
    """Set products in one batch, and variations in one for each of their products."""
    by_path: dict[str, list[dict[str, Id]]] = {}
    for one, target in changes:
        is_variation = str(target.parent_id) not in ("", "0")
        path = f"{API}/products/{target.parent_id}/variations/batch" if is_variation else f"{API}/products/batch"
        update: dict[str, Id] = {"id": target.id, "manage_stock": True, "stock_quantity": one.quantity}
        by_path.setdefault(path, []).append(update)
    for path, updates in by_path.items():
        made = yield json_request("POST", address(account, path), {"update": updates})
        if not made.ok:
            return undone(made)
        faults = [one for one in read_json(made.body, BatchGiven).update if one.error is not None]
        if faults and faults[0].error is not None:
            note = f"{len(faults)} were not set, first product {faults[0].id}: {faults[0].error.message}"
            return Sent(outcome=Outcome.REFUSED, note=note)
    return None
