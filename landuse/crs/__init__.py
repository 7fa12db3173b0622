"""Reference systems: what may be computed in, what a layer declares, how coordinates get there."""

from landuse.crs.declared import Declared, brought, declared
from landuse.crs.systems import (
    CGCS2000,
    accuracy,
    are_alike,
    areas,
    computable,
    is_same_code,
    parse,
    transformed,
)

__all__ = [
    "CGCS2000",
    "Declared",
    "accuracy",
    "are_alike",
    "areas",
    "brought",
    "computable",
    "declared",
    "is_same_code",
    "parse",
    "transformed",
]
