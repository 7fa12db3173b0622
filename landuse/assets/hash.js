"use strict";
/* The address keeps what is seen: view, layers, ticks, filters, search, order, day and card. */
(function () {
  landuse.Link = class {
    constructor(model) {
      this.model = model;
      this.isReady = false;
      this.restore();
      this.isReady = true;
      const write = landuse.soon(() => this.write(), 150);
      ["ticked", "searched", "filtered", "played", "chosen", "sorted", "switched"].forEach((name) => model.bus.on(name, write));
      model.map.on("moveend", write);
      window.addEventListener("hashchange", () => {
        if (location.hash.slice(1) !== this.text()) this.restore();
      });
      landuse.byId("link").addEventListener("click", () => this.copy());
    }

    text() {
      const { model } = this;
      const { map, cases, facets, film } = model;
      const at = map.getCenter();
      const told = new URLSearchParams();
      told.set("v", [at.lat.toFixed(5), at.lng.toFixed(5), map.getZoom()].join(","));
      const off = [...model.labels.keys()].filter((status) => !model.ticked.has(status));
      if (off.length) told.set("off", off.join(","));
      facets.list.forEach((facet) => facet.picked.forEach((value) => told.append("f", facet.name + ":" + value)));
      const turned = model.layers.filter((layer) => map.hasLayer(layer.group) !== layer.isOn);
      if (turned.length) told.set("l", turned.map((layer) => layer.key).join(","));
      if (model.query) told.set("q", model.query);
      if (film && !film.isNow()) told.set("t", film.dayOf(film.at));
      if (model.chosen !== null) told.set("c", cases.get("case_id")(model.chosen));
      told.set("s", model.list.sort + (model.list.isDown ? "-" : ""));
      return told.toString();
    }

    /** Pages opened from a file may change nothing of their address but this. */
    write() {
      history.replaceState(null, "", "#" + this.text());
    }

    restore() {
      const { model } = this;
      const told = new URLSearchParams(location.hash.slice(1));
      if (told.has("off")) {
        const off = new Set(told.get("off").split(","));
        model.ticked = new Set([...model.labels.keys()].filter((status) => !off.has(status)));
      } else if (told.has("v")) model.ticked = new Set(model.labels.keys());
      const turned = (told.get("l") || "").split(",");
      model.layers.forEach((layer) => model.switch(layer.group, turned.includes(layer.key) !== layer.isOn));
      model.facets.clear();
      told.getAll("f").forEach((pair) => model.facets.pick(pair.slice(0, pair.indexOf(":")), pair.slice(pair.indexOf(":") + 1), true));
      landuse.byId("search").value = told.get("q") || "";
      model.search(told.get("q") || "");
      if (model.film) model.play(model.film.frameOf(told.get("t")));
      if (told.has("s")) model.list.orderBy(told.get("s").replace("-", ""), told.get("s").endsWith("-"));
      model.change("filtered", () => {});
      this.look(told.get("v"));
      if (told.has("c")) this.card(told.get("c"));
    }

    look(view) {
      const numbers = (view || "").split(",").map(Number);
      if (numbers.length !== 3 || !numbers.every(isFinite)) return;
      this.model.map.setView([numbers[0], numbers[1]], numbers[2], { animate: false });
    }

    card(id) {
      const read = this.model.cases.get("case_id");
      for (let i = 0; i < this.model.cases.rows; i += 1) if (read(i) === id) this.model.choose(i);
    }

    copy() {
      this.write();
      landuse.copy(location.href, this.model.texts.link_copied);
    }
  };
})();
