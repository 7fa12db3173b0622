"use strict";
/* The map on a canvas of its own, for paper and pictures: tiles of the screen do not print. */
(function () {
  const RATIO = 2;

  function line(g, map, origin, rings, look) {
    g.beginPath();
    rings.forEach(function (ring) {
      ring.forEach(function (at, i) {
        const p = map.project(at, origin.zoom).subtract(origin.corner).multiplyBy(RATIO);
        if (i) g.lineTo(p.x, p.y);
        else g.moveTo(p.x, p.y);
      });
      if (look.fill !== undefined && look.role !== "network") g.closePath();
    });
    if (look.fill) {
      g.globalAlpha = look.fillOpacity;
      g.fillStyle = look.fillColor;
      g.fill("evenodd");
    }
    g.globalAlpha = look.opacity || 1;
    g.strokeStyle = look.color;
    g.lineWidth = look.weight * RATIO;
    g.setLineDash(look.dashArray ? look.dashArray.split(" ").map((n) => Number(n) * RATIO) : []);
    g.stroke();
    g.globalAlpha = 1;
    g.setLineDash([]);
  }

  function font(weight, size) {
    return weight + " " + size * RATIO + "px 'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif";
  }

  landuse.SheetMap = class {
    /** `paper`: pixels the map is drawn for. */
    constructor(model, paper) {
      this.model = model;
      this.width = paper.drawn;
      this.height = Math.round((paper.drawn * paper.height) / paper.width);
    }

    /** The canvas with parcels, outlines, names, scale, north and marks. */
    paint() {
      const { map, painter, outlines, grounds, extras } = this.model;
      const canvas = landuse.element("canvas");
      canvas.width = this.width * RATIO;
      canvas.height = this.height * RATIO;
      const g = canvas.getContext("2d");
      g.fillStyle = "#F3F4F6";
      g.fillRect(0, 0, canvas.width, canvas.height);
      const { zoom, middle } = this.frame();
      const corner = middle.multiplyBy(Math.pow(2, zoom)).subtract([this.width / 2, this.height / 2]);
      const origin = { zoom: zoom, corner: corner };
      const shown = outlines.filter((entry) => map.hasLayer(entry.group));
      this.lay(g, origin, grounds);
      shown.forEach((entry) => this.around(g, origin, entry.outline, true));
      const scale = 256 * Math.pow(2, zoom) * RATIO;
      const view = {
        scale: scale,
        left: corner.x * RATIO - painter.shapes.origin[0] * scale,
        top: corner.y * RATIO - painter.shapes.origin[1] * scale,
        width: canvas.width,
        height: canvas.height,
        ratio: RATIO,
      };
      painter.paint(g, view);
      shown.forEach((entry) => this.around(g, origin, entry.outline, false));
      extras.filter((entry) => map.hasLayer(entry.group)).forEach((entry) => entry.paint(g, view));
      g.setLineDash([]);
      this.watermark(g, canvas);
      this.north(g, canvas);
      this.bar(g, canvas);
      return canvas;
    }

    /** What is shown: all of the map where the screen shows all of it, else the screen's view. */
    frame() {
      const { map, config } = this.model;
      const whole = L.latLngBounds(config.bounds);
      const view = map.getBounds();
      const shown = view.contains(whole) ? whole.pad(0.06) : view;
      const low = map.project(shown.getSouthWest(), 0);
      const high = map.project(shown.getNorthEast(), 0);
      const zoom = Math.log2(Math.min(this.width / (high.x - low.x), this.height / (low.y - high.y)));
      return { zoom: Math.min(zoom, map.getMaxZoom()), middle: low.add(high).divideBy(2) };
    }

    /** Metres of one drawn pixel in the middle of the map. */
    metres() {
      const { zoom, middle } = this.frame();
      const latitude = (this.model.map.unproject(middle, 0).lat * Math.PI) / 180;
      return (40075016.686 * Math.cos(latitude)) / (256 * Math.pow(2, zoom));
    }

    around(g, origin, outline, isBeneath) {
      const { map, shapes } = this.model;
      const look = landuse.looks[outline.role];
      const isGround = outline.role === "cluster" || outline.role === "plan";
      if (isBeneath && !isGround) return;
      if (!isBeneath && outline.role === "plan") return;
      if (outline.role === "network" && origin.zoom < landuse.NEAR) return;
      const looks = new Map(outline.looks);
      outline.names.forEach((name, i) => {
        const far = origin.zoom < landuse.NEAR ? { weight: 1, dashArray: null } : {};
        const own = Object.assign({ role: outline.role }, look, looks.get(name), far, isBeneath ? {} : { fill: false });
        line(g, map, origin, shapes[outline.role].rings(i, outline.role !== "network"), own);
      });
      const isNamed = outline.role === "cluster" || (outline.role === "park" && origin.zoom >= 13);
      if (isBeneath || !isNamed) return;
      outline.names.forEach((name, i) => {
        const at = this.place(origin, outline, i);
        this.word(g, name, at.x, at.y, outline.role === "cluster" ? 13 : 10, look.color);
      });
    }

    /** Groups of Leaflet's own layers that are switched on. */
    lay(g, origin, entries) {
      const { map } = this.model;
      entries.filter((entry) => map.hasLayer(entry.group)).forEach((entry) => entry.group.eachLayer((layer) => this.layer(g, origin, layer)));
    }

    layer(g, origin, layer) {
      const { map } = this.model;
      const onSheet = (at) => map.project(at, origin.zoom).subtract(origin.corner).multiplyBy(RATIO);
      if (layer instanceof L.ImageOverlay) {
        const bounds = layer.getBounds();
        this.image(g, layer.getElement(), onSheet(bounds.getNorthWest()), onSheet(bounds.getSouthEast()));
      } else if (layer instanceof L.GridLayer) {
        this.tiles(g, origin, layer);
      } else if (layer instanceof L.Marker) {
        const at = onSheet(layer.getLatLng()); // names of a basemap; a planner's own pictures are not drawn
        const text = layer.options.icon.options.html;
        if (text instanceof Element) this.word(g, text.textContent, at.x, at.y, 10, "#5B6570");
      } else if (layer instanceof L.Polyline) {
        const rings = layer instanceof L.Polygon ? [].concat(...layer.getLatLngs()) : layer.getLatLngs();
        line(g, map, origin, Array.isArray(rings[0]) ? rings : [rings], layer.options);
      }
    }

    /** Tiles as they lie on the screen, at the sheet's own scale. */
    tiles(g, origin, layer) {
      const { map } = this.model;
      const size = layer.getTileSize();
      Object.values(layer._tiles).forEach((tile) => {
        const place = (by) => {
          const corner = L.point(tile.coords.x + by, tile.coords.y + by).scaleBy(size);
          const at = map.project(map.unproject(corner, tile.coords.z), origin.zoom);
          return at.subtract(origin.corner).multiplyBy(RATIO);
        };
        this.image(g, tile.el, place(0), place(1));
      });
    }

    /** Only pictures of the page itself: one from outside would lock the canvas. */
    image(g, picture, from, to) {
      const isOwn = picture && picture.complete && picture.naturalWidth && picture.src.startsWith("data:");
      if (isOwn) g.drawImage(picture, from.x, from.y, to.x - from.x, to.y - from.y);
    }

    word(g, text, x, y, size, color) {
      g.font = font(600, size);
      g.textAlign = "center";
      g.lineJoin = "round";
      g.lineWidth = 3 * RATIO;
      const half = g.measureText(text).width / 2;
      x = Math.max(half, Math.min(this.width * RATIO - half, x));
      g.strokeStyle = "rgba(255,255,255,0.9)";
      g.strokeText(text, x, y);
      g.fillStyle = color;
      g.fillText(text, x, y);
    }

    /** Where a name stands: below a cluster too small to hold it, else inside. */
    place(origin, outline, i) {
      const { map } = this.model;
      const onSheet = (at) => map.project(at, origin.zoom).subtract(origin.corner).multiplyBy(RATIO);
      const box = outline.role === "cluster" ? outline.boxes[i].map(onSheet) : null;
      if (!box || box[1].x - box[0].x > landuse.WIDE * RATIO) return onSheet(outline.at[i]);
      return L.point((box[0].x + box[1].x) / 2, box[0].y + 16 * RATIO);
    }

    watermark(g, canvas) {
      const mark = this.model.config.synthetic;
      if (!mark) return;
      g.save();
      g.translate(canvas.width / 2, canvas.height / 2);
      g.rotate(-Math.PI / 8);
      g.font = font(700, Math.min(90, 900 / mark.length));
      g.textAlign = "center";
      g.fillStyle = "rgba(31, 41, 51, 0.08)";
      g.fillText(mark, 0, 0);
      g.restore();
    }

    /** The map's own up is north. */
    north(g, canvas) {
      const x = canvas.width - 30 * RATIO;
      const y = 20 * RATIO;
      g.fillStyle = "rgba(255, 255, 255, 0.85)"; // parcels may lie beneath
      g.fillRect(x - 17 * RATIO, y - 7 * RATIO, 34 * RATIO, 63 * RATIO);
      g.fillStyle = "#111827";
      g.beginPath();
      [[0, 0], [9, 32], [0, 25], [-9, 32]].forEach((at) => g.lineTo(x + at[0] * RATIO, y + at[1] * RATIO));
      g.fill();
      this.word(g, this.model.texts.north, x, y + 48 * RATIO, 14, "#111827");
    }

    /** A bar of a round length, two halves. */
    bar(g, canvas) {
      const wanted = this.metres() * 160;
      const power = Math.pow(10, Math.floor(Math.log10(wanted)));
      const length = power * [5, 2, 1].find((n) => n * power <= wanted);
      const half = (length / this.metres() / 2) * RATIO;
      const x = 18 * RATIO;
      const y = canvas.height - 20 * RATIO;
      g.strokeStyle = "#111827";
      g.lineWidth = RATIO;
      g.fillStyle = "#fff";
      g.fillRect(x, y, 2 * half, 6 * RATIO);
      g.strokeRect(x, y, 2 * half, 6 * RATIO);
      g.fillStyle = "#111827";
      g.fillRect(x, y, half, 6 * RATIO);
      const words = length >= 1000 ? landuse.number(length / 1000) + " km" : landuse.number(length) + " m";
      this.word(g, words, x + half, y - 6 * RATIO, 12, "#111827");
    }
  };
})();
