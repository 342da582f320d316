"""The demo: shoppers, locations and carriers as a seeded simulation. Pure: it is given time and what it may see."""
