"use strict";
/* The card of one case: its facts, its days, why it is judged so, what is to be done, what is wrong. */
(function () {
  const BETWEEN = "；";
  const LISTS = ["articles", "measures", "missing"];
  const LINES = ["findings", "law", "steps"];

  landuse.Card = class {
    constructor(model) {
      this.model = model;
      this.root = landuse.byId("card");
      this.before = null;
      model.bus.on("chosen", (number) => this.show(number));
      model.bus.on("played", () => this.show(model.chosen));
      this.root.addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          this.close();
        }
      });
    }

    close() {
      const back = this.before;
      this.model.choose(null);
      if (back && document.contains(back)) back.focus();
    }

    show(number) {
      this.root.textContent = "";
      this.root.hidden = number === null;
      if (number === null) return;
      this.root.appendChild(this.head(number));
      const body = landuse.element("div", "card-body");
      this.addLine(body, number);
      this.model.config.groups.forEach((group) => this.addGroup(body, group, number));
      this.addPictures(body, number);
      this.root.appendChild(body);
      this.root.scrollTop = 0;
    }

    /** Move the focus in; closing gives it back. */
    enter(before) {
      this.before = before;
      this.root.focus();
    }

    head(number) {
      const { model } = this;
      const head = landuse.element("header");
      const close = this.button("close", "×", () => this.close());
      close.setAttribute("aria-label", model.texts.close);
      const state = landuse.element("p", "card-status");
      const picture = landuse.element("img", "swatch");
      picture.alt = "";
      picture.src = model.painter.swatch(model.styleOf(number), false);
      state.appendChild(picture);
      state.appendChild(landuse.element("strong", "", model.statusOf(number)));
      const name = model.stateName(number);
      if (name !== model.statusOf(number)) state.appendChild(landuse.element("span", "", name));
      head.appendChild(close);
      head.appendChild(landuse.element("h2", "", model.nameOf(number)));
      head.appendChild(state);
      if (model.film && !model.film.isNow()) {
        head.appendChild(landuse.element("p", "card-then", landuse.filled(model.texts.card_then, { day: model.film.dayOf(model.film.at), now: landuse.day(model.config.on) })));
      }
      const tools = landuse.element("p", "card-tools");
      tools.appendChild(this.button("plain", model.texts.copy, () => landuse.copy(this.words(number), model.texts.copied))).id = "card-copy";
      tools.appendChild(this.button("plain", model.texts.print_card, () => model.sheet.print(true))).id = "card-print";
      tools.appendChild(this.button("plain", model.texts.locate, () => model.choose(number, { go: true, focus: true })));
      head.appendChild(tools);
      return head;
    }

    button(className, text, act) {
      const button = landuse.element("button", className, text);
      button.type = "button";
      button.addEventListener("click", act);
      return button;
    }

    addLine(body, number) {
      const line = landuse.timeline(this.model, number);
      if (!line) return;
      const figure = body.appendChild(landuse.element("figure", "days-line"));
      figure.appendChild(line);
      figure.appendChild(landuse.element("figcaption", "", landuse.timelineWords(this.model, number)));
    }

    addGroup(body, group, number) {
      const lines = this.lines(group, number);
      if (!lines.length) return;
      const places = new Map(landuse.daysOf(this.model, number).map((event, i) => [event.column, i + 1]));
      body.appendChild(landuse.element("h3", "", this.model.texts["group_" + group]));
      const list = landuse.element("dl");
      lines.forEach((line) => {
        const head = list.appendChild(landuse.element("dt", "", line[0]));
        if (places.has(line[2])) head.appendChild(landuse.element("i", "place", String(places.get(line[2]))));
        const cell = list.appendChild(landuse.element("dd"));
        cell.dataset.field = line[2];
        this.fill(cell, line);
      });
      body.appendChild(list);
    }

    /** A cell; several things one below the other, a law nobody has checked marked as such. */
    fill(cell, line) {
      const parts = LISTS.includes(line[2]) ? line[1].split(BETWEEN) : LINES.includes(line[2]) ? line[1].split("\n") : null;
      if (!parts) {
        cell.textContent = line[1];
        return;
      }
      const list = cell.appendChild(landuse.element("ul"));
      parts.forEach((part) => {
        const isUnchecked = ["articles", "law", "steps"].includes(line[2]) && this.model.config.unchecked.some((mark) => part.includes(mark));
        list.appendChild(landuse.element("li", isUnchecked ? "unchecked" : "", part));
      });
    }

    /** Pictures of before and after, where the build was given some. */
    addPictures(body, number) {
      const { model } = this;
      const chips = (model.config.chips || {})[model.cases.get("case_id")(number)] || [];
      if (!chips.length) return;
      body.appendChild(landuse.element("h3", "", model.texts.group_chips));
      const row = body.appendChild(landuse.element("div", "chips"));
      chips.forEach((chip) => {
        const figure = row.appendChild(landuse.element("figure"));
        const picture = figure.appendChild(landuse.element("img", "chip"));
        picture.alt = chip[0];
        picture.src = model.pictureOf(chip[2], chip[1]);
        figure.appendChild(landuse.element("figcaption", "", chip[0]));
      });
    }

    /** The card as lines of text, for the clipboard. */
    words(number) {
      const { model } = this;
      const head = [model.nameOf(number), model.stateName(number) + " " + model.statusOf(number), landuse.timelineWords(model, number)];
      const lines = [].concat(...model.config.groups.map((group) => this.lines(group, number)));
      const marks = [model.config.synthetic, model.config.dates].filter(Boolean);
      return head.concat(lines.map((line) => line[0] + "：" + line[1].replace(/\n/g, " ")), marks).join("\n");
    }

    lines(group, number) {
      const { model } = this;
      const { cases, config, texts } = model;
      const lines = [];
      if (group === "identity") {
        lines.push([config.ids[cases.get("kind")(number)], cases.get("case_id")(number), "case_id"]);
      }
      if (group === "area") {
        const area = cases.get("area_m2")(number);
        if (area !== null) lines.push([texts.field_area_m2, this.area(area) + this.here(number, area), "area_m2"]);
      }
      config.fields.forEach((field) => {
        if (field.group !== group) return;
        const value = cases.get(field.column)(number);
        if (value !== null && value !== "") lines.push([field.label, this.text(field.shown, value), field.column]);
      });
      return lines;
    }

    /** What part of a case lies on this map, where that is not all of it. */
    here(number, area) {
      const { model } = this;
      if (!model.piecesOf(number).length) return "\n" + model.texts.no_shape;
      const sum = model.area[number];
      return Math.abs(sum - area) < 1 ? "" : "\n" + landuse.filled(model.texts.here, { area: this.area(sum) });
    }

    area(value) {
      return landuse.filled(this.model.texts.area_text, { ha: landuse.hectares(value), mu: landuse.mu(value) });
    }

    text(shown, value) {
      const { texts } = this.model;
      if (shown === "day") return landuse.day(value);
      if (shown === "days") return landuse.number(value) + " " + texts.days_unit;
      if (shown === "area") return this.area(value);
      if (shown === "share") return landuse.number(100 * value, 1) + "%";
      if (shown === "money") {
        return value >= 10000 ? landuse.number(value / 10000, 2) + " " + texts.wan_unit : landuse.number(value, 2) + " " + texts.yuan_unit;
      }
      return shown === "number" ? String(value) : value;
    }
  };
})();
