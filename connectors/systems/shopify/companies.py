"""Tracking companies as Shopify writes them: only those names, capitals and all, make a number a link to the carrier.

Source: Shopify, FulfillmentTrackingInfo, "Supported tracking companies", of which these are the most used.
"""

_COMPANIES = {
    name.lower().replace(" ", ""): name
    for name in (
        *("4PX", "An Post", "APC", "Aramex Australia", "Australia Post", "BPost", "Bring", "BRT", "Canada Post"),
        *("Canpar", "China Post", "Chronopost", "Colis Privé", "Colissimo", "Correos", "CTT", "Delhivery"),
        *("Deutsche Post", "DHL", "DHL eCommerce", "DHL Express", "DHL Parcel", "DPD", "DPD Local", "DPD UK", "DTDC"),
        *("Evri", "FedEx", "GLS", "Hermes", "India Post", "Inpost", "Intelcom", "Lasership", "Mondial Relay"),
        *(
            "New Zealand Post",
            "NinjaVan",
            "OnTrac",
            "Packeta",
            "Parcelforce",
            "Poste Italiane",
            "PostNL",
            "PostNord SE",
        ),
        *("PostNord DK", "PostNord NO", "Purolator", "Royal Mail", "Sendle", "SEUR", "SF Express", "Singapore Post"),
        *("Swiss Post", "TNT", "UPS", "USPS", "Venipak", "Whistl", "Xpedigo", "XPO Logistics", "Yodel", "YunExpress"),
        *("Österreichische Post", "Zásilkovna"),
    )
}


def company_of(carrier: str) -> str:
    """Give Shopify's spelling of a carrier; one that it does not list is sent as it is, and shown as text."""
    return _COMPANIES.get(carrier.lower().replace(" ", "").replace("_", "").replace("-", ""), carrier)
