"use strict";
/* The days of a case on a line true to scale; what is overdue is hatched, lawful pauses are open. */
(function () {
  const WIDTH = 316;
  const HEIGHT = 62;
  const EDGE = 12;
  const LINE = 26;
  const NS = "http://www.w3.org/2000/svg";

  function node(parent, tag, attributes, text) {
    const made = parent.appendChild(document.createElementNS(NS, tag));
    Object.keys(attributes).forEach((name) => made.setAttribute(name, String(attributes[name])));
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /** Days of a case in their order, each with its number on the line. */
  landuse.daysOf = function (model, number) {
    const fields = model.config.fields.filter((field) => field.group === "days" && field.shown === "day");
    const found = fields.map((field) => ({ column: field.column, label: field.label, day: model.cases.get(field.column)(number) }));
    return found.filter((event) => event.day !== null).sort((a, b) => a.day - b.day);
  };

  /** The stretch that counts: from the first day of the count to the day asked for. */
  landuse.stretch = function (model, number) {
    const from = model.cases.get("clock_from") && model.cases.get("clock_from")(number);
    if (from === null || from === undefined || from >= model.config.on) return null;
    const status = model.config.styles[model.now[number]].status;
    return { from: from, to: model.config.on, isLate: model.config.late.includes(status) };
  };

  function pausesOf(model, number) {
    const read = model.cases.get("pause_days");
    const text = (read && read(number)) || "";
    return text.split(" ").filter(Boolean).map((pair) => pair.split("/").map(Number));
  }

  function years(svg, x, first, last) {
    const from = new Date(first * 86400000).getUTCFullYear() + 1;
    const to = new Date(last * 86400000).getUTCFullYear();
    const step = Math.max(1, Math.ceil((to - from + 1) / 7));
    for (let year = from; year <= to; year += 1) {
      const at = x(Date.UTC(year, 0, 1) / 86400000);
      node(svg, "line", { x1: at, x2: at, y1: LINE - 3, y2: LINE + 3, stroke: "#5a6673" });
      const isNamed = (year - from) % step === 0 && at > EDGE + 8 && at < WIDTH - EDGE - 8;
      if (isNamed) node(svg, "text", { x: at, y: HEIGHT - 4, "text-anchor": "middle", "font-size": 10.5, fill: "#3a4652" }, String(year));
    }
  }

  function hatch(svg) {
    const pattern = node(node(svg, "defs", {}), "pattern", { id: "late-hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    node(pattern, "rect", { width: 5, height: 5, fill: "#fde4d8" });
    node(pattern, "rect", { width: 2, height: 5, fill: "#b3261e" });
  }

  function bands(svg, x, stretch, pauses) {
    if (stretch) {
      const look = stretch.isLate ? { fill: "url(#late-hatch)", stroke: "#b3261e" } : { fill: "#e1e5ea", stroke: "#8a949e" };
      node(svg, "rect", Object.assign({ class: stretch.isLate ? "late" : "counted", x: x(stretch.from), y: LINE - 7, width: Math.max(1, x(stretch.to) - x(stretch.from)), height: 14 }, look));
    }
    pauses.forEach((pause) => node(svg, "rect", { class: "pause", x: x(pause[0]), y: LINE - 5, width: Math.max(1, x(pause[1] + 1) - x(pause[0])), height: 10, fill: "#fff", stroke: "#1f2933", "stroke-dasharray": "2 2" }));
  }

  function dots(svg, x, events) {
    const taken = [-99, -99]; // how far numbers reach above and below the line
    events.forEach(function (event, i) {
      const at = x(event.day);
      const lane = at - taken[0] >= 12 || taken[0] <= taken[1] ? 0 : 1;
      taken[lane] = Math.max(at, taken[lane] + 12);
      const dot = node(svg, "g", {});
      node(dot, "title", {}, event.day === null ? "" : landuse.day(event.day) + " " + event.label);
      node(dot, "circle", { cx: at, cy: LINE, r: 3.5, fill: "#1d5fa8", stroke: "#fff" });
      node(dot, "text", { x: taken[lane], y: lane ? LINE + 18 : LINE - 11, "text-anchor": "middle", "font-size": 10.5, fill: "#1f2933" }, String(i + 1));
    });
  }

  /** The line of a case, or null where it has no day to show. */
  landuse.timeline = function (model, number) {
    const events = landuse.daysOf(model, number);
    const stretch = landuse.stretch(model, number);
    if (!events.length && !stretch) return null;
    const { on } = model.config;
    const pauses = pausesOf(model, number).map((pause) => [pause[0], isNaN(pause[1]) ? on : pause[1]]);
    const all = events.map((event) => event.day).concat(on, stretch ? [stretch.from] : [], ...pauses);
    const first = Math.min(...all);
    const last = Math.max(...all);
    const x = (day) => EDGE + ((day - first) / (last - first || 1)) * (WIDTH - 2 * EDGE);
    const svg = document.createElementNS(NS, "svg");
    svg.setAttribute("viewBox", "0 0 " + WIDTH + " " + HEIGHT);
    svg.setAttribute("class", "timeline");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", landuse.timelineWords(model, number));
    hatch(svg);
    node(svg, "line", { x1: EDGE, x2: WIDTH - EDGE, y1: LINE, y2: LINE, stroke: "#5a6673" });
    years(svg, x, first, last);
    bands(svg, x, stretch, pauses);
    dots(svg, x, events);
    node(svg, "line", { class: "today", x1: x(on), x2: x(on), y1: 4, y2: HEIGHT - 16, stroke: "#111827", "stroke-width": 1.5 });
    return svg;
  };

  /** What the line shows, in words: for the reader of the screen and beneath the line. */
  landuse.timelineWords = function (model, number) {
    const stretch = landuse.stretch(model, number);
    if (!stretch) return landuse.filled(model.texts.line_plain, { on: landuse.day(model.config.on) });
    const values = { from: landuse.day(stretch.from), to: landuse.day(stretch.to), days: landuse.number(stretch.to - stretch.from) };
    return landuse.filled(model.texts[stretch.isLate ? "line_late" : "line_counted"], values);
  };
})();
