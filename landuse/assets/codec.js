"use strict";
/* Reads what landuse/maps/codec.py packed. */
(function () {
  const WORLD = Math.pow(2, 28); // steps around the world in web mercator

  function bytesOf(base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const text = atob(base64.trim());
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  async function unzipped(bytes) {
    if (typeof DecompressionStream === "undefined") return landuse.inflate(bytes);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  function countOf(bytes) {
    let count = 0;
    for (let i = 0; i < bytes.length; i += 1) if (bytes[i] < 128) count += 1;
    return count;
  }

  /** All varints of a block; `signed`: zigzag undone. */
  function varints(bytes, signed) {
    const values = new Int32Array(countOf(bytes));
    let at = 0;
    for (let i = 0; i < values.length; i += 1) {
      let byte = bytes[at];
      let value = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        at += 1;
        byte = bytes[at];
        value |= (byte & 127) << shift;
      }
      at += 1;
      values[i] = signed ? (value >>> 1) ^ -(value & 1) : value;
    }
    return values;
  }

  function wholes(bytes) {
    return varints(bytes, true);
  }

  function isSet(bitmap, i) {
    return (bitmap[i >> 3] >> (i & 7)) & 1;
  }

  function textColumn(blocks) {
    const different = JSON.parse(new TextDecoder("utf-8", { ignoreBOM: true }).decode(blocks[0]));
    const codes = varints(blocks[1], false);
    let next = 0;
    for (let i = 0; i < codes.length; i += 1) {
      if (codes[i] === 1) next += 1;
      codes[i] = codes[i] === 1 ? next : Math.max(0, codes[i] - 1);
    }
    const read = (i) => (codes[i] ? different[codes[i] - 1] : null);
    // for those who go through all rows: code 0 is missing, code k the word k - 1
    return Object.assign(read, { codes: codes, words: different });
  }

  /** A column of numbers: those of `values` that the bitmap does not call missing. */
  function numbers(bitmap, values) {
    const missing = bitmap.some((byte) => byte) ? bitmap.slice() : null;
    if (!missing) return (i) => values[i];
    return function (i) {
      return isSet(missing, i) ? null : values[i];
    };
  }

  function wholeColumn(blocks) {
    const values = wholes(blocks[1]);
    for (let i = 1; i < values.length; i += 1) values[i] += values[i - 1];
    return numbers(blocks[0], values);
  }

  function decimalColumn(digits) {
    const factor = Math.pow(10, digits);
    return function (blocks) {
      const values = wholes(blocks[1]);
      return numbers(blocks[0], digits ? Float64Array.from(values, (value) => value / factor) : values);
    };
  }

  function floatColumn(blocks, rows) {
    const bytes = new Uint8Array(rows * 8);
    for (let i = 0; i < rows; i += 1) {
      for (let plane = 0; plane < 8; plane += 1) bytes[i * 8 + plane] = blocks[1][plane * rows + i];
    }
    return numbers(blocks[0], new Float64Array(bytes.buffer));
  }

  const READERS = {
    text: textColumn,
    whole: wholeColumn,
    float: floatColumn,
    decimal0: decimalColumn(0),
    decimal2: decimalColumn(2),
    decimal4: decimalColumn(4),
  };

  /** Columns of a table; each is read when it is first asked for. */
  class Table {
    constructor(told, pick) {
      this.rows = told.rows;
      this.told = told.columns;
      this.pick = pick;
      this.columns = new Map();
    }

    /** Read a column: a function of the row's number. Null where a value is missing. */
    get(name) {
      const known = this.columns.get(name);
      if (known || !Object.prototype.hasOwnProperty.call(this.told, name)) return known;
      const packed = this.told[name];
      const column = READERS[packed.as](this.pick(packed.blocks), this.rows);
      this.columns.set(name, column);
      return column;
    }
  }

  /** Longitude and latitude in degrees as a place on the unit square of web mercator. */
  function mercator(lon, lat) {
    const sine = Math.sin((lat * Math.PI) / 180);
    return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
  }

  /** The way back, in degrees, latitude first; six decimals are finer than a step. */
  function degrees(x, y) {
    const lat = 90 - (360 / Math.PI) * Math.atan(Math.exp((y - 0.5) * 2 * Math.PI));
    return [Math.round(lat * 1e6) / 1e6, Math.round((x - 0.5) * 360e6) / 1e6];
  }

  /**
   * Shapes in flat arrays. Ring r of shape s: firstRing[s] <= r < firstRing[s + 1]; point p of
   * ring r: firstPoint[r] <= p < firstPoint[r + 1]; x, y at points[2p], points[2p + 1] in steps of
   * `unit` of the web mercator square, counted from `origin`, east and south.
   */
  class Shapes {
    constructor(blocks, rows, origin) {
      this.count = rows;
      this.unit = 1 / WORLD;
      this.firstRing = starts(wholes(blocks[0]));
      this.firstPoint = starts(wholes(blocks[1]));
      const points = wholes(blocks[2]);
      this.points = points;
      this.origin = origin || [points.length ? points[0] / WORLD : 0.5, points.length ? points[1] / WORLD : 0.5];
      if (points.length) {
        points[0] -= this.origin[0] * WORLD;
        points[1] -= this.origin[1] * WORLD;
      }
      for (let i = 2; i < points.length; i += 1) points[i] += points[i - 2];
    }

    /** Rings of a shape as Leaflet takes them. */
    rings(shape, isClosed) {
      const found = [];
      const { points, origin } = this;
      for (let r = this.firstRing[shape]; r < this.firstRing[shape + 1]; r += 1) {
        const ring = [];
        for (let p = this.firstPoint[r]; p < this.firstPoint[r + 1]; p += 1) {
          ring.push(degrees(points[2 * p] / WORLD + origin[0], points[2 * p + 1] / WORLD + origin[1]));
        }
        if (isClosed && ring.length) ring.push(ring[0]);
        found.push(ring);
      }
      return found;
    }

    /** Put west, north, east and south of a shape, in mercator from the origin, into an array. */
    bounds(shape, into, at) {
      const { points, unit } = this;
      let west = Infinity;
      let south = -Infinity;
      let east = -Infinity;
      let north = Infinity;
      const end = 2 * this.firstPoint[this.firstRing[shape + 1]];
      for (let i = 2 * this.firstPoint[this.firstRing[shape]]; i < end; i += 2) {
        if (points[i] < west) west = points[i];
        if (points[i] > east) east = points[i];
        if (points[i + 1] < north) north = points[i + 1];
        if (points[i + 1] > south) south = points[i + 1];
      }
      into[at] = west * unit;
      into[at + 1] = north * unit;
      into[at + 2] = east * unit;
      into[at + 3] = south * unit;
    }
  }

  function starts(counts) {
    const found = new Int32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i += 1) found[i + 1] = found[i] + counts[i];
    return found;
  }

  landuse.mercator = mercator;

  /** Tables (name -> {rows, get(column)(row)}), shapes (name -> Shapes) and pictures (bytes) of a package. */
  landuse.unpack = async function (base64) {
    const raw = await unzipped(bytesOf(base64));
    const size = new DataView(raw.buffer, raw.byteOffset, 4).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + size)));
    const blocks = [];
    let at = 4 + size;
    header.sizes.forEach(function (length) {
      blocks.push(raw.subarray(at, at + length));
      at += length;
    });
    const pick = (places) => places.map((place) => blocks[place]);
    const found = { tables: {}, shapes: {}, pictures: pick(header.pictures) };
    Object.keys(header.tables).forEach(function (name) {
      found.tables[name] = new Table(header.tables[name], pick);
    });
    let origin = null;
    Object.keys(header.shapes).forEach(function (name) {
      const told = header.shapes[name];
      found.shapes[name] = new Shapes(pick(told.blocks), told.rows, origin);
      origin = origin || found.shapes[name].origin;
    });
    return found;
  };
})();
