"use strict";
/* Loads the map's scripts that need no browser into this process. */
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

module.exports = function (names) {
  names.forEach(function (name) {
    const file = path.join(__dirname, "..", "..", "landuse", "assets", name);
    vm.runInThisContext(fs.readFileSync(file, "utf8"), { filename: file });
  });
  return globalThis.landuse;
};
