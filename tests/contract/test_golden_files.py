"""What is stored or sent today must be read tomorrow: golden files of every kind decode and encode byte for byte."""

import pytest

from models.rows import encode
from tests.contract.samples import GOLDEN, Golden, goldens, samples

ALL = list(goldens())


@pytest.mark.parametrize("golden", ALL, ids=lambda golden: golden.name)
def test_a_golden_file_is_read_and_written_byte_for_byte(golden: Golden) -> None:
    value = golden.path.read_bytes().removesuffix(b"\n")

    assert encode(golden.decode(value)) == value


def test_every_kind_has_its_golden_file_and_no_file_is_left_over() -> None:
    files = {path.relative_to(GOLDEN).with_suffix("").as_posix() for path in GOLDEN.rglob("*.json")}

    assert files == {golden.name for golden in ALL}


def test_the_story_of_everything_gives_a_sample_of_every_kind() -> None:
    assert set(samples()) == {golden.name for golden in ALL}


@pytest.mark.parametrize("golden", ALL, ids=lambda golden: golden.name)
def test_a_field_added_by_a_later_version_is_read_past(golden: Golden) -> None:
    value = golden.path.read_bytes().removesuffix(b"\n")
    later = value[:-1] + b',"added_by_a_later_version":{"deep":[1]}}'

    assert encode(golden.decode(later)) == value
