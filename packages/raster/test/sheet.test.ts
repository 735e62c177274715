import type { Image } from "@headform/mesh";
import { composeSheet, drawPoints, drawPolyline, drawWireframe, overlay } from "@headform/raster";
import { describe, expect, test } from "vitest";

function plain(width: number, height: number, ...color: number[]): Image {
  const channels = color.length as 1 | 3 | 4;
  const data = new Uint8Array(width * height * channels).map((_, i) => color[i % channels]);
  return { width, height, channels, data };
}

const pixel = (image: Image, x: number, y: number): number[] => {
  const at = (y * image.width + x) * image.channels;
  return [...image.data.subarray(at, at + image.channels)];
};

const sum = (image: Image): number => image.data.reduce((total, value) => total + value, 0) / 255;

describe("drawing", () => {
  const black = plain(40, 30, 0, 0, 0);
  const color = [255, 255, 255] as const;

  test("a disk has its area, and the picture below stays as it was", () => {
    const points = new Float64Array([20.3, 15.7]);
    const drawn = drawPoints(black, points, { color, radius: 5 });
    // Coverage by distance to the edge: within 2 % of π r² per channel.
    expect(sum(drawn) / 3).toBeGreaterThan(0.98 * Math.PI * 25);
    expect(sum(drawn) / 3).toBeLessThan(1.02 * Math.PI * 25);
    expect(sum(black)).toBe(0);
  });

  test("a line has its length times its width, plus its round ends", () => {
    const points = new Float32Array([5.2, 8.1, 9, 33.7, 20.4, 9]);
    const drawn = drawPolyline(black, points, { color, radius: 1, stride: 3 });
    const truth = 2 * Math.hypot(28.5, 12.3) + Math.PI;
    expect(Math.abs(sum(drawn) / 3 - truth)).toBeLessThan(0.03 * truth);
    const opaque = drawPolyline(black, points, { color, opacity: 0.5, stride: 3 });
    // Each touched byte rounds by up to a half.
    expect(Math.abs(sum(opaque) / 3 - truth / 2)).toBeLessThan(0.03 * truth);
  });

  test("closed lines return; points outside or not finite are left out", () => {
    const triangle = new Float64Array([5.5, 5.5, 30.5, 5.5, 5.5, 25.5]);
    const open = drawPolyline(black, triangle, { color });
    const closed = drawPolyline(black, triangle, { color, closed: true });
    expect(pixel(open, 5, 15)).toEqual([0, 0, 0]);
    expect(pixel(closed, 5, 15)).toEqual([255, 255, 255]);
    const off = new Float64Array([Number.NaN, 3, 1e12, 5, -50, 2]);
    expect(sum(drawPoints(black, off))).toBe(0);
    expect(sum(drawPolyline(black, new Float64Array(0)))).toBe(0);
  });

  test("a wireframe draws each edge once, between visible vertices only", () => {
    const positions = new Float64Array([5, 5, 0, 30, 5, 0, 5, 25, 0, 30, 25, 0]);
    const indices = new Uint32Array([0, 2, 1, 1, 2, 3]);
    const shared = drawWireframe(black, positions, indices, { color, radius: 0.5, opacity: 0.5 });
    const [middle] = pixel(shared, 17, 15);
    // The diagonal is an edge of both triangles: drawn twice it would reach three quarters.
    expect(middle).toBeLessThanOrEqual(128);
    expect(middle).toBeGreaterThan(60);
    const visibility = new Uint8Array([1, 1, 0, 1]);
    const partial = drawWireframe(black, positions, indices, { color, visibility });
    expect(pixel(partial, 17, 15)).toEqual([0, 0, 0]);
    expect(sum(partial)).toBeGreaterThan(0);
  });

  test("gray and RGBA pictures are drawn on as RGB", () => {
    expect(pixel(drawPoints(plain(2, 2, 7), new Float64Array(0)), 1, 1)).toEqual([7, 7, 7]);
    const rgba = plain(2, 2, 1, 2, 3, 4);
    expect(pixel(drawPoints(rgba, new Float64Array(0)), 0, 1)).toEqual([1, 2, 3]);
  });

  test("errors", () => {
    const odd = new Float64Array(3);
    expect(() => drawPoints(black, odd)).toThrow(/drawPoints: expected points \[N×2\]/);
    expect(() => drawPolyline(black, odd)).toThrow(/drawPolyline: expected points \[N×2\]/);
    const broken = { ...black, width: 41 };
    expect(() => drawPoints(broken, new Float64Array(2))).toThrow(/samples/);
    expect(() => drawPolyline(broken, new Float64Array(2))).toThrow(/samples/);
    const corners = new Uint32Array([0, 0, 1]);
    expect(() => drawWireframe(broken, odd, corners)).toThrow(/samples/);
    expect(() => drawWireframe(black, odd, corners)).toThrow(/got 1 at 2/);
    expect(() =>
      drawWireframe(black, odd, new Uint32Array(3), { visibility: new Uint8Array(2) }),
    ).toThrow(/visibility \[1\]/);
  });
});

