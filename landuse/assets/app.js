"use strict";
/* Puts the page together: the model everything shares, the map's own controls, the start. */
(function () {
  const PANES = { "landuse-base": 205, "landuse-base-lines": 207, "landuse-ground": 210, "landuse-plan": 220, "landuse-parcels": 230, "landuse-network": 235, "landuse-lines": 240, "landuse-extras": 440, "landuse-chosen": 450, "landuse-labels": 460 };

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
    const { map } = model;
    const hint = landuse.byId("hint");
    const readout = landuse.byId("coordinates");
    map.on("click", function (event) {
      if (model.isMeasuring || model.extras.some((entry) => entry.openAt(event.latlng))) return;
      model.choose(model.caseAt(event.latlng));
    });
    map.on("mousemove", function (event) {
      readout.textContent = landuse.placeText(model, event.latlng);
      const number = model.caseAt(event.latlng);
      const isThing = model.extras.some((entry) => entry.pointedAt(event.latlng) >= 0);
      map.getContainer().style.cursor = number === null && !isThing ? "" : "pointer";
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
      if (model.extras.some((entry) => entry.openAtAim(map.getCenter()))) return;
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
    const model = new landuse.Model(map, config, unpacked);
    model.outlines = landuse.outlineGroups(map, config, unpacked.shapes);
    model.grounds = landuse.groundGroups(map, config, unpacked.shapes);
    model.extras = landuse.extraGroups(map, config, unpacked);
    model.gatherLayers();
    const tiles = new landuse.Tiles(model.painter);
    tiles.once("load", function () {
      if (landuse.model) document.documentElement.dataset.state = "ready";
    });
    tiles.addTo(map);
    ["ticked", "searched", "filtered", "played"].forEach((name) => model.bus.on(name, () => tiles.repaint()));
    markLayer(model);
    landuse.settleOutlines(map, model.outlines);
    controls(model);
    landuse.addTools(model);
    model.legend = new landuse.Legend(model);
    model.list = new landuse.List(model);
    model.card = new landuse.Card(model);
    model.sheet = new landuse.Sheet(model);
    model.tabs = new landuse.Tabs(model);
    model.filters = new landuse.FilterPanel(model);
    model.tree = new landuse.Tree(model);
    model.slider = new landuse.Slider(model);
    model.takeout = new landuse.Takeout(model);
    model.link = new landuse.Link(model);
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
