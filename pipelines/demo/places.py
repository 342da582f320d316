"""Where the demo's shoppers live: cities of the United States with region, zone, position and a weight by size."""

from itertools import accumulate
from typing import NamedTuple

_EAST, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _WEST = "America/Denver", "America/Los_Angeles"


class City(NamedTuple):
    """A city: `postcode` is the three digits its postcodes begin with, `weight` how many shoppers it has."""

    name: str
    region: str
    postcode: str
    time_zone: str
    latitude: float
    longitude: float
    weight: int
    tax_permille: int


CITIES = (
    City("New York", "NY", "100", _EAST, 40.75, -73.99, 90, 88),
    City("Brooklyn", "NY", "112", _EAST, 40.65, -73.95, 60, 88),
    City("Buffalo", "NY", "142", _EAST, 42.89, -78.87, 12, 87),
    City("Newark", "NJ", "071", _EAST, 40.73, -74.17, 22, 66),
    City("Philadelphia", "PA", "191", _EAST, 39.95, -75.16, 42, 80),
    City("Pittsburgh", "PA", "152", _EAST, 40.44, -79.99, 20, 70),
    City("Boston", "MA", "021", _EAST, 42.36, -71.06, 40, 62),
    City("Worcester", "MA", "016", _EAST, 42.26, -71.80, 10, 62),
    City("Hartford", "CT", "061", _EAST, 41.76, -72.68, 12, 63),
    City("Providence", "RI", "029", _EAST, 41.82, -71.41, 10, 70),
    City("Portland", "ME", "041", _EAST, 43.66, -70.26, 8, 55),
    City("Burlington", "VT", "054", _EAST, 44.48, -73.21, 5, 70),
    City("Baltimore", "MD", "212", _EAST, 39.29, -76.61, 24, 60),
    City("Washington", "DC", "200", _EAST, 38.91, -77.03, 34, 60),
    City("Richmond", "VA", "232", _EAST, 37.54, -77.44, 14, 60),
    City("Raleigh", "NC", "276", _EAST, 35.78, -78.64, 20, 73),
    City("Charlotte", "NC", "282", _EAST, 35.23, -80.84, 24, 73),
    City("Charleston", "SC", "294", _EAST, 32.78, -79.93, 10, 90),
    City("Atlanta", "GA", "303", _EAST, 33.75, -84.39, 38, 89),
    City("Savannah", "GA", "314", _EAST, 32.08, -81.09, 7, 70),
    City("Jacksonville", "FL", "322", _EAST, 30.33, -81.66, 20, 75),
    City("Orlando", "FL", "328", _EAST, 28.54, -81.38, 24, 65),
    City("Tampa", "FL", "336", _EAST, 27.95, -82.46, 24, 75),
    City("Miami", "FL", "331", _EAST, 25.77, -80.19, 36, 70),
    City("Columbus", "OH", "432", _EAST, 39.96, -83.00, 24, 75),
    City("Cleveland", "OH", "441", _EAST, 41.50, -81.69, 18, 80),
    City("Cincinnati", "OH", "452", _EAST, 39.10, -84.51, 16, 78),
    City("Detroit", "MI", "482", "America/Detroit", 42.33, -83.05, 26, 60),
    City("Grand Rapids", "MI", "495", "America/Detroit", 42.96, -85.67, 10, 60),
    City("Indianapolis", "IN", "462", "America/Indiana/Indianapolis", 39.77, -86.16, 20, 70),
    City("Louisville", "KY", "402", "America/Kentucky/Louisville", 38.25, -85.76, 12, 60),
    City("Nashville", "TN", "372", _CENTRAL, 36.16, -86.78, 20, 97),
    City("Memphis", "TN", "381", _CENTRAL, 35.15, -90.05, 12, 97),
    City("Birmingham", "AL", "352", _CENTRAL, 33.52, -86.80, 11, 100),
    City("New Orleans", "LA", "701", _CENTRAL, 29.95, -90.07, 14, 100),
    City("Chicago", "IL", "606", _CENTRAL, 41.88, -87.63, 60, 102),
    City("Milwaukee", "WI", "532", _CENTRAL, 43.04, -87.91, 14, 79),
    City("Madison", "WI", "537", _CENTRAL, 43.07, -89.40, 8, 55),
    City("Minneapolis", "MN", "554", _CENTRAL, 44.98, -93.27, 26, 90),
    City("Des Moines", "IA", "503", _CENTRAL, 41.59, -93.62, 8, 70),
    City("St. Louis", "MO", "631", _CENTRAL, 38.63, -90.20, 20, 97),
    City("Kansas City", "MO", "641", _CENTRAL, 39.10, -94.58, 16, 90),
    City("Omaha", "NE", "681", _CENTRAL, 41.26, -95.93, 9, 70),
    City("Oklahoma City", "OK", "731", _CENTRAL, 35.47, -97.52, 12, 86),
    City("Dallas", "TX", "752", _CENTRAL, 32.78, -96.80, 46, 82),
    City("Houston", "TX", "770", _CENTRAL, 29.76, -95.37, 48, 82),
    City("San Antonio", "TX", "782", _CENTRAL, 29.42, -98.49, 24, 82),
    City("Austin", "TX", "787", _CENTRAL, 30.27, -97.74, 30, 82),
    City("El Paso", "TX", "799", _MOUNTAIN, 31.76, -106.49, 8, 82),
    City("Denver", "CO", "802", _MOUNTAIN, 39.74, -104.99, 32, 88),
    City("Boulder", "CO", "803", _MOUNTAIN, 40.01, -105.27, 9, 90),
    City("Salt Lake City", "UT", "841", _MOUNTAIN, 40.76, -111.89, 18, 77),
    City("Boise", "ID", "837", "America/Boise", 43.62, -116.20, 10, 60),
    City("Bozeman", "MT", "597", _MOUNTAIN, 45.68, -111.04, 4, 0),
    City("Albuquerque", "NM", "871", _MOUNTAIN, 35.08, -106.65, 10, 78),
    City("Phoenix", "AZ", "850", "America/Phoenix", 33.45, -112.07, 30, 86),
    City("Tucson", "AZ", "857", "America/Phoenix", 32.22, -110.97, 9, 87),
    City("Las Vegas", "NV", "891", _WEST, 36.17, -115.14, 18, 83),
    City("Reno", "NV", "895", _WEST, 39.53, -119.81, 7, 82),
    City("Los Angeles", "CA", "900", _WEST, 34.05, -118.24, 70, 95),
    City("Long Beach", "CA", "908", _WEST, 33.77, -118.19, 16, 102),
    City("San Diego", "CA", "921", _WEST, 32.72, -117.16, 28, 77),
    City("San Francisco", "CA", "941", _WEST, 37.77, -122.42, 36, 86),
    City("San Jose", "CA", "951", _WEST, 37.34, -121.89, 26, 93),
    City("Sacramento", "CA", "958", _WEST, 38.58, -121.49, 16, 87),
    City("Fresno", "CA", "937", _WEST, 36.74, -119.79, 9, 83),
    City("Portland", "OR", "972", _WEST, 45.52, -122.68, 24, 0),
    City("Eugene", "OR", "974", _WEST, 44.05, -123.09, 6, 0),
    City("Seattle", "WA", "981", _WEST, 47.61, -122.33, 34, 103),
    City("Spokane", "WA", "992", _WEST, 47.66, -117.43, 7, 90),
    City("Anchorage", "AK", "995", "America/Anchorage", 61.22, -149.90, 3, 0),
    City("Honolulu", "HI", "968", "Pacific/Honolulu", 21.31, -157.86, 4, 45),
)
CUMULATIVE = tuple(accumulate(city.weight for city in CITIES))
