"use strict";
/* The printed sheet: title, map as it stands on the screen, legend; one A4 page across. */
(function () {
  const WIDTH = 980; // pixels the map is drawn for
  const HEIGHT = 790;
  const PAPER = 760; // CSS pixels it takes on paper, as in map.css
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

  function word(g, text, x, y, size, color) {
    g.font = "600 " + size * RATIO + "px 'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif";
    g.textAlign = "center";
    g.lineJoin = "round";
    g.lineWidth = 3 * RATIO;
    const half = g.measureText(text).width / 2;
    x = Math.max(half, Math.min(WIDTH * RATIO - half, x));
    g.strokeStyle = "rgba(255,255,255,0.9)";
    g.strokeText(text, x, y);
    g.fillStyle = color;
    g.fillText(text, x, y);
  }

  landuse.Sheet = class {
    constructor(model) {
      this.model = model;
      this.root = landuse.byId("sheet");
      window.addEventListener("beforeprint", () => this.build());
      landuse.byId("print").addEventListener("click", () => {
        this.build();
        window.print();
      });
    }

    build() {
      const { config, texts } = this.model;
      this.root.textContent = "";
      const head = landuse.element("header");
      head.appendChild(landuse.element("h1", "", config.workspace + " " + config.title));
      if (config.synthetic) head.appendChild(landuse.element("strong", "", config.synthetic));
      head.appendChild(landuse.element("p", "", config.dates + "　" + config.basis));
      this.root.appendChild(head);
      this.root.appendChild(landuse.element("div", "sheet-map")).appendChild(this.paint());
      this.root.appendChild(this.legend());
      const foot = landuse.element("p", "sheet-scale", this.scaleText());
      foot.insertBefore(landuse.element("span", "", texts.scale + " "), foot.firstChild);
      this.root.appendChild(foot);
    }

    /** The map's centre and zoom on the sheet's own canvas; tiles of the screen do not print. */
    paint() {
      const { map, painter, outlines } = this.model;
      const canvas = landuse.element("canvas");
      canvas.width = WIDTH * RATIO;
      canvas.height = HEIGHT * RATIO;
      const g = canvas.getContext("2d");
      g.fillStyle = "#F3F4F6";
      g.fillRect(0, 0, canvas.width, canvas.height);
      const { zoom, middle } = this.frame();
      const corner = middle.multiplyBy(Math.pow(2, zoom)).subtract([WIDTH / 2, HEIGHT / 2]);
      const origin = { zoom: zoom, corner: corner };
      const shown = outlines.filter((entry) => map.hasLayer(entry.group));
      shown.forEach((entry) => this.around(g, origin, entry.outline, true));
      const scale = 256 * Math.pow(2, zoom) * RATIO;
      painter.paint(g, {
        scale: scale,
        left: corner.x * RATIO - painter.shapes.origin[0] * scale,
        top: corner.y * RATIO - painter.shapes.origin[1] * scale,
        width: canvas.width,
        height: canvas.height,
        ratio: RATIO,
      });
      shown.forEach((entry) => this.around(g, origin, entry.outline, false));
      this.watermark(g, canvas);
      return this.picture(canvas);
    }

    /** The canvas as a picture: a canvas painted while printing comes out shrunk in Chromium. */
    picture(canvas) {
      const picture = landuse.element("img");
      picture.alt = "";
      picture.src = canvas.toDataURL("image/png");
      return picture;
    }

    /** What the sheet shows: all of the map where the screen shows all of it, else the screen's view. */
    frame() {
      const { map, config } = this.model;
      const whole = L.latLngBounds(config.bounds);
      const view = map.getBounds();
      const shown = view.contains(whole) ? whole.pad(0.06) : view;
      const low = map.project(shown.getSouthWest(), 0);
      const high = map.project(shown.getNorthEast(), 0);
      const zoom = Math.log2(Math.min(WIDTH / (high.x - low.x), HEIGHT / (low.y - high.y)));
      return { zoom: Math.min(zoom, map.getMaxZoom()), middle: low.add(high).divideBy(2) };
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
        word(g, name, at.x, at.y, outline.role === "cluster" ? 13 : 10, look.color);
      });
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
      g.font = "700 " + Math.min(90, 900 / mark.length) * RATIO + "px sans-serif";
      g.textAlign = "center";
      g.fillStyle = "rgba(31, 41, 51, 0.08)";
      g.fillText(mark, 0, 0);
      g.restore();
    }

    legend() {
      const copy = landuse.byId("legend").cloneNode(true);
      copy.removeAttribute("id");
      copy.querySelectorAll("[id]").forEach((node) => node.removeAttribute("id"));
      copy.querySelectorAll(".legend-statuses").forEach((node) => {
        node.hidden = false;
      });
      copy.querySelectorAll("input:not(:checked):not(:indeterminate)").forEach((box) => {
        const row = box.closest(".legend-row");
        if (row) row.classList.add("off");
        else box.closest("label").remove();
      });
      copy.querySelectorAll("input, button, .layer-words[hidden]").forEach((node) => node.remove());
      return copy;
    }

    /** One to what, measured across the middle of the sheet at 96 pixels an inch. */
    scaleText() {
      const { zoom, middle } = this.frame();
      const latitude = (this.model.map.unproject(middle, 0).lat * Math.PI) / 180;
      const metres = (40075016.686 * Math.cos(latitude)) / (256 * Math.pow(2, zoom));
      const exact = (metres * WIDTH) / PAPER / (0.0254 / 96);
      const step = Math.pow(10, Math.floor(Math.log10(exact)) - 1);
      return "≈ 1:" + landuse.number(Math.round(exact / step) * step);
    }
  };
})();
