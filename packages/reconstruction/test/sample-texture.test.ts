import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PerspectiveCamera } from "@headform/camera";
import { rotationFromEuler } from "@headform/core-math";
import { computeNormals, type Image } from "@headform/mesh";
import { readHead } from "@headform/morphable-model";
import { interpolate, rasterizeMesh, visibleVertices } from "@headform/raster";
import { createTexelMap, sampleTexture, vertexNeighbors } from "@headform/reconstruction";
import { describe, expect, test } from "vitest";

const file = new URL("../../open-head/data/head.safetensors", import.meta.url);
const head = readHead(readFileSync(fileURLToPath(file)));
const size = 256;
const texels = createTexelMap(head, size);
const neighbors = vertexNeighbors(head.indices, head.mean.length / 3);
const vertexCount = head.mean.length / 3;

/** Colors of the painted head: smooth, symmetric, and never green. */
const paint = Float32Array.from({ length: head.mean.length }, (_, i) => {
  const v = 3 * Math.floor(i / 3);
  const [y, z] = [head.mean[v + 1], head.mean[v + 2]];
  return [160 + 400 * y, 70 + 200 * z, 120 - 400 * y][i % 3];
});

function cameraAt(yaw: number): PerspectiveCamera {
  return {
    kind: "perspective",
    focalLength: 1400,
    principalPoint: Float64Array.of(200, 200),
    rotation: rotationFromEuler([0, yaw, 0], "XYZ"),
    translation: Float64Array.of(0, -0.01, -1),
  };
}

/** The painted head before pure green. */
function photograph(camera: PerspectiveCamera): Image {
  const mesh = { positions: head.mean, indices: head.indices };
  const fragments = rasterizeMesh(mesh, camera, { width: 400, height: 400 });
  const picture = interpolate(fragments, paint, head.indices, 3, { background: [0, 255, 0] });
  return { width: 400, height: 400, channels: 3, data: Uint8Array.from(picture.data, Math.round) };
}

function textureFrom(yaw: number): Image {
  const camera = cameraAt(yaw);
  const image = photograph(camera);
  return sampleTexture(head, texels, neighbors, { image, positions: head.mean, camera });
}

/** Mean absolute error, in gray levels, over texels of the named regions whose vertices pass. */
function errorOver(
  texture: Image,
  pass: (vertex: number) => boolean,
): { error: number; n: number } {
  let [sum, n] = [0, 0];
  for (let i = 0; i < texels.texels.length; i++) {
    const corners = texels.vertices.subarray(3 * i, 3 * i + 3);
    if (!corners.every((v) => head.regionNames?.[head.regions?.[v] ?? 0] === "faceSkin")) continue;
    if (!corners.every(pass)) continue;
    for (let c = 0; c < 3; c++) {
      let expected = 0;
      for (let k = 0; k < 3; k++)
        expected += texels.barycentrics[3 * i + k] * paint[3 * corners[k] + c];
      sum += Math.abs(texture.data[3 * texels.texels[i] + c] - expected);
    }
    n += 3;
  }
  return { error: sum / n, n };
}

const normals = computeNormals({ positions: head.mean, indices: head.indices });

