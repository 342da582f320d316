"""Every mistake that a configuration folder can hold is told with its file, line, column and what to do."""

import pytest

from cli.init import example_files
from connectors.folder.reading import read_folder
from tests.support.folders import HEAD, faults_of

_KIND = "kind: 'shop' is not known here: write one of warehouse, store, third_party, drop_shipper"
_COLUMNS = "sku,name,weight_grams,category,untracked,backorder_limit"
PLACE = "- id: a\n  name: A\n  time_zone: UTC\n"


def test_the_example_has_no_mistakes() -> None:
    found = read_folder({name: text.encode() for name, text in example_files().items()})

    assert found.faults == ()
    assert [(setup.head.pool, len(setup.locations or ()), len(setup.catalogue or ())) for setup in found.pools] == [
        ("my-shop", 2, 8)
    ]


def test_all_mistakes_of_all_files_are_told_at_once() -> None:
    found = faults_of(
        pool="pool: Shop\ncurrency: EURO\n",
        locations=PLACE + "  cut_of: 16:00\n  latitude: 91\n",
        catalogue="sku,name\nA,one,two\n,x\n",
    )

    assert found == [
        "catalogue.csv:2:3: 3 fields, the header has 2",
        "catalogue.csv:3:1: this row has no SKU: fill it in, or delete the row",
        "locations.yaml:4:3: unknown key 'cut_of': did you mean cut_off?",
        "locations.yaml:5:13: latitude: '91' is no number of degrees from -90 to 90, such as 40.7128",
        "pool.yaml:1:7: pool: 'Shop' cannot be an id: up to 40 lower-case letters, digits and -",
        "pool.yaml:2:11: currency: 'EURO' is no currency: write its three letters of ISO 4217, such as USD or EUR",
    ]


@pytest.mark.parametrize(
    ("key", "column", "reason"),
    [
        pytest.param("kind: shop", 9, _KIND, id="kind"),
        pytest.param("enabled: maybe", 12, "enabled: 'maybe' is neither yes nor no", id="yes or no"),
        pytest.param("country: UK", 12, "country: 'UK' is no country: did you mean GB?", id="UK"),
        pytest.param(
            "country: Germany",
            12,
            "country: 'Germany' is no country: write its two letters of ISO 3166, such as US or DE",
            id="country",
        ),
        pytest.param(
            "cut_off: 25:00",
            12,
            "cut_off: '25:00' is no time of day: write it as 16:30, from 00:00 to 24:00",
            id="hour",
        ),
        pytest.param(
            "cut_off: 4pm", 12, "cut_off: '4pm' is no time of day: write it as 16:30, from 00:00 to 24:00", id="pm"
        ),
        pytest.param("open_on: [Mon, Frieday]", 18, "'Frieday' is no weekday: did you mean Friday?", id="weekday"),
        pytest.param(
            "open_on: Monday", 12, "open_on: write a list here, such as [first, second]", id="a list is needed"
        ),
        pytest.param(
            "open_on: []", 1, "open_on names no day: to close it for now write 'enabled: no'", id="never open"
        ),
        pytest.param(
            "closed_on: [2026-02-30]",
            15,
            "'2026-02-30' is no day of the calendar: write it as 2026-12-24",
            id="no such day",
        ),
        pytest.param(
            "handling: 1.205",
            13,
            "handling: '1.205' has more decimals than the 2 of EUR: write for example 5.90",
            id="decimals",
        ),
        pytest.param(
            "handling: 1,20",
            13,
            "handling: '1,20' is no amount: write digits with a point, such as 5.90",
            id="decimal comma",
        ),
        pytest.param("handling: [1]", 13, "handling: write one value here, not a list or keys", id="one value"),
        pytest.param("pick: 100000.01", 9, "pick: at most 100000.00 can stand here", id="too much"),
        pytest.param(
            "capacity_per_day: -1", 21, "capacity_per_day: '-1' is no whole number from 0 to 1000000", id="below 0"
        ),
        pytest.param(
            "latitude: 52.5", 1, "a position takes both 'latitude' and 'longitude': add the other", id="half a place"
        ),
        pytest.param("name: B", 3, "'name' stands here a second time, first in line 2: keep one", id="key twice"),
        pytest.param(
            "authority: {recieve: wms}", 15, "unknown key 'recieve': did you mean receive?", id="key within a key"
        ),
    ],
)
def test_a_mistake_in_a_location(key: str, column: int, reason: str) -> None:
    # A thing that is wrong as a whole is told where it begins.
    line = 1 if column == 1 else 4
    column = 3 if column == 1 else column

    assert faults_of(locations=f"{PLACE}  {key}\n") == [f"locations.yaml:{line}:{column}: {reason}"]


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("Europe/berlin", "did you mean Europe/Berlin?"),
        ("New York", "did you mean America/New_York?"),
        ("Mars", "known are Europe/Berlin, America/New_York"),
    ],
)
def test_a_time_zone_that_is_none(zone: str, hint: str) -> None:
    assert faults_of(locations=f"- id: a\n  name: A\n  time_zone: {zone}\n") == [
        f"locations.yaml:3:14: time_zone: '{zone}' is no time zone: {hint}"
    ]


