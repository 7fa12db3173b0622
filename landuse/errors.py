"""
What a caller or a clerk must change before the work can go on.

LanduseError
├── WorkspaceError        a TOML of the workspace says something that cannot be meant
│   ├── LayerError        a layer file: path, columns, units, encoding
│   └── MapError          a map specification
├── CrsError              coordinates without a usable reference system
│   └── CrsMismatchError  two tables that do not share one
├── LawError              a rule that is unknown, or not in force on the day
├── AssetError            a file the package itself needs is missing
├── DatabaseError         a database cannot be reached, read or written
├── ClusterError          workers elsewhere cannot be reached, or die
├── OutputError           outputs cannot be put where they were asked for
└── CheckFailed           findings forbid a result

Faults of the data are not here: they are rows of the findings (`landuse.findings`).
"""


class LanduseError(Exception):
    """Anything a caller must change; the message says what, where, why and what to do."""


class WorkspaceError(LanduseError):
    """The workspace, or one of its TOML files, cannot be used as written."""


class LayerError(WorkspaceError):
    """A source layer cannot be read as its TOML declares it."""


class MapError(WorkspaceError):
    """A map specification asks for something that does not exist."""


class CrsError(LanduseError):
    """Coordinates have no reference system that may be relied on."""


class CrsMismatchError(CrsError, ValueError):
    """Two tables that are laid over each other have different reference systems."""


class LawError(LanduseError):
    """A rule is unknown, or none of its values is in force on the day asked for."""


class AssetError(LanduseError):
    """A file that ships with the package, or with one it needs, is missing or altered."""


class ClusterError(LanduseError):
    """Workers elsewhere cannot be reached, are not set up, or die over one job again and again."""


class OutputError(LanduseError):
    """Outputs cannot be written where they were asked for; what was there is untouched."""


class DatabaseError(LanduseError):
    """A database cannot be reached, read or written; nothing in it has changed."""


class EntryError(LanduseError):
    """What staff filled in, or what was accepted of it, cannot be read or written."""


class CheckFailed(LanduseError):  # noqa: N818  it is an outcome, not a mistake
    """Findings of severity `forbids` stand against a result; nothing was written."""


class LeakError(CheckFailed):
    """Outputs hold what their profile must not; nothing was written."""
