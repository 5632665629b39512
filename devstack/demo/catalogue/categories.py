"""The shelves of the demo shop, parents before their children."""

from devstack.demo.catalogue.product import Category

CATEGORIES = (
    Category(
        "mainline",
        "Mainline",
        "Diecast harian untuk dibuka, dimainkan dan dikoleksi. Everyday 1:64 from the peg.",
    ),
    Category(
        "hot-wheels",
        "Hot Wheels",
        "Dari mainline sampai RLC: the whole orange track.",
        "mainline",
    ),
    Category(
        "hot-wheels-basic",
        "Basic Cars",
        "Kartu biru harian, harga ramah kantong. Fresh case every month.",
        "hot-wheels",
    ),
    Category(
        "hot-wheels-premium",
        "Premium & Car Culture",
        "Metal on metal with Real Riders rubber tyres.",
        "hot-wheels",
    ),
    Category("matchbox", "Matchbox", "Realistic everyday vehicles since 1953.", "mainline"),
    Category(
        "majorette",
        "Majorette",
        "Merek Prancis dengan suspensi dan pintu yang bisa dibuka.",
        "mainline",
    ),
    Category(
        "tomica",
        "Tomica",
        "Red box dari Jepang, suspensi empuk, skala pas di telapak tangan.",
        "mainline",
    ),
    Category(
        "premium-64",
        "Premium 1:64",
        "Small scale, big detail: rubber tyres, photo-etched parts, numbered boxes.",
    ),
    Category("mini-gt", "Mini GT", "TSM's 1:64 line, box and blister.", "premium-64"),
    Category(
        "tarmac-works", "Tarmac Works", "Hong Kong's street and racing liveries.", "premium-64"
    ),
    Category("inno64", "INNO64", "JDM klasik dan touring car dengan detail rapi.", "premium-64"),
    Category("kyosho-64", "Kyosho 1:64", "Seri koleksi dari Jepang.", "premium-64"),
    Category("greenlight", "Greenlight", "Americana: pickups, vans and screen cars.", "premium-64"),
    Category("large-scale", "Skala Besar", "Large scale for the cabinet: 1:43, 1:24 and 1:18."),
    Category("scale-43", "Skala 1:43", "The classic European collector's scale.", "large-scale"),
    Category("scale-24", "Skala 1:24", "Pintu, kap dan bagasi bisa dibuka.", "large-scale"),
    Category("scale-18", "Skala 1:18", "Mahakarya untuk lemari pajang.", "large-scale"),
    Category(
        "collectors-corner",
        "Pojok Kolektor",
        "Chase, edisi terbatas dan barang bekas terawat. One of each, first come first served.",
    ),
    Category(
        "chase-limited",
        "Chase & Limited",
        "Super Treasure Hunt, chase dan RLC.",
        "collectors-corner",
    ),
    Category(
        "pre-owned", "Bekas Terawat", "Pre-owned, photographed as it is.", "collectors-corner"
    ),
)
