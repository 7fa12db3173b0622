"use strict";
/* The three panels of the side: figures, filters, places; one is seen at a time. */
(function () {
  const NAMES = ["legend", "filters", "tree"];

  landuse.Tabs = class {
    constructor(model) {
      this.model = model;
      this.buttons = NAMES.map((name) => landuse.byId("tab-" + name));
      this.buttons.forEach((button, i) => {
        button.addEventListener("click", () => this.turn(i));
        button.addEventListener("keydown", (event) => this.key(event, i));
      });
      this.turn(0);
    }

    key(event, i) {
      const last = NAMES.length - 1;
      const moves = { ArrowRight: i === last ? 0 : i + 1, ArrowLeft: i === 0 ? last : i - 1, Home: 0, End: last };
      if (!(event.key in moves)) return;
      event.preventDefault();
      this.turn(moves[event.key]);
      this.buttons[moves[event.key]].focus();
    }

    turn(at) {
      NAMES.forEach((name, i) => {
        this.buttons[i].setAttribute("aria-selected", String(i === at));
        this.buttons[i].tabIndex = i === at ? 0 : -1;
        landuse.byId(name).hidden = i !== at;
      });
      this.model.bus.tell("turned", NAMES[at]);
    }
  };
})();
