"use strict";
/* Clusters, parks, networks and planned functions around and beneath the parcels. */
(function () {
  const LOOKS = {
    cluster: { color: "#1F2933", weight: 2, opacity: 0.85, dashArray: "10 4 2 4", fill: true, fillColor: "#FFFFFF", fillOpacity: 0.75 },
    park: { color: "#00664F", weight: 1.6, opacity: 0.9, dashArray: "5 4", fill: false },
    network: { color: "#6B7280", weight: 1, opacity: 0.65, fill: false },
    plan: { color: "#B8BEC6", weight: 0.6, opacity: 1, fill: true, fillOpacity: 0.9 },
  };
  const PANES = { cluster: "landuse-ground", plan: "landuse-plan", network: "landuse-network" };
  const NEAR = 12; // zoom from which networks and the dashes of outlines can be told apart
  const PARKS = 13; // zoom from which there is room for the names of parks
  const WIDE = 150; // CSS pixels: a cluster smaller than this has its name beside it

  function shapeLayer(outline, looks, shapes, index, renderers) {
    const pane = PANES[outline.role];
    const common = { interactive: false, smoothFactor: 0, pane: pane, renderer: renderers[pane], fillRule: "evenodd" };
    const look = Object.assign(common, LOOKS[outline.role], looks.get(outline.names[index]));
    if (outline.role === "network") return L.polyline(shapes.rings(index, false), look);
    if (outline.role === "cluster") look.stroke = false;
    return L.polygon(nested(shapes, index), look);
  }

  /** All rings as one polygon: with "evenodd" holes stay open and parts are filled. */
  function nested(shapes, index) {
    return [shapes.rings(index, false)];
  }

  /** The edge of a cluster or a park, above the parcels. */
  function edgeLayer(role, shapes, index, renderers) {
    const pane = "landuse-lines";
    const own = { fill: false, interactive: false, smoothFactor: 0, pane: pane, renderer: renderers[pane] };
    return L.polygon(nested(shapes, index), Object.assign({}, LOOKS[role], own));
  }

  function labelLayer(outline, index) {
    return landuse.nameLayer(outline.names[index], outline.at[index], outline.role);
  }

  /** A name on the map. */
  landuse.nameLayer = function (name, at, kind) {
    const text = landuse.element("span", "", name);
    const icon = L.divIcon({ html: text, className: "outline-label label-" + kind, iconSize: null });
    return L.marker(at, { icon: icon, interactive: false, keyboard: false, pane: "landuse-labels" });
  };

  /** One switchable group a role; clusters keep an edge above the parcels. */
  landuse.outlineGroups = function (map, config, shapes) {
    const renderers = {};
    ["landuse-ground", "landuse-plan", "landuse-network", "landuse-lines"].forEach(function (pane) {
      renderers[pane] = L.canvas({ pane: pane, padding: 0.3 });
    });
    return config.outlines.map(function (outline) {
      const entry = { outline: outline, group: L.layerGroup(), edges: [], labels: [] };
      const looks = new Map(outline.looks);
      outline.names.forEach(function (name, index) {
        const isEdged = outline.role === "cluster" || outline.role === "park";
        if (outline.role !== "park") entry.group.addLayer(shapeLayer(outline, looks, shapes[outline.role], index, renderers));
        if (isEdged) entry.edges.push(edgeLayer(outline.role, shapes[outline.role], index, renderers));
        if (isEdged && name) entry.labels.push({ layer: labelLayer(outline, index), index: index });
      });
      entry.edges.forEach((edge) => entry.group.addLayer(edge));
      entry.labels.forEach((label) => entry.group.addLayer(label.layer));
      if (!outline.hidden) entry.group.addTo(map);
      return entry;
    });
  };

  /** Where a name may stand, best first, as offsets of its middle from the label's place. */
  function choices(map, outline, index, size) {
    if (outline.role !== "cluster") return [[0, 0]];
    const box = outline.boxes[index];
    const low = map.latLngToLayerPoint(box[0]);
    const high = map.latLngToLayerPoint(box[1]);
    const at = map.latLngToLayerPoint(outline.at[index]);
    if (high.x - low.x > WIDE) return [[0, 0], [0, size.y], [0, -size.y]];
    const middle = (low.x + high.x) / 2 - at.x;
    const side = size.x / 2 + 4;
    const half = size.y / 2 + 2;
    return [
      [middle, low.y - at.y + half],
      [middle, high.y - at.y - half],
      [high.x - at.x + side, 0],
      [low.x - at.x - side, 0],
    ];
  }

  function isFree(box, taken) {
    return taken.every((other) => box[0] >= other[2] || box[2] <= other[0] || box[1] >= other[3] || box[3] <= other[1]);
  }

  /** The ground of clusters too small to hold their name. */
  function smallBoxes(map, outline) {
    const boxes = outline.boxes.map(function (box) {
      const low = map.latLngToLayerPoint(box[0]);
      const high = map.latLngToLayerPoint(box[1]);
      return [low.x, high.y, high.x, low.y];
    });
    return boxes.filter((box) => box[2] - box[0] <= WIDE);
  }

  /** Put each name where it covers no other one and, if it can, no cluster; a park's gives way. */
  function placeNames(map, entries) {
    const taken = [];
    const ground = [].concat(...entries.map((entry) => smallBoxes(map, entry.outline)));
    entries.forEach(function (entry) {
      if (!map.hasLayer(entry.group)) return;
      entry.labels.forEach(function (label) {
        const holder = label.layer.getElement();
        const text = holder.firstChild;
        const size = { x: text.offsetWidth, y: text.offsetHeight };
        const at = map.latLngToLayerPoint(label.layer.getLatLng());
        const boxes = choices(map, entry.outline, label.index, size).map(function (by) {
          const x = at.x + by[0];
          const y = at.y + by[1];
          return { by: by, box: [x - size.x / 2, y - size.y / 2, x + size.x / 2, y + size.y / 2] };
        });
        const found = boxes.find((choice) => isFree(choice.box, taken.concat(ground))) || boxes.find((choice) => isFree(choice.box, taken));
        const used = found || boxes[0];
        holder.classList.toggle("is-crowded", !found && entry.outline.role === "park");
        text.style.left = used.by[0] + "px";
        text.style.top = used.by[1] + "px";
        if (size.x) taken.push(used.box);
      });
    });
  }

  /** From afar: plain thin edges, no networks, no names of parks. */
  landuse.settleOutlines = function (map, entries) {
    const settle = function () {
      const zoom = map.getZoom();
      map.getContainer().classList.toggle("is-far", zoom < PARKS);
      map.getPane("landuse-network").style.display = zoom < NEAR ? "none" : "";
      entries.forEach(function (entry) {
        const look = LOOKS[entry.outline.role];
        const edge = zoom < NEAR ? { weight: 1, dashArray: null } : { weight: look.weight, dashArray: look.dashArray };
        entry.edges.forEach((layer) => layer.setStyle(edge));
      });
      placeNames(map, entries);
    };
    map.on("zoomend layeradd", landuse.soon(settle, 0));
    settle();
  };

  landuse.looks = LOOKS;
  landuse.NEAR = NEAR;
  landuse.WIDE = WIDE;
})();
