"use strict";
/* The card of one case: every filled field, as text. */
(function () {
  landuse.Card = class {
    constructor(model) {
      this.model = model;
      this.root = landuse.byId("card");
      this.before = null;
      model.bus.on("chosen", (number) => this.show(number));
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
      this.model.config.groups.forEach((group) => {
        const lines = this.lines(group, number);
        if (!lines.length) return;
        body.appendChild(landuse.element("h3", "", this.model.texts["group_" + group]));
        const list = landuse.element("dl");
        lines.forEach((line) => {
          list.appendChild(landuse.element("dt", "", line[0]));
          list.appendChild(landuse.element("dd", "", line[1])).dataset.field = line[2];
        });
        body.appendChild(list);
      });
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
      const close = landuse.element("button", "close", "×");
      close.type = "button";
      close.setAttribute("aria-label", model.texts.close);
      close.addEventListener("click", () => this.close());
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
      return head;
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
      const pieces = model.piecesOf(number);
      let sum = 0;
      for (let i = 0; i < pieces.length; i += 1) sum += model.pieces.get("area_m2")(pieces[i]) || 0;
      if (!pieces.length) return "\n" + model.texts.no_shape;
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
