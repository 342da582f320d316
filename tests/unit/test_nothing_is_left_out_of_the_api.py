"""The schemas of the API beside the records of the core: a field that is new in a record fails here until it is shown,
and until it can be sent.
"""

import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from msgspec import Struct
from pydantic import BaseModel

from api.present import http_name
from api.schemas import (
    buffers,
    catalogue,
    channels,
    content,
    edits,
    fulfillments,
    money,
    orders,
    out_lists,
    out_money,
    out_orders,
    out_pools,
    out_risk,
    out_stock,
    pools,
    risk,
    stock,
    stock_stated,
)
from models import commands as c
from models.commands import Command, FulfillmentCommand
from models.events import EditPreviewed, OrderedLine
from models.events.routing import Assignment
from models.records import buffer as bf
from models.records import changes as ch
from models.records import fulfillment as f
from models.records import line as ln
from models.records import money as m
from models.records import order as o
from models.records import place as pl
from models.records import pool as p
from models.records import risk as rk
from models.records import stock as s
from models.records.hold import Hold

OUT: dict[type[Struct], type[BaseModel]] = {
    o.Order: out_orders.OrderOut,
    o.Customer: out_orders.CustomerOut,
    o.NewLine: out_orders.NewLineOut,
    o.Terms: out_orders.TermsOut,
    o.Content: out_orders.ContentOut,
    o.EditedLine: out_orders.EditedLineOut,
    o.Edition: out_orders.EditionOut,
    o.Edits: out_orders.EditsOut,
    o.StoryEntry: out_orders.StoryOut,
    ln.Line: out_orders.LineOut,
    ln.Component: out_orders.ComponentOut,
    ln.Peg: out_orders.PegOut,
    ln.UnitsOfLine: out_orders.UnitsOut,
    rk.Risk: out_risk.RiskOut,
    rk.RiskFact: out_risk.RiskFactOut,
    m.StatedMoney: out_money.StatedMoneyOut,
    m.StatedPayment: out_money.StatedPaymentOut,
    m.StatedRefund: out_money.StatedRefundOut,
    pl.Destination: out_orders.DestinationOut,
    Hold: out_orders.HoldOut,
    f.Fulfillment: out_orders.FulfillmentOut,
    f.FulfillmentLine: out_orders.FulfillmentLineOut,
    f.FulfillmentRef: out_orders.FulfillmentRefOut,
    f.Cancellation: out_orders.CancellationOut,
    f.Parcel: out_orders.ParcelOut,
    f.Tracking: out_orders.TrackingOut,
    f.Scan: out_orders.ScanOut,
    EditPreviewed: out_lists.PreviewOut,
    OrderedLine: out_lists.OrderedLineOut,
    Assignment: out_lists.AssignmentOut,
    s.SkuView: out_stock.SkuOut,
    s.LevelView: out_stock.LevelOut,
    s.ApartView: out_stock.LevelOut,
    s.IncomingView: out_stock.IncomingOut,
    s.StockMovement: out_stock.MovementOut,
    p.CatalogueItem: out_stock.ItemOut,
    p.Listing: out_stock.ListingOut,
    p.PoolView: out_pools.PoolOut,
    p.Pool: out_pools.PoolHeadOut,
    p.Policy: out_pools.PolicyOut,
    p.RateCard: out_pools.RateCardOut,
    bf.Buffer: out_pools.BufferOut,
    p.AppliedPart: out_pools.AppliedPartOut,
    p.Location: out_pools.LocationOut,
    p.Authority: out_pools.AuthorityOut,
    p.Channel: out_pools.ChannelOut,
    p.PublishingRule: out_pools.PublishingRuleOut,
    p.RoutingModel: out_pools.RoutingModelOut,
}
NOT_SHOWN: dict[type[Struct], set[str]] = {
    # The core's own memory of commands.
    o.Order: {"recent", "forgotten_before_ms"},
    # Shown opened, or as what it is: sealed.
    o.Customer: {"sealed"},
    # Shown with each level.
    s.SkuView: {"apart"},
}
SHOWN_OTHERWISE = {pl.Position, o.Remembered}
# What a level has, and what is published of it.
LEVEL_FIELDS = {"sku", "location_id", *s.LevelView.__struct_fields__, *s.ApartView.__struct_fields__}

