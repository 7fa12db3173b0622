"use strict";
/* Reads what landuse/maps/codec.py packed. */
(function () {
  const DEGREE = 1000000;

  function bytesOf(base64) {
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

  /** All varints of a block, zigzag undone. */
  function wholes(bytes) {
    let count = 0;
    for (let i = 0; i < bytes.length; i += 1) if (bytes[i] < 128) count += 1;
    const values = new Int32Array(count);
    let at = 0;
    for (let i = 0; i < count; i += 1) {
      let value = 0;
      let shift = 0;
      let byte;
      do {
        byte = bytes[at];
        at += 1;
        value |= (byte & 127) << shift;
        shift += 7;
      } while (byte > 127);
      values[i] = (value >>> 1) ^ -(value & 1);
    }
    return values;
  }

  function isSet(bitmap, i) {
    return (bitmap[i >> 3] >> (i & 7)) & 1;
  }

  function textColumn(blocks) {
    const different = JSON.parse(new TextDecoder("utf-8", { ignoreBOM: true }).decode(blocks[0]));
    const codes = wholes(blocks[1]);
    return function (i) {
      return codes[i] ? different[codes[i] - 1] : null;
    };
  }

  function wholeColumn(blocks) {
    const values = wholes(blocks[1]);
    for (let i = 1; i < values.length; i += 1) values[i] += values[i - 1];
    return function (i) {
      return isSet(blocks[0], i) ? null : values[i];
    };
  }

  function floatColumn(blocks, rows) {
    const bytes = new Uint8Array(rows * 8);
    for (let i = 0; i < rows; i += 1) {
      for (let plane = 0; plane < 8; plane += 1) bytes[i * 8 + plane] = blocks[1][plane * rows + i];
    }
    const values = new Float64Array(bytes.buffer);
    return function (i) {
      return isSet(blocks[0], i) ? null : values[i];
    };
  }

  const READERS = { text: textColumn, whole: wholeColumn, float: floatColumn };

  /** Longitude and latitude in degrees as a place on the unit square of web mercator. */
  function mercator(lon, lat) {
    const sine = Math.sin((lat * Math.PI) / 180);
    return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
  }

  /**
   * Shapes in flat arrays. Ring r of shape s: firstRing[s] <= r < firstRing[s + 1]; point p of
   * ring r: firstPoint[r] <= p < firstPoint[r + 1]; x, y at points[2p], points[2p + 1] in web
   * mercator, counted from `origin` so that 32 bits are enough for millimetres.
   */
  class Shapes {
    constructor(blocks, rows, origin) {
      this.count = rows;
      this.firstRing = starts(wholes(blocks[0]));
      this.firstPoint = starts(wholes(blocks[1]));
      const steps = wholes(blocks[2]);
      this.points = new Float32Array(steps.length);
      this.degrees = steps;
      for (let i = 2; i < steps.length; i += 1) steps[i] += steps[i - 2];
      this.origin = origin || (steps.length ? mercator(steps[0] / DEGREE, steps[1] / DEGREE) : [0.5, 0.5]);
      for (let i = 0; i < steps.length; i += 2) {
        const place = mercator(steps[i] / DEGREE, steps[i + 1] / DEGREE);
        this.points[i] = place[0] - this.origin[0];
        this.points[i + 1] = place[1] - this.origin[1];
      }
    }

    /** Rings of a shape as Leaflet takes them. */
    rings(shape, isClosed) {
      const found = [];
      for (let r = this.firstRing[shape]; r < this.firstRing[shape + 1]; r += 1) {
        const ring = [];
        for (let p = this.firstPoint[r]; p < this.firstPoint[r + 1]; p += 1) {
          ring.push([this.degrees[2 * p + 1] / DEGREE, this.degrees[2 * p] / DEGREE]);
        }
        if (isClosed && ring.length) ring.push(ring[0]);
        found.push(ring);
      }
      return found;
    }

    /** West, south, east and north of a shape in mercator from the origin (south is larger). */
    bounds(shape) {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      const end = 2 * this.firstPoint[this.firstRing[shape + 1]];
      for (let i = 2 * this.firstPoint[this.firstRing[shape]]; i < end; i += 2) {
        box[0] = Math.min(box[0], this.points[i]);
        box[1] = Math.min(box[1], this.points[i + 1]);
        box[2] = Math.max(box[2], this.points[i]);
        box[3] = Math.max(box[3], this.points[i + 1]);
      }
      return box;
    }
  }

  function starts(counts) {
    const found = new Int32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i += 1) found[i + 1] = found[i] + counts[i];
    return found;
  }

  landuse.mercator = mercator;

  /** Tables (name -> {rows, get(column)(row)}) and shapes (name -> Shapes) of a package. */
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
    const pick = function (numbers) {
      return numbers.map(function (number) {
        return blocks[number];
      });
    };
    const found = { tables: {}, shapes: {} };
    Object.keys(header.tables).forEach(function (name) {
      const told = header.tables[name];
      const columns = new Map();
      Object.keys(told.columns).forEach(function (column) {
        const packed = told.columns[column];
        columns.set(column, READERS[packed.as](pick(packed.blocks), told.rows));
      });
      found.tables[name] = {
        rows: told.rows,
        get: function (column) {
          return columns.get(column);
        },
      };
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
