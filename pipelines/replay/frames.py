"""The Olist marketplace files as frames with our names: orders with their stamps, and lines by product.

Stamps in the files are local times of Sao Paulo without a zone. `order_item_id` numbers units, so the same product
several times in an order is one line.
"""

from pathlib import Path

import polars as pl

LOCAL_ZONE = "America/Sao_Paulo"
_ORDERS = "orders_until_2018_04.parquet"
_FILES = (_ORDERS, "order_items.parquet", "products.parquet", "sellers_geo.parquet", "customers_geo.parquet")
_DEFAULT_GRAMS = 500
_CITY = ("seller_city", "seller_state")


class OlistFilesError(FileNotFoundError):
    """A file of the data set is not there; the message says which."""


def read_orders(folder: Path, limit: int | None = None) -> pl.DataFrame:
    """Orders by time of purchase, with stamps in milliseconds (null where there is none) and the buyer's place."""
    _check(folder)
    customers = pl.scan_parquet(folder / "customers_geo.parquet").select(
        "customer_id",
        pl.col("customer_unique_id").alias("buyer"),
        pl.col("customer_zip_code_prefix").cast(pl.String).str.zfill(5).alias("postcode"),
        pl.col("customer_state").alias("region"),
        "lat",
        "lng",
    )
    # The promise is a date, good until the end of that day.
    promised = pl.col("order_estimated_delivery_date").dt.truncate("1d").dt.offset_by("1d")
    orders = pl.scan_parquet(folder / _ORDERS).select(
        "order_id",
        "customer_id",
        pl.col("order_status").alias("status"),
        _instant(pl.col("order_purchase_timestamp")).alias("purchased_ms"),
        _instant(pl.col("order_approved_at")).alias("approved_ms"),
        _instant(pl.col("order_delivered_carrier_date")).alias("handed_over_ms"),
        _instant(pl.col("order_delivered_customer_date")).alias("delivered_ms"),
        _instant(promised).alias("promised_ms"),
    )
    joined = orders.join(customers, on="customer_id", how="left").sort("purchased_ms", "order_id")
    return (joined if limit is None else joined.head(limit)).collect()


def read_lines(folder: Path, orders: pl.DataFrame) -> pl.DataFrame:
    """Lines of the orders: product, units, unit price, freight, and the city of who really sold them."""
    sellers = pl.scan_parquet(folder / "sellers_geo.parquet").select("seller_id", *_CITY)
    return (
        pl.scan_parquet(folder / "order_items.parquet")
        .join(orders.lazy().select("order_id", "purchased_ms"), on="order_id")
        .join(sellers, on="seller_id", how="left")
        .group_by("order_id", "purchased_ms", "product_id", *_CITY)
        .agg(
            pl.col("order_item_id").min().alias("line"),
            pl.len().cast(pl.Int64).alias("quantity"),
            _minor(pl.col("price").first()).alias("unit_price_minor"),
            _minor(pl.col("freight_value").sum()).alias("freight_minor"),
        )
        .sort("purchased_ms", "order_id", "line")
        .collect()
    )


def read_cities(folder: Path) -> pl.DataFrame:
    """Cities in which sellers are, with their middle and how many sellers they have."""
    _check(folder)
    return (
        pl.scan_parquet(folder / "sellers_geo.parquet")
        .group_by(*_CITY)
        .agg(pl.col("lat").mean(), pl.col("lng").mean(), pl.len().cast(pl.Int64).alias("sellers"))
        .sort(*_CITY)
        .collect()
    )


def read_products(folder: Path, lines: pl.DataFrame) -> pl.DataFrame:
    """The products that were sold, with their weight."""
    return (
        pl.scan_parquet(folder / "products.parquet")
        .join(lines.lazy().select("product_id").unique(), on="product_id", how="semi")
        .select(
            "product_id",
            pl.col("product_category_name").fill_null("").alias("category"),
            pl.col("product_weight_g").fill_null(_DEFAULT_GRAMS).cast(pl.Int64).alias("weight_grams"),
        )
        .sort("product_id")
        .collect()
    )


def _check(folder: Path) -> None:
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise OlistFilesError(f"{folder} has no {', '.join(missing)}: give the folder of the Olist files in Parquet")


def _instant(local: pl.Expr) -> pl.Expr:
    """UTC milliseconds; a local time that was skipped in spring is taken as the hour before, a double one as first."""
    zoned = local.dt.replace_time_zone(LOCAL_ZONE, ambiguous="earliest", non_existent="null")
    earlier = local.dt.offset_by("-1h").dt.replace_time_zone(LOCAL_ZONE, ambiguous="earliest", non_existent="null")
    return zoned.fill_null(earlier).dt.epoch("ms")


def _minor(amount: pl.Expr) -> pl.Expr:
    return (amount * 100).round(0).cast(pl.Int64)
