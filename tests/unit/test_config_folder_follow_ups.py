"""One mistake of a configuration folder is told once, and not again by every line that leans on it."""

import pytest

from tests.support.folders import faults_of

PLACE = "- id: a\n  name: A\n  time_zone: UTC\n"


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        pytest.param(
            {"locations": f"{PLACE}- id: antwerp\n  name: Antwerp\n  time_zone: Mars\n"},
            ("locations.yaml:6:14: time_zone: 'Mars' is no time zone: known are Europe/Berlin, America/New_York"),
            id="a key of the location",
        ),
        pytest.param(
            {"locations": "- {id: a, name: 'A}\n- {id: antwerp, name: B}\n"},
            "locations.yaml:3:1: this is no YAML: found unexpected end of stream",
            id="the whole file",
        ),
        pytest.param(
            {"catalogue": "sku,name\nA,one\nLAMP 1,x,y\n"},
            "catalogue.csv:3:3: 3 fields, the header has 2",
            id="a row of the catalogue",
        ),
        pytest.param(
            {"catalogue": "sku,nam\nA,one\nLAMP 1,x\n"},
            "catalogue.csv:1:2: unknown column 'nam': did you mean name?",
            id="the header of the catalogue",
        ),
        pytest.param(
            {"catalogue": "sku,name\nA,M\xfcsli\nLAMP 1,x\n".encode("latin-1")},
            "catalogue.csv:2:4: the byte 0xFC is not UTF-8: save the file as UTF-8 (in Excel: CSV UTF-8)",
            id="bytes that are no text",
        ),
    ],
)
def test_what_follows_from_a_mistake_is_not_told_again(files: dict[str, str | bytes], fault: str) -> None:
    right: dict[str, str | bytes] = {
        "locations": f"{PLACE}- id: antwerp\n  name: B\n  time_zone: UTC\n",
        "catalogue": "sku\nA\nLAMP 1\n",
        "kits": "kit,component,quantity\nA,LAMP 1,1\n",
        "opening": "sku,location,quantity\nA,a,1\nLAMP 1,antwerp,1\n",
    }

    assert faults_of(**right) == []
    assert faults_of(**right | files) == [fault]


def test_a_name_that_stands_nowhere_is_told_also_beside_other_mistakes() -> None:
    found = faults_of(
        locations=PLACE + "  time: UTC\n",
        catalogue="sku,name\nA\n",
        opening="sku,location,quantity\nB,antwerp,1\n",
    )

    assert found == [
        "catalogue.csv:2:2: 1 fields, the header has 2",
        "locations.yaml:4:3: unknown key 'time': did you mean time_zone?",
        "opening-stock.csv:2:1: there is no SKU B in catalogue.csv: add it there",
        "opening-stock.csv:2:2: there is no location 'antwerp' in locations.yaml: add it there",
    ]
