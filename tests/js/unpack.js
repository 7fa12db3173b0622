"use strict";
/* node unpack.js PACKAGE [inflate]: prints everything a package holds as JSON. */
const fs = require("node:fs");
const landuse = require("./load.js")(["base.js", "inflate.js", "codec.js"]);

if (process.argv[3] === "inflate") globalThis.DecompressionStream = undefined;
landuse.unpack(fs.readFileSync(process.argv[2], "utf8")).then(function (found) {
  const result = { tables: {}, shapes: {} };
  const columns = JSON.parse(process.argv[4] || "{}");
  Object.keys(found.tables).forEach(function (name) {
    const table = found.tables[name];
    result.tables[name] = {};
    columns[name].forEach(function (column) {
      const read = table.get(column);
      result.tables[name][column] = Array.from({ length: table.rows }, (unused, i) => read(i));
    });
  });
  Object.keys(found.shapes).forEach(function (name) {
    const shapes = found.shapes[name];
    result.shapes[name] = Array.from({ length: shapes.count }, (unused, i) => shapes.rings(i, false));
  });
  process.stdout.write(JSON.stringify(result));
});
