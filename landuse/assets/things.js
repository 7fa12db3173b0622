"use strict";
/* Layers beside the parcels: outlines and dots painted on tiles, that say what they are when asked. */
(function () {
  const NEAR = 14; // zoom from which dots are large; from afar a speck hides no parcel
  const PER_PATH = 64;
  const REACH = 3; // CSS pixels around a dot that still mean it
  const AIM = 14; // and around the aim of the keyboard

  function radiusAt(zoom) {
    return zoom < NEAR ? 2 : 5;
  }

  /** One layer: what it shows (for `Tiles` and for paper), and what it answers. */
  class Things {
    constructor(map, told, table, shapes) {
      this.map = map;
      this.told = told;
      this.table = table;
      this.shapes = shapes;
      this.boxes = new landuse.Boxes(shapes);
      this.x = new Float64Array(table.rows);
      this.y = new Float64Array(table.rows);
      const [east, north] = ["east", "north"].map((column) => table.get(column));
      for (let i = 0; i < table.rows; i += 1) {
        const at = landuse.mercator(east(i), north(i));
        this.x[i] = at[0] - shapes.origin[0];
        this.y[i] = at[1] - shapes.origin[1];
      }
      this.last = -1;
      this.label = told.label;
      this.isOn = !told.hidden;
      this.kind = "extra";
      this.group = L.layerGroup([new landuse.Tiles(this, { pane: "landuse-extras" })]);
    }

    paint(g, view) {
      const work = this.painting(g, view);
      while (!work.next().done);
    }

    /** See `Painter.painting`. */
    *painting(g, view) {
      const { look } = this.told;
      const margin = 8 * view.ratio;
      const window = [-margin, -margin, view.width + margin, view.height + margin];
      const meeting = this.boxes.meeting(window.map((side, k) => (side + (k % 2 ? view.top : view.left)) / view.scale));
      g.strokeStyle = look.color;
      g.lineWidth = look.weight * view.ratio;
      g.lineJoin = "round";
      g.setLineDash(look.dashArray ? look.dashArray.split(" ").map((part) => Number(part) * view.ratio) : []);
      for (let first = 0; first < meeting.length; first += PER_PATH) {
        g.beginPath();
        meeting.slice(first, first + PER_PATH).forEach((i) => landuse.traceRings(this.shapes, g, view, i));
        g.stroke();
        yield;
      }
      yield* this.dots(g, view, window);
    }

    *dots(g, view, window) {
      const isNear = view.scale / view.ratio >= 256 * Math.pow(2, NEAR);
      const radius = radiusAt(isNear ? NEAR : 0) * view.ratio;
      g.setLineDash([]);
      g.fillStyle = this.told.look.color;
      g.strokeStyle = "#FFFFFF";
      g.lineWidth = 1.5 * view.ratio;
      for (let first = 0; first < this.x.length; first += PER_PATH) {
        g.beginPath();
        for (let i = first; i < Math.min(this.x.length, first + PER_PATH); i += 1) {
          const x = this.x[i] * view.scale - view.left;
          const y = this.y[i] * view.scale - view.top;
          if (x < window[0] || y < window[1] || x > window[2] || y > window[3]) continue;
          g.moveTo(x + radius, y);
          g.arc(x, y, radius, 0, 2 * Math.PI);
        }
        g.fill();
        if (isNear) g.stroke();
        if ((first / PER_PATH) % 16 === 15) yield;
      }
    }

    placeOf(i) {
      return L.latLng(this.table.get("north")(i), this.table.get("east")(i));
    }

    /** The nearest dot within some pixels of a place; -1: none, or the layer is off. */
    nearest(place, reach) {
      if (!this.map.hasLayer(this.group)) return -1;
      const scale = 256 * Math.pow(2, this.map.getZoom());
      const [x, y] = landuse.mercator(place.lng, place.lat).map((value, k) => value - this.shapes.origin[k]);
      let least = Math.pow(reach / scale, 2);
      let found = -1;
      for (let i = 0; i < this.x.length; i += 1) {
        const gap = Math.pow(this.x[i] - x, 2) + Math.pow(this.y[i] - y, 2);
        if (gap > least) continue;
        least = gap;
        found = i;
      }
      return found;
    }

    pointedAt(place) {
      return this.nearest(place, radiusAt(this.map.getZoom()) + REACH);
    }

    /** Say what is pointed at; false where nothing is. */
    openAt(place) {
      const found = this.pointedAt(place);
      if (found >= 0) this.open(found, null);
      return found >= 0;
    }

    /** The same for the aim of the keyboard. */
    openAtAim(place) {
      const found = this.nearest(place, AIM);
      if (found >= 0) this.open(found, this.map.getContainer());
      return found >= 0;
    }

    /** One after the other. */
    openNext(back) {
      this.last = (this.last + 1) % this.x.length;
      this.map.setView(this.placeOf(this.last), Math.max(this.map.getZoom(), NEAR), { animate: false });
      this.open(this.last, back);
    }

    /** From the keyboard the focus goes to what is said, and comes back to `back`. */
    open(i, back) {
      const said = this.said(i);
      const popup = L.popup({ minWidth: 220, maxWidth: 320 }).setLatLng(this.placeOf(i)).setContent(said).openOn(this.map);
      if (!back) return;
      said.focus({ preventScroll: true });
      popup.getElement().addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        this.map.closePopup();
      });
      popup.once("remove", () => back.focus());
    }

    /** Text is only ever text. */
    said(i) {
      const box = landuse.element("div", "extra-card");
      box.tabIndex = -1;
      box.appendChild(landuse.element("strong", "", this.table.get("name")(i)));
      const about = this.table.get("about")(i);
      if (about) box.appendChild(landuse.element("p", "", about));
      return box;
    }
  }

  /** The layers a map has, each with a group to switch. */
  landuse.extraGroups = function (map, config, unpacked) {
    return config.layers.map(function (told) {
      const name = "layer." + told.layer;
      const things = new Things(map, told, unpacked.tables[name], unpacked.shapes[name]);
      if (things.isOn) things.group.addTo(map);
      return things;
    });
  };
})();