def test_what_is_missing_is_named_where_it_is_missing() -> None:
    assert faults_of(pool="name: Shop\n", locations="- name: A\n") == [
        "locations.yaml:1:3: this location has no 'id': add it",
        "locations.yaml:1:3: this location has no 'time_zone': add it",
        "pool.yaml:1:1: this pool has no 'pool': add it",
        "pool.yaml:1:1: this pool has no 'currency': add it",
    ]


def test_an_id_stands_once() -> None:
    channel = "- id: web\n  name: Web\n"

    assert faults_of(locations=PLACE + PLACE, channels=channel + channel) == [
        "channels.yaml:3:3: the channel web stands in line 1 already: keep one",
        "locations.yaml:4:3: the location a stands in line 1 already: keep one",
    ]


def test_a_list_is_a_list() -> None:
    assert faults_of(locations="id: a\n") == [
        "locations.yaml:1:1: write the locations as a list, each beginning with '- id: '"
    ]


def test_yaml_that_cannot_be_read_is_told_where() -> None:
    [fault] = faults_of(locations="- id: a\n  name: 'A\n")

    assert fault == "locations.yaml:3:1: this is no YAML: found unexpected end of stream"


def test_a_rate_card_that_is_not_whole() -> None:
    card = "rate_card:\n  distance_limits_km: [100]\n  weight_limits_grams: [500, 400]\n  prices:\n    - [1.00, 2.00]\n"

    assert faults_of(policy=card) == [
        (
            "policy.yaml:2:3: limits must rise, and with these limits 'prices' takes 2 rows (one a distance, the last"
            " for all beyond) of 3 prices (one a weight, the last for all above)"
        )
    ]


@pytest.mark.parametrize(
    ("key", "column", "reason"),
    [
        ("preset: nearest", 9, "preset: 'nearest' is not known here: write one of closest, cheapest"),
        (
            "at_risk_before: 1 week",
            17,
            "at_risk_before: '1 week' is no length of time: write for example 90m, 24h or 14d, at most 366d",
        ),
        ("max_fulfillments: 9", 19, "max_fulfillments: '9' is no whole number from 1 to 8"),
        ("rate_card: {prices: [[1.00, x]]}", 29, "'x' is no amount: write digits with a point, such as 5.90"),
        (
            "rate_card: {distance_limits_km: [-5], prices: [[1], [2]]}",
            34,
            "'-5' is no distance in kilometers, such as 80 or 0.5",
        ),
    ],
)
def test_a_mistake_in_the_policy(key: str, column: int, reason: str) -> None:
    assert f"policy.yaml:1:{column}: {reason}" in faults_of(policy=key + "\n")


