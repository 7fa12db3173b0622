"use strict";
/* City, clusters and parks with their figures; choosing one goes there. */
(function () {
  landuse.Tree = class {
    constructor(model) {
      this.model = model;
      this.root = landuse.byId("tree");
      this.open = new Set(["0"]);
      this.at = "0";
      this.box = landuse.element("div", "tree-rows");
      this.box.setAttribute("role", "tree");
      this.box.setAttribute("aria-label", model.texts.places);
      this.root.appendChild(this.box);
      this.figures = landuse.element("div", "place-figures");
      this.figures.tabIndex = 0;
      this.figures.setAttribute("role", "region");
      this.figures.setAttribute("aria-live", "polite");
      this.figures.setAttribute("aria-label", model.texts.legend);
      this.root.appendChild(this.figures);
      this.box.addEventListener("keydown", (event) => this.key(event));
      this.draw(false);
    }

    /** Places in sight, from the top: path, node and depth. */
    visible() {
      const found = [];
      const walk = (node, path, depth) => {
        found.push({ path: path, node: node, depth: depth });
        if (!this.open.has(path)) return;
        node.children.forEach((child, i) => walk(child, path + "." + i, depth + 1));
      };
      walk(this.model.config.tree, "0", 1);
      return found;
    }

    draw(isFocused) {
      this.box.textContent = "";
      this.visible().forEach((place) => this.box.appendChild(this.row(place)));
      this.table();
      const own = this.box.querySelector("[tabindex='0']");
      if (isFocused && own) own.focus();
    }

    row(place) {
      const { node, path } = place;
      const row = landuse.element("div", "tree-row");
      row.setAttribute("role", "treeitem");
      row.setAttribute("aria-level", String(place.depth));
      row.setAttribute("aria-selected", String(path === this.at));
      row.tabIndex = path === this.at ? 0 : -1;
      row.dataset.path = path;
      row.style.paddingLeft = 16 * (place.depth - 1) + "px";
      const turn = landuse.element("span", "turn");
      if (node.children.length) {
        row.setAttribute("aria-expanded", String(this.open.has(path)));
        turn.addEventListener("click", (event) => {
          event.stopPropagation();
          this.toggle(path, !this.open.has(path));
        });
      }
      row.appendChild(turn);
      row.appendChild(landuse.element("span", "word", node.name));
      row.appendChild(landuse.element("span", "count", landuse.number(node.count)));
      row.appendChild(landuse.element("span", "mu", landuse.mu(node.area_m2)));
      row.appendChild(this.bar(node));
      row.addEventListener("click", () => this.go(path));
      return row;
    }

    /** Shares of the states, in the colours of the map. */
    bar(node) {
      const bar = landuse.element("span", "bar");
      const { states } = this.model.config.figures;
      node.states.forEach((state, i) => {
        if (!state.area_m2) return;
        const part = landuse.element("i", "bar-" + states[i].state);
        part.style.background = this.model.config.fills[states[i].state];
        part.style.flexGrow = String(state.area_m2);
        bar.appendChild(part);
      });
      return bar;
    }

    nodeAt(path) {
      return path.split(".").slice(1).reduce((node, i) => node.children[Number(i)], this.model.config.tree);
    }

    toggle(path, isOpen) {
      if (isOpen) this.open.add(path);
      else this.open.delete(path);
      if (!isOpen && this.at.startsWith(path + ".")) this.at = path;
      this.draw(true);
    }

    go(path) {
      const node = this.nodeAt(path);
      this.at = path;
      if (node.children.length) this.open.add(path);
      this.draw(true);
      if (node.bounds) this.model.map.fitBounds(node.bounds, { padding: [16, 16], maxZoom: 17, animate: false });
    }

    key(event) {
      const places = this.visible();
      const at = places.findIndex((place) => place.path === this.at);
      const node = places[at].node;
      const up = this.at.includes(".") ? this.at.slice(0, this.at.lastIndexOf(".")) : this.at;
      const move = (to) => {
        this.at = places[Math.max(0, Math.min(places.length - 1, to))].path;
        this.draw(true);
      };
      const isOpen = this.open.has(this.at);
      const acts = {
        ArrowDown: () => move(at + 1),
        ArrowUp: () => move(at - 1),
        Home: () => move(0),
        End: () => move(places.length - 1),
        ArrowRight: () => (node.children.length && !isOpen ? this.toggle(this.at, true) : move(node.children.length ? at + 1 : at)),
        ArrowLeft: () => (isOpen && node.children.length ? this.toggle(this.at, false) : move(places.findIndex((place) => place.path === up))),
        Enter: () => this.go(this.at),
        " ": () => this.go(this.at),
      };
      if (!(event.key in acts)) return;
      event.preventDefault();
      acts[event.key]();
    }

    /** The figures of the place that is chosen, by state: those of totals.json. */
    table() {
      const { texts, config } = this.model;
      const node = this.nodeAt(this.at);
      this.figures.textContent = "";
      const table = landuse.element("table");
      table.appendChild(landuse.element("caption", "", node.name));
      const line = (cells, tag) => {
        const row = table.appendChild(landuse.element("tr"));
        cells.forEach((cell, i) => {
          const box = row.appendChild(landuse.element(i && tag !== "th" ? "td" : "th", "", cell));
          box.scope = tag === "th" ? "col" : i ? "" : "row";
        });
      };
      line([texts.sort_status, texts.cases_unit, texts.mu_unit], "th");
      config.figures.states.forEach((state, i) => line([state.label, landuse.number(node.states[i].count), landuse.mu(node.states[i].area_m2)], "td"));
      line([texts.total, landuse.number(node.count), landuse.mu(node.area_m2)], "td");
      line([texts.of_idle, landuse.number(node.idle.count), landuse.mu(node.idle.area_m2)], "td");
      this.figures.appendChild(table);
    }
  };
})();
