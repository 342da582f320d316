"""Prices by unit, made of what a channel states by line, right to the cent."""


def priced(before_minor: int, after_minor: int, quantity: int) -> tuple[int, int]:
    """Give a unit's price and the line's discount, of what the whole line costs before and after discounts.

    What does not divide is rounded up, and what that is too much goes into the discount: so the line stays exact.
    """
    if quantity <= 0:
        return 0, 0
    after_minor = max(0, after_minor)
    unit_minor = -(-max(before_minor, after_minor) // quantity)
    return unit_minor, unit_minor * quantity - after_minor
