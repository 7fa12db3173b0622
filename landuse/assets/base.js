"use strict";
/* The one global of the page, and the few things every other script uses. */
var landuse = {};

(function () {
  /** A new element; text is only ever text. */
  landuse.element = function (tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined && text !== null) node.textContent = text;
    return node;
  };

  landuse.byId = function (id) {
    return document.getElementById(id);
  };

  /** Put values into the places a sentence of the catalogue keeps open. */
  landuse.filled = function (template, values) {
    return template.replace(/\{(\w+)\}/g, function (whole, key) {
      return Object.prototype.hasOwnProperty.call(values, key) ? String(values[key]) : whole;
    });
  };

  /** Thousands set apart, whatever the computer's locale is. */
  function grouped(text) {
    const parts = text.split(".");
    parts[0] = parts[0].replace(/\B(?=(\d{3})+(?!\d))/g, ",");
    return parts.join(".");
  }

  landuse.number = function (value, digits) {
    return grouped(value.toFixed(digits === undefined ? 0 : digits));
  };

  /** Square metres as mu: exactly x 0.0015, two decimals. */
  landuse.mu = function (squareMetres) {
    return landuse.number(squareMetres * 0.0015, 2);
  };

  landuse.hectares = function (squareMetres) {
    return landuse.number(squareMetres / 10000, 4);
  };

  /** Days since 1970 as 2018-05-31. */
  landuse.day = function (days) {
    return new Date(days * 86400000).toISOString().slice(0, 10);
  };

  /** One way of writing for searching: full width as half width, capitals as small letters. */
  landuse.plain = function (text) {
    return (/^[\u0000-\u007f\u4e00-\u9fff]*$/.test(text) ? text : text.normalize("NFKC")).toLowerCase();
  };

  /** A place where parts of the page tell each other what has changed. */
  landuse.Bus = class {
    constructor() {
      this.hearers = {};
    }

    on(name, hearer) {
      (this.hearers[name] = this.hearers[name] || []).push(hearer);
    }

    tell(name, value) {
      (this.hearers[name] || []).forEach(function (hearer) {
        hearer(value);
      });
    }
  };

  /** Say something for a moment, to eyes and to readers of the screen. */
  landuse.say = function (text) {
    const place = landuse.byId("toast");
    place.textContent = text;
    place.hidden = false;
    clearTimeout(landuse.say.timer);
    landuse.say.timer = setTimeout(() => (place.hidden = true), 4000);
  };

  /** Put text on the clipboard, and say so. */
  landuse.copy = function (text, said) {
    const field = landuse.element("textarea", "off-screen");
    field.value = text;
    const before = document.activeElement;
    document.body.appendChild(field).select();
    document.execCommand("copy");
    field.remove();
    if (before) before.focus();
    landuse.say(said);
  };

  /** Run once soon, however often it is asked for. */
  landuse.soon = function (act, wait) {
    let timer = 0;
    return function () {
      clearTimeout(timer);
      timer = setTimeout(act, wait);
    };
  };
})();
