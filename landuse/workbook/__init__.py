"""
The disposal workbook: the form in which land bureaus hand land from office to office.

One file with a summary, a sheet for each state that asks for an act, the findings and the notes.
It shows what others have found and decides nothing; all sums equal `balance.totals`. `write` makes
one, `begin` those of a city and its counties, which others may write meanwhile.
"""

from landuse.workbook.ledger import Results
from landuse.workbook.lists import Begun, begin
from landuse.workbook.writing import write

__all__ = ["Begun", "Results", "begin", "write"]
