"use strict";
/* The printed sheet: title, map as it stands on the screen, legend, marks; or the card of a case. */
(function () {
  const PAPERS = {
    // CSS pixels the map takes on paper, as in sheet rules of map.css, pixels it is drawn for, and
    // CSS pixels the page holds from top to bottom
    A4: { page: "A4 landscape", width: 760, height: 596, drawn: 980, tall: 718 },
    A3: { page: "A3 landscape", width: 1160, height: 940, drawn: 1340, tall: 1046 },
  };
  const CARD_HEIGHT = 1020; // CSS pixels an upright A4 page has

  landuse.Sheet = class {
    constructor(model) {
      this.model = model;
      this.root = landuse.byId("sheet");
      this.rule = document.head.appendChild(landuse.element("style"));
      this.paper = "A4";
      this.isCard = false;
      window.addEventListener("beforeprint", () => this.build());
      window.addEventListener("afterprint", () => (this.isCard = false));
      landuse.byId("paper").addEventListener("change", (event) => {
        this.paper = event.target.value;
        this.setPage();
      });
      landuse.byId("print").addEventListener("click", () => this.print(false));
      this.setPage();
    }

    print(isCard) {
      this.isCard = isCard;
      this.build();
      window.print();
    }

    setPage() {
      this.rule.textContent = "@page { size: " + (this.isCard ? "A4 portrait" : PAPERS[this.paper].page) + "; margin: 9mm; }";
    }

    build() {
      this.setPage();
      this.root.textContent = "";
      this.root.className = this.isCard ? "of-card" : "of-" + this.paper;
      if (this.isCard) this.buildCard();
      else this.buildMap();
    }

    buildMap() {
      const paper = PAPERS[this.paper];
      const drawn = new landuse.SheetMap(this.model, paper);
      this.root.appendChild(this.head());
      const holder = this.root.appendChild(landuse.element("div", "sheet-map"));
      holder.appendChild(this.picture(drawn.paint()));
      const legend = this.root.appendChild(this.legend());
      this.root.appendChild(this.foot(drawn, paper));
      this.fit("grid", paper.tall, legend, paper.height);
    }

    /** Set smaller what would not fit: first a part that has its own room, then all of it. */
    fit(display, tall, part, room) {
      this.root.style.cssText = "display:" + display + ";position:absolute;visibility:hidden;" + (this.isCard ? "width:700px" : "");
      if (part && part.offsetHeight > room) part.style.cssText = "zoom:" + (room / part.offsetHeight).toFixed(3);
      const height = this.root.offsetHeight;
      this.root.style.cssText = height > tall ? "zoom:" + (tall / height).toFixed(3) : "";
    }

    head() {
      const { config, film, texts } = this.model;
      const head = landuse.element("header");
      head.appendChild(landuse.element("h1", "", config.workspace + " " + config.title));
      [config.synthetic, config.marking].filter(Boolean).forEach((mark) => head.appendChild(landuse.element("strong", "", mark)));
      head.appendChild(landuse.element("p", "", config.dates + "　" + config.basis));
      const chosen = this.chosen();
      if (film && !film.isNow()) chosen.unshift(texts.col_film + " " + film.dayOf(film.at));
      if (chosen.length) head.appendChild(landuse.element("p", "sheet-chosen", chosen.join("　")));
      return head;
    }

    /** What is filtered, so that a print of a part is not taken for the whole. */
    chosen() {
      const { facets, texts } = this.model;
      const picked = facets.list.filter((facet) => facet.picked.size);
      return picked.map((facet) => facet.label + "：" + [...facet.picked].map((value) => value || texts.blank).join("、"));
    }

    /** The canvas as a picture: a canvas painted while printing comes out shrunk in Chromium. */
    picture(canvas) {
      const picture = landuse.element("img");
      picture.alt = "";
      picture.src = canvas.toDataURL("image/png");
      return picture;
    }

    legend() {
      const copy = landuse.byId("legend").cloneNode(true);
      ["id", "hidden", "role", "aria-labelledby"].forEach((name) => copy.removeAttribute(name));
      copy.querySelectorAll("[id]").forEach((node) => node.removeAttribute("id"));
      copy.querySelectorAll(".legend-statuses").forEach((node) => {
        node.hidden = false;
      });
      copy.querySelectorAll("input:not(:checked):not(:indeterminate)").forEach((box) => {
        const row = box.closest(".legend-row");
        if (row) row.classList.add("off");
        else box.closest("label").remove();
      });
      copy.querySelectorAll("input, button, .layer-words[hidden]").forEach((node) => node.remove());
      return copy;
    }

    foot(drawn, paper) {
      const { config, texts } = this.model;
      const foot = landuse.element("p", "sheet-foot");
      const reporter = landuse.filled(texts.reporter, { name: config.reported_by || texts.to_fill });
      [texts.scale + " " + this.scaleText(drawn, paper), reporter, landuse.filled(texts.sheet_day, { day: landuse.day(config.on) })].forEach((text) => {
        foot.appendChild(landuse.element("span", "", text));
      });
      return foot;
    }

    /** One to what, measured across the middle of the sheet at 96 pixels an inch. */
    scaleText(drawn, paper) {
      const exact = (drawn.metres() * paper.drawn) / paper.width / (0.0254 / 96);
      const step = Math.pow(10, Math.floor(Math.log10(exact)) - 1);
      return "≈ 1:" + landuse.number(Math.round(exact / step) * step);
    }

    /** The card on one upright page: what would not fit is set smaller. */
    buildCard() {
      const copy = landuse.byId("card").cloneNode(true);
      ["id", "tabindex", "hidden"].forEach((name) => copy.removeAttribute(name));
      copy.className = "card";
      copy.querySelectorAll("button").forEach((node) => node.remove());
      copy.querySelectorAll("[id]").forEach((node) => (node.id = "printed-" + node.id)); // what is not shown lends no pattern
      copy.querySelectorAll(".late").forEach((node) => node.setAttribute("fill", "url(#printed-late-hatch)"));
      const { config, texts } = this.model;
      const head = landuse.element("p", "card-mark", [config.workspace, config.synthetic, config.marking].filter(Boolean).join("　"));
      this.root.appendChild(head);
      this.root.appendChild(copy);
      const foot = [config.dates, config.basis, landuse.filled(texts.reporter, { name: config.reported_by || texts.to_fill })];
      this.root.appendChild(landuse.element("p", "card-mark", foot.join("　")));
      this.fit("block", CARD_HEIGHT);
    }

    /** The map with its title and legend as one canvas, for a picture file. */
    poster() {
      const { config } = this.model;
      const map = new landuse.SheetMap(this.model, PAPERS.A3).paint();
      const side = 720;
      const top = 150;
      const canvas = landuse.element("canvas");
      canvas.width = map.width + side;
      canvas.height = map.height + top;
      const g = canvas.getContext("2d");
      const say = (text, x, y, size, weight) => {
        g.font = weight + " " + size + "px 'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif";
        g.fillText(text, x, y);
      };
      g.fillStyle = "#fff";
      g.fillRect(0, 0, canvas.width, canvas.height);
      g.drawImage(map, 0, top);
      g.fillStyle = "#1f2933";
      say([config.workspace, config.title, config.synthetic, config.marking].filter(Boolean).join("　"), 30, 66, 44, 600);
      say([config.dates, config.basis].concat(this.chosen()).join("　"), 30, 118, 26, 400);
      this.posterLegend(g, say, map.width + 36, top + 40);
      return canvas;
    }

    posterLegend(g, say, x, y) {
      const { model } = this;
      const { texts } = model;
      const width = 650;
      const figure = (words, found, indent, weight) => {
        say(words, x + indent, y, 26, weight);
        g.textAlign = "right";
        say(landuse.number(found.count), x + width - 190, y, 26, weight);
        say(landuse.mu(found.area_m2), x + width, y, 26, weight);
        g.textAlign = "left";
        y += 42;
      };
      g.textAlign = "right";
      say(texts.cases_unit, x + width - 190, y, 24, 400);
      say(texts.mu_unit, x + width, y, 24, 400);
      g.textAlign = "left";
      y += 42;
      model.config.figures.states.forEach((state) => {
        const shown = state.statuses.filter((status) => model.ticked.has(status.status));
        if (!shown.length) return;
        figure(state.label, model.figuresOfState(state), 0, 600);
        shown.forEach((status) => {
          const found = model.figuresOf(status.status);
          const style = model.config.styles.find((one) => one.status === status.status && !one.is_determined);
          if (!found.count && !found.area_m2) return;
          g.save();
          g.translate(x, y - 25);
          model.painter.sample(g, style, 52, 32, 2);
          g.restore();
          figure(status.label, found, 70, 400);
        });
      });
      figure(model.isWhole() ? texts.total : texts.shown, model.tickedTotal(), 0, 700);
    }
  };
})();
