"use strict";
/* What lies under the parcels: outlines, a picture, tiles held in the page or fetched. */
(function () {
  const GCJ_AXIS = 6378245;
  const GCJ_ECCENTRICITY = 0.006693421622965943;
  const COARSE = 3; // levels beyond the finest tile held, until which it is shown enlarged

  /** Where GCJ-02 draws a place; the formulas of landuse/crs/webmaps.py. */
  function gcj(lat, lon) {
    const x = lon - 105;
    const y = lat - 35;
    const sin = (share) => Math.sin(share * Math.PI);
    const waves = ((20 * sin(6 * x) + 20 * sin(2 * x)) * 2) / 3;
    const root = Math.sqrt(Math.abs(x));
    let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves;
    north += ((20 * sin(y) + 40 * sin(y / 3)) * 2) / 3 + ((160 * sin(y / 12) + 320 * sin(y / 30)) * 2) / 3;
    let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves;
    east += ((20 * sin(x) + 40 * sin(x / 3)) * 2) / 3 + ((150 * sin(x / 12) + 300 * sin(x / 30)) * 2) / 3;
    const phi = (lat * Math.PI) / 180;
    const curve = 1 - GCJ_ECCENTRICITY * Math.sin(phi) * Math.sin(phi);
    const meridian = (GCJ_AXIS * (1 - GCJ_ECCENTRICITY)) / (curve * Math.sqrt(curve));
    const parallel = (GCJ_AXIS / Math.sqrt(curve)) * Math.cos(phi);
    return L.latLng(lat + ((north / meridian) * 180) / Math.PI, lon + ((east / parallel) * 180) / Math.PI);
  }

  /** Tiles drawn in GCJ-02, each put back to where it belongs. */
  const Shifted = L.TileLayer.extend({
    /** How far to the east and south a place is drawn, in pixels of a zoom. */
    shiftAt: function (point, zoom) {
      const at = this._map.unproject(point, zoom);
      return this._map.project(gcj(at.lat, at.lng), zoom).subtract(point);
    },

    _getTilePos: function (coords) {
      const size = this.getTileSize();
      const middle = coords.scaleBy(size).add(size.divideBy(2));
      return L.TileLayer.prototype._getTilePos.call(this, coords).subtract(this.shiftAt(middle, coords.z).round());
    },

    _getTiledPixelBounds: function (center) {
      const bounds = L.TileLayer.prototype._getTiledPixelBounds.call(this, center);
      const shift = this.shiftAt(bounds.getCenter(), this._tileZoom);
      return L.bounds(bounds.min.add(shift), bounds.max.add(shift));
    },
  });

  /** Tiles that lie in the page; beyond the finest of them that one is enlarged. */
  const Held = L.TileLayer.extend({
    getTileUrl: function (coords) {
      const data = this.options.held.tiles[coords.z + "/" + coords.x + "/" + coords.y];
      return data ? "data:" + this.options.held.mime + ";base64," + data : L.Util.emptyImageUrl;
    },
  });

  function tilesOf(told, pane) {
    const common = { pane: pane, maxZoom: 22, attribution: "" };
    if (told.kind === "tiles") {
      const zooms = { minNativeZoom: told.zooms[0], maxNativeZoom: told.zooms[1], minZoom: told.zooms[0], maxZoom: told.zooms[1] + COARSE };
      return [new Held("", Object.assign(common, zooms, { held: told }))];
    }
    const Kind = told.isShifted ? Shifted : L.TileLayer;
    return told.urls.map((url) => new Kind(url, Object.assign({}, common, { subdomains: told.subdomains, maxNativeZoom: 18, referrerPolicy: "no-referrer" })));
  }

  function outlinesOf(told, shapes, renderer) {
    const own = shapes[told.shapes];
    const look = { renderer: renderer, pane: "landuse-base-lines", interactive: false, smoothFactor: 0, fill: false, color: "#5B6570", weight: 1.2, dashArray: "8 3 2 3" };
    const found = [];
    for (let i = 0; i < own.count; i += 1) {
      found.push(told.isLine ? L.polyline(own.rings(i, false), look) : L.polygon([own.rings(i, false)], look));
      if (told.names[i]) found.push(landuse.nameLayer(told.names[i], told.at[i], "ground"));
    }
    return found;
  }

  /** One switchable group a basemap, the lowest first. */
  landuse.groundGroups = function (map, config, shapes) {
    const renderer = L.canvas({ pane: "landuse-base-lines", padding: 0.3 });
    const note = landuse.byId("ground-note");
    const entries = config.basemaps.map(function (told) {
      let layers = [];
      if (told.kind === "picture") layers = [L.imageOverlay(told.url, told.bounds, { pane: "landuse-base", alt: told.label })];
      else if (told.kind === "outlines") layers = outlinesOf(told, shapes, renderer);
      else layers = tilesOf(told, "landuse-base");
      return { told: told, label: told.label, isOn: !told.hidden, group: L.layerGroup(layers), kind: "ground" };
    });
    const say = function () {
      const on = entries.filter((entry) => entry.told.note && map.hasLayer(entry.group));
      note.textContent = on.map((entry) => entry.label + "：" + entry.told.note).join("\n");
    };
    map.on("layeradd layerremove", landuse.soon(say, 0));
    entries.forEach((entry) => entry.isOn && entry.group.addTo(map));
    return entries;
  };

  landuse.gcj = gcj;
})();
