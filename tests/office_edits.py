"""Edit a workbook in LibreOffice as a person does; run by the Python that has `uno`.

python3 office_edits.py SOURCE TARGET PIPE: cells come as JSON on stdin, [sheet, row, column, text],
rows and columns from 0; each text is typed as on the keyboard, then all is saved as xlsx.
"""

import json
import pathlib
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException


def connected(pipe):
    """Return the desktop of the office, once it listens."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    for _ in range(240):
        try:
            found = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return found.ServiceManager.createInstance("com.sun.star.frame.Desktop")
        except NoConnectException:
            time.sleep(0.5)
    raise SystemExit("the office does not listen")


def main(source, target, pipe):
    """Open, type, save, leave."""
    desktop = connected(pipe)
    hidden = PropertyValue("Hidden", 0, True, 0)
    book = desktop.loadComponentFromURL(pathlib.Path(source).as_uri(), "_blank", 0, (hidden,))
    sheets = book.Sheets
    for sheet, row, column, text in json.load(sys.stdin):
        sheets.getByName(sheet).getCellByPosition(column, row).FormulaLocal = text
    sheets.getByName("供而未建").Name = "已填"
    form = PropertyValue("FilterName", 0, "Calc MS Excel 2007 XML", 0)
    book.storeToURL(pathlib.Path(target).as_uri(), (form,))
    book.close(True)
    desktop.terminate()


main(*sys.argv[1:])