def test_a_channel_that_cannot_be_one() -> None:
    assert faults_of(channels="- id: web shop\n  name: Web\n  reservation_minutes: 0\n") == [
        "channels.yaml:1:7: id: 'web shop' cannot be an id: up to 60 letters, digits, _, . and -, no spaces",
        "channels.yaml:3:24: reservation_minutes: '0' is no whole number from 1 to 527040",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("sku,nam\nA,x\n", "1:2: unknown column 'nam': did you mean name?"),
        ("sku,sku\nA,B\n", "1:2: the column 'sku' stands here a second time: keep one"),
        ("name\nA\n", f"1:1: the column 'sku' is missing: the columns are {_COLUMNS}"),
        ("", f"1:1: there is no header: the first line names the columns {_COLUMNS}"),
        ("sku,name\nA\n", "2:2: 1 fields, the header has 2"),
        ("sku\nA\nB\nA\n", "4:1: SKU A stands in line 2 already: keep one"),
        ("sku,weight_grams\nA,1.5\n", "2:2: weight_grams '1.5' is no whole number from 0 to 1000000"),
        (
            "sku\n1.23E+11\n",
            (
                "2:1: 1.23E+11 is a number that a spreadsheet has shortened: format the column as text and fill the"
                " SKU in again"
            ),
        ),
        (
            "sku\nA\u200bB\n",
            "2:1: 'A\\u200bB' cannot be a SKU: up to 100 characters, composed (NFC), none of them invisible",
        ),
        ('sku,name\nA,"x\n', "2:1: this row cannot be read: unexpected end of data"),
        ('sku,name\n\n# B,x\nA,"two\nlines"\nA,y\n', "6:1: SKU A stands in line 4 already: keep one"),
    ],
)
def test_a_mistake_in_the_catalogue(text: str, fault: str) -> None:
    assert faults_of(catalogue=text) == [f"catalogue.csv:{fault}"]


def test_opening_stock_names_what_the_other_files_have() -> None:
    found = faults_of(
        locations=PLACE,
        catalogue="sku\nA\n",
        opening="# a comment, kept by a spreadsheet\nsku,location,quantity\nA,b,1\nB,a,1\nA,a,1\nA,a,-1\n",
    )

    assert found == [
        "opening-stock.csv:3:2: there is no location 'b' in locations.yaml: add it there",
        "opening-stock.csv:4:1: there is no SKU B in catalogue.csv: add it there",
        "opening-stock.csv:6:1: SKU A at a stands in line 5 already: keep one",
        "opening-stock.csv:6:3: quantity '-1' is no whole number from 0 to 1000000",
    ]


def test_a_file_that_is_not_utf_8_is_told_to_the_byte() -> None:
    assert faults_of(catalogue="sku,name\nA,Müsli\n".encode("latin-1")) == [
        "catalogue.csv:2:4: the byte 0xFC is not UTF-8: save the file as UTF-8 (in Excel: CSV UTF-8)"
    ]


def test_files_that_are_not_where_they_belong() -> None:
    def told(*paths: str) -> list[str]:
        texts = {"pool.yaml": HEAD.encode()}
        return [
            str(fault) for fault in read_folder({path: texts.get(path.split("/")[-1], b"") for path in paths}).faults
        ]

    assert told() == ["pool.yaml:1:1: there is no pool.yaml: `headrace init` writes a folder to begin with"]
    assert told("pool.yaml", "location.yaml") == [
        "location.yaml:1:1: no file is called so: did you mean locations.yaml?"
    ]
    assert told("a/channels.yaml") == ["a/pool.yaml:1:1: there is no pool.yaml: it names the pool and its currency"]
    assert told("pool.yaml", "a/pool.yaml") == [
        "a/pool.yaml:1:1: the pool shop is in pool.yaml already: rename one",
        "pool.yaml:1:1: a folder holds one pool, or folders of one pool each: move these files into one too",
    ]
