import { applyMorphTargets, checkMesh, type Mesh } from "@headform/mesh";
import { readObj, writeObj } from "@headform/mesh/io";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyMesh, cornerUvs, square } from "../shapes.ts";
import { expectSafeOnDamage, formatErrorOf } from "./damage.ts";

test("writes what other programs read", () => {
  const { obj, mtl } = writeObj(square(), { name: "head" });
  expect(obj.split("\n").slice(0, 5)).toEqual([
    "# unit m",
    "mtllib head.mtl",
    "o head",
    "v 0 0 1 1 0 0",
    "v 1 0 0 0 1 0",
  ]);
  expect(obj).toContain("\nvt 0.5 0.5\n");
  expect(obj).toContain("\nusemtl head\nf 1/1/1 2/2/2 3/3/3\nf 1/5/1 3/3/3 4/4/4\n");
  expect(mtl).toBe("newmtl head\nKa 0 0 0\nKd 1 1 1\nKs 0 0 0\nillum 1\nmap_Kd head.png\n");
});

test("names material and texture as asked, and writes no material where there is none", () => {
  const { texture: _, ...plain } = square();
  expect("mtl" in writeObj(plain)).toBe(false);
  const { obj, mtl } = writeObj(plain, { materialFile: "a.mtl", textureFile: "b.jpg" });
  expect(obj).toContain("mtllib a.mtl\n");
  expect(mtl).toContain("map_Kd b.jpg\n");
});

test("a round trip keeps every float, color and corner", () => {
  fc.assert(
    fc.property(anyMesh, (mesh) => {
      const back = readObj(writeObj(mesh).obj);
      expect(back.positions).toEqual(mesh.positions);
      expect(back.indices).toEqual(mesh.indices);
      expect(back.unit).toBe(mesh.unit);
      expect(back.colors).toEqual(mesh.colors);
      // Attributes hang on the triangles in this format: without any they are lost.
      if (mesh.indices.length === 0) return;
      expect(back.normals).toEqual(mesh.normals);
      if (mesh.uvs) expect(cornerUvs(back)).toEqual(cornerUvs(mesh));
      else expect(back.uvs).toBeUndefined();
    }),
    { seed: 10 },
  );
});

test("writes the pose, since the format has no morph targets", () => {
  const { positions } = applyMorphTargets(square());
  expect(readObj(writeObj(square()).obj).positions).toEqual(positions);
});

describe("reads", () => {
  test("polygons, relative indices, comments, CRLF, continued lines and unknown words", () => {
    const mesh = readObj(
      "# made by hand\r\ng x\r\nv 0 0 0\r\nv 1 0 0 # corner\r\nv 1 1 \\\r\n0\r\nv 0 1 0 1.0\r\ns off\r\nf 1 2 3 4\r\nf -4 -2 -1\r\nl 1 2",
    );
    expect([...mesh.positions]).toEqual([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]);
    expect([...mesh.indices]).toEqual([0, 1, 2, 0, 2, 3, 0, 2, 3]);
    expect(mesh.unit).toBe("none");
    expect(mesh.colors).toBeUndefined();
  });

  test("bytes as well as text, and a unit given", () => {
    const mesh = readObj(new TextEncoder().encode("v 1 2 3\n"), { unit: "mm" });
    expect(mesh).toEqual({
      positions: Float32Array.of(1, 2, 3),
      indices: new Uint32Array(0),
      unit: "mm",
    });
  });

  test("nothing", () => {
    expect(readObj("").positions.length).toBe(0);
  });

  const triangle = "v 0 0 0\nv 1 0 0\nv 0 1 0\n";

  test("texture coordinates and normals with numbers of their own", () => {
    const mesh = readObj(`${triangle}vt 0 1\nvt 0.5\nvn 1 0 0\nvn 0 0 1\nf 1/2/2 2/1/2 3/1/1\n`);
    checkMesh(mesh);
    expect([...mesh.uvs!]).toEqual([0, 1, 0.5, 0]);
    expect([...mesh.uvIndices!]).toEqual([1, 0, 0]);
    expect([...mesh.normals!]).toEqual([0, 0, 1, 0, 0, 1, 1, 0, 0]);
  });

  test("no normals where a vertex has two or none, no uvs where a corner has none", () => {
    const normals = `${triangle}v 1 1 0\nvn 0 0 1\nvn 1 0 0\n`;
    expect(readObj(`${normals}f 1//1 2//1 3//1\nf 2//2 4//2 3//2\n`).normals).toBeUndefined();
    expect(readObj(`${normals}f 1//1 2//1 3//1\n`).normals).toBeUndefined();
    expect(readObj(`${triangle}vt 0 0\nf 1/1 2/1 3\n`).uvs).toBeUndefined();
  });

  test("colors from 0 to 1 or to 255", () => {
    expect([...readObj("v 0 0 0 1 0.5 0\n").colors!]).toEqual([255, 128, 0]);
    expect([...readObj("v 0 0 0 255 7 0\n").colors!]).toEqual([255, 7, 0]);
    expect(readObj("v 0 0 0 1 1 1\nv 0 0 0\n").colors).toBeUndefined();
  });
});

describe("refuses, naming the line", () => {
  const triangle = "v 0 0 0\nv 1 0 0\nv 0 1 0\n";
  test.each([
    ["v 1 2", "expected a number"],
    ["v 1 2 x", 'got "x"'],
    ["v 1 2 nan", 'got "nan"'],
    ["v 1 2 1e39", 'got "1e39"'],
    ["vt", "expected a number"],
    ["f 1 2", "3 or more corners"],
    ["f 1 2 4", "one of 3 elements"],
    ["f 0 1 2", "one of 3 elements"],
    ["f -4 1 2", "one of 3 elements"],
    ["f 1.5 2 3", "one of 3 elements"],
    ["f 1/1 2/1 3/1", "one of 0 elements"],
    ["f 99999999999999999999 1 2", "one of 3 elements"],
  ])("%s", (line, message) => {
    const error = formatErrorOf(() => readObj(`${triangle}${line}\n`));
    expect(error).toMatchObject({ tag: "mesh-format", format: "obj", line: 4 });
    expect(error.message).toContain(message);
  });

  test("and damage of any kind", async () => {
    const file = new TextEncoder().encode(writeObj(square()).obj);
    await expectSafeOnDamage(file, (bytes) => readObj(bytes), 11);
  });

  test("a bad mesh or name as the caller's mistake", () => {
    expect(() => writeObj({ ...square(), positions: new Float32Array(1) } as Mesh)).toThrow(
      /writeObj: expected positions/,
    );
    expect(() => writeObj(square(), { name: "a\nf 1 1 1" })).toThrow(RangeError);
    expect(() => writeObj(square(), { textureFile: "" })).toThrow(RangeError);
  });
});
