"""Thousands of words looked for in long texts at once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_LONGEST = 8  # characters by which a word is looked up
_PRIME = np.uint64(0x9E3779B97F4A7C15)


class Words:
    """
    Finds which of many words stand in a text.

    A word that begins or ends with a letter or digit is not found within a longer one.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._by_start: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for word in sorted(set(words) - {""}):
            size = min(len(word), _LONGEST)
            key = int(_hashes(_points(word[:size]), size)[0])
            self._by_start[size][key].append(word)
        self._keys = {
            size: np.array(sorted(starts), dtype=np.uint64)
            for size, starts in self._by_start.items()
        }

    def within(self, text: str) -> list[str]:
        """Return the words that stand in a text, in alphabetical order."""
        points = _points(text)
        found: set[str] = set()
        for size, keys in self._keys.items():
            if len(points) < size:
                continue
            hashes = _hashes(points, size)
            place = np.minimum(np.searchsorted(keys, hashes), len(keys) - 1)
            for at in np.flatnonzero(keys[place] == hashes).tolist():
                for word in self._by_start[size][int(hashes[at])]:
                    if (
                        word not in found
                        and text.startswith(word, at)
                        and _is_whole(text, word, at)
                    ):
                        found.add(word)
        return sorted(found)


def _points(text: str) -> NDArray[np.uint64]:
    """Return the code points of a text, by position as Python counts."""
    raw = text.encode("utf-32-le", "surrogatepass")
    return np.frombuffer(raw, dtype=np.uint32).astype(np.uint64)


def _hashes(points: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """Return one number for every run of some characters."""
    count = len(points) - size + 1
    hashes = np.zeros(count, dtype=np.uint64)
    for n in range(size):
        hashes = hashes * _PRIME + points[n : n + count]
    return hashes


def _is_whole(text: str, word: str, at: int) -> bool:
    """Whether a word is not within a longer one of letters or digits."""
    end = at + len(word)
    before, after = text[max(at - 1, 0) : at], text[end : end + 1]
    return not (_is_plain(before) and _is_plain(word[0])) and not (
        _is_plain(after) and _is_plain(word[-1])
    )


def _is_plain(char: str) -> bool:
    """Whether a character is a letter or digit of ASCII."""
    return char.isascii() and char.isalnum()
