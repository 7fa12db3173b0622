"use strict";
/* Paints parcels on a canvas and tells which one lies under a point. */
(function () {
  const PER_PATH = 64; // polygons a path: longer paths are slower to fill, shorter ones to begin
  const FINE = 0.7; // CSS pixels: two points closer than this are painted as one
  const SMALL = 3; // CSS pixels: a shape smaller than this is painted as its box
  const PERIOD = 8; // CSS pixels of a pattern; divides the tile, so patterns meet at its edges
  const BUILT_SHADE = 0.13; // of black in the fill of what is built
  const FAINT = 0.18;
  const HAIRLINES = 13; // zoom from which outlines have their own width; thin ones are quick to draw

  /** A colour #RRGGBB with a share of black. */
  function shaded(colour, share) {
    const parts = [1, 3, 5].map((at) => Math.round(parseInt(colour.slice(at, at + 2), 16) * (1 - share)));
    return "rgb(" + parts.join(",") + ")";
  }

  /** A small canvas to repeat: hatch, cross or dots on a ground. */
  function patternTile(style, ground, ratio) {
    const size = Math.round(PERIOD * ratio);
    const tile = landuse.element("canvas");
    tile.width = size;
    tile.height = size;
    const g = tile.getContext("2d");
    g.fillStyle = ground;
    g.fillRect(0, 0, size, size);
    g.strokeStyle = style.ink;
    g.fillStyle = style.ink;
    g.lineWidth = (style.pattern === "cross" ? 1.3 : 1.5) * ratio;
    if (style.pattern === "dots") {
      [[0.25, 0.25], [0.75, 0.75]].forEach(function (at) {
        g.beginPath();
        g.arc(at[0] * size, at[1] * size, 1.25 * ratio, 0, 2 * Math.PI);
        g.fill();
      });
      return tile;
    }
    g.beginPath();
    for (let k = -1; k <= 1; k += 1) {
      g.moveTo((k - 0.5) * size, size * 1.5);
      g.lineTo((k + 1.5) * size, -0.5 * size);
      if (style.pattern === "cross") {
        g.moveTo((k - 0.5) * size, -0.5 * size);
        g.lineTo((k + 1.5) * size, size * 1.5);
      }
    }
    g.stroke();
    return tile;
  }

  /** Add the rings of a shape to a path; points closer than `FINE` to the one before are left out: nobody sees them. */
  landuse.traceRings = function (shapes, g, view, shape) {
    const { points, firstRing, firstPoint, unit } = shapes;
    const scale = view.scale * unit;
    const { left, top } = view;
    const fine = (FINE * view.ratio) / scale;
    for (let r = firstRing[shape]; r < firstRing[shape + 1]; r += 1) {
      const end = 2 * firstPoint[r + 1];
      let i = 2 * firstPoint[r];
      let x = points[i];
      let y = points[i + 1];
      g.moveTo(x * scale - left, y * scale - top);
      for (i += 2; i < end; i += 2) {
        if (Math.abs(points[i] - x) + Math.abs(points[i + 1] - y) < fine) continue;
        x = points[i];
        y = points[i + 1];
        g.lineTo(x * scale - left, y * scale - top);
      }
      g.closePath();
    }
  };

  landuse.Painter = class {
    /** `levelOf(case)`: 0 hidden, 1 faint, 2 full. */
    constructor(shapes, pieces, cases, styles) {
      this.shapes = shapes;
      this.boxes = new landuse.Boxes(shapes);
      this.styles = styles;
      this.caseOf = new Int32Array(pieces.rows);
      this.bucketOf = new Uint16Array(pieces.rows);
      this.levels = new Uint8Array(cases.rows).fill(2);
      const [caseOf, isBuilt] = ["case", "is_built"].map((column) => pieces.get(column));
      const style = cases.get("style");
      for (let i = 0; i < pieces.rows; i += 1) {
        this.caseOf[i] = caseOf(i);
        this.bucketOf[i] = 2 * style(this.caseOf[i]) + isBuilt(i);
      }
      this.patterns = {};
    }

    /** Give every piece the style its case has in another run; below 0: none. */
    restyle(styles) {
      for (let i = 0; i < this.bucketOf.length; i += 1) {
        this.bucketOf[i] = 2 * Math.max(0, styles[this.caseOf[i]]) + (this.bucketOf[i] & 1);
      }
    }

    /** What a style is filled with: its colour, or that with its pattern from near enough. */
    filling(g, style, isBuilt, isNear, ratio) {
      const ground = isBuilt ? shaded(style.fill, BUILT_SHADE) : style.fill;
      if (!style.pattern || !isNear) return ground;
      const key = [style.pattern, style.ink, ground, ratio].join();
      if (!this.patterns[key]) this.patterns[key] = patternTile(style, ground, ratio);
      return g.createPattern(this.patterns[key], "repeat");
    }

    /** Paint what meets a window, all at once. */
    paint(g, view) {
      const work = this.painting(g, view);
      while (!work.next().done);
    }

    /**
     * Paint what meets a window, and rest after each path. `view`: scale (canvas pixels of the whole world), left and top
     * (canvas pixels from the shapes' origin), width, height, ratio (canvas pixels a CSS pixel).
     */
    *painting(g, view) {
      const margin = 4 * view.ratio;
      const found = this.boxes.meeting([
        (view.left - margin) / view.scale,
        (view.top - margin) / view.scale,
        (view.left + view.width + margin) / view.scale,
        (view.top + view.height + margin) / view.scale,
      ]);
      const buckets = new Array(4 * this.styles.length);
      for (let i = 0; i < found.length; i += 1) {
        const level = this.levels[this.caseOf[found[i]]];
        if (!level) continue;
        // faint ones first, so that they never cover what was asked for
        const bucket = this.bucketOf[found[i]] + (level === 2 ? 2 * this.styles.length : 0);
        if (buckets[bucket]) buckets[bucket].push(found[i]);
        else buckets[bucket] = [found[i]];
      }
      for (let bucket = 0; bucket < buckets.length; bucket += 1) {
        if (buckets[bucket]) yield* this.paintBucket(g, view, bucket, buckets[bucket]);
      }
      g.globalAlpha = 1;
    }

    *paintBucket(g, view, bucket, pieces) {
      const isFaint = bucket < 2 * this.styles.length;
      const style = this.styles[(bucket >> 1) % this.styles.length];
      const isBuilt = bucket & 1;
      g.globalAlpha = isFaint ? FAINT : 1;
      for (let first = 0; first < pieces.length; first += PER_PATH) {
        g.beginPath();
        const end = Math.min(pieces.length, first + PER_PATH);
        for (let i = first; i < end; i += 1) this.trace(g, view, pieces[i]);
        this.inkPath(g, style, view, isBuilt);
        yield;
      }
    }

    /** Fill and outline the current path in a style; used for the legend's swatches too. */
    inkPath(g, style, view, isBuilt) {
      const zoom = Math.log2(view.scale / view.ratio / 256);
      // outer rings turn one way and holes the other: "nonzero" keeps holes open, and two shapes
      // of a path that overlap stay filled
      g.fillStyle = this.filling(g, style, isBuilt, zoom >= 12, view.ratio);
      g.fill("nonzero");
      if (zoom < 13 && style.width < 1.2) return;
      g.strokeStyle = style.stroke;
      g.lineJoin = zoom < 15 ? "miter" : "round";
      g.lineWidth = zoom < HAIRLINES ? Math.min(1, 0.7 * style.width) : style.width * view.ratio * (zoom < 14 ? 0.7 : 1);
      g.setLineDash(style.dash && zoom >= 13 ? [4 * view.ratio, 3 * view.ratio] : []);
      g.stroke();
    }

    trace(g, view, piece) {
      const leaves = this.boxes.levels[0];
      const scale = view.scale;
      const x0 = leaves[4 * piece] * scale - view.left;
      const y0 = leaves[4 * piece + 1] * scale - view.top;
      const width = leaves[4 * piece + 2] * scale - view.left - x0;
      const height = leaves[4 * piece + 3] * scale - view.top - y0;
      if (Math.max(width, height) < SMALL * view.ratio) {
        g.rect(x0, y0, Math.max(width, view.ratio), Math.max(height, view.ratio));
        return;
      }
      landuse.traceRings(this.shapes, g, view, piece);
    }

    /** The visible piece at a place (mercator from the origin), or within `reach` of it; -1: none. */
    pieceAt(x, y, reach) {
      const { unit } = this.shapes;
      const near = this.boxes.meeting([x - reach, y - reach, x + reach, y + reach]);
      let best = -1;
      let nearest = (reach * reach) / (unit * unit);
      let isInside = false;
      for (let i = 0; i < near.length; i += 1) {
        const piece = near[i];
        if (this.levels[this.caseOf[piece]] === 0) continue;
        if (this.holds(piece, x / unit, y / unit)) {
          if (!isInside || this.bucketOf[piece] >= this.bucketOf[best]) best = piece;
          isInside = true;
        } else if (!isInside) {
          const gap = this.distance(piece, x / unit, y / unit);
          if (gap <= nearest) {
            nearest = gap;
            best = piece;
          }
        }
      }
      return best;
    }

    /** Whether a piece covers a place in its own units: an odd number of its edges lie to one side. */
    holds(piece, x, y) {
      const { points, firstRing, firstPoint } = this.shapes;
      let isInside = false;
      for (let r = firstRing[piece]; r < firstRing[piece + 1]; r += 1) {
        const end = 2 * firstPoint[r + 1];
        let j = end - 2;
        for (let i = 2 * firstPoint[r]; i < end; j = i, i += 2) {
          const isAcross = points[i + 1] > y !== points[j + 1] > y;
          if (isAcross && x < ((points[j] - points[i]) * (y - points[i + 1])) / (points[j + 1] - points[i + 1]) + points[i]) {
            isInside = !isInside;
          }
        }
      }
      return isInside;
    }

    /** Square of the distance from a place to a piece's edges, in its own units. */
    distance(piece, x, y) {
      const { points, firstRing, firstPoint } = this.shapes;
      let nearest = Infinity;
      for (let r = firstRing[piece]; r < firstRing[piece + 1]; r += 1) {
        const end = 2 * firstPoint[r + 1];
        let j = end - 2;
        for (let i = 2 * firstPoint[r]; i < end; j = i, i += 2) {
          const dx = points[j] - points[i];
          const dy = points[j + 1] - points[i + 1];
          const along = ((x - points[i]) * dx + (y - points[i + 1]) * dy) / (dx * dx + dy * dy || 1);
          const t = Math.max(0, Math.min(1, along));
          const gapX = points[i] + t * dx - x;
          const gapY = points[i + 1] + t * dy - y;
          nearest = Math.min(nearest, gapX * gapX + gapY * gapY);
        }
      }
      return nearest;
    }

    /** A swatch in a style, as the address of a picture. */
    swatch(style, isBuilt) {
      const ratio = 2;
      const canvas = landuse.element("canvas");
      canvas.width = 26 * ratio;
      canvas.height = 16 * ratio;
      const g = canvas.getContext("2d");
      this.sample(g, style, canvas.width, canvas.height, ratio, isBuilt);
      return canvas.toDataURL("image/png");
    }

    /** A rectangle of a style, as legends show it. */
    sample(g, style, width, height, ratio, isBuilt) {
      const inset = ratio * 1.5;
      g.beginPath();
      g.rect(inset, inset, width - 2 * inset, height - 2 * inset);
      this.inkPath(g, style, { scale: 256 * Math.pow(2, 16) * ratio, ratio: ratio }, isBuilt);
    }
  };
})();
