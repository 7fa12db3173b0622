"use strict";
/* Which cases a search means: by id, code, contract, firm or project, and by pinyin initials. */
(function () {
  const COLUMNS = ["case_id", "name", "project", "supply.parcel_code", "supply.contract_number", "approval.approval_number"];
  const SPOKEN = ["name", "project"];

  function escaped(text) {
    return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  }

  landuse.Finder = class {
    /** `initials`: letter -> the characters of the data whose reading can begin with it. */
    constructor(cases, initials) {
      this.initials = initials || {};
      this.texts = this.joined(cases, COLUMNS);
      this.speak = () => this.joined(cases, SPOKEN);
      this.spoken = null;
    }

    joined(cases, columns) {
      const readers = columns.map((column) => cases.get(column)).filter(Boolean);
      const found = new Array(cases.rows);
      for (let i = 0; i < found.length; i += 1) {
        found[i] = landuse.plain(readers.map((read) => read(i) || "").join("\n"));
      }
      return found;
    }

    /** Letters as a pattern of what could be meant by them; null where they are no initials. */
    pattern(query) {
      if (!/^[a-z0-9]{2,}$/.test(query) || !/[a-z]/.test(query)) return null;
      return new RegExp([...query].map((letter) => "[" + letter + escaped(this.initials[letter] || "") + "]").join(""), "u");
    }

    /** Set `hits` to 1 where a case is meant; several words must all be found. */
    mark(text, hits) {
      const words = landuse.plain(text).split(/\s+/).filter(Boolean);
      const patterns = words.map((word) => this.pattern(word));
      if (patterns.some(Boolean)) this.spoken = this.spoken || this.speak();
      for (let i = 0; i < hits.length; i += 1) {
        hits[i] = 1;
        for (let k = 0; hits[i] && k < words.length; k += 1) {
          const isMeant = this.texts[i].includes(words[k]) || (patterns[k] !== null && patterns[k].test(this.spoken[i]));
          if (!isMeant) hits[i] = 0;
        }
      }
    }
  };
})();
