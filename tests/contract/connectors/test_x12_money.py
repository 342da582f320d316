"""What an 850 costs besides its goods, and lines that partners number or price in their own ways."""

import pytest

from connectors.frame.facts import OrderCancelled, OrderStated
from tests.contract.connectors.x12_files import file, read


def order_of(body: str) -> OrderStated:
    (order,) = read(file("850", body, kind="PO")).facts
    assert isinstance(order, OrderStated)
    return order


def test_allowances_charges_and_taxes_are_read_of_the_order_and_of_each_line() -> None:
    order = order_of("""
        BEG*00*SA*PO-1**20260903
        SAC*C*D240***1250********FREIGHT
        SAC*A*C310***500
        SAC*C*H750***99
        SAC*N*B950***7777
        TXI*ST*3.21
        PO1*1*10*EA*5.00**VN*MUG
        SAC*A*C310***250
        SAC*C*G740***100
        TXI*ST*4.10
        PO1*2*2*EA*3.00**VN*CUP
        CTT*2
        AMT*TT*76.10
    """)

    assert (order.shipping_minor, order.discount_minor, order.tax_minor) == (1350, 500, 420)
    assert [(line.discount_minor, line.tax_minor) for line in order.lines] == [(250, 410), (0, 0)]
    assert (order.total_minor, order.tax_included) == (7610, False)


def test_percentages_and_rates_are_of_the_goods_they_stand_at() -> None:
    order = order_of("""
        BEG*00*SA*PO-1**20260903
        SAC*A*C310****3*10
        TXI*ST**.0825
        PO1*1*10*EA*5.00**VN*MUG
        SAC*A*C310******.25*EA
        SAC*A*C310****3*5
        PO1*2*2*EA*3.00**VN*CUP
        TXI*ST**10
    """)

    assert [line.discount_minor for line in order.lines] == [500, 0]
    assert order.lines[1].tax_minor == 60
    assert (order.discount_minor, order.tax_minor) == (510, 421)


def test_what_the_vendor_pays_or_settles_by_another_bill_is_none_of_the_order_s_money() -> None:
    order = order_of("""
        BEG*00*SA*PO-1**20260903
        SAC*A*C310***500*******01
        SAC*C*D240***500*******05
        TXI*ST*3.00*****O
        PO1*1*10*EA*5.00**VN*MUG
    """)

    assert (order.shipping_minor, order.discount_minor, order.tax_minor, order.total_minor) == (0, 0, 0, None)


def test_tax_that_prices_contain_and_tax_that_is_told_in_all_alone() -> None:
    assert order_of("BEG*00*SA*P**20260903\nTXI*VA*2.00*****I\nPO1*1*1*EA*5**VN*MUG").tax_included
    assert order_of("BEG*00*SA*P**20260903\nPO1*1*1*EA*5**VN*MUG\nCTT*1\nAMT*T*0.41").tax_minor == 41


def test_an_amount_that_is_none_is_refused_with_its_element() -> None:
    translation = read(file("850", "BEG*00*SA*P**20260903\nSAC*C*D240***x1\nPO1*1*1*EA*5**VN*MUG", kind="PO"))

    assert translation.facts == ()
    assert [refusal.field for refusal in translation.refused] == ["segments[3].SAC-05"]


def test_a_price_may_be_of_a_hundred_or_a_thousand_units() -> None:
    order = order_of("BEG*00*SA*P**20260903\nPO1*1*500*EA*12.00*HP*VN*MUG\nPO1*2*500*EA*250*TP*VN*CUP")

    assert [line.unit_price_minor for line in order.lines] == [12, 25]


def test_lines_that_share_a_number_are_told_apart() -> None:
    order = order_of("BEG*00*SA*P**20260903\nPO1*1*3*EA*1**VN*MUG\nPO1*1*4*EA*1**VN*CUP")

    assert [(line.line_id, line.sku, line.quantity) for line in order.lines] == [("1", "MUG", 3), ("1/2", "CUP", 4)]


@pytest.mark.parametrize("purpose", ["01", "03"])
def test_a_change_that_takes_the_whole_order_back_cancels_it(purpose: str) -> None:
    (cancelled,) = read(file("860", f"BCH*{purpose}*SA*PO-88***20260904", kind="PC")).facts

    assert isinstance(cancelled, OrderCancelled)
    assert cancelled.external_id == "PO-88"


def test_a_change_of_lines_is_refused_for_a_person() -> None:
    translation = read(file("860", "BCH*04*SA*PO-88***20260904\nPOC*1*QD*5*3*EA*1**VN*MUG", kind="PC"))

    assert translation.facts == ()
    assert [refusal.field for refusal in translation.refused] == ["ST-01"]
    assert b"AK5*R" in translation.replies[0]