describe("overlay", () => {
  test("mixes by alpha and opacity", () => {
    const under = plain(2, 1, 100, 100, 100);
    const over = plain(2, 1, 200, 0, 100, 51);
    // Alpha 51/255 = 1/5.
    expect(pixel(overlay(under, over), 0, 0)).toEqual([120, 80, 100]);
    expect(pixel(overlay(under, over, 0.5), 1, 0)).toEqual([110, 90, 100]);
    expect(pixel(overlay(plain(2, 1, 50), plain(2, 1, 90)), 0, 0)).toEqual([90, 90, 90]);
  });

  test("errors", () => {
    expect(() => overlay(plain(2, 1, 0), plain(1, 2, 0))).toThrow(/of one size/);
    expect(() => overlay(plain(1, 1, 0), plain(1, 1, 0), 2)).toThrow(/opacity in 0…1/);
    expect(() => overlay({ ...plain(1, 1, 0), width: 3 }, plain(3, 1, 0))).toThrow(/samples/);
  });
});

describe("composeSheet", () => {
  const options = { cellWidth: 20, cellHeight: 10, gap: 2, background: [1, 2, 3] as const };

  test("lays cells out in rows and fits pictures without distortion", () => {
    const red = plain(10, 10, 250, 0, 0);
    const sheet = composeSheet([{ image: red }, { image: red }, { image: red }], {
      ...options,
      columns: 2,
    });
    expect([sheet.width, sheet.height, sheet.channels]).toEqual([2 + 2 * 22, 2 + 2 * 12, 3]);
    // The square sits in the middle of the wide cell.
    expect(pixel(sheet, 6, 5)).toEqual([1, 2, 3]);
    expect(pixel(sheet, 7, 5)).toEqual([250, 0, 0]);
    expect(pixel(sheet, 16, 5)).toEqual([250, 0, 0]);
    expect(pixel(sheet, 17, 5)).toEqual([1, 2, 3]);
    expect(pixel(sheet, 34, 20)).toEqual([1, 2, 3]);
  });

  test("shrinks large pictures, honors alpha, writes labels", () => {
    const clear = plain(200, 100, 255, 255, 255, 0);
    const without = composeSheet([{ image: clear }], options);
    expect(without.data.every((value, i) => value === [1, 2, 3][i % 3])).toBe(true);
    const labeled = composeSheet([{ image: clear, label: "A-1" }], options);
    expect(labeled.height).toBe(without.height + 22);
    // The crossbar of "A" is five pixels wide, in the fourth of seven rows, below cell and margin.
    const row = 2 + 10 + 6 + 3;
    for (let x = 2; x < 7; x++) expect(pixel(labeled, x, row)[0]).toBeGreaterThan(200);
    expect(pixel(labeled, 7, row)).toEqual([1, 2, 3]);
  });

  test("errors", () => {
    expect(() => composeSheet([])).toThrow(/at least 1 cell/);
    const cells = [{ image: plain(1, 1, 0) }];
    for (const bad of [{ columns: 0 }, { cellWidth: 1.5 }, { cellHeight: -1 }, { gap: -1 }]) {
      expect(() => composeSheet(cells, bad)).toThrow(/a grid of whole numbers/);
    }
    expect(() => composeSheet([{ image: { ...plain(1, 1, 0), height: 2 } }])).toThrow(/samples/);
  });
});
