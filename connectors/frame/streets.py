"""Lines of an address for those who have a set number of fields for them."""


def streets(lines: tuple[str, ...], names: tuple[str, ...]) -> dict[str, str]:
    """Give the lines under their names; those beyond the last are joined to it, so that none is lost."""
    told = [line.strip() for line in lines if line.strip()]
    most = len(names)
    if len(told) > most:
        told = [*told[: most - 1], ", ".join(told[most - 1 :])]
    return dict(zip(names, told, strict=False))
