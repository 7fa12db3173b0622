"""`python -m landuse`: the command line where the `landuse` script is not on the path."""

from landuse.cli import main

main()