IN: dict[type[Struct], type[BaseModel]] = {
    c.PlaceOrder: content.OrderIn,
    c.ReserveOrder: content.ReservationIn,
    c.ImportOrder: content.ImportIn,
    c.CancelUnits: orders.CancelIn,
    c.HoldOrder: orders.HoldIn,
    c.ReleaseHold: orders.ReleaseIn,
    c.RerouteOrder: orders.RerouteIn,
    c.MoveUnits: orders.MoveIn,
    c.EditOrder: edits.EditIn,
    c.AssessRisk: risk.RiskIn,
    rk.Risk: risk.RiskIn,
    rk.RiskFact: risk.RiskFactIn,
    c.RecordStatedMoney: money.StatedMoneyIn,
    m.StatedPayment: money.StatedPaymentIn,
    m.StatedRefund: money.StatedRefundIn,
    c.AcceptFulfillment: fulfillments.AcceptIn,
    c.RejectFulfillment: fulfillments.RejectIn,
    c.PickFulfillment: fulfillments.PickIn,
    c.PackFulfillment: fulfillments.PackIn,
    c.MakeReady: fulfillments.ReadyIn,
    c.CollectFulfillment: fulfillments.CollectIn,
    c.AnswerCancellation: fulfillments.AnswerIn,
    c.MergeFulfillments: fulfillments.MergeIn,
    c.ShipParcel: fulfillments.ShipIn,
    c.RecordTracking: fulfillments.TrackingIn,
    c.RecordScan: fulfillments.ScanIn,
    c.DeliverParcel: fulfillments.DeliverIn,
    c.LoseParcel: fulfillments.LoseIn,
    c.ReturnParcelToSender: fulfillments.ReturnIn,
    c.ReceiveStock: stock.ReceiveIn,
    c.SellAtTill: stock.SellIn,
    c.DispatchTransfer: stock.DispatchTransferIn,
    c.ReceiveTransfer: stock.ReceiveTransferIn,
    c.AdjustStock: stock.AdjustIn,
    c.CountStock: stock.CountIn,
    c.SetSafetyStock: stock.SafetyStockIn,
    c.RestateStock: stock_stated.RestateIn,
    c.FenceStock: stock_stated.FenceIn,
    c.ExpectStock: stock_stated.ExpectIn,
    c.DeclareStock: stock_stated.DeclareIn,
    c.PutPool: pools.PoolIn,
    c.PutLocations: pools.LocationsIn,
    c.PutChannels: channels.ChannelsIn,
    c.PutCatalogue: catalogue.CatalogueIn,
    o.NewLine: content.LineIn,
    o.Terms: content.TermsIn,
    p.Location: pools.LocationIn,
    p.Authority: pools.AuthorityIn,
    p.Channel: channels.ChannelIn,
    p.PublishingRule: channels.PublishingRuleIn,
    p.CatalogueItem: catalogue.ItemIn,
    p.Listing: catalogue.ListingIn,
    p.Policy: pools.PolicyIn,
    p.RateCard: pools.RateCardIn,
    bf.Buffer: buffers.BufferIn,
    p.RoutingModel: pools.RoutingModelIn,
    ln.Component: catalogue.ComponentIn,
    ch.AddLine: edits.AddLineIn,
    ch.AddUnits: edits.AddUnitsIn,
    ch.RemoveUnits: edits.RemoveUnitsIn,
    ch.SetPrice: edits.SetPriceIn,
    ch.SetDiscount: edits.SetDiscountIn,
    ch.SetShipping: edits.SetShippingIn,
    ch.SetDestination: edits.SetDestinationIn,
    ch.SetCustomer: edits.SetCustomerIn,
    ch.SetPriority: edits.SetPriorityIn,
    ch.SetPromise: edits.SetPromiseIn,
    ch.SetTerms: edits.SetTermsIn,
}
NOT_ASKED_OVER_HTTP = {
    c.Tick: "time is the clock's",
    c.ReopenOrder: "sent by the API itself before a command on a closed order",
    c.RepairLevel: "sent by the repair tool",
    c.PutPolicy: "its fields are those of the policy",
    c.PutRoutingModel: "its fields are those of the model",
}
OTHERWISE_NAMED = {"risk": "recommendation", "time_to_live_ms": "time_to_live_seconds", "position": "latitude"}


def structs_in(hint: Any) -> Iterator[type[Struct]]:
    """Every record in an annotation."""
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint
    if get_origin(hint) in (Union, types.UnionType, tuple, dict, list) or hasattr(hint, "__metadata__"):
        for inner in get_args(hint):
            yield from structs_in(inner)


def reached_from(*roots: type[Struct]) -> set[type[Struct]]:
    found: set[type[Struct]] = set()
    left = list(roots)
    while left:
        record = left.pop()
        if record not in found:
            found.add(record)
            left += [inner for hint in get_type_hints(record).values() for inner in structs_in(hint)]
    return found


def test_every_record_of_an_order_of_stock_and_of_the_set_up_is_shown() -> None:
    roots = (o.Order, EditPreviewed, s.SkuView, s.StockMovement, p.PoolView, p.CatalogueItem)

    assert reached_from(*roots) - SHOWN_OTHERWISE == set(OUT)


@pytest.mark.parametrize("record", OUT, ids=lambda record: record.__name__)
def test_every_field_of_a_record_is_shown(record: type[Struct]) -> None:
    fields = {http_name(name) for name in set(record.__struct_fields__) - NOT_SHOWN.get(record, set())}

    assert fields - set(OUT[record].model_fields) == set()


def test_levels_are_published_whole() -> None:
    assert set(s.StockLevel.__struct_fields__) - LEVEL_FIELDS == set()


def test_every_command_can_be_asked_or_says_why_not() -> None:
    kinds = set(get_args(c.AnyCommand))

    assert {kind for kind in IN if issubclass(kind, Command)} == kinds - set(NOT_ASKED_OVER_HTTP)
    assert {kind for kind in IN if issubclass(kind, ch.Changing)} == set(get_args(ch.Change))


@pytest.mark.parametrize("record", IN, ids=lambda record: record.__name__)
def test_every_field_of_a_command_can_be_sent(record: type[Struct]) -> None:
    left_out = set(Command.__struct_fields__) if issubclass(record, Command) else set()
    if issubclass(record, FulfillmentCommand):
        left_out |= {"fulfillment_id", "parcel_id"}
        left_out -= set(IN[record].model_fields)
    if issubclass(record, c.OrderCommand):
        left_out |= {"order_id"}
    fields = {OTHERWISE_NAMED.get(name, http_name(name)) for name in set(record.__struct_fields__) - left_out}

    assert fields - set(IN[record].model_fields) == set()
