"use strict";
/* A packed tree of boxes: shapes lie along a Hilbert curve, so neighbours share a branch. */
(function () {
  const WIDTH = 16;

  landuse.Boxes = class {
    constructor(shapes) {
      this.levels = [this.leaves(shapes)];
      while (this.levels[this.levels.length - 1].length > 4) {
        this.levels.push(this.above(this.levels[this.levels.length - 1]));
      }
    }

    leaves(shapes) {
      const boxes = new Float32Array(4 * shapes.count);
      for (let i = 0; i < shapes.count; i += 1) shapes.bounds(i, boxes, 4 * i);
      return boxes;
    }

    above(boxes) {
      const count = boxes.length / 4;
      const found = new Float32Array(4 * Math.ceil(count / WIDTH));
      for (let i = 0; i < found.length; i += 4) {
        found.set([Infinity, Infinity, -Infinity, -Infinity], i);
        const end = Math.min(boxes.length, (i + 4) * WIDTH);
        for (let j = i * WIDTH; j < end; j += 4) {
          found[i] = Math.min(found[i], boxes[j]);
          found[i + 1] = Math.min(found[i + 1], boxes[j + 1]);
          found[i + 2] = Math.max(found[i + 2], boxes[j + 2]);
          found[i + 3] = Math.max(found[i + 3], boxes[j + 3]);
        }
      }
      return found;
    }

    /** Shapes whose box meets [west, north, east, south], in their own order. */
    meeting(box) {
      const found = [];
      if (this.levels[0].length) this.collect(this.levels.length - 1, 0, box, found);
      return found;
    }

    collect(level, first, box, found) {
      const boxes = this.levels[level];
      const end = Math.min(boxes.length / 4, first + WIDTH);
      for (let i = first; i < end; i += 1) {
        const at = 4 * i;
        const isApart = boxes[at] > box[2] || boxes[at + 2] < box[0] || boxes[at + 1] > box[3] || boxes[at + 3] < box[1];
        if (isApart) continue;
        if (level === 0) found.push(i);
        else this.collect(level - 1, i * WIDTH, box, found);
      }
    }
  };
})();
