"""A shop in a running Medusa, set up over its Admin API, and a customer who buys over its Store API."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2 as httpx

ADDRESS = {
    "first_name": "Ada",
    "last_name": "Q",
    "address_1": "Ring 1",
    "city": "Ulm",
    "country_code": "de",
    "postal_code": "89073",
}


@dataclass(frozen=True, kw_only=True)
class MedusaShop:
    """Ids of what was set up; `skus` are of two variants of one product, 10 and 12.50 each.

    In Germany there is no tax, in France prices contain 20 % of it; `promotion` takes a tenth off.
    """

    base: str
    key: str
    publishable: str
    regions: dict[str, str]
    promotion: str
    location: str
    shipping_option: str
    return_option: str
    variants: dict[str, str]
    items: dict[str, str]

    @property
    def skus(self) -> list[str]:
        return list(self.variants)

    def admin(self, path: str, content: Any = None) -> dict[str, Any]:
        """Ask the Admin API: GET, or POST where there is content."""
        return called(f"{self.base}/admin{path}", content, key=self.key)

    def store(self, path: str, content: Any = None) -> dict[str, Any]:
        return called(f"{self.base}/store{path}", content, publishable=self.publishable)

    def buy(self, quantities: dict[str, int], country: str = "de", *, promotions: tuple[str, ...] = ()) -> str:
        """Go from cart to order as a guest does; give the order's id. It is authorised, and not captured."""
        address = ADDRESS | {"country_code": country}
        cart = self.store(
            "/carts",
            {
                "region_id": self.regions[country],
                "email": "ada@shop.example",
                "shipping_address": address,
                "billing_address": address,
                "items": [{"variant_id": self.variants[sku], "quantity": count} for sku, count in quantities.items()],
            },
        )["cart"]["id"]
        if promotions:
            self.store(f"/carts/{cart}/promotions", {"promo_codes": list(promotions)})
        self.store(f"/carts/{cart}/shipping-methods", {"option_id": self.shipping_option})
        collection = self.store("/payment-collections", {"cart_id": cart})["payment_collection"]["id"]
        self.store(f"/payment-collections/{collection}/payment-sessions", {"provider_id": "pp_system_default"})
        done = self.store(f"/carts/{cart}/complete", {})
        assert done["type"] == "order", done
        return str(done["order"]["id"])

    def capture(self, order_id: str) -> str:
        """Take the money; give the payment's id."""
        order = self.admin(f"/orders/{order_id}")["order"]
        payment = str(order["payment_collections"][0]["payments"][0]["id"])
        self.admin(f"/payments/{payment}/capture", {})
        return payment

    def edit(self, order_id: str, item_id: str, quantity: int) -> None:
        """Set the quantity of a line by an order edit, and confirm it."""
        self.admin("/order-edits", {"order_id": order_id})
        self.admin(f"/order-edits/{order_id}/items/item/{item_id}", {"quantity": quantity})
        self.admin(f"/order-edits/{order_id}/confirm", {})

    def take_back(self, order_id: str, item_id: str, quantity: int) -> None:
        """Let units of a line come back, and take them in."""
        returned = self.admin("/returns", {"order_id": order_id, "location_id": self.location})["return"]["id"]
        items = {"items": [{"id": item_id, "quantity": quantity}]}
        self.admin(f"/returns/{returned}/request-items", items)
        self.admin(f"/returns/{returned}/request", {"no_notification": True})
        self.admin(f"/returns/{returned}/receive", {})
        self.admin(f"/returns/{returned}/receive-items", items)
        self.admin(f"/returns/{returned}/receive/confirm", {})

    def fulfillments(self, order_id: str) -> list[dict[str, Any]]:
        fields = "id,*fulfillments,*fulfillments.items,*fulfillments.labels"
        found: list[dict[str, Any]] = self.admin(f"/orders/{order_id}?fields={fields}")["order"]["fulfillments"]
        return found

    def ship(self, order_id: str, item_id: str, quantity: int, tracking: str) -> str:
        """Fulfil units of a line and ship them, as somebody at the shop does; give the fulfillment's id."""
        items = [{"id": item_id, "quantity": quantity}]
        self.admin(f"/orders/{order_id}/fulfillments", {"items": items, "location_id": self.location})
        made = str(self.fulfillments(order_id)[-1]["id"])
        label = {"tracking_number": tracking, "tracking_url": "", "label_url": ""}
        self.admin(f"/orders/{order_id}/fulfillments/{made}/shipments", {"items": items, "labels": [label]})
        return made

    def end_edit(self, order_id: str) -> None:
        answer = httpx.delete(f"{self.base}/admin/order-edits/{order_id}", auth=(self.key, ""), timeout=60)
        assert answer.is_success, answer.text

    def stocked(self, sku: str) -> tuple[int, int]:
        """Give what is on hand of a SKU at the location, and what of it is reserved."""
        levels = self.admin(f"/inventory-items/{self.items[sku]}/location-levels")["inventory_levels"]
        found = next(level for level in levels if level["location_id"] == self.location)
        return int(found["stocked_quantity"]), int(found["reserved_quantity"])


def called(url: str, content: Any, *, key: str = "", publishable: str = "") -> dict[str, Any]:
    """Ask with a secret or a publishable key."""
    method = "GET" if content is None else "POST"
    auth = (key, "") if key else None
    headers = {"x-publishable-api-key": publishable} if publishable else {}
    answer = httpx.request(method, url, headers=headers, auth=auth, json=content, timeout=60)
    assert answer.is_success, f"{method} {url}: {answer.status_code} {answer.text}"
    found: dict[str, Any] = answer.json()
    return found


