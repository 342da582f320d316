"""Who shops: names, addresses and firms put together from word lists. Nobody of them exists."""

from bisect import bisect_right
from typing import Any

from pipelines.demo.draws import Draws
from pipelines.demo.places import CITIES, CUMULATIVE, City

PEOPLE = 4_000
FIRMS = 120
_SPREAD_DEGREES = 0.25


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words("""
    Ada Alma Amos Anika Arlo Asha Bela Bruno Callum Camila Cedric Chiara Dalia Dario Edith Elias Elsa Emeka Esme
    Fatima Felix Freya Gideon Greta Hana Hugo Idris Imani Ines Ivo Jada Jonas Juno Kai Keiko Lars Leila Linus
    Lucia Mabel Malik Mara Mateo Mina Nadia Niko Noor Odette Omar Opal Orson Paloma Petra Quinn Rafael Ravi Rosa
    Rufus Sanna Selma Silas Soren Tamsin Tariq Thea Tobias Uma Valeria Viggo Wanda Wren Ximena Yara Yusuf Zadie
    Zeno
""")
_LAST = _words("""
    Abernathy Almeida Ashgrove Barrowby Bellweather Birchall Brackenridge Calloway Castellan Coldwater Crestfield
    Dalgaard Delacroix Dunmore Eastlake Elderberry Fairwind Fernsby Foxworth Galloway Goldcrest Greenhalgh
    Hallorand Harrowgate Hawthorne Holloway Ibarra Ironwood Jessamine Kestrel Kingsolver Lakeland Larkspur
    Lindqvist Lockridge Marchetti Mayweather Merriweather Moonfield Nakagawa Nightingale Northcott Oakhurst Okonjo
    Osterberg Pemberton Pinecrest Quartermaine Ravensworth Redfern Rosewarne Sandoval Silverton Skylark
    Stonebridge Sunderland Tanglewood Thistlewood Thornbury Underhill Vandermeer Villanueva Wainscott Westerly
    Whitlock Winterbourne Woodruff Yarborough Yellowley Zimmerwald
""")
_STREETS = _words("""
    Alder Bayberry Cedar Dogwood Elm Foxglove Heron Juniper Linden Magnolia
    Maple Meadow Orchard Pine Quarry River Sycamore Tamarack Walnut Willow
""")
_ENDINGS = ("Street", "Avenue", "Lane", "Road", "Court", "Drive", "Way", "Place")
_FIRM_HEADS = _words("""
    Basecamp Bluebird Canyon Driftwood Evergreen Granite Highmesa Lakeside Lodestar
    Meridian Northbound Oldmill Pinewood Ridgeline Sandbar Trailhead Windrose
""")
_FIRM_TAILS = ("Outfitters", "Guides", "Lodge", "Summer Camps", "Hotel Supply", "Climbing Gym", "Tours", "Interiors")
# Top-level names that are kept for examples, so that no mail can go anywhere.
_MAIL = ("example.com", "example.org", "example.net")


def city_of(draws: Draws, person: int, kind: str) -> City:
    """Give where somebody lives."""
    number = draws.below(CUMULATIVE[-1], kind, person, "city")
    return CITIES[bisect_right(CUMULATIVE, number)]


def person_of(draws: Draws, person: int) -> tuple[City, dict[str, Any], dict[str, Any]]:
    """Give somebody's city, customer and destination as they stand in an order."""
    first = draws.one_of(_FIRST, person, "first")
    last = draws.one_of(_LAST, person, "last")
    mail = f"{first}.{last}{person}@{draws.one_of(_MAIL, person, 'mail')}".lower()
    return _somebody(draws, person, "c", f"{first} {last}", mail)


def firm_of(draws: Draws, firm: int) -> tuple[City, dict[str, Any], dict[str, Any]]:
    """Give a firm's city, customer and destination as they stand in an order."""
    head = draws.one_of(_FIRM_HEADS, firm, "head")
    name = f"{head} {draws.one_of(_FIRM_TAILS, firm, 'tail')}"
    mail = f"orders{firm}@{name.lower().replace(' ', '-')}.example"
    return _somebody(draws, firm, "b", name, mail)


def _somebody(
    draws: Draws, number: int, kind: str, name: str, mail: str
) -> tuple[City, dict[str, Any], dict[str, Any]]:
    city = city_of(draws, number, kind)
    postcode = f"{city.postcode}{draws.below(60, kind, number, 'postcode') + 1:02d}"
    street = f"{draws.one_of(_STREETS, kind, number, 'street')} {draws.one_of(_ENDINGS, kind, number)}"
    customer = {
        "customer_id": f"{kind}-{number:05d}",
        "name": name,
        "email": mail,
        # 555-01xx are numbers that nobody has.
        "phone": f"+1 555 01{number % 100:02d}",
        "address_lines": [
            f"{1 + draws.below(990, kind, number, 'house')} {street}",
            f"{city.name}, {city.region} {postcode}",
        ],
    }
    destination = {
        "country": "US",
        "postcode": postcode,
        "region": city.region,
        "latitude": round(city.latitude + _SPREAD_DEGREES * draws.between(-1, 1, kind, number, "latitude"), 4),
        "longitude": round(city.longitude + _SPREAD_DEGREES * draws.between(-1, 1, kind, number, "longitude"), 4),
    }
    return city, customer, destination
