"""A tiny workspace whose runs are kept, for tests of the history."""

import json
from datetime import date

import making
import shapely

import landuse
from landuse import history

JUNE, JULY = date(2018, 6, 30), date(2018, 7, 31)
COLUMNS = (
    "supply_id", "right_holder", "signed_on", "declared_area", "price", "agreed_commencement_on",
    "commenced_on", "agreed_completion_on", "completed_on", "x", "y", "width",
)  # fmt: skip
# S1 stands one full year past its start from 16 July, S2 is under way, S3 is not due
SUPPLIES = {
    "S1": {"agreed_commencement_on": "2017-07-15", "price": 1e6, "x": 0},
    "S2": {"agreed_commencement_on": "2016-01-01", "commenced_on": "2016-01-01",
           "agreed_completion_on": "2020-01-01", "x": 200},
    "S3": {"agreed_commencement_on": "2019-01-01", "x": 400},
}  # fmt: skip


def box(x, width=100.0, y=0.0):
    return shapely.box(500_000 + x, 3_700_000 + y, 500_000 + x + width, 3_700_000 + y + 100)


def write(root, supplies=SUPPLIES, approvals=({"x": 0, "width": 700.0},), pauses=()):
    """Write a tiny workspace; geometry as GeoJSON in the workspace CRS."""

    def features(rows, crs="urn:ogc:def:crs:EPSG::4547"):
        made = [
            {
                "type": "Feature",
                "properties": {k: v for k, v in row.items() if k not in {"x", "width"}},
                "geometry": shapely.geometry.mapping(box(row["x"], row.get("width", 100.0))),
            }
            for row in rows
        ]
        head = {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": crs}}}
        return json.dumps({**head, "features": made}, ensure_ascii=False)

    blank = dict.fromkeys(COLUMNS[:9])
    rows = [
        {**blank, "supply_id": k, "right_holder": f"{k}公司", "signed_on": "2015-01-01", **v}
        for k, v in supplies.items()
    ]
    lots = [
        {"approval_id": f"P{n}", "approved_on": "2014-01-01", "compensation_done": True, **lot}
        for n, lot in enumerate(approvals, 1)
    ]
    tomls = {
        "supplies": making.layer("supply", "supplies.geojson"),
        "approvals": making.layer("approval", "approvals.geojson"),
        "pauses": making.layer("pause", "pauses.csv"),
    }
    lines = ["supply_id,cause,begins_on,ends_on,document_number", *pauses]
    texts = {
        "supplies.geojson": features(rows),
        "approvals.geojson": features(lots),
        "pauses.csv": "\n".join(lines) + "\n",
    }
    making.workspace(root, tomls, texts)
    return root


def kept(root, on, made_on):
    return history.keep(root, landuse.run(root, on=on), made_on=made_on)
