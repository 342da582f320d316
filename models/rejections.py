"""Why a command is refused: one code each, checked in this order, so the first that applies is told."""

from typing import NamedTuple

from models.types import Word


class RejectionCode(Word):
    """Codes in order of precedence: the order of checking in every rule."""

    POOL_UNKNOWN = "pool_unknown", "there is no such pool"
    COMMAND_CONFLICT = "command_conflict", "this command id was used with different content"
    COMMAND_TOO_OLD = "command_too_old", "beyond the window in which repeats are recognised"
    SKU_INVALID = "sku_invalid", "this text can be no SKU"
    SKU_UNKNOWN = "sku_unknown", "the catalogue does not have the SKU"
    LOCATION_UNKNOWN = "location_unknown", "the pool has no such location"
    CURRENCY_MISMATCH = "currency_mismatch", "it is not in the pool's currency"
    CURRENCY_FIXED = "currency_fixed", "a pool's currency cannot change"
    POLICY_VERSION = "policy_version", "somebody else changed the policy meanwhile"
    MODEL_VERSION = "model_version", "somebody else put a routing model meanwhile"
    TIME_ZONE_UNKNOWN = "time_zone_unknown", "there is no such time zone"
    ORDER_UNKNOWN = "order_unknown", "the pool has no such order"
    ORDER_CLOSED = "order_closed", "it has left the table; bring it back by its archived row"
    ROW_CONFLICT = "row_conflict", "the archived row is not the one that was closed"
    ORDER_CONFLICT = "order_conflict", "same order, same source version, other content"
    EDITION_CONFLICT = "edition_conflict", "somebody else changed the order meanwhile"
    LINE_REPEATED = "line_repeated", "a line id stands twice in one command"
    LINE_UNKNOWN = "line_unknown", "the order has no such line"
    AMOUNT_INVALID = "amount_invalid", "discounts exceed what is discounted"
    FULFILLMENT_UNKNOWN = "fulfillment_unknown", "the order has no such fulfillment"
    PARCEL_UNKNOWN = "parcel_unknown", "the order has no such parcel"
    PARCEL_CONFLICT = "parcel_conflict", "a parcel id used with other units or another end"
    ORDER_HELD = "order_held", "a hold blocks this step; release it first"
    HOLD_PRESENT = "hold_present", "it is held for this already"
    HOLD_ABSENT = "hold_absent", "it is not held for this"
    HOLD_IN_PAST = "hold_in_past", "a hold ends in the future"
    STATUS_FORBIDS = "status_forbids", "the order or fulfillment is past the point"
    TOO_MANY_UNITS = "too_many_units", "more units than there are open"
    UNITS_PICKED = "units_picked", "picked or packed units are not taken back by this command"
    DOCUMENT_CONFLICT = "document_conflict", "a document's line came again with other content"
    TRANSFER_UNKNOWN = "transfer_unknown", "no such transfer is on its way"
    COUNT_STALE = "count_stale", "a newer count, or more history, is there already"
    COUNT_CONFLICT = "count_conflict", "on hand is not what the counter saw"
    BACKORDER_LIMIT = "backorder_limit", "as many units wait as may"
    NOTHING_REQUESTED = "nothing_requested", "no cancellation was asked of the partner"
    NOT_TOGETHER = "not_together", "another customer, location or address"
    STOCK_TOO_LOW = "stock_too_low", "the level would go below zero"
    COMMAND_INVALID = "command_invalid", "what it states cannot be; the text says what"


class Rejected(NamedTuple):
    """A refusal: the code, a sentence that says what to do, and the field at fault where there is one."""

    code: RejectionCode
    text: str
    field: str = ""


def sku_invalid(sku: str) -> Rejected:
    """Refuse what is no SKU (see `ids.is_sku`)."""
    return Rejected(RejectionCode.SKU_INVALID, f"{sku!r} is no SKU: remove control or odd characters", "sku")


def sku_unknown(sku: str) -> Rejected:
    """Refuse a SKU that the pool's catalogue does not have."""
    return Rejected(RejectionCode.SKU_UNKNOWN, f"the catalogue has no SKU {sku}; add it first", "sku")


def fulfillment_unknown(fulfillment_id: str, field: str = "fulfillment_id") -> Rejected:
    """Refuse a fulfillment that the order does not have."""
    return Rejected(RejectionCode.FULFILLMENT_UNKNOWN, f"the order has no fulfillment {fulfillment_id}", field)


def line_unknown(line_id: str) -> Rejected:
    """Refuse a line that the order does not have."""
    return Rejected(RejectionCode.LINE_UNKNOWN, f"the order has no line {line_id}", "line_id")
