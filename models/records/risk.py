"""What a provider says of the risk that an order is not genuine."""

from models.types import InstantMs, Record, Reference, Text, Word


class RiskLevel(Word):
    """How great the risk is."""

    NONE = "none", "the provider sees none"
    LOW = "low", "as with most orders"
    MEDIUM = "medium", "something speaks against it"
    HIGH = "high", "much speaks against it"


class Recommendation(Word):
    """What the provider advises."""

    ACCEPT = "accept", "send it"
    REVIEW = "review", "let a person decide"
    CANCEL = "cancel", "do not send it"


class RiskFactSays(Word):
    """Which way a fact points."""

    POSITIVE = "positive", "it speaks for the order"
    NEUTRAL = "neutral", "it is worth knowing"
    NEGATIVE = "negative", "it speaks against the order"


class RiskFact(Record, array_like=True, omit_defaults=False, kw_only=True):
    """One thing that the provider found."""

    says: RiskFactSays
    text: Text


class Risk(Record, kw_only=True):
    """What one provider says; its newest word counts."""

    provider: Reference
    level: RiskLevel
    recommendation: Recommendation
    assessed_at_ms: InstantMs
    facts: tuple[RiskFact, ...] = ()
