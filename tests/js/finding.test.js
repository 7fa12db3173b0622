"use strict";
const test = require("node:test");
const assert = require("node:assert");
const landuse = require("./load.js")(["base.js", "search.js", "facets.js", "film.js", "xlsx.js"]);

function tableOf(columns) {
  const names = Object.keys(columns);
  const column = function (values) {
    const words = [...new Set(values.filter((value) => value !== null))];
    const codes = Int32Array.from(values, (value) => words.indexOf(value) + 1);
    return Object.assign((i) => values[i], { words: words, codes: codes });
  };
  return { rows: columns[names[0]].length, get: (name) => columns[name] && column(columns[name]) };
}

function hitsOf(cases, initials, text) {
  const hits = new Uint8Array(cases.rows);
  new landuse.Finder(cases, initials).mark(text, hits);
  return [...hits];
}

test("initials stand for characters, and only of names", function () {
  const cases = tableOf({ case_id: ["A1", "A2", "A3"], name: ["长葛机械", "许昌食品", null], project: [null, "重工", "机床"], "supply.parcel_code": ["cgjx", null, "x"] });
  const initials = { c: "长昌重", z: "长重", g: "葛工", j: "机", x: "许械", s: "食", p: "品", h: "许", b: "床" };
  assert.deepStrictEqual(hitsOf(cases, initials, "cg"), [1, 1, 0]);
  assert.deepStrictEqual(hitsOf(cases, initials, "ZGJX"), [1, 0, 0]);
  assert.deepStrictEqual(hitsOf(cases, initials, "xcsp"), [0, 1, 0]);
  assert.deepStrictEqual(hitsOf(cases, initials, "a3"), [0, 0, 1]);
  assert.deepStrictEqual(hitsOf(cases, initials, "许昌 zg"), [0, 1, 0]);
  assert.deepStrictEqual(hitsOf(cases, initials, "  "), [1, 1, 1]);
  assert.deepStrictEqual(hitsOf(cases, {}, "qq"), [0, 0, 0]);
});

function facetsOf() {
  const cases = tableOf({ grade: ["A", "B", "", "A"], measures: ["催；罚", "催", null, "罚"] });
  const told = [
    { name: "grade", label: "类别", values: [], is_list: false },
    { name: "measures", label: "措施", values: [], is_list: true },
    { name: "none", label: "没有", values: [], is_list: false },
  ];
  return new landuse.Facets(cases, { facets: told, texts: { blank: "（无）" } });
}

function passing(facets) {
  const sieve = facets.sieve();
  const found = [0, 1, 2, 3].filter((i) => sieve(i, true, 10 + i, 1));
  facets.list.forEach((facet) => facet.finish());
  return found;
}

test("any value of one filter, all filters together", function () {
  const facets = facetsOf();
  assert.deepStrictEqual(facets.list.map((facet) => facet.name), ["grade", "measures"]);
  assert.deepStrictEqual(passing(facets), [0, 1, 2, 3]);
  facets.pick("measures", "罚", true);
  assert.deepStrictEqual(passing(facets), [0, 3]);
  facets.pick("grade", "B", true);
  assert.deepStrictEqual(passing(facets), []);
  facets.pick("grade", "", true);
  facets.pick("measures", "", true);
  assert.deepStrictEqual(passing(facets), [2]);
  facets.pick("grade", "unknown", true);
  assert.strictEqual(facets.count(), 4);
  facets.clear();
  assert.deepStrictEqual(passing(facets), [0, 1, 2, 3]);
});

test("a value says what it would leave, its own filter aside", function () {
  const facets = facetsOf();
  facets.pick("grade", "A", true);
  passing(facets);
  const figures = (name) => facets.list.find((facet) => facet.name === name).values.map((v) => [v.label, v.count, v.area_m2]);
  assert.deepStrictEqual(figures("grade"), [["A", 2, 23], ["B", 1, 11], ["（无）", 1, 12]]);
  assert.deepStrictEqual(figures("measures"), [["催", 1, 10], ["罚", 2, 23], ["（无）", 0, 0]]);
});

test("frames are put together from their differences", function () {
  const model = { config: { film: { days: [17166, 17531, 17682], now: 2 } }, now: Int16Array.from([3, 0, 5]) };
  const table = tableOf({ 0: [-4, 1, 0], 1: [4, 0, -2], 2: [0, -1, 2] });
  const film = new landuse.Film(model, table);
  assert.deepStrictEqual(film.frames.map((frame) => [...frame]), [[-1, 1, 5], [3, 1, 3], [3, 0, 5]]);
  assert.strictEqual(film.stylesAt(2), model.now);
  assert.ok(film.isNow());
  assert.strictEqual(film.dayOf(0), "2016-12-31");
  assert.strictEqual(film.frameOf("2017-12-31"), 1);
  assert.strictEqual(film.frameOf("1999-01-01"), 2);
});

const SHEET = {
  name: "清单",
  columns: [{ label: "名称", kind: "text", width: 20 }, { label: "亩", kind: "number", width: 10 }],
  rows: [["=1+1", -2.5], ["a\u0000b_x0041_<&>", null], [null, 1e300], ["x".repeat(40000), 0]],
};

test("a workbook is a zip of sound sums, its text escaped and never a formula", function () {
  const parts = landuse.workbook([SHEET]);
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
  assert.strictEqual(bytes.readUInt32LE(0), 0x04034b50);
  const end = bytes.length - 22;
  assert.strictEqual(bytes.readUInt32LE(end), 0x06054b50);
  assert.strictEqual(bytes.readUInt32LE(bytes.readUInt32LE(end + 16)), 0x02014b50);
  const text = bytes.toString("utf8");
  assert.ok(!text.includes("<f>"));
  assert.ok(text.includes('t="inlineStr"><is><t xml:space="preserve">=1+1</t>'));
  assert.ok(text.includes("a_x0000_b_x005F_x0041_&lt;&amp;&gt;"));
  assert.ok(text.includes("<v>-2.5</v>"));
  assert.ok(!text.includes("x".repeat(32768)));
});

test("CSV text that begins like a formula is made harmless, numbers stay numbers", function () {
  const rows = ["=1", "+1", "-1", "@a", "\tb", "\rc", 'q"q', "a,b", "l\nm", "许昌"].map((text) => [text, -1]);
  const lines = landuse.csv({ columns: SHEET.columns, rows: rows });
  assert.ok(lines.startsWith("\ufeff名称,亩\r\n'=1,-1\r\n'+1,-1\r\n'-1,-1\r\n'@a,-1\r\n'\tb,-1\r\n"));
  assert.ok(lines.includes('"\'\rc",-1\r\n"q""q",-1\r\n"a,b",-1\r\n"l\nm",-1\r\n许昌,-1\r\n'));
});
