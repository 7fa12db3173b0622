"use strict";
/* The states of earlier runs: shapes stay, styles change; and the slider that moves through them. */
(function () {
  const PACE = 1200; // milliseconds a frame when it plays

  landuse.Film = class {
    /** Column k of the table: style + 1 (0: no such case then) less that of the frame before. */
    constructor(model, table) {
      const { days, now } = model.config.film;
      this.days = days;
      this.now = now;
      this.at = now;
      this.current = model.now;
      let before = Int16Array.from(model.now, (style) => style + 1);
      this.frames = days.map(function (day, k) {
        const step = table.get(String(k));
        before = Int16Array.from(before, (style, i) => style + step(i));
        return before.map((style) => style - 1);
      });
    }

    stylesAt(frame) {
      this.at = frame;
      return frame === this.now ? this.current : this.frames[frame];
    }

    isNow() {
      return this.at === this.now;
    }

    /** The frame of a day written as 2018-05-31; the day of the map where it has none. */
    frameOf(day) {
      const found = this.days.findIndex((known) => landuse.day(known) === day);
      return found < 0 ? this.now : found;
    }

    dayOf(frame) {
      return landuse.day(this.days[frame]);
    }
  };

  landuse.Slider = class {
    constructor(model) {
      this.model = model;
      this.timer = 0;
      this.root = landuse.byId("slider");
      if (!model.film) return;
      this.root.hidden = false;
      this.range = landuse.byId("frame");
      this.button = landuse.byId("play");
      this.range.max = String(model.film.days.length - 1);
      this.range.value = String(model.film.at);
      this.range.addEventListener("input", () => {
        this.stop();
        model.play(Number(this.range.value));
      });
      this.button.addEventListener("click", () => (this.timer ? this.stop() : this.start()));
      model.bus.on("played", () => this.say());
      this.stop();
      this.say();
    }

    start() {
      const { model } = this;
      const last = model.film.days.length - 1;
      if (model.film.at === last) model.play(0);
      this.timer = setInterval(() => {
        if (model.film.at < last) model.play(model.film.at + 1);
        if (model.film.at >= last) this.stop();
      }, PACE);
      this.button.textContent = model.texts.pause_film;
    }

    stop() {
      clearInterval(this.timer);
      this.timer = 0;
      this.button.textContent = this.model.texts.play_film;
    }

    say() {
      const { film, texts, style } = this.model;
      const absent = style.reduce((sum, kind) => sum + (kind < 0), 0);
      const day = film.dayOf(film.at);
      const note = film.isNow() ? texts.film_now : landuse.filled(texts.film_note, { count: landuse.number(absent) });
      this.range.value = String(film.at);
      this.range.setAttribute("aria-valuetext", day);
      landuse.byId("frame-day").textContent = day;
      landuse.byId("frame-note").textContent = note;
    }
  };
})();
