"""How often an address may ask for something that needs no key: a bucket each, that fills again by the minute."""

import time
from collections import OrderedDict

_ADDRESSES_MAX = 10_000
_MINUTE_SECONDS = 60.0


class Often:
    """Counts in this process; who has not asked for longest is forgotten first."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Take one from an address's bucket; False where it is empty."""
        now = time.monotonic()
        left, at = self._left.pop(address, (float(self._per_minute), now))
        left = min(self._per_minute, left + (now - at) * self._per_minute / _MINUTE_SECONDS)
        self._left[address] = (max(left - 1, 0.0) if left >= 1 else left, now)
        if len(self._left) > _ADDRESSES_MAX:
            self._left.popitem(last=False)
        return left >= 1
