"use strict";
/* Gzip for browsers without DecompressionStream (RFC 1951, 1952); slow and simple. */
(function () {
  const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
  const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
  const OFFSET_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
  const OFFSET_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
  const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

  /** A Huffman code as a table of 15 bits: symbol x 16 + length. */
  function table(lengths) {
    const counts = new Uint16Array(16);
    lengths.forEach(function (length) {
      counts[length] += 1;
    });
    counts[0] = 0;
    const next = new Uint16Array(17);
    for (let bits = 1; bits <= 15; bits += 1) next[bits + 1] = (next[bits] + counts[bits]) << 1;
    const found = new Uint16Array(1 << 15);
    lengths.forEach(function (length, symbol) {
      if (!length) return;
      const code = next[length];
      next[length] += 1;
      let reversed = 0;
      for (let bit = 0; bit < length; bit += 1) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
      for (let at = reversed; at < 1 << 15; at += 1 << length) found[at] = (symbol << 4) | length;
    });
    return found;
  }

  class Reader {
    constructor(bytes, at) {
      this.bytes = bytes;
      this.at = at;
      this.held = 0;
      this.count = 0;
    }

    need(count) {
      while (this.count < count) {
        this.held |= (this.at < this.bytes.length ? this.bytes[this.at] : 0) << this.count;
        this.at += 1;
        this.count += 8;
      }
      if (this.at > this.bytes.length + 8) throw new Error("gzip: the end is missing");
    }

    bits(count) {
      this.need(count);
      const value = this.held & ((1 << count) - 1);
      this.held >>>= count;
      this.count -= count;
      return value;
    }

    symbol(code) {
      this.need(15);
      const entry = code[this.held & 0x7fff];
      const length = entry & 15;
      if (!length) throw new Error("gzip: unknown code");
      this.held >>>= length;
      this.count -= length;
      return entry >> 4;
    }

    /** Drop what is left of a byte that was begun and give back whole bytes read ahead. */
    align() {
      this.at -= this.count >> 3;
      this.held = 0;
      this.count = 0;
    }
  }

  const fixedLengths = [];
  for (let symbol = 0; symbol < 288; symbol += 1) {
    fixedLengths.push(symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8);
  }

  function dynamicTables(reader) {
    const literals = reader.bits(5) + 257;
    const offsets = reader.bits(5) + 1;
    const given = reader.bits(4) + 4;
    const short = new Array(19).fill(0);
    for (let i = 0; i < given; i += 1) short[ORDER[i]] = reader.bits(3);
    const code = table(short);
    const lengths = [];
    while (lengths.length < literals + offsets) {
      const symbol = reader.symbol(code);
      if (symbol < 16) {
        lengths.push(symbol);
        continue;
      }
      const value = symbol === 16 ? lengths[lengths.length - 1] : 0;
      let times = symbol === 16 ? 3 + reader.bits(2) : symbol === 17 ? 3 + reader.bits(3) : 11 + reader.bits(7);
      for (; times > 0; times -= 1) lengths.push(value);
    }
    return [table(lengths.slice(0, literals)), table(lengths.slice(literals))];
  }

  function copyStored(reader, out, filled) {
    reader.align();
    const length = reader.bytes[reader.at] | (reader.bytes[reader.at + 1] << 8);
    reader.at += 4;
    out.set(reader.bytes.subarray(reader.at, reader.at + length), filled);
    reader.at += length;
    return filled + length;
  }

  function copyCoded(reader, out, filled, codes) {
    for (;;) {
      const symbol = reader.symbol(codes[0]);
      if (symbol === 256) return filled;
      if (symbol < 256) {
        out[filled] = symbol;
        filled += 1;
        continue;
      }
      const length = LENGTH_BASE[symbol - 257] + reader.bits(LENGTH_BITS[symbol - 257]);
      const back = reader.symbol(codes[1]);
      const offset = OFFSET_BASE[back] + reader.bits(OFFSET_BITS[back]);
      for (let i = 0; i < length; i += 1) out[filled + i] = out[filled + i - offset];
      filled += length;
    }
  }

  /** The content of a gzip file with the ten-byte head our own writer makes. */
  landuse.inflate = function (bytes) {
    const end = bytes.length;
    const size = (bytes[end - 4] | (bytes[end - 3] << 8) | (bytes[end - 2] << 16) | (bytes[end - 1] << 24)) >>> 0;
    const out = new Uint8Array(size);
    const reader = new Reader(bytes, 10);
    let filled = 0;
    let isLast = 0;
    while (!isLast) {
      isLast = reader.bits(1);
      const kind = reader.bits(2);
      if (kind === 0) filled = copyStored(reader, out, filled);
      else if (kind === 1) filled = copyCoded(reader, out, filled, [table(fixedLengths), table(new Array(30).fill(5))]);
      else if (kind === 2) filled = copyCoded(reader, out, filled, dynamicTables(reader));
      else throw new Error("gzip: unknown block");
    }
    if (filled !== size) throw new Error("gzip: wrong length");
    return out;
  };
})();
