"""What is shown of an order's risk."""

from api.schemas.out import Out


class RiskFactOut(Out):
    says: str
    text: str


class RiskOut(Out):
    """What a provider says."""

    provider: str
    level: str
    recommendation: str
    assessed_at: str
    facts: list[RiskFactOut]
