"use strict";
/* The legend is the table of figures and the switch of states at once; unfiltered, its figures are those of the totals. */
(function () {
  /** Two figures at the end of a row; returns what puts others in their place. */
  function figure(row, found) {
    const boxes = ["count", "mu"].map((name) => row.appendChild(landuse.element("span", name)));
    const put = function (now) {
      boxes[0].textContent = landuse.number(now.count);
      boxes[1].textContent = landuse.mu(now.area_m2);
    };
    put(found);
    return put;
  }

  landuse.Legend = class {
    constructor(model) {
      this.model = model;
      this.boxes = [];
      this.figures = [];
      this.switches = [];
      this.root = landuse.byId("legend");
      this.build();
      ["ticked", "filtered", "played"].forEach((name) => model.bus.on(name, this.refresh.bind(this)));
      model.bus.on("switched", () => this.refreshLayers());
      this.refresh();
    }

    build() {
      const { config, texts } = this.model;
      const head = landuse.element("div", "legend-head");
      head.appendChild(landuse.element("h2", "", texts.legend));
      this.all = landuse.element("button", "plain", texts.all_on);
      this.all.type = "button";
      this.all.addEventListener("click", this.model.tickAll.bind(this.model));
      head.appendChild(this.all);
      head.appendChild(landuse.element("span", "unit", texts.cases_unit));
      head.appendChild(landuse.element("span", "unit unit-mu", texts.mu_unit));
      this.root.appendChild(head);
      config.figures.states.forEach(this.addState, this);
      this.total = landuse.element("div", "legend-row total");
      this.root.appendChild(this.total);
      this.addMarks();
      this.addLayers();
    }

    addState(state) {
      const { texts } = this.model;
      const block = landuse.element("div", "legend-state");
      block.dataset.state = state.state;
      const row = landuse.element("div", "legend-row");
      const inner = landuse.element("div", "legend-statuses");
      inner.id = "statuses-" + state.state;
      inner.hidden = true;
      const keys = state.statuses.map(function (status) {
        return status.status;
      });
      const fold = landuse.element("button", "fold");
      fold.type = "button";
      fold.setAttribute("aria-label", landuse.filled(texts.show_statuses, { name: state.label }));
      fold.setAttribute("aria-expanded", "false");
      fold.setAttribute("aria-controls", inner.id);
      fold.addEventListener("click", function () {
        inner.hidden = !inner.hidden;
        fold.setAttribute("aria-expanded", String(!inner.hidden));
      });
      if (keys.length < 2) fold.style.visibility = "hidden";
      row.appendChild(fold);
      row.appendChild(this.box(keys, state.label, this.plainSwatch(state)));
      this.figures.push([figure(row, state), () => this.model.figuresOfState(state)]);
      block.appendChild(row);
      if (keys.length > 1) state.statuses.forEach(this.addStatus.bind(this, inner));
      block.appendChild(inner);
      this.root.appendChild(block);
    }

    addStatus(inner, status) {
      const row = landuse.element("div", "legend-row status");
      row.dataset.status = status.status;
      const styles = this.model.config.styles.filter(function (style) {
        return style.status === status.status && !style.is_determined;
      });
      row.appendChild(this.box([status.status], status.label, styles[0]));
      this.figures.push([figure(row, status), () => this.model.figuresOf(status.status)]);
      inner.appendChild(row);
    }

    /** A state is shown by the full colour of its fill, without any pattern. */
    plainSwatch(state) {
      const styles = this.model.config.styles.filter(function (style) {
        return state.statuses.some(function (status) {
          return status.status === style.status;
        });
      });
      const base = this.model.config.fills[state.state];
      return Object.assign({}, styles[0], { fill: base, pattern: "" }, styles[0].dash ? {} : { stroke: "#00000055", width: 0.8 });
    }

    box(statuses, label, style) {
      const holder = landuse.element("label");
      const box = landuse.element("input");
      box.type = "checkbox";
      box.addEventListener("change", () => this.model.tick(statuses, box.checked));
      this.boxes.push({ box: box, statuses: statuses });
      holder.appendChild(box);
      holder.appendChild(this.swatch(style, false));
      holder.appendChild(landuse.element("span", "word", label));
      return holder;
    }

    swatch(style, isBuilt) {
      const picture = landuse.element("img", "swatch");
      picture.alt = "";
      picture.src = this.model.painter.swatch(style, isBuilt);
      return picture;
    }

    /** What patterns and shades mean, with the figures that go across states. */
    addMarks() {
      const { config, texts } = this.model;
      const marks = landuse.element("div", "legend-marks");
      const idle = config.styles.find((style) => style.status === "idle_two_years" && !style.is_determined);
      const determined = config.styles.find((style) => style.status === "idle_two_years" && style.is_determined);
      const inefficient = config.styles.find((style) => style.status === "halted");
      const built = config.styles.find((style) => style.status === "in_progress");
      this.addMark(marks, "idle", Object.assign({}, idle, { fill: "#FFFFFF" }), texts.of_idle, config.figures.idle);
      this.addMark(marks, "determined", Object.assign({}, determined, { fill: "#FFFFFF" }), texts.of_determined, config.figures.determined);
      const short = landuse.element("div", "marks-short");
      this.addMark(short, "inefficient", Object.assign({}, inefficient, { fill: "#FFFFFF" }), texts.of_inefficient, null);
      this.addMark(short, "built", built, texts.of_built, null);
      marks.appendChild(short);
      const without = config.figures.without_geometry;
      if (without.count) {
        const values = { count: landuse.number(without.count), mu: landuse.mu(without.area_m2) };
        marks.appendChild(landuse.element("p", "without", landuse.filled(texts.without_geometry, values)));
      }
      this.root.appendChild(marks);
    }

    addMark(marks, name, style, label, found) {
      const row = landuse.element("div", "legend-row mark");
      row.dataset.mark = name;
      const holder = landuse.element("span", "mark-name");
      holder.appendChild(this.swatch(style, name === "built"));
      holder.appendChild(landuse.element("span", "word", label));
      row.appendChild(holder);
      if (found) this.figures.push([figure(row, found), () => this.model.figuresOfIdle(name === "determined")]);
      marks.appendChild(row);
    }

    addLayers() {
      const { outlines, extras, grounds, texts } = this.model;
      const groups = [[texts.layers_lines, outlines], [texts.layers_extra, extras], [texts.layers_ground, grounds]];
      const filled = groups.filter((group) => group[1].length);
      if (!filled.length) return;
      const field = landuse.element("div", "legend-layers");
      filled.forEach((group) => {
        const branch = landuse.element("div", "layer-branch");
        branch.setAttribute("role", "group");
        branch.setAttribute("aria-label", group[0]);
        if (filled.length > 1) branch.appendChild(landuse.element("span", "branch-word", group[0]));
        if (group[1] === outlines) this.addOutlines(branch);
        else group[1].forEach((entry) => branch.appendChild(this.layerBox(entry)));
        field.appendChild(branch);
      });
      this.root.appendChild(field);
    }

    /** The tick of a layer; `words` are seen while it is on. */
    layerTick(entry, isOn, words) {
      const holder = landuse.element("label");
      const box = landuse.element("input");
      box.type = "checkbox";
      box.checked = isOn;
      box.addEventListener("change", () => this.model.switch(entry.group, box.checked));
      this.switches.push({ box: box, group: entry.group, words: words });
      holder.appendChild(box);
      return holder;
    }

    refreshLayers() {
      this.switches.forEach((entry) => {
        entry.box.checked = this.model.map.hasLayer(entry.group);
        if (entry.words) entry.words.hidden = !entry.box.checked;
      });
    }

    /** A basemap or a layer beside the parcels; the things of a layer can be gone through. */
    layerBox(entry) {
      const next = entry.kind === "extra" && entry.told.count ? this.nextButton(entry) : null;
      const holder = this.layerTick(entry, entry.isOn, next);
      if (entry.told.look) {
        const mark = landuse.element("i", "dot");
        mark.style.background = entry.told.look.color;
        holder.appendChild(mark);
      }
      const count = entry.kind === "extra" ? "（" + landuse.number(entry.told.count) + "）" : "";
      holder.appendChild(landuse.element("span", "word", entry.label + count));
      if (!next) return holder;
      const pair = landuse.element("span", "layer-pair");
      pair.appendChild(holder);
      pair.appendChild(next);
      return pair;
    }

    nextButton(entry) {
      const next = landuse.element("button", "plain next-thing", "›");
      next.type = "button";
      next.title = landuse.filled(this.model.texts.next_thing, { name: entry.label });
      next.setAttribute("aria-label", next.title);
      next.hidden = !entry.isOn;
      next.addEventListener("click", () => entry.openNext(next));
      return next;
    }

    addOutlines(field) {
      this.model.outlines.forEach((entry) => {
        const words = this.layerWords(entry);
        const holder = this.layerTick(entry, !entry.outline.hidden, words);
        if (!entry.outline.looks.length) holder.appendChild(landuse.element("span", "line line-" + entry.outline.role));
        holder.appendChild(landuse.element("span", "word", entry.outline.label));
        field.appendChild(holder);
        if (entry.outline.looks.length) field.appendChild(words);
      });
    }

    /** What the colours of a layer mean, while the layer is on. */
    layerWords(entry) {
      const words = landuse.element("span", "layer-words");
      words.hidden = entry.outline.hidden;
      entry.outline.looks.forEach(function (look) {
        const pair = landuse.element("span", "pair");
        const mark = landuse.element("i", "line line-" + entry.outline.role);
        if (look[1].fillColor) mark.style.background = look[1].fillColor;
        else mark.style.borderTop = "2px " + (look[1].dashArray ? "dashed " : "solid ") + look[1].color;
        pair.appendChild(mark);
        pair.appendChild(landuse.element("span", "word", look[0]));
        words.appendChild(pair);
      });
      return words;
    }

    /** Ticks and the bottom line follow the model; the figures of the rows only filters and runs. */
    refresh() {
      const model = this.model;
      this.boxes.forEach(function (entry) {
        const on = entry.statuses.filter((status) => model.ticked.has(status)).length;
        entry.box.checked = on === entry.statuses.length;
        entry.box.indeterminate = on > 0 && on < entry.statuses.length;
      });
      this.figures.forEach((pair) => pair[0](pair[1]()));
      const isWhole = model.isWhole();
      const found = model.tickedTotal();
      this.all.hidden = isWhole;
      this.total.textContent = "";
      this.total.appendChild(landuse.element("span", "word", !isWhole ? model.texts.shown : model.isPlain() ? model.texts.total : model.texts.subtotal));
      figure(this.total, found);
    }
  };
})();
