"use strict";
/* The map's own tools: full screen, measuring, places in the survey's coordinates. */
(function () {
  /** Transverse Mercator after Krüger, to a millimetre within five degrees of the meridian. */
  landuse.onGrid = function (grid, lat, lon) {
    const rad = Math.PI / 180;
    const n = grid.flattening / (2 - grid.flattening);
    const e = Math.sqrt(grid.flattening * (2 - grid.flattening));
    const radius = (grid.axis / (1 + n)) * (1 + (n * n) / 4 + Math.pow(n, 4) / 64);
    const series = [
      n / 2 - (2 / 3) * n * n + (5 / 16) * n * n * n,
      (13 / 48) * n * n - (3 / 5) * n * n * n,
      (61 / 240) * n * n * n,
    ];
    const along = function (phi, away) {
      const sine = Math.sin(phi);
      const t = Math.sinh(Math.atanh(sine) - e * Math.atanh(e * sine));
      const xi = Math.atan2(t, Math.cos(away));
      const eta = Math.asinh(Math.sin(away) / Math.hypot(t, Math.cos(away)));
      const sum = { xi: xi, eta: eta };
      series.forEach(function (factor, i) {
        const twice = 2 * (i + 1);
        sum.xi += factor * Math.sin(twice * xi) * Math.cosh(twice * eta);
        sum.eta += factor * Math.cos(twice * xi) * Math.sinh(twice * eta);
      });
      return sum;
    };
    const there = along(lat * rad, (lon - grid.meridian) * rad);
    const origin = along(grid.latitude * rad, 0);
    const k = grid.scale * radius;
    return { east: grid.east + k * there.eta, north: grid.north + k * (there.xi - origin.xi) };
  };

  /** A place in words: the survey's metres, where there are any, and degrees. */
  landuse.placeText = function (model, at) {
    const { grid } = model.config;
    const degrees = { east: at.lng.toFixed(6), north: at.lat.toFixed(6) };
    if (!grid) return landuse.filled(model.texts.coordinates, degrees);
    const found = landuse.onGrid(grid, at.lat, at.lng);
    const values = { lon: degrees.east, lat: degrees.north, grid: grid.name, east: found.east.toFixed(2), north: found.north.toFixed(2) };
    return landuse.filled(model.texts.coordinates_grid, values);
  };

  function button(parent, name, label, act) {
    const made = landuse.element("button", "tool tool-" + name);
    made.type = "button";
    made.title = label;
    made.setAttribute("aria-label", label);
    made.setAttribute("aria-pressed", "false");
    made.addEventListener("click", () => act(made));
    parent.appendChild(made);
    return made;
  }

  function switchScreen(model, made) {
    const stage = landuse.byId("stage");
    if (document.fullscreenElement) document.exitFullscreen();
    else stage.requestFullscreen();
    document.onfullscreenchange = function () {
      made.setAttribute("aria-pressed", String(Boolean(document.fullscreenElement)));
      model.map.invalidateSize({ animate: false });
    };
  }

  /** A line drawn by clicks or by Enter in the middle, with its length and the area it closes. */
  landuse.Measure = class {
    constructor(model, made) {
      this.model = model;
      this.button = made;
      this.line = L.polygon([], { pane: "landuse-chosen", interactive: false, color: "#C2185B", weight: 2.5, fillOpacity: 0.12 });
      this.answer = landuse.byId("measured");
      model.map.on("click", (event) => model.isMeasuring && this.add(event.latlng));
      model.map.on("dblclick", () => model.isMeasuring && this.end());
      model.map.getContainer().addEventListener("keydown", (event) => this.key(event), true);
    }

    toggle() {
      if (this.model.isMeasuring) this.end();
      else this.begin();
    }

    begin() {
      const { map } = this.model;
      this.points = [];
      this.line.setLatLngs([]).addTo(map);
      this.model.isMeasuring = true;
      map.doubleClickZoom.disable();
      this.button.setAttribute("aria-pressed", "true");
      this.say();
      map.getContainer().focus();
    }

    end() {
      const { map } = this.model;
      this.line.remove();
      this.answer.hidden = true;
      this.button.setAttribute("aria-pressed", "false");
      map.doubleClickZoom.enable();
      // the click that ends is the last one it hears
      setTimeout(() => { this.model.isMeasuring = false; }, 0);
    }

    key(event) {
      if (!this.model.isMeasuring || !["Enter", "Escape"].includes(event.key)) return;
      if (event.key === "Enter") this.add(this.model.map.getCenter());
      else this.end();
      event.stopPropagation();
      event.preventDefault();
    }

    add(at) {
      this.points.push(at);
      this.line.setLatLngs(this.points);
      this.say();
    }

    /** Metres on the survey's grid where there is one, so that they agree with its plane areas. */
    say() {
      const { grid } = this.model.config;
      const flat = this.points.map(function (at) {
        if (grid) return landuse.onGrid(grid, at.lat, at.lng);
        const metres = L.CRS.EPSG3857.project(at);
        const shrink = Math.cos((at.lat * Math.PI) / 180);
        return { east: metres.x * shrink, north: metres.y * shrink };
      });
      let length = 0;
      let twice = 0;
      flat.forEach(function (b, i) {
        const a = flat[(i || flat.length) - 1];
        if (i) length += Math.hypot(b.east - a.east, b.north - a.north);
        twice += (a.east - flat[0].east) * (b.north - flat[0].north) - (b.east - flat[0].east) * (a.north - flat[0].north);
      });
      const area = Math.abs(twice) / 2;
      const values = { length: landuse.number(length, 1), area: landuse.number(area), mu: landuse.mu(area) };
      this.answer.textContent = landuse.filled(this.model.texts.measured, values);
      this.answer.hidden = false;
    }
  };

  /** Put the tools on the map. */
  landuse.addTools = function (model) {
    const Tools = L.Control.extend({
      onAdd: function () {
        const bar = landuse.element("div", "leaflet-bar tools");
        L.DomEvent.disableClickPropagation(bar);
        if (document.fullscreenEnabled) button(bar, "screen", model.texts.full_screen, (made) => switchScreen(model, made));
        const ruler = button(bar, "ruler", model.texts.measure, () => measure.toggle());
        const measure = new landuse.Measure(model, ruler);
        model.measure = measure;
        return bar;
      },
    });
    new Tools({ position: "topleft" }).addTo(model.map);
  };
})();
