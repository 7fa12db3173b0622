"""What idle land costs: every figure from stated parameters, unknown where one is unknown."""

from datetime import date

import making
import numpy as np
import pandas as pd
import pytest

from landuse import law
from landuse.errors import LanduseError
from landuse.sites.money import ITEMS, money, parameters

DAY = date(2018, 6, 30)
MU = 2000 / 3


def tables(**roles):
    firms = [
        {"enterprise_id": g, "grade": g, "tax": tax, "occupied_area": 10 * MU}
        for g, tax in (("A", 300_000), ("B", 100_000), ("C", 20_000))
    ]
    grants = [
        {"supply_id": f"G{n}", "land_use": "工业用地", "price": p * 10_000, "declared_area": MU,
         "signed_on": "2016-05-01"}
        for n, p in enumerate((10, 12, 14, 16, 18))
    ]  # fmt: skip
    return making.tables(**({"enterprise": firms, "supply": grants} | roles))


def values(changed=None, **roles):
    return parameters(tables(**roles), law.on(DAY), DAY, changed)


def of(table, name):
    row = table.set_index("parameter").loc[name]
    return [row["low"], row["mid"], row["high"]]


def test_parameters_come_from_the_workspace_and_say_so():
    found = values()
    assert of(found, "tax_mu") == pytest.approx([2_000, 10_000, 30_000])
    assert of(found, "appraisal_mu") == pytest.approx([120_000, 140_000, 160_000])
    assert of(found, "interest") == [0.0435, 0.0475, 0.049]
    assert np.isnan(of(found, "reserve_mu")).all()
    basis = found.set_index("parameter")["basis"].to_dict()
    assert basis == {
        "tax_mu": "own_grades", "appraisal_mu": "own_grants", "reserve_mu": "unknown",
        "interest": "law",
    }  # fmt: skip
    assert "条文待核对" in found.set_index("parameter").loc["interest", "source"]


def test_a_parameter_is_unknown_where_a_grade_or_four_grants_are_missing():
    few = values(enterprise=[], supply=tables()["supply"].iloc[:4].to_dict("records"))
    assert np.isnan(of(few, "tax_mu")).all()
    assert np.isnan(of(few, "appraisal_mu")).all()


def test_a_grant_of_the_future_or_long_past_is_no_comparison():
    old = {"land_use": "工业用地", "price": 1.0, "declared_area": MU}
    rows = [old | {"supply_id": f"O{n}", "signed_on": day}
            for n, day in enumerate(["2013-06-30", "2018-07-01"])]  # fmt: skip
    found = values(supply=[*tables()["supply"].to_dict("records"), *rows])
    assert of(found, "appraisal_mu") == pytest.approx([120_000, 140_000, 160_000])


@pytest.mark.parametrize(
    "changed", [{"tax": [1]}, {"tax_mu": [3, 2, 1]}, {"tax_mu": [1, 2]}, {"interest": [np.nan]}]
)
def test_what_cannot_be_meant_is_refused(changed):
    with pytest.raises(LanduseError):
        values(changed)


def site(status="idle_one_year", path="recover", **case):
    """Return money of one site of 10 mu, half of its case, by item."""
    area = 10 * MU
    sites = pd.DataFrame(
        {"site_id": ["S"], "use": ["production"], "path": [path], "area_m2": [area]}
    )
    members = pd.DataFrame(
        {"site_id": ["S"], "piece_id": ["p"], "case_id": ["G0"], "status": [status],
         "area_m2": [area]}
    )  # fmt: skip
    blank = {"case_id": "G0", "kind": "supply", "area_m2": 2 * area, "fee_cny": 600_000.0,
             "is_determined": False}  # fmt: skip
    cases = pd.DataFrame([blank | case])
    changed = case.pop("changed", None)
    price = case.pop("price", 3_000_000.0)
    supplies = pd.DataFrame({"supply_id": ["G0"], "price": [price]})
    found = money(sites, members, cases, supplies, values(changed))
    assert found["item"].tolist() == list(ITEMS)
    return {
        row["item"]: [row["low_cny"], row["mid_cny"], row["high_cny"]]
        for row in found.to_dict("records")
    }


def test_the_idle_fee_is_sure_only_where_it_is_determined():
    assert site()["idle_fee"] == [0, 600_000, 600_000]  # all of the case's idle land is here
    assert site(is_determined=True)["idle_fee"] == [600_000] * 3
    assert site(status="idle_two_years")["idle_fee"] == [0, 0, 0]
    assert np.isnan(site(fee_cny=np.nan)["idle_fee"][1:]).all()


def test_capital_tax_and_interest():
    found = site()
    assert found["capital"] == pytest.approx(
        [1_500_000] * 3
    )  # half of the price for half of the land
    assert found["interest"] == pytest.approx([65_250, 71_250, 73_500])
    assert found["tax"] == pytest.approx([20_000, 100_000, 300_000])


def test_buying_back_costs_the_lower_of_appraisal_and_cost():
    assert site()["buy_back"] == pytest.approx([1_200_000, 1_400_000, 1_500_000])
    free = site(status="idle_two_years")["buy_back"]
    assert free == pytest.approx([0, 1_400_000, 1_500_000])
    no_price = site(price=np.nan)["buy_back"]
    assert np.isnan(no_price[:2]).all()
    assert no_price[2] == pytest.approx(1_600_000)
    assert site(status="expropriated", path="ready", kind="approval")["buy_back"] == [0, 0, 0]
    dear = site(changed={"appraisal_mu": [20e4]})
    assert dear["buy_back"] == pytest.approx([1_500_000] * 3)


def test_land_in_reserve_costs_what_the_user_says():
    reserve = {"status": "expropriated", "path": "ready", "kind": "approval"}
    assert np.isnan(site(**reserve)["capital"]).all()
    found = site(**reserve, changed={"reserve_mu": [5e4, 8e4, 9e4]})
    assert found["capital"] == pytest.approx([500_000, 800_000, 900_000])
