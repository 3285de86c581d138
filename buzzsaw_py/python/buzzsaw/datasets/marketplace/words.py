"""The words of the marketplace: kinds of products, brands, colours, features, sellers."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of product."""

    name: str
    #: The middle of its prices, in cents.
    price: int
    #: A product has two of the four.
    features: tuple[str, str, str, str]


KINDS = (
    Kind("headphones", 7_900, ("wireless", "noise cancelling", "over-ear", "foldable")),
    Kind("laptop", 89_000, ("15.6 inch", "16 GB", "backlit keyboard", "512 GB SSD")),
    Kind("monitor", 24_900, ("27 inch", "4K", "curved", "IPS panel")),
    Kind("printer", 14_900, ("laser", "duplex", "compact", "Wi-Fi")),
    Kind("toner cartridge", 4_900, ("original", "high yield", "refillable", "twin pack")),
    Kind("keyboard", 3_900, ("mechanical", "wireless", "compact", "backlit")),
    Kind("mouse", 1_900, ("optical", "wireless", "ergonomic", "silent")),
    Kind("router", 9_900, ("dual band", "mesh", "gigabit", "Wi-Fi 6")),
    Kind("speaker", 5_900, ("bluetooth", "portable", "waterproof", "stereo")),
    Kind("camera", 42_000, ("mirrorless", "24 MP", "4K video", "weatherproof")),
    Kind("phone case", 1_500, ("leather", "shockproof", "slim", "clear")),
    Kind("usb cable", 900, ("braided", "fast charging", "2 m", "type C")),
    Kind("running shoes", 8_500, ("trail", "lightweight", "waterproof", "wide fit")),
    Kind("backpack", 5_500, ("30 litre", "laptop sleeve", "foldable", "water resistant")),
    Kind("desk lamp", 3_200, ("dimmable", "clip-on", "LED", "swing arm")),
    Kind("office chair", 19_900, ("ergonomic", "mesh back", "lumbar support", "swivel")),
    Kind("coffee machine", 27_500, ("espresso", "filter", "programmable", "milk frother")),
    Kind("kettle", 3_400, ("cordless", "1.7 litre", "stainless steel", "variable temperature")),
    Kind("vacuum cleaner", 17_900, ("cordless", "bagless", "robot", "pet hair")),
    Kind("electric drill", 8_900, ("cordless", "18 V", "hammer", "brushless")),
    Kind("bicycle helmet", 4_800, ("adjustable", "lightweight", "visor", "kids")),
    Kind("yoga mat", 2_400, ("non-slip", "6 mm", "eco", "travel")),
    Kind("water bottle", 1_800, ("insulated", "1 litre", "BPA free", "leakproof")),
    Kind("rain jacket", 7_200, ("packable", "hooded", "breathable", "seam sealed")),
)

#: Five brands make each kind; neighbouring kinds share some.
BRANDS = (
    *("Nordwind", "Kestrel", "Halcyon", "Brightline", "Ostrava", "Tamarack", "Quillon", "Verde", "Auric", "Bellmoor"),
    *("Cindral", "Dovetail", "Élan", "Fjordic", "Granite", "Hexa", "Ibex", "Juniper", "Kobalt", "Lumen"),
    *("Marlow", "Nimbus", "Orchard", "Pinnacle", "Straße", "Riverton", "Solace", "Tundra", "Umbra", "Vantage"),
)
BRANDS_OF_KIND = 5
COLOURS = ("black", "white", "silver", "blue", "red", "green")
SERIES = ("Pro", "Air", "Max", "Mini", "Neo", "One", "Plus", "X")
SELLER_FIRST = ("Alpine", "Harbour", "Metro", "Sunny", "Prime", "Quick", "Royal", "Urban", "Vivid", "Zenith")
SELLER_LAST = ("Traders", "Outlet", "Supply", "Direct", "Market", "Goods", "Depot", "Stores")