describe("sampleTexture", () => {
  test.each([0, 0.5, -1.1])("takes what is seen from the photo, at yaw %f", (yaw) => {
    const texture = textureFrom(yaw);
    const seen = visibleVertices({ positions: head.mean, indices: head.indices }, cameraAt(yaw));
    const facing = (v: number) =>
      seen[v] === 1 && normals[3 * v] * -Math.sin(yaw) + normals[3 * v + 2] * Math.cos(yaw) > 0.75;
    const { error, n } = errorOver(texture, facing);
    expect(n).toBeGreaterThan(2000);
    // Half a level of rounding in the photo, and its pixels are coarser than the texels.
    expect(error).toBeLessThan(2);
  });

  test("takes what is hidden from the other side", () => {
    const texture = textureFrom(0.9);
    const hidden = (v: number) => head.mean[3 * v] * 0.9 > 0.02;
    const shown = (v: number) => head.mean[3 * v] * 0.9 < -0.02;
    const [far, near] = [errorOver(texture, hidden), errorOver(texture, shown)];
    expect(Math.min(far.n, near.n)).toBeGreaterThan(2000);
    // The mirrored half is resampled twice as steeply and blended; a few levels of 160.
    expect(Math.max(far.error, near.error)).toBeLessThan(6);
  });

  test.each([0, 0.7, 1.4])("lets no background in, at yaw %f", (yaw) => {
    const { data } = textureFrom(yaw);
    let green = 0;
    for (let i = 0; i < texels.texels.length; i++) {
      const at = 3 * texels.texels[i];
      if (data[at + 1] > Math.max(data[at], data[at + 2]) + 40) green++;
    }
    expect(green).toBe(0);
  });

  test("does not take what the maps call hidden", () => {
    const camera = cameraAt(0);
    const image = photograph(camera);
    // A green hand over the left half, which the maps know of.
    for (let i = 0; i < image.data.length; i += 3) {
      if ((i / 3) % 400 < 195) image.data.set([0, 255, 0], i);
    }
    const crop = { centerX: 200, centerY: 200, side: 400, rotation: 0 };
    const visible = Float32Array.from({ length: 64 * 64 }, (_, i) => (i % 64 < 33 ? 0 : 1));
    const maps = { width: 64, height: 64, visible };
    const source = { image, positions: head.mean, camera };
    const greens = (texture: Image) => {
      let count = 0;
      for (let i = 0; i < texels.texels.length; i++) {
        const at = 3 * texels.texels[i];
        const corners = texels.vertices.subarray(3 * i, 3 * i + 3);
        if (corners.some((v) => head.regionNames?.[head.regions?.[v] ?? 0] !== "faceSkin"))
          continue;
        if (texture.data[at + 1] > texture.data[at] + 40) count++;
      }
      return count;
    };
    expect(greens(sampleTexture(head, texels, neighbors, source))).toBeGreaterThan(2000);
    expect(greens(sampleTexture(head, texels, neighbors, { ...source, maps, crop }))).toBe(0);
  });
});

describe("createTexelMap", () => {
  test("each texel's point has the texel's uv", () => {
    const uvs = head.uvs as Float32Array;
    const uvIndices = head.uvIndices as Uint32Array;
    // By vertex, for vertices with a single uv: those off the seams.
    const uvOf = new Map<number, number>();
    const torn = new Set<number>();
    for (let i = 0; i < uvIndices.length; i++) {
      const vertex = head.indices[i];
      if (uvOf.has(vertex) && uvOf.get(vertex) !== uvIndices[i]) torn.add(vertex);
      uvOf.set(vertex, uvIndices[i]);
    }
    let checked = 0;
    for (let i = 0; i < texels.texels.length; i += 37) {
      const corners = [...texels.vertices.subarray(3 * i, 3 * i + 3)];
      if (corners.some((v) => torn.has(v))) continue;
      let [u, v] = [0, 0];
      for (let k = 0; k < 3; k++) {
        const uv = 2 * (uvOf.get(corners[k]) as number);
        u += texels.barycentrics[3 * i + k] * uvs[uv];
        v += texels.barycentrics[3 * i + k] * uvs[uv + 1];
      }
      // The rasterizer snaps corners to 1/1024 of a texel.
      expect(Math.abs(u * size - ((texels.texels[i] % size) + 0.5))).toBeLessThan(0.01);
      expect(Math.abs((1 - v) * size - (Math.floor(texels.texels[i] / size) + 0.5))).toBeLessThan(
        0.01,
      );
      checked++;
    }
    expect(checked).toBeGreaterThan(500);
  });

  test("margins copy texels of the head or of the margin before", () => {
    const filled = new Set(texels.texels);
    for (let i = 0; i < texels.margin.length; i++) {
      expect(filled.has(texels.marginSource[i])).toBe(true);
      expect(filled.has(texels.margin[i])).toBe(false);
      filled.add(texels.margin[i]);
    }
  });

  test("refuses a head without uvs and odd sizes", () => {
    const { uvs: _, ...bare } = head;
    expect(() => createTexelMap(bare, 64)).toThrow("model with uvs");
    for (const bad of [8, 10000, 64.5]) expect(() => createTexelMap(head, bad)).toThrow(RangeError);
  });
});

test("the head has as many neighbors as edges", () => {
  expect(neighbors.starts[vertexCount]).toBe(neighbors.list.length);
  for (let v = 0; v < vertexCount; v += 97) {
    for (let n = neighbors.starts[v]; n < neighbors.starts[v + 1]; n++) {
      const other = neighbors.list[n];
      const back = neighbors.list.subarray(neighbors.starts[other], neighbors.starts[other + 1]);
      expect(back.includes(v)).toBe(true);
    }
  }
});
