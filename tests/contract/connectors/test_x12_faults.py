"""X12 files that are bent, broken, cut, or say nothing to us: what is taken all the same, and what is refused where."""

import pytest

from connectors.frame.facts import DocumentAcknowledged
from connectors.frame.message import Message
from connectors.systems.x12 import CONNECTOR
from tests.contract.connectors.x12_files import SHIPMENT, file, read


@pytest.mark.parametrize(
    ("element", "component", "end"),
    [("*", ">", "~"), ("|", ":", "\n"), ("~", ">", "?"), ("\x1d", "\x1f", "\x1c"), ("^", ">", "~")],
)
def test_a_file_means_the_same_with_whatever_separators_its_isa_states(element: str, component: str, end: str) -> None:
    body = file("945", SHIPMENT, element=element, component=component, end=end)

    assert read(body).facts == read(file("945", SHIPMENT)).facts


@pytest.mark.parametrize(
    "bend",
    [
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: body.replace(b"\n", b"\r\n"),
        lambda body: body.replace(b"\n", b""),
        lambda body: body.replace(b"\n", b"\r\n   "),
        lambda body: body.replace(b"          ", b" ").replace(b"WAREHOUSE      *", b"WAREHOUSE*"),
        lambda body: body.replace(b"*P*>~\n", b"*P*~\n"),
        lambda body: body.rstrip().removesuffix(b"~"),
        lambda body: body + b"\x1a\x00\x00",
        lambda body: body.replace(b"SE*11", b"SE*12"),
        lambda body: body.replace(b"SE*11", b"SE*9"),
    ],
    ids=[
        "byte order mark",
        "lines by CR LF",
        "one line",
        "indented",
        "ISA not padded",
        "no ISA16",
        "no last terminator",
        "end-of-file signs",
        "counted one too many",
        "counted too few",
    ],
)
def test_what_partners_bend_changes_nothing(bend: object) -> None:
    assert callable(bend)
    assert read(bend(file("945", SHIPMENT))).facts == read(file("945", SHIPMENT)).facts


@pytest.mark.parametrize(
    ("code", "body", "field"),
    [
        ("945", "W06*F**20260904*S\nLX*1\nW12*CC*1*1**EA**VN*MUG", "segments[2].W06-02"),
        ("945", "W06*F*SO-1*20260904*S\nLX*1\nW12*CC*1*X**EA**VN*MUG", "segments[4].W12-03"),
        ("945", "W06*F*SO-1*20260904*S\nLX*1\nW12*CC*1*1**EA", "segments[4].W12-08"),
        ("944", "W17*F*20260904*RC-1", "segments[3].W07-01"),
        ("947", "W15*20260904*A\nW19*AA*1.5*EA**VN*MUG", "segments[3].W19-02"),
        ("846", "BIA*00*SI*I*20260904\nLIN*1*VN*MUG\nQTY*02*4", "segments[4].QTY-01"),
        ("856", "BSN*00*A*20260904*1000\nHL*1**I\nLIN**VN*MUG\nSN1**1*EA", "segments[6].PRF-01"),
        ("214", "B10*P*S*C\nLX*1\nAT7*D1*NS", "segments[4].AT7-05"),
        ("850", "BEG*00*SA*PO-1**20260904\nPO1*1*2*EA*abc**VN*MUG", "segments[3].PO1-04"),
        ("850", "BEG*00*SA*PO-1**20260904", "segments[3].PO1-01"),
    ],
)
def test_a_fault_is_refused_with_the_place_of_its_segment_and_the_element(code: str, body: str, field: str) -> None:
    translation = read(file(code, body))

    assert translation.facts == ()
    assert [(refusal.field, refusal.entry) for refusal in translation.refused] == [(field, "0001")]


def test_a_file_that_was_cut_is_refused_where_it_ends() -> None:
    whole = file("945", SHIPMENT)
    cut = whole[: whole.index(b"W12*CP") + 9]

    assert [refusal.field for refusal in read(cut).refused] == ["segments[12]"]
    at_segment = read(whole[: whole.index(b"W12*CP")])
    assert at_segment.facts == ()
    assert [refusal.field for refusal in at_segment.refused] == ["segments[10].SE", "GE", "IEA"]


def test_one_bad_transaction_set_is_refused_alone() -> None:
    good = file("945", SHIPMENT)
    bad = file("945", SHIPMENT.replace("CUP", "")).replace(b"000000077", b"000000078")
    translation = read(good + bad + good)

    assert len(translation.facts) == 2
    assert [refusal.field for refusal in translation.refused] == ["segments[10].W12-08"]
    assert len(translation.replies) == 3


def test_data_to_try_things_with_moves_nothing_unless_the_account_takes_it() -> None:
    body = file("945", SHIPMENT).replace(b"*0*P*", b"*0*T*")

    assert "test data" in read(body).ignored
    assert len(read(body, test_data="yes").facts) == 1


@pytest.mark.parametrize("code", ["810", "820", "855", "940", "180"])
def test_what_moves_nothing_is_ignored_with_the_reason(code: str) -> None:
    assert code in read(file(code, "BIG*1*2")).ignored


@pytest.mark.parametrize("start", ["UNB+UNOA:1", "UNA:+.? '\nUNB+UNOC:3", "\ufeffUNB+UNOA:1"])
def test_edifact_is_refused_with_the_reason(start: str) -> None:
    translation = read(f"{start}+A+B+260904:1000+1'UNH+1+DESADV:D:96A:UN'".encode())

    assert translation.facts == ()
    assert [(refusal.field, "EDIFACT" in refusal.reason) for refusal in translation.refused] == [("UNB", True)]


def test_separators_that_became_several_bytes_separate_all_the_same() -> None:
    whole = file("945", SHIPMENT)
    ellipses = whole.replace(b">~", b"\xc2\xa6~").replace(b"~", "\u2026".encode())

    assert read(ellipses).facts == read(whole).facts
    assert not read(ellipses).refused


def test_lines_that_were_wrapped_are_joined() -> None:
    whole = file("945", SHIPMENT)
    single = whole.replace(b"\n", b"")
    wrapped = b"\r\n".join(single[start : start + 80] for start in range(0, len(single), 80))

    assert read(wrapped).facts == read(whole).facts
    assert not read(wrapped).refused


def test_a_repetition_separator_that_is_another_separator_too_separates_nothing() -> None:
    body = file("945", SHIPMENT)
    doubled = body.replace(b"*U*00401*", b"*^*00501*").replace(b"*P*>~", b"*P*^~")

    assert read(doubled).facts == read(body).facts


def test_an_interchange_that_a_partner_turns_away_is_told_and_one_that_came_in_is_not() -> None:
    isa = file("945", SHIPMENT).split(b"\n")[0]
    rejected = read(isa + b"\nTA1*000000041*260904*1000*R*006~\nIEA*1*000000077~")
    accepted = read(isa + b"\nTA1*000000041*260904*1000*A*000~\nIEA*0*000000077~")

    (fact,) = rejected.facts
    assert isinstance(fact, DocumentAcknowledged)
    assert (fact.reference, fact.accepted, "006" in fact.note) == ("41", False, True)
    assert (rejected.refused, accepted.facts, accepted.refused) == ((), (), ())


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"ISABELLA", b"STATUS,OK", b'{"ISA":1}', b"\x00\xff", b"ST*", b"sku;units"]
)
def test_other_files_are_not_taken_for_x12(body: bytes) -> None:
    assert not CONNECTOR.recognise(Message(body=body))
