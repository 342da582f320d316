"""The summary in plain words, with exact figures."""

from collections.abc import Iterator

from connectors.money import decimal_of
from pipelines.shadow.breaks import WORDS
from pipelines.shadow.figures import Report


def sentences(report: Report) -> Iterator[str]:
    """Say what was found, one thing a sentence."""
    told, currency = report.summary, report.currency

    def money(minor: int) -> str:
        return f"{decimal_of(minor, currency)} {currency}"

    yield f"{_some(told['orders'], 'order')} read, {told['compared']:,} of them compared."
    for why, count in told["not_compared"].items():
        yield f"{_some(count, 'order')} not compared: {why}."
    yield (
        f"Headrace would have sent {told['alike']:,} from the same locations as the merchant,"
        f" and {told['different']:,} from others."
    )
    saved = told["saved_minor"]
    word = "less" if saved >= 0 else "more"
    yield (
        f"Shipping would have cost {money(told['cost_ours_minor'])} instead of {money(told['cost_theirs_minor'])}:"
        f" {money(abs(saved))} {word}{_share(saved, told['cost_theirs_minor'])}."
    )
    if told["late_judged"]:
        ours, theirs = told["late_ours_per_mille"], told["late_theirs_per_mille"]
        yield (
            f"Of {_some(told['late_judged'], 'order')} with a promise that can be judged,"
            f" {_thousandths(ours)} would have come late, instead of {_thousandths(theirs)}."
        )
    yield (
        f"{_some(told['splits_ours'], 'order')} would have left from several locations, instead of"
        f" {told['splits_theirs']:,}: {_some(told['parcels_avoided'], 'parcel')} avoided,"
        f" {told['parcels_added']:,} added."
    )
    yield (
        f"Oversold: {_some(told['oversold_orders'], 'order')}, {_some(told['oversold_units'], 'unit')} that no"
        " location had."
    )
    for kind, count in told["breaks"].items():
        if kind != "oversold":
            yield f"{count:,} × {WORDS[kind]}."


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _thousandths(per_mille: int) -> str:
    whole, rest = divmod(per_mille, 1000)
    return f"{whole:,}" if not rest else f"{whole:,}.{rest:03d}".rstrip("0")


def _share(saved: int, of: int) -> str:
    return f" ({100 * abs(saved) / of:.1f} %)" if of else ""
