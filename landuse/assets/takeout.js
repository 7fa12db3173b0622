"use strict";
/* What leaves the page as a file: the list as a workbook or CSV, the map as a picture. */
(function () {
  const KINDS = { day: "day", area: "number", money: "number", share: "number", days: "whole", number: "whole" };
  const WIDTHS = { day: 12, number: 14, whole: 10 };
  const EPOCH = 25569; // 1970-01-01 in the days of office programs

  function save(parts, type, name) {
    const link = landuse.element("a");
    link.href = URL.createObjectURL(new Blob(parts, { type: type }));
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  landuse.Takeout = class {
    constructor(model) {
      this.model = model;
      const acts = { xlsx: () => this.workbook(), csv: () => this.csv(), picture: () => this.picture() };
      Object.keys(acts).forEach((name) => landuse.byId(name).addEventListener("click", acts[name]));
    }

    name(ending) {
      const { config } = this.model;
      const day = landuse.day(config.on);
      return (config.workspace + " " + config.title + " " + day).replace(/[\\/:*?"<>|\u0000-\u001f]/g, "_").slice(0, 120) + ending;
    }

    /** The cases of the list as it stands, every fact a column. */
    table(isWorkbook) {
      const { model } = this;
      const { cases, texts, config } = model;
      const label = (text, unit) => landuse.filled(texts.with_unit, { name: text, unit: unit });
      const columns = [
        { label: texts.col_id, kind: "text", of: (i) => cases.get("case_id")(i) },
        { label: texts.col_state, kind: "text", of: (i) => model.stateName(i) },
        { label: texts.sort_status, kind: "text", of: (i) => model.statusOf(i) },
        { label: texts.sort_name, kind: "text", of: (i) => cases.get("name")(i) },
        { label: texts.col_project, kind: "text", of: (i) => model.projectOf(i) },
        { label: label(texts.field_area_m2, texts.m2_unit), kind: "number", of: (i) => cases.get("area_m2")(i) },
        { label: label(texts.field_area_m2, texts.mu_unit), kind: "number", of: (i) => this.mu(cases.get("area_m2")(i)) },
        { label: label(texts.col_here, texts.mu_unit), kind: "number", of: (i) => this.mu(model.area[i]) },
        { label: texts.col_counted, kind: "text", of: (i) => (model.counted[i] ? texts.yes : texts.no) },
      ];
      config.fields.forEach((field) => {
        if (field.column === "project") return;
        const unit = { area: texts.m2_unit, money: texts.yuan_unit, days: texts.days_unit }[field.shown];
        const read = cases.get(field.column);
        const isDay = field.shown === "day";
        columns.push({
          label: unit ? label(field.label, unit) : field.label,
          kind: KINDS[field.shown] || "text",
          of: (i) => (isDay ? this.day(read(i), isWorkbook) : read(i)),
        });
      });
      columns.forEach((told) => (told.width = WIDTHS[told.kind] || 22));
      return { name: texts.list, columns: columns, rows: Array.from(model.list.order, (i) => columns.map((told) => told.of(i))) };
    }

    mu(area) {
      return area === null ? null : Math.round(area * 0.0015 * 1e4) / 1e4;
    }

    /** A workbook holds days as numbers, but none before 1900-03-01. */
    day(value, isWorkbook) {
      if (value === null) return null;
      return isWorkbook && value > -25508 ? value + EPOCH : landuse.day(value);
    }

    /** Where the list comes from and what was chosen. */
    about() {
      const { model } = this;
      const { config, texts, facets } = model;
      const chosen = facets.list.filter((facet) => facet.picked.size);
      const off = [...model.labels.values()].filter((label) => !model.ticked.has(label.status.status));
      const rows = [
        [texts.index_map, config.workspace + " " + config.title],
        [texts.col_about, [config.synthetic, config.marking].filter(Boolean).join(" ")],
        [texts.col_days, config.dates],
        [texts.col_basis, config.basis],
        [texts.col_reporter, config.reported_by],
        [texts.search, model.query],
        [texts.col_hidden, off.map((label) => label.status.label).join("；")],
        [texts.col_film, model.film && !model.film.isNow() ? model.film.dayOf(model.film.at) : ""],
        [texts.cases_unit, model.list.order.reduce((sum, i) => sum + model.counted[i], 0)],
        [texts.mu_unit, this.mu(model.list.order.reduce((sum, i) => sum + model.area[i], 0))],
      ];
      chosen.forEach((facet) => rows.push([facet.label, [...facet.picked].map((value) => value || texts.blank).join("；")]));
      const columns = [{ label: texts.col_what, kind: "text", width: 18 }, { label: texts.col_value, kind: "whole", width: 70 }];
      return { name: texts.col_about, columns: columns, rows: rows };
    }

    workbook() {
      const parts = landuse.workbook([this.table(true), this.about()]);
      save(parts, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", this.name(".xlsx"));
    }

    csv() {
      save([landuse.csv(this.table(false))], "text/csv;charset=utf-8", this.name(".csv"));
    }

    picture() {
      this.model.sheet.poster().toBlob((blob) => save([blob], "image/png", this.name(".png")), "image/png");
    }
  };
})();
