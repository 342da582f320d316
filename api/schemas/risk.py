"""The body that states what a provider says of the risk of an order."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.schemas.base import Body, Envelope, Instant, Reasoned, Reference, Text
from models import commands
from models.records.risk import Recommendation, Risk, RiskFact, RiskFactSays, RiskLevel


class RiskFactIn(Body):
    """One thing that the provider found."""

    says: Literal["positive", "neutral", "negative"]
    text: Text

    def fact(self) -> RiskFact:
        """Give the record."""
        return RiskFact(says=RiskFactSays(self.says), text=self.text)


class RiskIn(Reasoned):
    """What a provider says of the risk that an order is not genuine; its newest word counts.

    Advice to review or to cancel holds the order for a person; only where the policy says so is it cancelled at once.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "provider": "signifyd",
                    "level": "high",
                    "recommendation": "review",
                    "facts": [{"says": "negative", "text": "The card is from another country"}],
                }
            ]
        }
    )

    provider: Reference
    level: Literal["none", "low", "medium", "high"]
    recommendation: Literal["accept", "review", "cancel"]
    assessed_at: Instant | None = None
    facts: Annotated[tuple[RiskFactIn, ...], Field(max_length=50)] = ()

    def command(self, envelope: Envelope, order: str) -> commands.AssessRisk:
        """Give the command that this body asks for."""
        risk = Risk(
            provider=self.provider,
            level=RiskLevel(self.level),
            recommendation=Recommendation(self.recommendation),
            assessed_at_ms=envelope.ms(self.assessed_at),
            facts=tuple(fact.fact() for fact in self.facts),
        )
        return commands.AssessRisk(**envelope.fields(self.reason), order_id=order, risk=risk)
