import { checkMesh, computeNormals, type Mesh, splitSeams } from "@headform/mesh";
import { encodePng, isMeshFormatError, readGlb, writeGlb } from "@headform/mesh/io";
import { createRandom, validateGlb } from "@headform/testing";
import { describe, expect, test } from "vitest";
import { cube, sheet, square } from "../shapes.ts";
import { expectSafeOnDamage } from "./damage.ts";

/** The JSON chunk of a GLB, as far as these tests look at it. */
interface Gltf {
  readonly meshes: { primitives: { targets?: object[] }[]; weights?: number[]; extras?: object }[];
  readonly nodes: { extras?: object; name: string }[];
  readonly accessors: { sparse?: object; count: number; min?: number[] }[];
  readonly materials: object[];
}

function jsonOf(glb: Uint8Array): Gltf {
  const length = new DataView(glb.buffer, glb.byteOffset).getUint32(12, true);
  return JSON.parse(new TextDecoder().decode(glb.subarray(20, 20 + length)));
}

/** A GLB around some JSON and bytes. */
function glbOf(json: object, binary: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(json).padEnd(4096));
  const words = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
  const length = 12 + 8 + text.length + 8 + binary.length;
  const parts = [
    words(0x46546c67, 2, length, text.length, 0x4e4f534a),
    text,
    words(binary.length, 0x004e4942),
    binary,
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

async function expectValid(glb: Uint8Array): Promise<void> {
  expect(await validateGlb(glb)).toEqual({ errors: 0, warnings: 0, infos: 0, messages: [] });
}

/** A head-sized stand-in: seams, normals, a texture and 52 targets, most of them local, one empty. */
function manyTargets(): Mesh {
  const mesh = sheet(16, 30);
  const random = createRandom(31);
  const morphTargets = Array.from({ length: 52 }, (_, k) => ({
    name: `target${k}`,
    weight: k / 52,
    offsets: mesh.positions.map((_, i) => {
      const moves = k === 0 || (k < 51 && Math.floor(i / 3) % 25 === k % 25);
      return moves ? random() - 0.5 : k === 51 ? 0 : 1e-8;
    }),
  }));
  const texture = {
    width: 16,
    height: 16,
    channels: 3 as const,
    data: Uint8Array.from({ length: 768 }, () => 256 * random()),
  };
  return { ...mesh, normals: computeNormals(mesh), morphTargets, texture };
}

describe("the validator finds nothing, not even hints,", () => {
  test("in 52 morph targets with texture, normals and seams", async () => {
    const mesh = manyTargets();
    const glb = await writeGlb(mesh, { name: "head", extras: { shape: [1, 2] } });
    await expectValid(glb);
    const json = jsonOf(glb);
    const names = mesh.morphTargets!.map((target) => target.name);
    expect(json.meshes[0]!.extras).toEqual({ targetNames: names });
    expect(json.meshes[0]!.weights).toEqual(mesh.morphTargets!.map((target) => target.weight));
    expect(json.meshes[0]!.primitives[0]!.targets!.length).toBe(52);
    expect(json.nodes).toEqual([{ name: "head", mesh: 0, extras: { shape: [1, 2] } }]);
    // Of the 52 only the first moves everything; the last moves nothing and takes no bytes;
    // the rest is 4 % of its rows at 14 bytes for 12, plus 12 kB of names and tables.
    expect(json.accessors.filter((accessor) => accessor.sparse).length).toBe(50);
    expect(glb.length).toBeLessThan(52 * mesh.positions.byteLength * 0.3);
  });

  test("in vertex colors, a bare cube, gray textures and degenerate triangles", async () => {
    const { texture, morphTargets: _, ...colored } = square();
    await expectValid(await writeGlb({ ...cube(), unit: "mm" }));
    const { uvs: __, uvIndices: ___, ...plain } = colored;
    await expectValid(await writeGlb(plain));
    const gray = { width: 2, height: 2, channels: 1 as const, data: Uint8Array.of(1, 2, 3, 4) };
    await expectValid(await writeGlb({ ...colored, texture: gray }));
    const { errors, warnings } = await validateGlb(
      await writeGlb({
        ...cube(),
        indices: Uint32Array.of(0, 0, 0, 0, 1, 2),
        normals: new Float32Array(24),
      }),
    );
    expect([errors, warnings]).toEqual([0, 0]);
    expect(texture).toBeDefined();
  });
});

test("a round trip keeps all but what rests", async () => {
  const mesh = manyTargets();
  const back = await readGlb(await writeGlb(mesh));
  checkMesh(back);
  const split = splitSeams(mesh);
  expect(back.positions).toEqual(split.positions);
  expect(back.indices).toEqual(split.indices);
  expect(back.texture).toEqual(mesh.texture);
  expect(back.morphTargets!.map(({ name, weight }) => ({ name, weight }))).toEqual(
    mesh.morphTargets!.map(({ name, weight }) => ({ name, weight })),
  );
  for (const [k, target] of back.morphTargets!.entries()) {
    const wanted = split.morphTargets![k]!.offsets.map((x) =>
      Math.abs(x) === Math.fround(1e-8) ? 0 : x,
    );
    expect(target.offsets).toEqual(wanted);
  }
  for (let i = 0; i < split.uvs!.length; i++) {
    // 1 − (1 − v) in single floats: half a unit in the last place of 1, twice.
    expect(Math.abs(back.uvs![i]! - split.uvs![i]!)).toBeLessThanOrEqual(2 ** -24);
    // Normals are normalized once more: a unit in the last place.
    expect(Math.abs(back.normals![i]! - split.normals![i]!)).toBeLessThanOrEqual(2 ** -23);
  }
});

test("colors survive the way to linear light and back, all 256 levels", async () => {
  const positions = new Float32Array(3 * 86).map((_, i) => i);
  const colors = Uint8Array.from({ length: 258 }, (_, i) => i % 256);
  const mesh: Mesh = { positions, indices: Uint32Array.of(0, 1, 2), unit: "m", colors };
  expect((await readGlb(await writeGlb(mesh))).colors).toEqual(colors);
});

test("millimeters become meters, and a unit must be known", async () => {
  const glb = await writeGlb({ ...square(), unit: "mm" });
  const back = await readGlb(glb);
  expect(back.unit).toBe("m");
  expect(back.positions[3]).toBe(Math.fround(1e-3));
  expect(back.morphTargets![0]!.offsets[2]).toBe(Math.fround(2e-3));
  await expect(writeGlb({ ...square(), unit: "none" })).rejects.toThrow(RangeError);
  const inches = await writeGlb({ ...square(), unit: "none" }, { metersPerUnit: 0.0254 });
  expect((await readGlb(inches)).positions[3]).toBe(Math.fround(0.0254));
});

test("textures go through the functions handed in", async () => {
  const seen: unknown[] = [];
  const glb = await writeGlb(square(), {
    encodeTexture: async (image) => {
      seen.push(image);
      return { mimeType: "image/jpeg", bytes: Uint8Array.of(0xff, 0xd8, 0xff, 0xd9) };
    },
  });
  expect(seen).toEqual([square().texture]);
  expect((await readGlb(glb)).texture).toBeUndefined();
  const back = await readGlb(glb, {
    decodeTexture: async ({ mimeType, bytes }) => {
      seen.push(mimeType, bytes.length);
      return square().texture!;
    },
  });
  expect(back.texture).toEqual(square().texture);
  expect(seen.slice(1)).toEqual(["image/jpeg", 4]);
});

describe("reads scenes of others:", () => {
  const binary = new Uint8Array(Float32Array.of(0, 0, 0, 1, 0, 0, 0, 2, 0).buffer);
  const scene = {
    asset: { version: "2.0" },
    buffers: [{ byteLength: 36 }],
    bufferViews: [{ buffer: 0, byteLength: 36 }],
    accessors: [
      {
        bufferView: 0,
        componentType: 5126,
        type: "VEC3",
        count: 3,
        min: [0, 0, 0],
        max: [1, 2, 0],
      },
    ],
    meshes: [{ primitives: [{ attributes: { POSITION: 0, NORMAL: 0 } }] }],
    nodes: [{ mesh: 0 }],
    scenes: [{ nodes: [0] }],
  };

  test("without indices, without a default scene", async () => {
    const mesh = await readGlb(glbOf(scene, binary));
    expect([...mesh.indices]).toEqual([0, 1, 2]);
    expect([...mesh.positions]).toEqual([0, 0, 0, 1, 0, 0, 0, 2, 0]);
  });

  test("placed by nodes inside nodes, mirrored ones turned over", async () => {
    const nodes = [
      { children: [1, 2], translation: [10, 0, 0] },
      { mesh: 0, scale: [-1, 2, 1] },
      { mesh: 0, rotation: [0, 0, Math.SQRT1_2, Math.SQRT1_2] },
    ];
    const mesh = await readGlb(glbOf({ ...scene, nodes }, binary));
    expect(mesh.positions.length).toBe(18);
    expect([...mesh.positions.slice(0, 9)]).toEqual([10, 0, 0, 9, 0, 0, 10, 4, 0]);
    expect([...mesh.indices.slice(0, 3)]).toEqual([2, 1, 0]);
    // The second is turned by 90° about z: (0, 2, 0) → (−2, 0, 0). Quaternions in doubles.
    expect(mesh.positions[15]).toBeCloseTo(8, 6);
    // Normals (here the positions) by the inverse transpose: (1, 0, 0) → (−1, 0, 0).
    expect([...mesh.normals!.slice(3, 6)].map((x) => x + 0)).toEqual([-1, 0, 0]);
  });

  const refused: [string, object, RegExp][] = [
    [
      "lines",
      { meshes: [{ primitives: [{ attributes: { POSITION: 0 }, mode: 1 }] }] },
      /no triangles/,
    ],
    ["no positions", { meshes: [{ primitives: [{ attributes: {} }] }] }, /no positions/],
    ["an empty scene", { scenes: [{}] }, /no triangles/],
    ["no scene", { scenes: undefined }, /no triangles/],
    ["another version", { asset: { version: "1.0" } }, /version/],
    ["extensions it needs", { extensionsRequired: ["KHR_draco_mesh_compression"] }, /extension/],
    [
      "another file",
      { buffers: [{ byteLength: 36, uri: "http://localhost/x.bin" }] },
      /another file/,
    ],
    ["another picture", { images: [{ uri: "../secret.png" }] }, /another file/],
    ["a count of 10¹²", { accessors: [{ ...scene.accessors[0], count: 1e12 }] }, /far more/],
    [
      "a zero-filled 10⁹",
      { accessors: [{ componentType: 5126, type: "VEC3", count: 1e9 }] },
      /far more/,
    ],
    ["a negative count", { accessors: [{ ...scene.accessors[0], count: -1 }] }, /no count/],
    [
      "an accessor that is not there",
      { meshes: [{ primitives: [{ attributes: { POSITION: 7 } }] }] },
      /./,
    ],
  ];
  test.each(refused)("refuses %s", async (_, change, message) => {
    const error = await readGlb(glbOf({ ...scene, ...change }, binary)).catch((e: unknown) => e);
    expect(isMeshFormatError(error) && error.message).toMatch(message);
  });

  test.each([[[{ children: [1] }, { children: [0], mesh: 0 }]], [[{ children: [0], mesh: 0 }]]])(
    "where nodes stand in circles, without end (%#)",
    async (nodes) => {
      expect((await readGlb(glbOf({ ...scene, nodes }, binary))).positions.length).toBe(9);
    },
  );

  test("refuses NaN, whatever is behind it", async () => {
    const bad = binary.slice().fill(255, 0, 4);
    const error = await readGlb(glbOf(scene, bad)).catch((e: unknown) => e);
    expect(isMeshFormatError(error) && error.message).toMatch(/finite positions/);
  });

  test.each([
    ["no bytes", new Uint8Array(0), /20 bytes/],
    ["text", new Uint8Array(40).fill(32), /signature/],
    ["version 1", glbOf(scene).fill(1, 4, 5), /version 2/],
    ["a file cut short", glbOf(scene).subarray(0, 500), /got 500/],
    ["a chunk beyond the file", glbOf(scene).fill(255, 14, 15), /beyond the file/],
    ["a chunk of another kind first", glbOf(scene).fill(0, 16, 17), /JSON chunk first/],
    ["bad JSON", glbOf(scene).fill(0x5d, 20, 21), /not JSON/],
  ])("refuses %s", async (_, bytes, message) => {
    const error = await readGlb(bytes).catch((e: unknown) => e);
    expect(isMeshFormatError(error) && error.message).toMatch(message);
  });
});

test("damage of any kind is refused or read", async () => {
  const glb = await writeGlb(square());
  await expectSafeOnDamage(glb, (bytes) => readGlb(bytes), 19);
});

test("refuses the caller's mistakes", async () => {
  const none = { ...cube(), indices: new Uint32Array(0) };
  await expect(writeGlb(none)).rejects.toThrow(/expected a triangle, got none/);
  await expect(writeGlb(cube(), { metersPerUnit: 0 })).rejects.toThrow(/metersPerUnit above 0/);
  await expect(writeGlb(cube(), { name: "a\u0000" })).rejects.toThrow(RangeError);
  await expect(writeGlb({ ...cube(), unit: "ft" as "m" })).rejects.toThrow(TypeError);
});

test("the same mesh gives the same bytes", async () => {
  expect(await writeGlb(square())).toEqual(await writeGlb(square()));
  expect(encodePng(square().texture!)).toEqual(encodePng(square().texture!));
});
