"use strict";
/* A Leaflet layer of canvas tiles, painted a few at a time so that the page stays alive. */
(function () {
  const BUDGET = 10; // milliseconds of painting a frame
  const SIZE = 256;

  landuse.Tiles = L.GridLayer.extend({
    options: { tileSize: SIZE, pane: "landuse-parcels", updateWhenZooming: false, updateWhenIdle: false, keepBuffer: 1 },

    initialize: function (painter, options) {
      L.setOptions(this, options);
      this.painter = painter;
      this.waiting = [];
      this.isRunning = false;
      // eighths keep the pattern's period a whole number of pixels, so tiles meet without a seam
      this.ratio = Math.min(2, Math.max(1, Math.ceil((window.devicePixelRatio || 1) * 8) / 8));
    },

    createTile: function (coords, done) {
      const canvas = landuse.element("canvas", "landuse-tile");
      canvas.width = SIZE * this.ratio;
      canvas.height = SIZE * this.ratio;
      this.ask({ canvas: canvas, coords: coords, done: done });
      return canvas;
    },

    /** Paint all tiles anew where they are; nothing blinks. */
    repaint: function () {
      Object.keys(this._tiles).forEach(function (key) {
        const tile = this._tiles[key];
        this.ask({ canvas: tile.el, coords: tile.coords, done: null });
      }, this);
    },

    ask: function (job) {
      this.waiting.push(job);
      if (this.isRunning) return;
      this.isRunning = true;
      requestAnimationFrame(this.run.bind(this));
    },

    run: function () {
      const end = performance.now() + BUDGET;
      while (this.waiting.length && performance.now() < end) {
        const job = this.waiting.shift();
        this.paintTile(job.canvas, job.coords);
        if (job.done) job.done(null, job.canvas);
      }
      this.isRunning = this.waiting.length > 0;
      if (this.isRunning) requestAnimationFrame(this.run.bind(this));
      else this.fire("painted");
    },

    paintTile: function (canvas, coords) {
      const g = canvas.getContext("2d");
      const scale = SIZE * Math.pow(2, coords.z) * this.ratio;
      const origin = this.painter.shapes.origin;
      g.clearRect(0, 0, canvas.width, canvas.height);
      this.painter.paint(g, {
        scale: scale,
        left: coords.x * SIZE * this.ratio - origin[0] * scale,
        top: coords.y * SIZE * this.ratio - origin[1] * scale,
        width: canvas.width,
        height: canvas.height,
        ratio: this.ratio,
      });
    },
  });
})();
