"""The typed helpers make the steps that a YAML spec holds."""

import inspect
import json

import buzzsaw as bz
import pytest
import yaml
from buzzsaw import steps
from conftest import ROOT

SHOP = ROOT / "schemas" / "specs" / "shop_search.yaml"


def test_the_shop_spec_made_by_helpers_equals_the_yaml_one() -> None:
    given = yaml.safe_load(SHOP.read_text(encoding="utf-8"))
    made = {
        "query_terms": steps.tokenize(input="query", analyzer="english"),
        "title_terms": steps.tokenize(input="title", analyzer="english"),
        "description_terms": steps.tokenize(input="short_description", analyzer="english"),
        "title_bm25": steps.bm25(inputs=["query_terms", "title_terms"], k1=1.2, b=0.75),
        "description_bm25": steps.bm25(inputs=["query_terms", "description_terms"], k1=1.2, b=0.75),
        "title_bm25_in_group": steps.group_zscore(input="title_bm25"),
        "log_price": steps.log1p(input="price_cents", missing={"impute": "median", "indicator": True}),
        "log_price_scaled": steps.standardize(input="log_price"),
        "price_in_group": steps.group_zscore(input="log_price"),
        "age_days": steps.age(inputs=["now", "released_at"], unit="days"),
        "age_scaled": steps.standardize(input="age_days", missing={"impute": "median"}),
        "supplier_rating": steps.target_mean(input="supplier", prior_weight=20, folds=5),
        "colour": steps.map_get(input="attributes", key="t_product_colour"),
        "colour_rating": steps.target_mean(input="colour", prior_weight=20, folds=5),
        "title_tfidf": steps.tfidf(input="title_terms", min_df=2, sublinear_tf=True),
        "description_hashed": steps.hashed_terms(input="description_terms", bits=18, norm="l2"),
        "supplier_x_query": steps.hashed_cross(inputs=["supplier", "query_terms"], bits=18),
    }
    assert bz.Spec.parse(json.dumps({**given, "steps": made})) == bz.Spec.load(SHOP)


@pytest.mark.parametrize("transform", bz.transforms(), ids=lambda row: f"{row['name']}-v{row['version']}")
def test_a_helper_takes_every_parameter_and_passes_each_on(transform) -> None:
    helper = getattr(steps, transform["name"])
    parameters = set(json.loads(transform["schema"]).get("properties", {}))
    names = list(inspect.signature(helper).parameters)
    assert set(names) == parameters | {"input", "inputs", "missing"}
    assert helper(**{name: f"of {name}" for name in names}) == {
        "transform": transform["name"],
        **{name: f"of {name}" for name in names},
    }
