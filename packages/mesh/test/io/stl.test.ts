import { applyMorphTargets, checkMesh, type Mesh } from "@headform/mesh";
import { readStl, writeStl } from "@headform/mesh/io";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyMesh, cube, sheet, square } from "../shapes.ts";
import { expectSafeOnDamage, formatErrorOf } from "./damage.ts";

const text = (content: string) => new TextEncoder().encode(content);

function corners({ positions, indices }: Mesh): number[] {
  return [...indices].flatMap((i) => [0, 1, 2].map((j) => positions[3 * i + j]! + 0));
}

test("writes the bytes that the format asks for", () => {
  const file = writeStl(square());
  const view = new DataView(file.buffer);
  expect(file.length).toBe(84 + 2 * 50);
  expect(new TextDecoder().decode(file.subarray(0, 18))).toBe("binary STL, unit m");
  expect(view.getUint32(80, true)).toBe(2);
  const raised = applyMorphTargets(square());
  expect([0, 1, 2].map((j) => view.getFloat32(84 + 12 + 4 * j, true))).toEqual([
    ...raised.positions.slice(0, 3),
  ]);
  // The first triangle (0,0,1) (1,0,0) (1,1,0) leans towards +x: its normal is (1,0,1)/√2.
  expect(view.getFloat32(84, true)).toBe(Math.fround(Math.SQRT1_2));
  expect(view.getFloat32(92, true)).toBe(Math.fround(Math.SQRT1_2));
});

test("a round trip keeps every triangle, and joins corners at the same place", () => {
  fc.assert(
    fc.property(anyMesh, (mesh) => {
      const back = readStl(writeStl(mesh));
      checkMesh(back);
      expect(corners(back)).toEqual(corners(mesh));
      expect(back.unit).toBe(mesh.unit);
    }),
    { seed: 14 },
  );
  expect(readStl(writeStl(cube())).positions.length).toBe(24);
  expect(readStl(writeStl(sheet(30, 9))).positions.length).toBe(3 * 900);
});

describe("reads", () => {
  const solid =
    "solid head\nfacet normal 0 0 1\n outer loop\n  vertex 0 0 0\n  VERTEX 1 0 0\n  vertex 0 1 -0\n endloop\nendfacet\nendsolid head\n";

  test("text, with CRLF, upper case and several solids", () => {
    const mesh = readStl(text((solid + solid).replaceAll("\n", "\r\n")));
    expect([...mesh.positions]).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0]);
    expect([...mesh.indices]).toEqual([0, 1, 2, 0, 1, 2]);
    expect(readStl(text(solid), { unit: "mm" }).unit).toBe("mm");
  });

  test("text loops of four corners", () => {
    const quad = solid.replace(" endloop", "  vertex -1 0 0\n endloop");
    expect([...readStl(text(quad)).indices]).toEqual([0, 1, 2, 0, 2, 3]);
  });

  test("binary files that begin with solid, and ones with bytes to spare", () => {
    const file = writeStl(cube());
    const misleading = file.slice();
    misleading.set(text("solid"));
    expect(readStl(misleading).positions.length).toBe(24);
    const longer = new Uint8Array(file.length + 5);
    longer.set(file);
    expect(readStl(longer).positions.length).toBe(24);
  });

  test("no triangles", () => {
    expect(readStl(new Uint8Array(84)).indices.length).toBe(0);
    expect(readStl(text("solid nothing\nendsolid")).indices.length).toBe(0);
  });
});

describe("refuses", () => {
  test.each([
    ["no bytes", new Uint8Array(0), /84 bytes or more/],
    ["4·10⁹ triangles", new Uint8Array(84).fill(255, 80), /asks for 214748364834 bytes/],
    ["a triangle too few", writeStl(cube()).subarray(0, 84 + 49), /asks for/],
    ["NaN", writeStl(cube()).fill(255, 96, 100), /got NaN at byte 96/],
    [
      "two corners",
      text("solid\nouter loop\nvertex 0 0 0\nvertex 0 0 0\nendloop"),
      /got 2 at line 5/,
    ],
    ["words", text("solid\nouter loop\nvertex 0 zero 0"), /got "zero" at line 3/],
    ["an open loop", text("solid\nouter loop\nvertex 0 0 0"), /ends inside a loop/],
    ["a loop inside a loop", text("solid\nvertex 0 0 0\nouter loop"), /inside a loop at line 3/],
  ])("%s", (_, bytes, message) => {
    const error = formatErrorOf(() => readStl(bytes));
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ format: "stl" });
  });

  test("damage of any kind", async () => {
    await expectSafeOnDamage(writeStl(cube()), (bytes) => readStl(bytes), 15);
    await expectSafeOnDamage(
      text("solid a\nouter loop\nvertex 1 2 3\nvertex 1 2 3\nvertex 4 5 6\nendloop\n"),
      (bytes) => readStl(bytes),
      16,
    );
  });

  test("a bad mesh as the caller's mistake", () => {
    expect(() => writeStl({ ...cube(), unit: "inch" as "m" })).toThrow(/writeStl: expected unit/);
  });
});
