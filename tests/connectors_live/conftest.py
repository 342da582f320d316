"""Systems that run: each is named by the environment, and what is not is not tried."""

import os

import pytest

from tests.support.medusa_shop import MedusaShop, set_up
from tests.support.medusa_trial import Trial, trial_of


@pytest.fixture(scope="session")
def medusa() -> MedusaShop:
    """A shop of one's own in the Medusa that `scripts/ensure_medusa up` starts and names."""
    base, key = os.environ.get("HEADRACE_MEDUSA", ""), os.environ.get("HEADRACE_MEDUSA_KEY", "")
    if not (base and key):
        pytest.skip("a running Medusa is named by HEADRACE_MEDUSA and HEADRACE_MEDUSA_KEY: scripts/ensure_medusa up")
    return set_up(base, key)


@pytest.fixture
def trial(medusa: MedusaShop) -> Trial:
    return trial_of(medusa)
