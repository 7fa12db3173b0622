"use strict";
const test = require("node:test");
const assert = require("node:assert");

const frames = [];
globalThis.requestAnimationFrame = (act) => frames.push(act);
globalThis.window = { devicePixelRatio: 1 };
globalThis.L = {
  setOptions: () => undefined,
  GridLayer: {
    extend: (own) => function (...given) {
      Object.assign(this, { _tiles: {}, on: () => undefined, fire: () => undefined, _tileCoordsToKey: (coords) => coords.key }, own);
      this.initialize(...given);
    },
  },
};
const landuse = require("./load.js")(["base.js", "tiles.js"]);
landuse.element = function () {
  const drawn = [];
  const g = { clearRect: () => drawn.push("cleared"), drawImage: (from) => drawn.push(...from.drawn) };
  return { drawn: drawn, getContext: () => Object.assign(g, { ink: (word) => drawn.push(word) }) };
};

function tilesOf(paths) {
  const painter = {
    shapes: { origin: [0, 0] },
    *painting(g) {
      for (let i = 0; i < paths; i += 1) {
        g.ink("path");
        yield;
      }
    },
  };
  frames.length = 0;
  return new landuse.Tiles(painter);
}

function added(tiles, key) {
  const coords = { key: key, x: 0, y: 0, z: 3 };
  const told = [];
  const canvas = tiles.createTile(coords, () => told.push("done"));
  tiles._tiles[key] = { el: canvas, coords: coords };
  return { canvas: canvas, told: told };
}

function play(now) {
  frames.splice(0).forEach((act) => act(now));
}

test("a frame paints no more than its share, and a slow frame makes the next one smaller", function () {
  const tiles = tilesOf(50);
  tiles.quota = 20;
  const tile = added(tiles, "a");
  play(0);
  assert.strictEqual(tile.canvas.drawn.length, 1 + 20);
  play(16);
  assert.strictEqual(tiles.quota, 21);
  play(16 + 60);
  assert.ok(tiles.quota < 13);
  assert.deepStrictEqual(tile.told, ["done"]);
  assert.strictEqual(tile.canvas.drawn.length, 1 + 50);
  assert.strictEqual(frames.length, 0);
});

test("a tile in sight keeps its picture until the new one is whole", function () {
  const tiles = tilesOf(5);
  const tile = added(tiles, "a");
  play(0);
  tile.canvas.drawn.length = 0;
  tiles.quota = 3;
  tiles.repaint();
  play(16);
  assert.deepStrictEqual(tile.canvas.drawn, []);
  play(32);
  assert.strictEqual(tile.canvas.drawn.filter((word) => word === "path").length, 5);
});

test("a tile that is gone is not painted, one asked for again begins anew", function () {
  const tiles = tilesOf(5);
  const gone = added(tiles, "a");
  const kept = added(tiles, "b");
  delete tiles._tiles.a;
  tiles.quota = 2;
  play(0);
  assert.deepStrictEqual(gone.canvas.drawn, []);
  tiles.quota = Infinity;
  tiles.repaint();
  play(16);
  assert.deepStrictEqual(kept.told, ["done"]);
  assert.strictEqual(kept.canvas.drawn.lastIndexOf("cleared"), 3);
  assert.strictEqual(kept.canvas.drawn.length, 4 + 5);
});
