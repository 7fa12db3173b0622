"use strict";
/* A workbook of plain tables, written as an uncompressed zip; text is text and never a formula. */
(function () {
  const LONGEST = 32767; // characters a cell may hold
  const CUT = "…[…]";
  const NAMESPACE = "http://schemas.openxmlformats.org/";
  const MAIN = NAMESPACE + "spreadsheetml/2006/main";
  const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
  const STYLE = { head: 1, day: 2, number: 3, whole: 4, text: 5 };

  const CRC = new Uint32Array(256).map(function (unused, i) {
    let value = i;
    for (let k = 0; k < 8; k += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });

  function crc32(bytes) {
    let value = 0xffffffff;
    for (let i = 0; i < bytes.length; i += 1) value = CRC[(value ^ bytes[i]) & 255] ^ (value >>> 8);
    return (value ^ 0xffffffff) >>> 0;
  }

  /** Numbers as little-endian bytes: [value, bytes] pairs. */
  function little(pairs) {
    const bytes = [];
    pairs.forEach(function (pair) {
      for (let k = 0; k < pair[1]; k += 1) bytes.push(Math.floor(pair[0] / Math.pow(256, k)) & 255);
    });
    return Uint8Array.from(bytes);
  }

  /** Files (name -> text) as the parts of a zip archive, stored without packing. */
  function zipped(files) {
    const encoder = new TextEncoder();
    const parts = [];
    const list = [];
    let at = 0;
    Object.keys(files).forEach(function (path) {
      const name = encoder.encode(path);
      const bytes = encoder.encode(files[path]);
      // version 2.0, names in UTF-8, stored, 1980-01-01
      const about = [[20, 2], [0x800, 2], [0, 2], [0, 2], [33, 2], [crc32(bytes), 4], [bytes.length, 4], [bytes.length, 4], [name.length, 2], [0, 2]];
      const local = little([[0x04034b50, 4]].concat(about));
      list.push(little([[0x02014b50, 4], [20, 2]].concat(about, [[0, 2], [0, 2], [0, 2], [0, 4], [at, 4]])), name);
      parts.push(local, name, bytes);
      at += local.length + name.length + bytes.length;
    });
    const size = list.reduce((sum, part) => sum + part.length, 0);
    const count = list.length / 2;
    const end = little([[0x06054b50, 4], [0, 4], [count, 2], [count, 2], [size, 4], [at, 4], [0, 2]]);
    return parts.concat(list, [end]);
  }

  /** Text as XML holds it; what XML forbids becomes the escape that office programs read. */
  function xml(text) {
    const kept = text.length > LONGEST ? text.slice(0, LONGEST - CUT.length).replace(/[\ud800-\udbff]$/, "") + CUT : text;
    return kept
      .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, "_x005F_")
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, (sign) => "_x" + sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0") + "_")
      .replace(/\r/g, "_x000D_")
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      .replace(/"/g, "&quot;");
  }

  function column(index) {
    let name = "";
    for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
    return name;
  }

  function cell(value, place, style) {
    if (value === null || value === "") return "";
    if (typeof value === "number") return '<c r="' + place + '" s="' + style + '"><v>' + value + "</v></c>";
    return '<c r="' + place + '" s="' + (style === STYLE.head ? style : STYLE.text) + '" t="inlineStr"><is><t xml:space="preserve">' + xml(value) + "</t></is></c>";
  }

  function line(values, number, styles) {
    return '<row r="' + number + '">' + values.map((value, i) => cell(value, column(i) + number, styles[i])).join("") + "</row>";
  }

  /** A sheet: {name, columns: [{label, kind, width}], rows: [[text, number or null]]}. */
  function sheetXml(sheet) {
    const styles = sheet.columns.map((told) => STYLE[told.kind]);
    const heads = line(sheet.columns.map((told) => told.label), 1, sheet.columns.map(() => STYLE.head));
    const widths = sheet.columns.map((told, i) => '<col min="' + (i + 1) + '" max="' + (i + 1) + '" width="' + told.width + '" customWidth="1"/>').join("");
    const pane = '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>';
    const rows = sheet.rows.map((row, i) => line(row, i + 2, styles)).join("");
    const reach = "A1:" + column(sheet.columns.length - 1) + (sheet.rows.length + 1);
    return HEAD + '<worksheet xmlns="' + MAIN + '">' + pane + "<cols>" + widths + "</cols><sheetData>" + heads + rows + '</sheetData><autoFilter ref="' + reach + '"/></worksheet>';
  }

  const STYLES =
    HEAD + '<styleSheet xmlns="' + MAIN + '"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="#,##0.00"/></numFmts>' +
    '<fonts count="2"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts>' +
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="6"><xf xfId="0"/>' +
    '<xf xfId="0" fontId="1" applyFont="1"/><xf xfId="0" numFmtId="164" applyNumberFormat="1"/><xf xfId="0" numFmtId="165" applyNumberFormat="1"/><xf xfId="0" numFmtId="0"/>' +
    '<xf xfId="0" numFmtId="49" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>';

  /** The parts of a workbook of these sheets, for a Blob. */
  landuse.workbook = function (sheets) {
    const office = NAMESPACE + "officeDocument/2006/relationships";
    const kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
    const numbers = sheets.map((unused, i) => i + 1);
    const files = {
      "[Content_Types].xml":
        HEAD + '<Types xmlns="' + NAMESPACE + 'package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
        '<Override PartName="/xl/workbook.xml" ContentType="' + kind + 'sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="' + kind + 'styles+xml"/>' +
        numbers.map((n) => '<Override PartName="/xl/worksheets/sheet' + n + '.xml" ContentType="' + kind + 'worksheet+xml"/>').join("") + "</Types>",
      "_rels/.rels": HEAD + '<Relationships xmlns="' + NAMESPACE + 'package/2006/relationships"><Relationship Id="rId1" Type="' + office + '/officeDocument" Target="xl/workbook.xml"/></Relationships>',
      "xl/workbook.xml":
        HEAD + '<workbook xmlns="' + MAIN + '" xmlns:r="' + office + '"><sheets>' +
        numbers.map((n) => '<sheet name="' + xml(sheets[n - 1].name) + '" sheetId="' + n + '" r:id="rId' + n + '"/>').join("") + "</sheets></workbook>",
      "xl/_rels/workbook.xml.rels":
        HEAD + '<Relationships xmlns="' + NAMESPACE + 'package/2006/relationships">' +
        numbers.map((n) => '<Relationship Id="rId' + n + '" Type="' + office + '/worksheet" Target="worksheets/sheet' + n + '.xml"/>').join("") +
        '<Relationship Id="rId' + (sheets.length + 1) + '" Type="' + office + '/styles" Target="styles.xml"/></Relationships>',
      "xl/styles.xml": STYLES,
    };
    numbers.forEach((n) => (files["xl/worksheets/sheet" + n + ".xml"] = sheetXml(sheets[n - 1])));
    return zipped(files);
  };

  /** A table as CSV for office programs: BOM, CR LF, and no text that begins like a formula. */
  landuse.csv = function (sheet) {
    const guarded = (value) => {
      if (value === null) return "";
      const text = typeof value === "number" ? String(value) : value.replace(/^(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/, "'");
      return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
    };
    const lines = [sheet.columns.map((told) => told.label)].concat(sheet.rows);
    return "\ufeff" + lines.map((row) => row.map(guarded).join(",") + "\r\n").join("");
  };
})();
