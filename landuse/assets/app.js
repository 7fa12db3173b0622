"use strict";
/* Puts the page together: the model everything shares, the map's own controls, the start. */
(function () {
  const PANES = { "landuse-ground": 210, "landuse-plan": 220, "landuse-parcels": 230, "landuse-network": 235, "landuse-lines": 240, "landuse-chosen": 450, "landuse-labels": 460 };

  /** What is shown now: figures, ticks, search, the chosen case. */
  class Model {
    constructor(map, config, unpacked) {
      this.map = map;
      this.config = config;
      this.texts = config.texts;
      this.cases = unpacked.tables.cases;
      this.pieces = unpacked.tables.pieces;
      this.shapes = unpacked.shapes;
      this.bus = new landuse.Bus();
      this.painter = new landuse.Painter(this.shapes.pieces, this.pieces, this.cases, config.styles);
      this.levels = this.painter.levels;
      this.ticked = new Set(config.ticked);
      this.query = "";
      this.chosen = null;
      this.labels = new Map();
      config.figures.states.forEach((state) => {
        state.statuses.forEach((status) => this.labels.set(status.status, { state: state, status: status }));
      });
      this.gather();
      this.level();
    }

    /** Pieces of each case, and the text of each case one can search by. */
    gather() {
      this.own = new Array(this.cases.rows);
      for (let i = 0; i < this.pieces.rows; i += 1) {
        const number = this.painter.caseOf[i];
        if (this.own[number]) this.own[number].push(i);
        else this.own[number] = [i];
      }
      const columns = ["case_id", "code", "name", "project"].map((column) => this.cases.get(column));
      this.searchable = new Array(this.cases.rows);
      for (let i = 0; i < this.cases.rows; i += 1) {
        this.searchable[i] = landuse.plain(columns.map((read) => read(i) || "").join("\n"));
      }
    }

    /** Not ticked: hidden. Ticked but not searched for: faint. */
    level() {
      const query = landuse.plain(this.query);
      for (let i = 0; i < this.levels.length; i += 1) {
        const isOn = this.ticked.has(this.styleOf(i).status);
        this.levels[i] = !isOn ? 0 : !query || this.searchable[i].includes(query) ? 2 : 1;
      }
    }

    tick(statuses, isOn) {
      statuses.forEach((status) => (isOn ? this.ticked.add(status) : this.ticked.delete(status)));
      this.level();
      this.bus.tell("ticked");
    }

    tickAll() {
      this.tick([...this.labels.keys()], true);
    }

    isWhole() {
      return this.ticked.size === this.labels.size;
    }

    tickedTotal() {
      const sum = { count: 0, area_m2: 0 };
      this.labels.forEach((label, status) => {
        if (!this.ticked.has(status)) return;
        sum.count += label.status.count;
        sum.area_m2 += label.status.area_m2;
      });
      return sum;
    }

    search(text) {
      if (text === this.query) return;
      this.query = text;
      this.level();
      this.bus.tell("searched");
    }

    styleOf(number) {
      return this.config.styles[this.cases.get("style")(number)];
    }

    statusOf(number) {
      const style = this.styleOf(number);
      const found = this.labels.get(style.status).status;
      return style.is_determined ? found.label_determined : found.label;
    }

    stateName(number) {
      return this.labels.get(this.styleOf(number).status).state.label;
    }

    nameOf(number) {
      return ["name", "project", "case_id"].reduce((found, column) => found || this.cases.get(column)(number), null) || this.texts.no_name;
    }

    piecesOf(number) {
      return this.own[number] || [];
    }

    boundsOf(number) {
      const rings = this.piecesOf(number).map((piece) => this.shapes.pieces.rings(piece, false));
      return rings.length ? L.latLngBounds([].concat(...[].concat(...rings))) : null;
    }

    casesInView() {
      const bounds = this.map.getBounds();
      const origin = this.shapes.pieces.origin;
      const a = landuse.mercator(bounds.getWest(), bounds.getNorth());
      const b = landuse.mercator(bounds.getEast(), bounds.getSouth());
      const pieces = this.painter.boxes.meeting([a[0] - origin[0], a[1] - origin[1], b[0] - origin[0], b[1] - origin[1]]);
      return new Set(pieces.map((piece) => this.painter.caseOf[piece]));
    }

    pieceAt(latlng) {
      const origin = this.shapes.pieces.origin;
      const at = landuse.mercator(latlng.lng, latlng.lat);
      const reach = 4 / (256 * Math.pow(2, this.map.getZoom()));
      return this.painter.pieceAt(at[0] - origin[0], at[1] - origin[1], reach);
    }

    caseAt(latlng) {
      const piece = this.pieceAt(latlng);
      return piece < 0 ? null : this.painter.caseOf[piece];
    }

    /** Mark a case on the map without opening its card. */
    mark(number) {
      this.bus.tell("marked", number);
      const bounds = number === null ? null : this.boundsOf(number);
      if (bounds && !this.map.getBounds().contains(bounds)) this.map.panTo(bounds.getCenter(), { animate: false });
    }

    /** Open the card of a case; `go` shows it on the map, `focus` moves the keyboard there. */
    choose(number, options) {
      const how = options || {};
      const before = document.activeElement;
      this.chosen = number;
      this.bus.tell("marked", number);
      this.bus.tell("chosen", number);
      const bounds = how.go ? this.boundsOf(number) : null;
      if (bounds) this.map.fitBounds(bounds.pad(1.2), { maxZoom: 17, animate: false, paddingBottomRight: this.room() });
      if (how.focus) this.card.enter(before);
    }

    /** Room the card takes from the map on a wide screen. */
    room() {
      const width = this.map.getSize().x;
      return width > 700 ? [landuse.byId("card").offsetWidth, 0] : [0, 0];
    }
  }

  /** The outline around the pieces of the case that is marked. */
  function markLayer(model) {
    const group = L.layerGroup().addTo(model.map);
    model.bus.on("marked", function (number) {
      group.clearLayers();
      if (number === null) return;
      model.piecesOf(number).forEach(function (piece) {
        const rings = model.shapes.pieces.rings(piece, true);
        const look = { pane: "landuse-chosen", interactive: false, smoothFactor: 0, lineJoin: "round" };
        group.addLayer(L.polyline(rings, Object.assign({ color: "#FFFFFF", weight: 6, opacity: 0.95 }, look)));
        group.addLayer(L.polyline(rings, Object.assign({ color: "#111827", weight: 2.5, opacity: 1 }, look)));
      });
    });
  }

  /** Clicking, pointing, the aim of the keyboard and the coordinates under the pointer. */
  function listen(model) {
    const { map, texts } = model;
    const hint = landuse.byId("hint");
    const readout = landuse.byId("coordinates");
    map.on("click", function (event) {
      model.choose(model.caseAt(event.latlng));
    });
    map.on("mousemove", function (event) {
      const values = { east: event.latlng.lng.toFixed(6), north: event.latlng.lat.toFixed(6) };
      readout.textContent = landuse.filled(texts.coordinates, values);
      const number = model.caseAt(event.latlng);
      map.getContainer().style.cursor = number === null ? "" : "pointer";
      hint.hidden = number === null;
      if (number === null) return;
      hint.textContent = model.nameOf(number) + "\n" + model.statusOf(number);
      hint.style.transform = "translate(" + (event.containerPoint.x + 14) + "px," + (event.containerPoint.y + 14) + "px)";
    });
    map.on("mouseout movestart", function () {
      hint.hidden = true;
    });
    map.getContainer().addEventListener("keydown", function (event) {
      if (event.target !== map.getContainer() || event.key !== "Enter") return;
      const number = model.caseAt(map.getCenter());
      model.choose(number, { focus: number !== null });
    });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && model.chosen !== null) model.card.close();
    });
  }

  function controls(model) {
    const { map, texts, config } = model;
    L.control.zoom({ position: "topleft", zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    map.getContainer().setAttribute("aria-label", texts.map);
    map.getContainer().setAttribute("role", "application");
    const jump = landuse.byId("jump");
    jump.appendChild(new Option(texts.whole, ""));
    config.places.forEach((place, index) => jump.appendChild(new Option(place.name, String(index))));
    landuse.byId("jump-label").hidden = config.places.length < 2;
    jump.addEventListener("change", function () {
      map.fitBounds(jump.value === "" ? config.bounds : config.places[Number(jump.value)].bounds, { padding: [16, 16], animate: false });
    });
  }

  /** Fill the words of the skeleton. */
  function words(config) {
    document.querySelectorAll("[data-show]").forEach(function (node) {
      node.textContent = config[node.dataset.show];
      node.hidden = !config[node.dataset.show];
    });
    document.querySelectorAll("[data-text]").forEach(function (node) {
      node.textContent = config.texts[node.dataset.text];
    });
    document.querySelectorAll("[data-label]").forEach(function (node) {
      node.setAttribute("aria-label", config.texts[node.dataset.label]);
    });
    const mark = landuse.byId("watermark");
    mark.style.fontSize = Math.min(84, 900 / (mark.textContent.length || 1)) + "px";
    landuse.byId("search").placeholder = config.texts.search_hint;
    landuse.byId("dates").title = config.as_of.join("\n");
  }

  function start(map, config, unpacked) {
    map.invalidateSize({ animate: false });
    map.fitBounds(config.bounds, { padding: [16, 16], maxZoom: 17, animate: false });
    Object.keys(PANES).forEach(function (name) {
      const pane = map.createPane(name);
      pane.style.zIndex = PANES[name];
      pane.style.pointerEvents = "none";
    });
    const model = new Model(map, config, unpacked);
    model.outlines = landuse.outlineGroups(map, config, unpacked.shapes);
    const tiles = new landuse.Tiles(model.painter);
    tiles.once("load", function () {
      document.documentElement.dataset.state = "ready";
    });
    tiles.addTo(map);
    model.bus.on("ticked", () => tiles.repaint());
    model.bus.on("searched", () => tiles.repaint());
    markLayer(model);
    landuse.settleOutlines(map, model.outlines);
    controls(model);
    model.legend = new landuse.Legend(model);
    model.list = new landuse.List(model);
    model.card = new landuse.Card(model);
    model.sheet = new landuse.Sheet(model);
    listen(model);
    landuse.model = model;
    landuse.byId("notice").hidden = true;
  }

  /** Markers of added layers: Leaflet looks for files beside its style sheet, ours are inside it. */
  function markerIcon() {
    const probe = document.body.appendChild(landuse.element("div", "leaflet-default-icon-path"));
    const found = /url\("?([^")]+)/.exec(getComputedStyle(probe).backgroundImage);
    probe.remove();
    delete L.Icon.Default.prototype._getIconUrl;
    L.Icon.Default.mergeOptions({ iconUrl: found && found[1], iconRetinaUrl: found && found[1], shadowUrl: null });
  }

  /** The layer folium adds to its map; adding it opens the page. */
  landuse.parcelLayer = function (packageId, settingsId) {
    markerIcon();
    const config = JSON.parse(landuse.byId(settingsId).textContent);
    return new (L.Layer.extend({
      onAdd: function (map) {
        words(config);
        landuse
          .unpack(landuse.byId(packageId).textContent)
          .then((unpacked) => start(map, config, unpacked))
          .catch(function (error) {
            const notice = landuse.byId("notice");
            notice.hidden = false;
            notice.textContent = landuse.filled(config.texts.failed, { error: error.message });
            document.documentElement.dataset.state = "failed";
          });
      },
      onRemove: function () {},
    }))();
  };
})();
