"""What all request bodies share: strictness, bounded fields, times, and the envelope of the command they become."""

from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from models.ids import is_sku
from models.types import MAX_AMOUNT_MINOR, MAX_INSTANT_MS, MAX_QUANTITY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Envelope(NamedTuple):
    """What a command says about its asking; everything else comes from the body."""

    command_id: str
    pool: str
    now_ms: int
    actor: str
    correlation_id: str

    def fields(self, reason: str = "") -> dict[str, Any]:
        """Give the fields of `models.commands.Command`."""
        return {
            "command_id": self.command_id,
            "pool": self.pool,
            "issued_at_ms": self.now_ms,
            "actor": self.actor,
            "reason": reason,
            "correlation_id": self.correlation_id,
        }

    def ms(self, instant: datetime | None) -> int:
        """Give an instant of the body, or the time of asking where it states none."""
        return self.now_ms if instant is None else ms_of(instant)


class Body(BaseModel):
    """Base of all request bodies: no coercion, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Reasoned(Body):
    """Any write may say why; it stands in the history."""

    reason: Annotated[str, Field(max_length=2000)] = ""


def ms_of(instant: datetime) -> int:
    """Give whole milliseconds since 1970, exact where a float would round."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def instant_or_none(instant: datetime | None) -> int | None:
    """Give an instant that may not be stated."""
    return None if instant is None else ms_of(instant)


def _in_bounds(instant: datetime) -> datetime:
    if not 0 <= ms_of(instant) <= MAX_INSTANT_MS:
        raise PydanticCustomError("instant_out_of_bounds", "the time must be in the years 1970 to 9999")
    return instant


def _normal_sku(sku: str) -> str:
    if not is_sku(sku):
        raise PydanticCustomError(
            "sku_invalid",
            "a SKU is composed Unicode (NFC) without control or invisible characters, and no space at its ends",
        )
    return sku


IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$"
Sku = Annotated[str, Field(min_length=1, max_length=100, examples=["TSHIRT-BLUE-M"]), AfterValidator(_normal_sku)]
LocationId = Annotated[str, Field(pattern=IDENTIFIER, examples=["berlin"])]
SourceId = Annotated[str, Field(pattern=IDENTIFIER, examples=["shop-de"])]
Reference = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
ShortText = Annotated[str, Field(max_length=200)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217", examples=["EUR"])]
Quantity = Annotated[int, Field(ge=1, le=MAX_QUANTITY)]
Count = Annotated[int, Field(ge=0, le=MAX_QUANTITY)]
Delta = Annotated[int, Field(ge=-MAX_QUANTITY, le=MAX_QUANTITY)]
AmountMinor = Annotated[int, Field(ge=0, le=MAX_AMOUNT_MINOR, description="In minor units, for example cents")]
Instant = Annotated[
    AwareDatetime,
    AfterValidator(_in_bounds),
    Field(description="ISO 8601 with its offset; the answer is UTC", examples=["2026-11-01T09:30:00Z"]),
]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2", examples=["DE"])]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
