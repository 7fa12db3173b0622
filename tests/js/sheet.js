"use strict";
/* node sheet.js SHEETS.json BOOK.xlsx FIRST.csv: writes what a map writes of these sheets. */
const fs = require("node:fs");
const landuse = require("./load.js")(["base.js", "xlsx.js"]);

const [told, book, table] = process.argv.slice(2);
const sheets = JSON.parse(fs.readFileSync(told, "utf8"));
fs.writeFileSync(book, "");
landuse.workbook(sheets).forEach((part) => fs.appendFileSync(book, part));
fs.writeFileSync(table, landuse.csv(sheets[0]));
