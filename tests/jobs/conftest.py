"""A small shop, as pyarrow tables and as Spark ones."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import buzzsaw as bz
import pytest
from buzzsaw.datasets import Catalogue
from buzzsaw.nightly import inputs
from operations import Labels, Night, run_labels, run_night
from shops import NOW, ROOT, SPEC, Shop, read_shop

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is about Spark itself comes first: the last tests are those that a run with a limit does not start."""
    # All tests of a run come here, those of other folders, too, which stay where they are.
    here = [i for i, item in enumerate(items) if item.path.is_relative_to(Path(__file__).parent)]
    ordered = sorted((items[i] for i in here), key=lambda item: not item.path.name.startswith("test_spark_"))
    for i, item in zip(here, ordered, strict=True):
        items[i] = item


@pytest.fixture(scope="module", autouse=True)
def _plans_freed() -> Iterator[None]:
    """Frames of Python keep their plans in the JVM, some megabytes each; Python itself collects cycles of them late."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    products, judgments = Catalogue(seed=3, products=300, queries=30).write(tmp_path_factory.mktemp("shop"))
    return read_shop(products, judgments)


@pytest.fixture(scope="session")
def icecat() -> Shop:
    folder = Path(os.environ.get("BUZZSAW_SHARED", ROOT.parent / "shared")) / "data" / "icecat"
    if not folder.exists():
        pytest.skip("the shared Icecat tables are not here")
    return read_shop(folder / "products.parquet", folder / "judgments.parquet")


@pytest.fixture(scope="session")
def night(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Night:
    return run_night(spark, tmp_path_factory.mktemp("operations"))


@pytest.fixture(scope="session")
def labels(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Labels:
    return run_labels(spark, tmp_path_factory.mktemp("label operations"))


@pytest.fixture(scope="session")
def spec() -> bz.Spec:
    return bz.Spec.load(SPEC)


@pytest.fixture(scope="session")
def pipeline(spec: bz.Spec, shop: Shop) -> bz.Pipeline:
    """Fitted without Spark."""
    return bz.fit(spec, shop.pairs, shop.documents)


@pytest.fixture(scope="session")
def pairs(spark: SparkSession, shop: Shop) -> DataFrame:
    """The pairs on Spark, joined by the job's own code."""
    products, judgments = spark.read.parquet(str(shop.products)), spark.read.parquet(str(shop.judgments))
    return inputs.join(products, judgments, NOW, 5).cache()


@pytest.fixture(scope="session")
def documents(spark: SparkSession, shop: Shop) -> DataFrame:
    return spark.read.parquet(str(shop.products))
