"""
The command line: the only place that prints, catches our errors and knows the terminal.

Tables go to stdout, everything else to stderr. Exit: 0 done, 1 findings forbid a result, 2 wrong
use.
"""

import click

import landuse
from landuse import console, door

_COMMANDS = {
    "alerts": "landuse.cli.history:alerts",
    "build": "landuse.cli.build:build",
    "check": "landuse.cli.build:check",
    "diff": "landuse.cli.history:diff",
    "explain": "landuse.cli.asking:explain",
    "forecast": "landuse.cli.asking:forecast",
    "grade": "landuse.cli.office:grade",
    "history": "landuse.cli.history:history",
    "law": "landuse.cli.office:show_law",
    "match": "landuse.cli.sites:match",
    "new": "landuse.cli.new:new",
    "notices": "landuse.cli.office:notices",
    "observe": "landuse.cli.observe:observe",
    "publish": "landuse.cli.publish:publish",
    "return": "landuse.cli.returning:take_back",
    "sites": "landuse.cli.sites:sites",
    "verify": "landuse.cli.office:verify",
    "whatif": "landuse.cli.asking:whatif",
}


@click.group(
    cls=door.Group, commands=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@console.lang
@click.version_option(landuse.__version__, prog_name="landuse")
def main(lang: str) -> None:
    """Land-use supervision: which land is in which state on any day, why, and what to do."""
    del lang  # the context knows it
