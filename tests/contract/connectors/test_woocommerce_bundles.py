"""Bundles and composites of WooCommerce: the whole or its parts are sent, never both."""

from typing import Any

import pytest

from connectors.frame.facts import OrderStated
from tests.support.woocommerce_messages import line, order, said


def sent(*lines: dict[str, Any]) -> dict[str, bool]:
    [fact] = said(order(*lines)).facts
    assert isinstance(fact, OrderStated)
    return {one.line_id: one.ships for one in fact.lines}


def part(line_id: int, *, needs_shipping: str = "", key: str = "_bundled_item_needs_shipping") -> dict[str, Any]:
    meta = [{"id": 1, "key": key, "value": needs_shipping}] if needs_shipping else []
    return line(id=line_id, meta_data=meta, bundled_by=20, bundled_items=[], composite_children=[])


def whole(**fields: Any) -> dict[str, Any]:
    return line(id=20, sku="", bundled_by="", composite_parent="", **fields)


@pytest.mark.parametrize("name", ["bundled_items", "composite_children"])
def test_a_bundle_is_sent_as_its_parts(name: str) -> None:
    assert sent(whole(**{name: [21, "22"]}), part(21), part(22, needs_shipping="yes"), line(id=11)) == {
        "20": False,
        "21": True,
        "22": True,
        "11": True,
    }


def test_a_bundle_whose_parts_need_no_shipping_is_sent_itself() -> None:
    assert sent(whole(bundled_items=[21]), part(21, needs_shipping="no")) == {"20": True, "21": False}


def test_a_part_that_needs_no_shipping_is_left_out_beside_others_that_do() -> None:
    warranty = part(22, needs_shipping="no", key="_composite_item_needs_shipping")

    assert sent(whole(composite_children=[21, 22]), part(21), warranty) == {"20": False, "21": True, "22": False}


@pytest.mark.parametrize("said_of_parts", ["", None, [], [99], {"a": 1}])
def test_a_line_without_parts_in_the_order_is_sent(said_of_parts: object) -> None:
    assert sent(whole(bundled_items=said_of_parts)) == {"20": True}
