"use strict";
const test = require("node:test");
const assert = require("node:assert");
const zlib = require("node:zlib");
const landuse = require("./load.js")(["base.js", "inflate.js", "codec.js", "boxes.js", "painter.js"]);

/** Shapes made by hand: each a list of rings of points, in the painter's own units. */
function shapesOf(list) {
  const firstRing = [0];
  const firstPoint = [0];
  const points = [];
  list.forEach(function (rings) {
    rings.forEach(function (ring) {
      ring.forEach((point) => points.push(point[0], point[1]));
      firstPoint.push(points.length / 2);
    });
    firstRing.push(firstPoint.length - 1);
  });
  const shapes = Object.create({
    bounds(i, into, at) {
      const all = list[i].flat();
      const xs = all.map((p) => p[0]);
      const ys = all.map((p) => p[1]);
      [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)].forEach((value, k) => (into[at + k] = value));
    },
  });
  return Object.assign(shapes, { unit: 1, count: list.length, firstRing, firstPoint, points });
}

function square(x, y, size) {
  return [[x, y], [x + size, y], [x + size, y + size], [x, y + size]];
}

function painterOf(list) {
  const columns = { case: (i) => i, is_built: () => 0, style: () => 0 };
  const table = { rows: list.length, get: (name) => columns[name] };
  return new landuse.Painter(shapesOf(list), table, table, [{}]);
}

test("gzip of every kind of block is read", function () {
  const samples = [Buffer.from(""), Buffer.from("a"), Buffer.from("许昌".repeat(5000)), Buffer.from(Array.from({ length: 70000 }, (u, i) => (i * i * 7919) >> 5))];
  samples.forEach(function (sample) {
    [0, 1, 9].forEach(function (level) {
      assert.deepStrictEqual(Buffer.from(landuse.inflate(zlib.gzipSync(sample, { level }))), sample);
    });
    const fixed = zlib.gzipSync(sample, { strategy: zlib.constants.Z_FIXED });
    assert.deepStrictEqual(Buffer.from(landuse.inflate(fixed)), sample);
  });
});

test("a cut gzip is refused, not read for ever", function () {
  const whole = zlib.gzipSync(Buffer.from("许昌".repeat(5000)));
  assert.throws(() => landuse.inflate(whole.subarray(0, whole.length / 2)));
});

test("the tree finds what a plain search finds", function () {
  const list = [];
  for (let i = 0; i < 700; i += 1) list.push([square((i * 37) % 101, (i * 53) % 97, 1 + (i % 5))]);
  const shapes = shapesOf(list);
  const boxes = new landuse.Boxes(shapes);
  for (let k = 0; k < 40; k += 1) {
    const box = [k, k * 2, k + 9, k * 2 + 7];
    const plain = list.map((u, i) => i).filter(function (i) {
      const b = [];
      shapes.bounds(i, b, 0);
      return b[0] <= box[2] && b[2] >= box[0] && b[1] <= box[3] && b[3] >= box[1];
    });
    assert.deepStrictEqual(boxes.meeting(box), plain);
  }
  assert.deepStrictEqual(new landuse.Boxes(shapesOf([])).meeting([0, 0, 1, 1]), []);
});

test("holes are outside, every part is inside", function () {
  const painter = painterOf([[square(0, 0, 10), square(4, 4, 2).reverse(), square(20, 0, 3)]]);
  assert.ok(painter.holds(0, 1, 1));
  assert.ok(!painter.holds(0, 5, 5));
  assert.ok(painter.holds(0, 21, 1));
  assert.ok(!painter.holds(0, 15, 1));
  assert.strictEqual(painter.pieceAt(5, 5, 0.1), -1);
  assert.strictEqual(painter.pieceAt(21, 1, 0.1), 0);
});

test("a near miss finds the nearest parcel, a hidden one is never found", function () {
  const painter = painterOf([[square(0, 0, 10)], [square(11, 0, 10)]]);
  assert.strictEqual(painter.pieceAt(10.7, 5, 1), 1);
  painter.levels[1] = 0;
  assert.strictEqual(painter.pieceAt(10.7, 5, 1), 0);
  assert.strictEqual(painter.pieceAt(15, 5, 1), -1);
});

test("sentences are filled once and only with what is given", function () {
  assert.strictEqual(landuse.filled("{a} {b} {toString}", { a: "{b}", b: "$&" }), "{b} $& {toString}");
  assert.strictEqual(landuse.mu(666.6666667), "1.00");
  assert.strictEqual(landuse.mu(10521613333), "15,782,420.00");
  assert.strictEqual(landuse.day(17682), "2018-05-31");
  assert.strictEqual(landuse.plain("ＡＢ许"), "ab许");
});
