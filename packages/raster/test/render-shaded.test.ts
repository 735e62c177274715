import { projectPoints } from "@headform/camera";
import { previewCamera, renderShaded } from "@headform/raster";
import { describe, expect, test } from "vitest";
import { camerasAt, sphere } from "./shapes.ts";

const mesh = sphere(32);
const occlusion = new Float32Array(mesh.positions.length / 3).fill(1);
const size = { width: 128, height: 128 };

describe("renderShaded", () => {
  test("alpha is the covered share: its sum is the disk's area", () => {
    for (const camera of camerasAt(0.2, 0.1)) {
      const image = renderShaded(mesh, camera, { ...size, occlusion, background: "transparent" });
      let area = 0;
      for (let i = 3; i < image.data.length; i += 4) area += image.data[i] / 255;
      // A perspective sphere at distance 5 looks larger: radius f/√(5² − 1).
      const radius = camera.kind === "perspective" ? 200 / Math.sqrt(24) : 40;
      // The silhouette of 32 segments lies inside of the circle by up to 1 − cos(π/32) = 0.5 %.
      expect(area).toBeGreaterThan(0.985 * Math.PI * radius ** 2);
      expect(area).toBeLessThan(1.001 * Math.PI * radius ** 2);
    }
  });

  test("is lit from the upper left, colored as asked, opaque before a background", () => {
    const camera = camerasAt(0, 0)[1];
    const image = renderShaded(mesh, camera, {
      ...size,
      occlusion,
      color: [200, 40, 40],
      background: [10, 20, 30],
    });
    const at = (x: number, y: number): number[] => [
      ...image.data.subarray(4 * (y * 128 + x), 4 * (y * 128 + x) + 4),
    ];
    expect(at(1, 1)).toEqual([10, 20, 30, 255]);
    const [red, green, blue] = at(64, 64);
    expect(red).toBeGreaterThan(2 * green);
    expect(Math.abs(green - blue)).toBeLessThan(12);
    expect(at(48, 46)[0]).toBeGreaterThan(at(82, 86)[0]);
  });

  test("takes texture before colors, uv from the bottom left", () => {
    // A texture whose upper half is green; uv.y grows with the sphere's y.
    const texture = {
      width: 1,
      height: 2,
      channels: 3 as const,
      data: new Uint8Array([0, 255, 0, 255, 0, 0]),
    };
    const count = mesh.positions.length / 3;
    const uvs = new Float32Array(2 * count);
    for (let i = 0; i < count; i++) uvs[2 * i + 1] = mesh.positions[3 * i + 1] > 0 ? 1 : 0;
    const colors = new Uint8Array(3 * count).fill(0);
    colors.fill(255, 0, 3 * count);
    const camera = camerasAt(0, 0)[1];
    const textured = renderShaded({ ...mesh, texture, uvs, colors }, camera, {
      ...size,
      occlusion,
    });
    const upper = 4 * (40 * 128 + 64);
    const lower = 4 * (90 * 128 + 64);
    expect(textured.data[upper + 1]).toBeGreaterThan(textured.data[upper] + 50);
    expect(textured.data[lower]).toBeGreaterThan(textured.data[lower + 1] + 50);
    const colored = renderShaded({ ...mesh, colors }, camera, { ...size, occlusion });
    // White: the three channels differ by the tint of the lights only.
    expect(Math.abs(colored.data[upper] - colored.data[upper + 1])).toBeLessThan(20);
    const black = { ...mesh, colors: new Uint8Array(3 * count) };
    expect(renderShaded(black, camera, { ...size, occlusion }).data[upper]).toBeLessThan(70);
  });

  test("no lights leave the sky; pictures are the same each time, whatever the strip", () => {
    const camera = camerasAt(0, 0)[2];
    const dark = renderShaded(mesh, camera, { ...size, occlusion, lights: [] });
    const lit = renderShaded(mesh, camera, { ...size, occlusion });
    const center = 4 * (60 * 128 + 60);
    expect(dark.data[center]).toBeLessThan(lit.data[center]);
    const again = renderShaded(mesh, camera, { ...size, occlusion });
    expect(Buffer.compare(again.data, lit.data)).toBe(0);
    // Row 0…63 are one strip in both; a shorter picture cuts, it does not squeeze.
    const cut = renderShaded(mesh, camera, {
      width: 128,
      height: 70,
      occlusion,
      background: "transparent",
    });
    const whole = renderShaded(mesh, camera, { ...size, occlusion, background: "transparent" });
    expect(Buffer.compare(cut.data, whole.data.subarray(0, cut.data.length))).toBe(0);
  });

  test("errors", () => {
    const camera = camerasAt(0, 0)[1];
    expect(() => renderShaded(mesh, camera, { width: 0, height: 5 })).toThrow(/whole pixels/);
    expect(() => renderShaded(mesh, camera, { ...size, occlusion: new Float32Array(2) })).toThrow(
      /expected occlusion/,
    );
  });
});

describe("previewCamera", () => {
  test("centers the mesh and fills the tighter side", () => {
    const offset = sphere(16).positions.map((value, i) => 0.1 * value + [3, -2, 7][i % 3]);
    for (const [width, height, yaw, pitch, fill] of [
      [200, 300, 0, 0, 0.9],
      [400, 100, 1.2, 0.4, 0.5],
      [64, 64, -3, -1, 1],
    ] as const) {
      const camera = previewCamera({ positions: offset }, { width, height, yaw, pitch, fill });
      const pixels = projectPoints(camera, offset);
      const u = pixels.filter((_, i) => i % 3 === 0).sort();
      const v = pixels.filter((_, i) => i % 3 === 1).sort();
      // Each of six steps leaves about size/distance of the error: a tenth of a pixel at most.
      expect(Math.abs((u[0] + u[u.length - 1]) / 2 - width / 2)).toBeLessThan(0.1);
      expect(Math.abs((v[0] + v[v.length - 1]) / 2 - height / 2)).toBeLessThan(0.1);
      const used = Math.max((u[u.length - 1] - u[0]) / width, (v[v.length - 1] - v[0]) / height);
      expect(Math.abs(used - fill)).toBeLessThan(0.002);
    }
  });

  test("positive yaw turns the nose to the picture's right", () => {
    const positions = new Float32Array([-1, 0, 0, 1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1]);
    const camera = previewCamera({ positions }, { width: 100, height: 100, yaw: 0.5 });
    const pixels = projectPoints(camera, positions);
    expect(pixels[12]).toBeGreaterThan(pixels[6]);
  });

  test("errors", () => {
    const options = { width: 10, height: 10 };
    const nothing = { positions: new Float32Array(3) };
    expect(() => previewCamera(nothing, options)).toThrow(/finite extent/);
    expect(() => previewCamera({ positions: new Float32Array(0) }, options)).toThrow(RangeError);
    const bad = { positions: new Float32Array([0, Number.NaN, 0, 1, 1, 1]) };
    expect(() => previewCamera(bad, options)).toThrow(/finite extent/);
    expect(() => previewCamera(mesh, { ...options, width: 0 })).toThrow(/a size above 0/);
    expect(() => previewCamera(mesh, { ...options, fill: 1.5 })).toThrow(/fill 1.5/);
    expect(() => previewCamera(mesh, { ...options, yaw: Number.NaN })).toThrow(RangeError);
  });
});
