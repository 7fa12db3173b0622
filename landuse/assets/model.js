"use strict";
/* What everything on the page shares: the cases, what is shown of them, and who wants to know. */
(function () {
  const HIDDEN = 0;
  const FAINT = 1;
  const FULL = 2;

  landuse.Model = class {
    constructor(map, config, unpacked) {
      this.map = map;
      this.config = config;
      this.texts = config.texts;
      this.cases = unpacked.tables.cases;
      this.pieces = unpacked.tables.pieces;
      this.shapes = unpacked.shapes;
      this.pictures = unpacked.pictures.map((bytes) => ({ bytes: bytes, address: null }));
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
      this.facets = new landuse.Facets(this.cases, config);
      this.film = config.film ? new landuse.Film(this, unpacked.tables.film) : null;
      this.sift();
    }

    /** Columns read often as arrays: pieces of each case, its style, its area on this map. */
    gather() {
      const rows = this.cases.rows;
      const read = ["style", "is_guest", "area_m2"].map((column) => this.cases.get(column));
      this.style = new Int16Array(rows);
      this.counted = new Uint8Array(rows);
      this.area = new Float64Array(rows);
      this.hits = new Uint8Array(rows).fill(1);
      const pieceArea = this.pieces.get("area_m2");
      const { caseOf } = this.painter;
      this.firstOwn = new Int32Array(rows + 1); // pieces of case i: own[firstOwn[i]] … own[firstOwn[i + 1] - 1]
      for (let i = 0; i < caseOf.length; i += 1) {
        this.firstOwn[caseOf[i] + 1] += 1;
        this.area[caseOf[i]] += pieceArea(i) || 0;
      }
      for (let i = 0; i < rows; i += 1) this.firstOwn[i + 1] += this.firstOwn[i];
      this.own = new Int32Array(caseOf.length);
      const free = this.firstOwn.slice();
      for (let i = 0; i < caseOf.length; i += 1) {
        this.own[free[caseOf[i]]] = i;
        free[caseOf[i]] += 1;
      }
      for (let i = 0; i < rows; i += 1) {
        this.style[i] = read[0](i);
        this.counted[i] = read[1](i) ? 0 : 1;
        const isBare = this.firstOwn[i] === this.firstOwn[i + 1];
        if (isBare && this.counted[i]) this.area[i] = read[2](i) || 0;
      }
      this.now = this.style;
    }

    /** Judge every case against ticks, filters and search; add up what passes the filters. */
    sift() {
      const { config, facets, levels, style, area, counted, hits } = this;
      const isTicked = config.styles.map((one) => this.ticked.has(one.status));
      const sums = config.styles.map(() => ({ count: 0, area_m2: 0 }));
      const sieve = facets.sieve();
      for (let i = 0; i < levels.length; i += 1) {
        const kind = style[i];
        if (kind < 0) {
          levels[i] = HIDDEN;
          continue;
        }
        const passes = sieve(i, isTicked[kind], area[i], counted[i]);
        if (passes) {
          sums[kind].count += counted[i];
          sums[kind].area_m2 += area[i];
        }
        levels[i] = !passes || !isTicked[kind] ? HIDDEN : hits[i] ? FULL : FAINT;
      }
      this.sums = sums;
    }

    /** Add up the sums of the styles that a question holds for. */
    summed(holds) {
      const found = { count: 0, area_m2: 0 };
      this.config.styles.forEach((style, i) => {
        if (!holds(style)) return;
        found.count += this.sums[i].count;
        found.area_m2 += this.sums[i].area_m2;
      });
      return found;
    }

    /** Whether the figures are those of the totals: no filter, and the day of the build. */
    isPlain() {
      return !this.facets.count() && (!this.film || this.film.isNow());
    }

    figuresOf(status) {
      return this.isPlain() ? this.labels.get(status).status : this.summed((style) => style.status === status);
    }

    figuresOfState(state) {
      const statuses = new Set(state.statuses.map((status) => status.status));
      return this.isPlain() ? state : this.summed((style) => statuses.has(style.status));
    }

    /** What of land is idle, or determined to be. */
    figuresOfIdle(isDetermined) {
      if (this.isPlain()) return this.config.figures[isDetermined ? "determined" : "idle"];
      const idle = new Set(this.config.idle);
      return this.summed((style) => idle.has(style.status) && (style.is_determined || !isDetermined));
    }

    tickedTotal() {
      if (this.isPlain() && this.isWhole()) return this.config.figures.total;
      const sum = { count: 0, area_m2: 0 };
      this.ticked.forEach((status) => {
        const found = this.figuresOf(status);
        sum.count += found.count;
        sum.area_m2 += found.area_m2;
      });
      return sum;
    }

    /** Everything that can be switched on and off beside the parcels, each by a word of its own. */
    gatherLayers() {
      const told = (prefix, entries, name, isOn) => entries.map((entry, i) => ({ key: prefix + name(entry, i), group: entry.group, isOn: isOn(entry) }));
      this.layers = [].concat(
        told("o.", this.outlines, (entry) => entry.outline.role, (entry) => !entry.outline.hidden),
        told("x.", this.extras, (entry) => entry.told.layer, (entry) => entry.isOn),
        told("g.", this.grounds, (entry, i) => i, (entry) => entry.isOn),
      );
    }

    /** Switch a layer by its group. */
    switch(group, isOn) {
      if (isOn) group.addTo(this.map);
      else group.remove();
      this.bus.tell("switched");
    }

    change(name, act) {
      act();
      this.sift();
      this.bus.tell(name);
    }

    tick(statuses, isOn) {
      this.change("ticked", () => statuses.forEach((status) => (isOn ? this.ticked.add(status) : this.ticked.delete(status))));
    }

    tickAll() {
      this.tick([...this.labels.keys()], true);
    }

    isWhole() {
      return this.ticked.size === this.labels.size;
    }

    filter(name, value, isOn) {
      this.change("filtered", () => this.facets.pick(name, value, isOn));
    }

    clearFilters() {
      this.change("filtered", () => this.facets.clear());
    }

    /** Show the states of another run; shapes stay, styles change. */
    play(frame) {
      this.change("played", () => {
        this.style = this.film.stylesAt(frame);
        this.painter.restyle(this.style);
      });
    }

    search(text) {
      if (text === this.query) return;
      this.change("searched", () => {
        this.query = text;
        this.prepareSearch();
        this.finder.mark(text, this.hits);
      });
    }

    /** Read what is searched; the reader who enters the field is about to ask. */
    prepareSearch() {
      this.finder = this.finder || new landuse.Finder(this.cases, this.config.initials);
    }

    styleOf(number) {
      const kind = this.style[number];
      return this.config.styles[kind < 0 ? this.now[number] : kind];
    }

    statusOf(number) {
      if (this.style[number] < 0) return this.texts.absent;
      const style = this.styleOf(number);
      const found = this.labels.get(style.status).status;
      return style.is_determined ? found.label_determined : found.label;
    }

    stateName(number) {
      return this.labels.get(this.styleOf(number).status).state.label;
    }

    nameOf(number) {
      return this.knownNameOf(number) || this.texts.no_name;
    }

    knownNameOf(number) {
      return this.cases.get("name")(number) || this.projectOf(number) || this.cases.get("case_id")(number);
    }

    /** The project of a case; no column where none has one. */
    projectOf(number) {
      const read = this.cases.get("project");
      return read ? read(number) : null;
    }

    /** The address of a picture that lies in the page. */
    pictureOf(number, kind) {
      const picture = this.pictures[number];
      picture.address = picture.address || URL.createObjectURL(new Blob([picture.bytes], { type: kind }));
      return picture.address;
    }

    piecesOf(number) {
      return [...this.own.subarray(this.firstOwn[number], this.firstOwn[number + 1])];
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
  };
})();