Admin = Callable[..., dict[str, Any]]
"""Asks the Admin API: of a path, and of content where something is to be made."""


def set_up(base: str, key: str) -> MedusaShop:
    """Make a region's worth of shop anew: every run has a location, channel, product and key of its own."""
    run = uuid4().hex[:8]

    def admin(path: str, content: Any = None) -> dict[str, Any]:
        return called(f"{base}/admin{path}", content, key=key)

    channel = admin("/sales-channels", {"name": f"Shop {run}"})["sales_channel"]["id"]
    location = admin("/stock-locations", {"name": f"Ulm {run}", "address": {"address_1": "1", "country_code": "de"}})
    location_id = location["stock_location"]["id"]
    admin(f"/stock-locations/{location_id}/sales-channels", {"add": [channel]})
    publishable = admin("/api-keys", {"title": f"shop {run}", "type": "publishable"})["api_key"]
    admin(f"/api-keys/{publishable['id']}/sales-channels", {"add": [channel]})
    profile = admin("/shipping-profiles", {"name": f"Parcels {run}", "type": f"parcel-{run}"})["shipping_profile"]["id"]
    shipping, back = _shipping(admin, location_id, profile, run)
    regions = {"de": _region(admin, "de"), "fr": _region_with_tax(admin, "fr")}
    skus = {f"MUG-{run}": 10, f"BOWL-{run}": 12.5}
    made = {
        "title": f"Crockery {run}",
        "status": "published",
        "shipping_profile_id": profile,
        "sales_channels": [{"id": channel}],
        "options": [{"title": "Kind", "values": list(skus)}],
        "variants": [
            {"title": sku, "sku": sku, "options": {"Kind": sku}, "prices": _prices(amount, regions["fr"])}
            for sku, amount in skus.items()
        ],
    }
    product = admin("/products", made)["product"]
    items = {sku: admin(f"/inventory-items?sku={sku}")["inventory_items"][0]["id"] for sku in skus}
    for item in items.values():
        admin(f"/inventory-items/{item}/location-levels", {"location_id": location_id, "stocked_quantity": 50})
    return MedusaShop(
        base=base,
        key=key,
        publishable=publishable["token"],
        regions=regions,
        promotion=_promotion(admin, run),
        location=location_id,
        shipping_option=shipping,
        return_option=back,
        variants={variant["sku"]: variant["id"] for variant in product["variants"]},
        items=items,
    )


def _prices(amount: float, with_tax_in: str) -> list[dict[str, Any]]:
    """Only a price of a region itself contains the tax, by what is preferred there."""
    price = {"currency_code": "eur", "amount": amount}
    return [price, price | {"rules": {"region_id": with_tax_in}}]


def _region(admin: Admin, country: str) -> str:
    """Give the region of a country, which is of one only: one that is there is used."""
    for region in admin("/regions?fields=id,*countries&limit=100")["regions"]:
        if any(one["iso_2"] == country for one in region["countries"]):
            return str(region["id"])
    made = {
        "name": country,
        "currency_code": "eur",
        "countries": [country],
        "payment_providers": ["pp_system_default"],
    }
    return str(admin("/regions", made)["region"]["id"])


def _region_with_tax(admin: Admin, country: str) -> str:
    """Give the region of a country where prices contain 20 % tax."""
    region = _region(admin, country)
    if not admin(f"/tax-regions?country_code={country}")["tax_regions"]:
        rate = {"rate": 20, "name": "VAT", "code": "vat"}
        admin("/tax-regions", {"country_code": country, "provider_id": "tp_system", "default_tax_rate": rate})
    (preference,) = admin(f"/price-preferences?attribute=region_id&value={region}")["price_preferences"]
    admin(f"/price-preferences/{preference['id']}", {"is_tax_inclusive": True})
    return region


def _promotion(admin: Admin, run: str) -> str:
    """Make a code that takes a tenth off the goods."""
    method = {"type": "percentage", "value": 10, "target_type": "items", "allocation": "across", "currency_code": "eur"}
    content = {"code": f"TENTH-{run}", "type": "standard", "status": "active", "application_method": method}
    return str(admin("/promotions", content)["promotion"]["code"])


def _shipping(admin: Admin, location: str, profile: str, run: str) -> tuple[str, str]:
    """Let the location send parcels, and take them back, for 4 and for nothing; give both options."""
    admin(f"/stock-locations/{location}/fulfillment-providers", {"add": ["manual_manual"]})
    path = f"/stock-locations/{location}/fulfillment-sets?fields=id,*fulfillment_sets"
    set_id = admin(path, {"name": f"Parcels {run}", "type": "shipping"})["stock_location"]["fulfillment_sets"][0]["id"]
    countries = [{"type": "country", "country_code": country} for country in ("de", "fr")]
    zone_of = {"name": f"Europe {run}", "geo_zones": countries}
    made = admin(f"/fulfillment-sets/{set_id}/service-zones?fields=id,*service_zones", zone_of)
    zone = made["fulfillment_set"]["service_zones"][0]["id"]
    options = []
    for name, amount, is_return in (("Standard", 4, "false"), ("Return", 0, "true")):
        option = {
            "name": f"{name} {run}",
            "service_zone_id": zone,
            "shipping_profile_id": profile,
            "provider_id": "manual_manual",
            "price_type": "flat",
            "type": {"label": name, "description": name, "code": name.lower()},
            "prices": [{"currency_code": "eur", "amount": amount}],
            "rules": [{"attribute": "is_return", "operator": "eq", "value": is_return}],
        }
        options.append(str(admin("/shipping-options", option)["shipping_option"]["id"]))
    return options[0], options[1]
