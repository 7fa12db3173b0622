"use strict";
/* Filters over the columns of the cases, with what each choice would leave; and their panel. */
(function () {
  const BETWEEN = "；";

  /** One filter: every different cell is a code, every code one value or several. */
  class Facet {
    constructor(column, rows, told, blank) {
      this.name = told.name;
      this.label = told.label;
      this.picked = new Set();
      this.seen = new Map();
      const words = [""].concat(column.words);
      const blankCode = words.lastIndexOf(""); // an empty cell is as good as none, which is code 0
      this.combos = words.map((text) => (told.is_list ? text.split(BETWEEN) : [text]));
      this.codes = blankCode ? column.codes.map((code) => (code === blankCode ? 0 : code)) : column.codes;
      const often = new Int32Array(this.combos.length);
      for (let i = 0; i < rows; i += 1) often[this.codes[i]] += 1;
      this.combos.forEach((combo, code) => often[code] && combo.forEach((value) => this.seen.set(value, (this.seen.get(value) || 0) + often[code])));
      const values = this.seen.keys();
      this.values = this.ordered(values, told.values, told.is_list).map((value) => ({ value: value, label: value || blank, count: 0, area_m2: 0 }));
      this.settle();
    }

    /** The order that was given, else of a list the most frequent first; blank last. */
    ordered(values, given, isList) {
      const place = (value) => (value === "" ? 1e6 : given.includes(value) ? given.indexOf(value) : 1e5);
      const often = (a, b) => (isList ? this.seen.get(b) - this.seen.get(a) : 0);
      return [...values].sort((a, b) => place(a) - place(b) || often(a, b) || (a < b ? -1 : 1));
    }

    settle() {
      this.allowed = Uint8Array.from(this.combos, (combo) => (!this.picked.size || combo.some((value) => this.picked.has(value)) ? 1 : 0));
    }

    begin() {
      this.counts = new Float64Array(this.combos.length);
      this.areas = new Float64Array(this.combos.length);
    }

    /** What each value would show, whatever is picked in this filter itself. */
    finish() {
      const of = new Map(this.values.map((value) => [value.value, value]));
      this.values.forEach((value) => Object.assign(value, { count: 0, area_m2: 0 }));
      this.combos.forEach((combo, code) => {
        new Set(combo).forEach((value) => {
          if (!of.has(value)) return; // a blank cell nobody has
          of.get(value).count += this.counts[code];
          of.get(value).area_m2 += this.areas[code];
        });
      });
    }
  }

  landuse.Facets = class {
    constructor(cases, config) {
      const told = (config.facets || []).filter((facet) => cases.get(facet.name));
      this.list = told.map((facet) => new Facet(cases.get(facet.name), cases.rows, facet, config.texts.blank));
    }

    count() {
      return this.list.reduce((sum, facet) => sum + facet.picked.size, 0);
    }

    pick(name, value, isOn) {
      const facet = this.list.find((one) => one.name === name);
      if (!facet || !facet.values.some((known) => known.value === value)) return;
      if (isOn) facet.picked.add(value);
      else facet.picked.delete(value);
      facet.settle();
    }

    clear() {
      this.list.forEach((facet) => {
        facet.picked.clear();
        facet.settle();
      });
    }

    /** Returns the judge of one case; it also counts the case for the filters that alone stop it. */
    sieve() {
      const list = this.list;
      list.forEach((facet) => facet.begin());
      return function (i, isTicked, area, counted) {
        let stops = 0;
        let by = null;
        for (let f = 0; f < list.length && stops < 2; f += 1) {
          if (list[f].allowed[list[f].codes[i]]) continue;
          stops += 1;
          by = list[f];
        }
        const isNear = isTicked && stops < 2;
        for (let f = isNear ? 0 : list.length; f < list.length; f += 1) {
          if (stops && list[f] !== by) continue;
          list[f].counts[list[f].codes[i]] += counted;
          list[f].areas[list[f].codes[i]] += area;
        }
        return stops === 0;
      };
    }
  };

  /** The panel: one group of boxes a filter, drawn only while it is looked at. */
  landuse.FilterPanel = class {
    constructor(model) {
      this.model = model;
      this.root = landuse.byId("filters");
      this.rows = [];
      this.build();
      ["ticked", "filtered", "played", "restored"].forEach((name) => model.bus.on(name, () => this.refresh()));
      model.bus.on("turned", () => this.refresh());
    }

    build() {
      const { texts, facets } = this.model;
      const head = landuse.element("div", "panel-head");
      head.appendChild(landuse.element("p", "soft", texts.filters_hint));
      this.clear = landuse.element("button", "plain", texts.clear);
      this.clear.type = "button";
      this.clear.id = "clear-filters";
      this.clear.addEventListener("click", () => this.model.clearFilters());
      head.appendChild(this.clear);
      this.root.appendChild(head);
      facets.list.forEach((facet) => this.root.appendChild(this.group(facet)));
      if (!facets.list.length) this.root.appendChild(landuse.element("p", "soft", texts.no_filters));
      this.sum = landuse.element("p", "filter-sum");
      this.root.appendChild(this.sum);
    }

    group(facet) {
      const field = landuse.element("fieldset", "facet");
      field.dataset.facet = facet.name;
      field.appendChild(landuse.element("legend", "", facet.label));
      facet.values.forEach((value) => {
        const row = landuse.element("label", "facet-row");
        const box = landuse.element("input");
        box.type = "checkbox";
        box.addEventListener("change", () => this.model.filter(facet.name, value.value, box.checked));
        row.appendChild(box);
        row.appendChild(landuse.element("span", "word", value.label));
        const figures = [landuse.element("span", "count"), landuse.element("span", "mu")];
        figures.forEach((figure) => row.appendChild(figure));
        field.appendChild(row);
        this.rows.push({ facet: facet, value: value, box: box, figures: figures, row: row });
      });
      return field;
    }

    refresh() {
      const { model } = this;
      const picked = model.facets.count();
      landuse.byId("tab-filters").textContent = model.texts.filters + (picked ? " (" + picked + ")" : "");
      this.clear.hidden = !picked;
      if (this.root.hidden) return;
      model.facets.list.forEach((facet) => facet.finish());
      this.rows.forEach(function (entry) {
        entry.box.checked = entry.facet.picked.has(entry.value.value);
        entry.figures[0].textContent = landuse.number(entry.value.count);
        entry.figures[1].textContent = landuse.mu(entry.value.area_m2);
        entry.row.classList.toggle("none", !entry.value.count && !entry.box.checked);
      });
      const total = model.tickedTotal();
      this.sum.textContent = landuse.filled(model.texts.filter_sum, { count: landuse.number(total.count), mu: landuse.mu(total.area_m2) });
    }
  };
})();
