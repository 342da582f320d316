"""What customers are told by mail."""

from enum import StrEnum


class CustomerMail(StrEnum):
    """An occasion of which a customer is written to; each channel says of which ones its customers are."""

    TAKEN = "taken"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    READY = "ready"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
