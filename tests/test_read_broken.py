"""Bad use: one small file per error in `broken/`; the message says what, where and what to do."""

import re
import tomllib
from pathlib import Path

import pytest

from landuse import layers, read
from landuse.errors import LanduseError

CASES = sorted((Path(__file__).parent / "broken").glob("*.toml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_bad_use_is_refused_in_plain_words(tmp_path, path):
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    folder = tmp_path / "layers"
    (folder / "data").mkdir(parents=True)
    (folder / "workspace.toml").write_text(case["workspace"], encoding="utf-8")
    (folder / "s.toml").write_text(case["layer"], encoding="utf-8")
    for name, text in case["files"].items():
        (folder / "data" / name).write_text(text, encoding="utf-8")
    with pytest.raises(LanduseError) as caught:
        read.tables(layers.load(tmp_path))
    message = caught.value.said("en")
    assert all(word in message for word in case["words"]), message
    ours = re.sub("“.*?”", "", caught.value.said("zh"))  # without the words of libraries
    assert not re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", ours)
    assert str(caught.value) == f"{caught.value.said('zh')}\n{message}"
    assert message.endswith((".", "…", "?", "DIR"))
    assert str(tmp_path) not in message.replace(str(folder), "")
