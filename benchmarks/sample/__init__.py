"""
The sample workspace: a seeded, synthetic but believable Xuchang.

`python -m benchmarks.sample` writes `layers/data` anew; the same seed gives the same bytes.
Nothing in it is a fact about a real cluster, firm or parcel: outlines are schematic, names of
firms all contain 示例企业, and every number is drawn.

The faults of real data are put in on purpose, one by one: see `benchmarks.sample.faults`.
"""
