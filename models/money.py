"""Money is integer minor units; amounts are shared out so that the parts sum to the whole."""

from collections.abc import Sequence


def share(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Share a total by weights with largest remainders; ties go to the earlier part.

    All weights zero shares equally. The parts always sum to `total_minor` (Hamilton's method).
    """
    if total_minor == 0 or not weights:
        return [0] * len(weights)
    if len(weights) == 1:
        return [total_minor]
    whole = sum(weights)
    used = weights if whole > 0 else [1] * len(weights)
    whole = whole if whole > 0 else len(weights)
    parts = [total_minor * weight // whole for weight in used]
    remainders = sorted(range(len(used)), key=lambda i: (-(total_minor * used[i] % whole), i))
    for i in remainders[: total_minor - sum(parts)]:
        parts[i] += 1
    return parts


def amount_of_units(amount_minor: int, quantity: int, first: int, count: int) -> int:
    """Give the amount of units `first` .. `first + count - 1` (from 0) of a line of `quantity` units.

    The line's amount is shared equally over its units, earlier units carrying the odd cents, so any run of units has
    a fixed amount and all runs together sum to the line.
    """
    each, odd = divmod(amount_minor, quantity)
    return each * count + max(0, min(first + count, odd) - min(first, odd))
