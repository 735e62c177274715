import { projectPoints } from "@headform/camera";
import {
  floatToImage,
  rasterizeMesh,
  renderNormals,
  renderOffset,
  renderPncc,
  renderUv,
} from "@headform/raster";
import { createRandom } from "@headform/testing";
import { describe, expect, test } from "vitest";
import { camerasAt, sphere } from "./shapes.ts";

const size = { width: 128, height: 128 };
const mean = sphere(24);

/** The sphere with a bump, as a "posed" mesh. */
const posed = {
  ...mean,
  positions: mean.positions.map((value, i) => value * (1 + 0.2 * Math.sin(i % 7))),
};

for (const camera of camerasAt(0.4, -0.3)) {
  describe(camera.kind, () => {
    const fragments = rasterizeMesh(mean, camera, { ...size, cull: "back" });

    test("PNCC is the barycentric point of the mean, and projects to its own pixel", () => {
      const pncc = renderPncc(fragments, mean.positions, mean.indices);
      const points = projectPoints(camera, pncc.data);
      const worst = { u: 0, v: 0, z: 0, point: 0 };
      let seen = 0;
      for (let i = 0; i < fragments.triangles.length; i++) {
        if (fragments.triangles[i] < 0) continue;
        seen++;
        worst.u = Math.max(worst.u, Math.abs(points[3 * i] - ((i % 128) + 0.5)));
        worst.v = Math.max(worst.v, Math.abs(points[3 * i + 1] - (Math.floor(i / 128) + 0.5)));
        worst.z = Math.max(worst.z, Math.abs(points[3 * i + 2] - fragments.depth[i]));
        const t = 3 * fragments.triangles[i];
        for (let c = 0; c < 3; c++) {
          let truth = 0;
          for (let k = 0; k < 3; k++) {
            const vertex = mean.indices[t + k];
            truth += fragments.barycentrics[3 * i + k] * mean.positions[3 * vertex + c];
          }
          worst.point = Math.max(worst.point, Math.abs(pncc.data[3 * i + c] - truth));
        }
      }
      // Half a snapping step of 1/1024 pixel, a little more at a slant.
      expect(worst.u).toBeLessThan(2e-3);
      expect(worst.v).toBeLessThan(2e-3);
      // Pixels of depth; both sides interpolate the same three corners, in Float32.
      expect(worst.z).toBeLessThan(1e-4);
      // One rounding to Float32 of numbers up to 1.
      expect(worst.point).toBeLessThan(1e-7);
      // The disk's area, less the chords of a 24-gon.
      expect(seen).toBeGreaterThan(0.96 * Math.PI * 1600);
      expect(seen).toBeLessThan(1.05 * Math.PI * 1600);
    });

    test("PNCC + offset is the posed point", () => {
      const drawn = rasterizeMesh(posed, camera, size);
      const pncc = renderPncc(drawn, mean.positions, mean.indices);
      const offset = renderOffset(drawn, posed.positions, mean.positions, mean.indices);
      const sum = pncc.data.map((value, i) => value + offset.data[i]);
      const points = projectPoints(camera, sum);
      let worst = 0;
      for (let i = 0; i < drawn.triangles.length; i++) {
        if (drawn.triangles[i] < 0) continue;
        worst = Math.max(worst, Math.abs(points[3 * i] - ((i % 128) + 0.5)));
      }
      // Snapping, as above.
      expect(worst).toBeLessThan(2e-3);
    });

    test("normals of a sphere are its points", () => {
      const normals = renderNormals(fragments, mean);
      const pncc = renderPncc(fragments, mean.positions, mean.indices);
      let worst = 0;
      for (let i = 0; i < fragments.triangles.length; i++) {
        if (fragments.triangles[i] < 0) continue;
        const point = pncc.data.subarray(3 * i, 3 * i + 3);
        const length = Math.hypot(...point);
        for (let c = 0; c < 3; c++) {
          worst = Math.max(worst, Math.abs(normals.data[3 * i + c] - point[c] / length));
        }
      }
      // Roundings to Float32 of the two interpolations.
      expect(worst).toBeLessThan(1e-6);
    });
  });
}

