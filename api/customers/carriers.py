"""Where a carrier shows a parcel, by its tracking number: only carriers whose address is known have a link."""

from urllib.parse import quote

_PAGES = {
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={}",
    "dhlpaket": "https://www.dhl.de/de/privatkunden/dhl-sendungsverfolgung.html?piececode={}",
    "dhlgermany": "https://www.dhl.de/de/privatkunden/dhl-sendungsverfolgung.html?piececode={}",
    "deutschepost": "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode={}",
    "dpd": "https://tracking.dpd.de/status/en_US/parcel/{}",
    "gls": "https://gls-group.com/track/{}",
    "hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation#{}",
    "ups": "https://www.ups.com/track?tracknum={}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "royalmail": "https://www.royalmail.com/track-your-item#/tracking-results/{}",
    "evri": "https://www.evri.com/track/parcel/{}",
    "postnl": "https://postnl.nl/tracktrace/?B={}",
    "laposte": "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
    "colissimo": "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
    "austrianpost": "https://www.post.at/s/sendungsdetails?snr={}",
    "swisspost": "https://service.post.ch/ekp-web/ui/entry/search/{}",
    "canadapost": "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}",
    "auspost": "https://auspost.com.au/mypost/track/details/{}",
}
_ALIASES = {"unitedparcelservice": "ups", "unitedstatespostalservice": "usps", "federalexpress": "fedex"}
_NUMBER_MAX = 60


def carrier_page(carrier: str, tracking_number: str) -> str:
    """Give the address of a parcel at its carrier's, or nothing."""
    name = "".join(one for one in carrier.lower() if one.isalnum())
    address = _PAGES.get(_ALIASES.get(name, name), "")
    number = tracking_number.strip()
    return address.format(quote(number, safe="")) if address and 0 < len(number) <= _NUMBER_MAX else ""
