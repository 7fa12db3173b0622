"""Pictures of cases on their cards: before and after, from whoever has looked at imagery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse.errors import MapError

if TYPE_CHECKING:
    from landuse.maps.codec import Package
    from landuse.maps.scene import Scene, View

_SIGNS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF"}


def packed(scene: Scene, view: View, package: Package) -> dict[str, list[tuple[str, str, int]]]:
    """
    Return the pictures of a map's cases, by case_id, and add them to the package.

    Parameters
    ----------
    scene, view
        The pictures there are; the cases of the map.
    package
        Grows by the pictures; one that several cases share is kept once.

    Returns
    -------
    told
        Words beneath, kind and number among the package's pictures, in the order given.

    Raises
    ------
    MapError
        If a picture is neither PNG, JPEG nor WebP.
    """
    known = view.cases["case_id"]
    return {
        id_: [
            (f"{day.isoformat()} {caption}", _kind(picture, id_), package.add_picture(picture))
            for day, caption, picture in scene.chips[id_]
        ]
        for id_ in known[known.isin(list(scene.chips))]
    }


def _kind(picture: bytes, id_: str) -> str:
    """Return the kind of a picture by its first bytes."""
    for kind, sign in _SIGNS.items():
        if picture.startswith(sign) and (kind != "image/webp" or picture[8:12] == b"WEBP"):
            return kind
    raise MapError("maps.chip", id=id_)