test("normals can be turned into the camera's frame, where visible ones look at the eye", () => {
  const camera = camerasAt(0.7, 0.2)[1];
  if (camera.kind !== "scaled-orthographic") throw new Error("unreachable");
  const fragments = rasterizeMesh(mean, camera, { ...size, cull: "back" });
  const { positions, indices } = mean;
  const own = renderNormals(fragments, { positions, indices }, { rotation: camera.rotation });
  const center = 3 * (64 * 128 + 64);
  // Half a pixel off the axis of a sphere of radius 40.
  expect(own.data[center]).toBeCloseTo(0.5 / 40, 2);
  expect(own.data[center + 2]).toBeGreaterThan(0.999);
  expect([...own.data.subarray(0, 3)]).toEqual([0, 0, 0]);
});

test("uv follows uvIndices", () => {
  const random = createRandom(2);
  const uvs = Float32Array.from({ length: 20 }, () => random());
  const uvIndices = mean.indices.map((index) => index % 10);
  const camera = camerasAt(0, 0)[0];
  const fragments = rasterizeMesh(mean, camera, size);
  const { data } = renderUv(fragments, { indices: mean.indices, uvs, uvIndices });
  let worst = 0;
  for (let i = 0; i < fragments.triangles.length; i++) {
    const t = 3 * fragments.triangles[i];
    let truth = 0;
    if (t >= 0) {
      for (let k = 0; k < 3; k++) {
        truth += fragments.barycentrics[3 * i + k] * uvs[2 * uvIndices[t + k]];
      }
    }
    worst = Math.max(worst, Math.abs(data[2 * i] - truth));
  }
  // One rounding to Float32 of numbers up to 1.
  expect(worst).toBeLessThan(1e-7);
});

test("floatToImage spreads the range, masks, and pads to RGB", () => {
  const image = { width: 3, height: 1, channels: 1, data: new Float32Array([-2, 0, 2]) };
  expect([...floatToImage(image).data]).toEqual([0, 0, 0, 128, 128, 128, 255, 255, 255]);
  const masked = floatToImage(image, { mask: [0, 1, 1], background: [9, 8, 7] });
  expect([...masked.data]).toEqual([9, 8, 7, 0, 0, 0, 255, 255, 255]);
  const two = { width: 1, height: 1, channels: 2, data: new Float32Array([0.5, 3]) };
  expect([...floatToImage(two, { low: [0, 0], high: [1, 1] }).data]).toEqual([128, 255, 0]);
  const flat = { width: 1, height: 1, channels: 1, data: new Float32Array([4]) };
  expect([...floatToImage(flat).data]).toEqual([0, 0, 0]);
});

test("errors", () => {
  const camera = camerasAt(0, 0)[0];
  const fragments = rasterizeMesh(mean, camera, size);
  expect(() => renderUv(fragments, mean)).toThrow(/renderUv: expected a mesh with uvs/);
  expect(() => renderPncc(fragments, new Float32Array(3), mean.indices)).toThrow(RangeError);
  expect(() => renderOffset(fragments, mean.positions, new Float32Array(3), mean.indices)).toThrow(
    /of one length/,
  );
  expect(() => renderNormals(fragments, mean, { rotation: new Float64Array(4) })).toThrow(
    /\[3×3\]/,
  );
  expect(() => rasterizeMesh(mean, camera, { width: 0, height: 4 })).toThrow(RangeError);
  const four = { width: 1, height: 1, channels: 4, data: new Float32Array(4) };
  expect(() => floatToImage(four)).toThrow(/1 to 3 channels/);
  const one = { width: 1, height: 1, channels: 1, data: new Float32Array(1) };
  expect(() => floatToImage(one, { mask: [1, 1] })).toThrow(/mask \[1\]/);
  expect(() => floatToImage(one, { low: [1, 1] })).toThrow(/low and high \[1\]/);
  expect(() => floatToImage({ ...one, width: 2 })).toThrow(/2×1×1 samples/);
});
