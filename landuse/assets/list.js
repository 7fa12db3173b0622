"use strict";
/* Search, and the list beside the map: only the rows in sight exist as elements. */
(function () {
  const ROW = 46; // CSS pixels, as in map.css
  const SPARE = 4;
  const SORTS = ["status", "area", "name"];

  landuse.List = class {
    constructor(model) {
      this.model = model;
      this.box = landuse.byId("list");
      this.rows = landuse.byId("list-rows");
      this.input = landuse.byId("search");
      this.active = -1;
      this.orders = {};
      this.fields = new Map(model.config.fields.map((field) => [field.column, field]));
      this.sort = "status";
      this.isDown = true;
      this.swatches = model.config.styles.map((style) => model.painter.swatch(style, false));
      this.order = new Uint32Array(0); // arranged when the link is restored
      this.buildSorts();
      this.listen();
    }

    buildSorts() {
      const { texts } = this.model;
      const root = landuse.byId("sort");
      root.appendChild(landuse.element("span", "sort-word", texts.sort));
      this.sortButtons = SORTS.map((name) => {
        const button = landuse.element("button", "plain", texts["sort_" + name]);
        button.type = "button";
        button.dataset.sort = name;
        button.addEventListener("click", () => {
          this.orderBy(name, this.sort === name ? !this.isDown : name !== "name");
          this.arrange();
        });
        root.appendChild(button);
        return button;
      });
      this.more = root.appendChild(landuse.element("select"));
      this.more.id = "sort-more";
      this.more.setAttribute("aria-label", texts.sort_more);
      this.more.appendChild(new Option(texts.sort_more, ""));
      this.fields.forEach((field) => this.more.appendChild(new Option(field.label, field.column)));
      this.more.addEventListener("change", () => {
        this.orderBy(this.more.value || "status", this.fields.has(this.more.value) ? this.isAmount(this.more.value) : true);
        this.arrange();
      });
      this.turn = root.appendChild(landuse.element("button", "plain"));
      this.turn.type = "button";
      this.turn.id = "sort-turn";
      this.turn.addEventListener("click", () => {
        this.orderBy(this.sort, !this.isDown);
        this.arrange();
      });
    }

    /** Whether a column's largest values are looked for first. */
    isAmount(name) {
      return !["text", "day"].includes(this.fields.get(name).shown);
    }

    orderBy(name, isDown) {
      if (!SORTS.includes(name) && !this.fields.has(name)) return;
      this.sort = name;
      this.isDown = isDown;
      this.model.bus.tell("sorted");
    }

    listen() {
      const { bus, map } = this.model;
      const search = landuse.soon(() => this.model.search(this.input.value), 120);
      this.input.addEventListener("input", search);
      this.input.addEventListener("focus", () => this.model.prepareSearch());
      this.input.addEventListener("keydown", (event) => this.searchKey(event));
      this.box.addEventListener("keydown", (event) => this.listKey(event));
      this.box.addEventListener("scroll", () => this.draw());
      // rows drawn anew between press and release would swallow a click
      let isPressed = false;
      this.box.addEventListener("mousedown", () => (isPressed = true));
      this.box.addEventListener("mouseup", () => (isPressed = false));
      this.box.addEventListener("focus", () => {
        if (!isPressed && this.active < 0 && this.order.length) this.activate(0, false);
      });
      this.inView = landuse.byId("in-view");
      this.inView.addEventListener("change", () => this.arrange());
      map.on("moveend", () => {
        if (this.inView.checked) this.arrange();
      });
      window.addEventListener("resize", landuse.soon(() => this.draw(), 60));
      ["ticked", "searched", "filtered"].forEach((name) => bus.on(name, () => this.arrange()));
      bus.on("played", () => {
        this.orders = {};
        this.arrange();
      });
      bus.on("chosen", (number) => this.follow(number));
    }

    searchKey(event) {
      if (event.key === "ArrowDown" && this.order.length) {
        event.preventDefault();
        this.box.focus();
        this.activate(0, true);
      } else if (event.key === "Enter") {
        this.model.search(this.input.value);
        if (this.order.length) this.model.choose(this.order[0], { go: true, focus: true });
      } else if (event.key === "Escape" && this.input.value) {
        this.input.value = "";
        this.model.search("");
        event.stopPropagation();
      }
    }

    listKey(event) {
      const page = Math.max(1, Math.floor(this.box.clientHeight / ROW) - 1);
      const last = this.order.length - 1;
      const moves = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page, PageUp: this.active - page, Home: 0, End: last };
      if (event.key === "Enter" && this.active >= 0) {
        this.model.choose(this.order[this.active], { go: true, focus: true });
      } else if (event.key in moves && last >= 0) {
        this.activate(Math.max(0, Math.min(last, moves[event.key])), true);
      } else return;
      event.preventDefault();
    }

    /** Make a row the current one; the map marks its parcel. */
    activate(position, isTold) {
      this.active = position;
      this.reveal();
      this.draw();
      if (isTold) this.model.mark(this.order[position]);
    }

    reveal() {
      const top = this.active * ROW;
      if (top < this.box.scrollTop) this.box.scrollTop = top;
      else if (top + ROW > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + ROW - this.box.clientHeight;
    }

    /** Put the row of a case chosen on the map in sight. */
    follow(number) {
      this.active = number === null ? -1 : this.order.indexOf(number);
      if (this.active >= 0) this.reveal();
      this.draw();
    }

    arrange() {
      const model = this.model;
      const kept = this.active >= 0 ? this.order[this.active] : model.chosen;
      const seen = this.inView.checked ? model.casesInView() : null;
      this.order = this.whole().filter((i) => model.levels[i] === 2 && (!seen || seen.has(i)));
      this.showSort();
      this.active = kept === null || kept === undefined ? -1 : this.order.indexOf(kept);
      this.rows.style.height = this.order.length * ROW + "px";
      landuse.byId("found").textContent = this.summary();
      if (this.active >= 0) this.reveal();
      else this.box.scrollTop = 0;
      this.draw();
    }

    showSort() {
      const { texts } = this.model;
      const way = this.isDown ? "down" : "up";
      const title = texts[this.isDown ? "descending" : "ascending"];
      this.sortButtons.forEach((button) => {
        const isOn = button.dataset.sort === this.sort;
        button.setAttribute("aria-pressed", String(isOn));
        button.dataset.way = isOn ? way : "";
        button.title = isOn ? title : "";
      });
      const isMore = this.fields.has(this.sort);
      this.more.value = isMore ? this.sort : "";
      this.turn.hidden = !isMore;
      this.turn.dataset.way = way;
      this.turn.title = title;
      this.turn.setAttribute("aria-label", title);
    }

    /** All cases in the order asked for; sorted once, then only sieved. */
    whole() {
      const key = this.sort + this.isDown;
      if (!this.orders[key]) this.orders[key] = this.sorted();
      return this.orders[key];
    }

    /** Cases without a value come last whichever way; equal ones by area, or as they are. */
    sorted() {
      const { model, isDown } = this;
      const way = isDown ? -1 : 1;
      const keys = this.keys().map((key) => (isNaN(key) ? way * Infinity : key));
      const areas = this.sort === "status" ? this.amounts("area_m2") : null;
      return Uint32Array.from({ length: model.cases.rows }, (unused, i) => i).sort((a, b) => {
        if (keys[a] !== keys[b]) return way * (keys[a] - keys[b]);
        return (areas && (areas[b] || 0) - (areas[a] || 0)) || a - b;
      });
    }

    /** A number a case to sort by; NaN where there is nothing. */
    keys() {
      const { model, sort } = this;
      if (sort === "status") return Float64Array.from(model.style);
      if (sort === "area") return this.amounts("area_m2");
      if (sort === "name") return this.ranks((i) => model.knownNameOf(i));
      return this.fields.get(sort).shown === "text" ? this.ranks(model.cases.get(sort)) : this.amounts(sort);
    }

    amounts(column) {
      const read = this.model.cases.get(column);
      return Float64Array.from({ length: this.model.cases.rows }, (unused, i) => {
        const value = read(i);
        return value === null ? NaN : value;
      });
    }

    /** The place of each text among the different ones, as a reader of the language sorts them. */
    ranks(read) {
      const texts = Array.from({ length: this.model.cases.rows }, (unused, i) => read(i) || "");
      const collator = new Intl.Collator(this.model.config.lang === "zh" ? "zh-CN" : "en", { numeric: true });
      const different = [...new Set(texts)].filter(Boolean).sort(collator.compare);
      const places = new Map(different.map((text, place) => [text, place]));
      return Float64Array.from(texts, (text) => (text ? places.get(text) : NaN));
    }

    /** How many are listed; those counted in another cluster apart, as in the totals. */
    summary() {
      const { texts, counted } = this.model;
      if (!this.order.length) return texts.found_none;
      const counts = this.order.reduce((sum, i) => sum + counted[i], 0);
      const guests = this.order.length - counts;
      const own = landuse.filled(texts.found, { count: landuse.number(counts) });
      return guests ? own + "\n" + landuse.filled(texts.found_guests, { count: landuse.number(guests) }) : own;
    }

    draw() {
      const first = Math.max(0, Math.floor(this.box.scrollTop / ROW) - SPARE);
      const end = Math.min(this.order.length, first + Math.ceil(this.box.clientHeight / ROW) + 2 * SPARE);
      const fragment = document.createDocumentFragment();
      for (let position = first; position < end; position += 1) fragment.appendChild(this.row(position));
      this.rows.textContent = "";
      this.rows.appendChild(fragment);
      const isShown = this.active >= first && this.active < end;
      if (isShown) this.box.setAttribute("aria-activedescendant", "row-" + this.order[this.active]);
      else this.box.removeAttribute("aria-activedescendant");
    }

    /** What a case has in the column the list is sorted by. */
    told(number) {
      const field = this.fields.get(this.sort);
      const value = this.model.cases.get(field.column)(number);
      return value === null || value === "" ? "—" : this.model.card.text(field.shown, value);
    }

    row(position) {
      const { model } = this;
      const number = this.order[position];
      const row = landuse.element("div", "list-row");
      row.id = "row-" + number;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(position === this.active));
      row.setAttribute("aria-setsize", String(this.order.length));
      row.setAttribute("aria-posinset", String(position + 1));
      row.style.top = position * ROW + "px";
      const picture = landuse.element("img", "swatch");
      picture.alt = "";
      picture.src = this.swatches[Math.max(0, model.style[number])];
      row.appendChild(picture);
      const words = landuse.element("span", "row-words");
      words.appendChild(landuse.element("span", "row-name", model.nameOf(number)));
      const about = [model.statusOf(number)];
      if (!model.piecesOf(number).length) about.push(model.texts.no_shape);
      if (!model.counted[number]) about.push(model.texts.guest);
      if (this.fields.has(this.sort)) about.unshift(this.told(number));
      words.appendChild(landuse.element("span", "row-about", about.join(" · ")));
      row.appendChild(words);
      const area = model.cases.get("area_m2")(number);
      const figure = landuse.element("span", "row-area", area === null ? "" : landuse.mu(area));
      if (area !== null) figure.appendChild(landuse.element("small", "", model.texts.mu_unit));
      row.appendChild(figure);
      row.addEventListener("click", () => model.choose(number, { go: true }));
      return row;
    }
  };
})();
