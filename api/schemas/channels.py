"""Bodies that put a pool's channels, and what each is told of its stock."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.schemas.base import AmountMinor, Body, Count, Envelope, Reasoned, ShortText, Sku, SourceId, Text
from models import commands
from models.records.mail import CustomerMail
from models.records.pool import Channel, ChannelKind, PublishingRule


class PublishingRuleIn(Body):
    """How much a channel is told of; of the rules that match, the most specific counts: its SKU, its category, any.

    Told are 0 units at `end_when` or less, else `percent` of what is left above `threshold`, at most `maximum`.
    """

    sku: Sku | None = None
    category: Text | None = None
    threshold: Count = 0
    percent: Annotated[int, Field(ge=0, le=100)] = 100
    maximum: Count | None = None
    end_when: Count = 0

    def rule(self) -> PublishingRule:
        """Give the record."""
        return PublishingRule(
            sku=self.sku,
            category=self.category,
            threshold=self.threshold,
            percent=self.percent,
            maximum=self.maximum,
            end_when=self.end_when,
        )


class ChannelIn(Body):
    """A place that sells; orders name its id as their channel."""

    channel_id: SourceId
    name: ShortText
    kind: Literal["website", "marketplace", "till", "b2b", "other"] = "other"
    reservation_minutes: Annotated[int, Field(ge=1, le=366 * 1440)] | None = None
    guest_reservation_minutes: Annotated[
        int | None, Field(ge=1, le=366 * 1440, description="Of reservations without a customer; null: as the others")
    ] = None
    approval_above_minor: AmountMinor | None = None
    segment: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9-]{0,39})?$", description="Of ring-fenced stock")] = ""
    publishing: Annotated[tuple[PublishingRuleIn, ...], Field(max_length=1_000)] = ()
    mails: (
        Annotated[
            tuple[
                Literal["taken", "partly_shipped", "shipped", "ready", "delivered", "delayed", "cancelled", "refunded"],
                ...,
            ],
            Field(max_length=20, description="What customers are told by mail; without it by the channel's kind"),
        ]
        | None
    ) = None

    def channel(self) -> Channel:
        """Give the record."""
        return Channel(
            channel_id=self.channel_id,
            name=self.name,
            kind=ChannelKind(self.kind),
            reservation_minutes=self.reservation_minutes,
            guest_reservation_minutes=self.guest_reservation_minutes,
            approval_above_minor=self.approval_above_minor,
            segment=self.segment,
            publishing=tuple(rule.rule() for rule in self.publishing),
            mails=None if self.mails is None else tuple(CustomerMail(mail) for mail in self.mails),
        )


class ChannelsIn(Reasoned):
    """Add channels, or replace them by id."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"channels": [{"channel_id": "shop-de", "name": "Web shop", "kind": "website"}]}]
        }
    )

    channels: Annotated[tuple[ChannelIn, ...], Field(min_length=1, max_length=100)]

    def command(self, envelope: Envelope) -> commands.PutChannels:
        """Give the command that this body asks for."""
        return commands.PutChannels(
            **envelope.fields(self.reason), channels=tuple(channel.channel() for channel in self.channels)
        )
