"use strict";
/* A Leaflet layer of canvas tiles, painted a few paths a frame so that the page stays alive. */
(function () {
  const BUDGET = 10; // milliseconds of script a frame
  const SIZE = 256;
  const SLOW = 25; // milliseconds between two frames, from which the next one paints less
  const QUICK = 20; // until which it paints more
  const FEWEST = 3; // paths a frame at least
  const MOST = 96;

  landuse.Tiles = L.GridLayer.extend({
    options: { tileSize: SIZE, pane: "landuse-parcels", updateWhenZooming: false, updateWhenIdle: false, keepBuffer: 1 },

    initialize: function (painter, options) {
      L.setOptions(this, options);
      this.painter = painter;
      this.waiting = new Map();
      this.isRunning = false;
      // paths are drawn after the script has ended, where it cannot see what they cost: the first
      // view is drawn at once, later ones as much a frame as the frames before could bear
      this.quota = Infinity;
      this.on("load", () => { this.quota = Math.min(this.quota, 16); });
      // eighths keep the pattern's period a whole number of pixels, so tiles meet without a seam
      this.ratio = Math.min(2, Math.max(1, Math.ceil((window.devicePixelRatio || 1) * 8) / 8));
    },

    createTile: function (coords, done) {
      const canvas = this.canvas();
      this.ask({ canvas: canvas, coords: coords, done: done });
      return canvas;
    },

    canvas: function () {
      const canvas = landuse.element("canvas", "landuse-tile");
      canvas.width = SIZE * this.ratio;
      canvas.height = SIZE * this.ratio;
      return canvas;
    },

    /** Paint all tiles anew where they are; nothing blinks. */
    repaint: function () {
      Object.keys(this._tiles).forEach(function (key) {
        const tile = this._tiles[key];
        const known = this.waiting.get(tile.el);
        this.ask({ canvas: tile.el, coords: tile.coords, done: known ? known.done : null });
      }, this);
    },

    /** A tile asked for again begins anew. */
    ask: function (job) {
      this.waiting.set(job.canvas, job);
      if (this.isRunning) return;
      this.isRunning = true;
      this.last = null;
      requestAnimationFrame(this.run.bind(this));
    },

    run: function (now) {
      this.adapt(now);
      const end = performance.now() + BUDGET;
      let left = this.quota;
      while (this.waiting.size && left > 0 && performance.now() < end) {
        const job = this.waiting.values().next().value;
        if (!this.isWanted(job)) this.waiting.delete(job.canvas);
        else if (this.work(job).next().done) this.finish(job);
        else left -= 1;
      }
      this.isRunning = this.waiting.size > 0;
      if (this.isRunning) requestAnimationFrame(this.run.bind(this));
      else this.fire("painted");
    },

    /** Paint more or less a frame, by how long the frame before took. */
    adapt: function (now) {
      const took = this.last === null ? 0 : now - this.last;
      this.last = now;
      if (took > SLOW) this.quota = Math.max(FEWEST, this.quota * 0.6);
      else if (took && took < QUICK) this.quota = Math.min(MOST, this.quota + 1);
    },

    /** Whether the tile is still there: quick zooming leaves some behind. */
    isWanted: function (job) {
      const tile = this._tiles[this._tileCoordsToKey(job.coords)];
      return Boolean(tile) && tile.el === job.canvas;
    },

    /** The work on a tile, begun if it was not; a tile in sight is painted beside it. */
    work: function (job) {
      if (!job.steps) {
        job.surface = job.done ? job.canvas : this.canvas();
        job.steps = this.painting(job.surface.getContext("2d"), job.coords);
      }
      return job.steps;
    },

    finish: function (job) {
      this.waiting.delete(job.canvas);
      if (job.done) {
        job.done(null, job.canvas);
        return;
      }
      const g = job.canvas.getContext("2d");
      g.clearRect(0, 0, job.canvas.width, job.canvas.height);
      g.drawImage(job.surface, 0, 0);
    },

    painting: function (g, coords) {
      const scale = SIZE * Math.pow(2, coords.z) * this.ratio;
      const origin = this.painter.shapes.origin;
      g.clearRect(0, 0, SIZE * this.ratio, SIZE * this.ratio);
      return this.painter.painting(g, {
        scale: scale,
        left: coords.x * SIZE * this.ratio - origin[0] * scale,
        top: coords.y * SIZE * this.ratio - origin[1] * scale,
        width: SIZE * this.ratio,
        height: SIZE * this.ratio,
        ratio: this.ratio,
      });
    },
  });
})();
