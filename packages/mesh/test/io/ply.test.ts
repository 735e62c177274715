import { applyMorphTargets, checkMesh, type Mesh } from "@headform/mesh";
import { readPly, writePly } from "@headform/mesh/io";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyMesh, cornerUvs, square } from "../shapes.ts";
import { expectSafeOnDamage, formatErrorOf } from "./damage.ts";

const text = (content: string) => new TextEncoder().encode(content);
const header = (lines: string, format = "ascii") =>
  `ply\nformat ${format} 1.0\n${lines}\nend_header\n`;
const xyz = "property float x\nproperty float y\nproperty float z";

test("writes what other programs read", () => {
  const { morphTargets: _, normals: __, ...still } = square();
  const file = writePly(still, { binary: false, textureFile: "a.png" });
  expect(new TextDecoder().decode(file)).toBe(
    header(
      `comment unit m\ncomment TextureFile a.png\nelement vertex 4\n${xyz}\n` +
        "property uchar red\nproperty uchar green\nproperty uchar blue\n" +
        "element face 2\nproperty list uchar int vertex_indices\nproperty list uchar float texcoord",
    ) +
      "0 0 0 255 0 0\n1 0 0 0 255 0\n1 1 0 0 0 255\n0 1 0 10 20 30\n" +
      "3 0 1 2 6 0 0 1 0 1 1\n3 0 2 3 6 0.5 0.5 1 1 0 1\n",
  );
});

test.each([true, false])("a round trip keeps everything, binary %s", (binary) => {
  fc.assert(
    fc.property(anyMesh, (mesh) => {
      const back = readPly(writePly(mesh, { binary }));
      expect(back.positions).toEqual(mesh.positions);
      expect(back.indices).toEqual(mesh.indices);
      expect(back.unit).toBe(mesh.unit);
      expect(back.colors).toEqual(mesh.colors);
      expect(back.normals).toEqual(mesh.normals);
      if (mesh.indices.length > 0 && mesh.uvs) expect(cornerUvs(back)).toEqual(cornerUvs(mesh));
      else if (!mesh.uvIndices) expect(back.uvs).toEqual(mesh.uvs);
    }),
    { seed: 12 },
  );
});

test("equal texture coordinates become one again", () => {
  const back = readPly(writePly(square()));
  checkMesh(back);
  expect(back.uvs!.length).toBe(10);
});

test("writes the pose, since the format has no morph targets", () => {
  expect(readPly(writePly(square())).positions).toEqual(applyMorphTargets(square()).positions);
});

describe("reads", () => {
  test("big-endian bytes, other types and elements, and polygons", () => {
    const head = header(
      "obj_info unit mm\nelement camera 2\nproperty list uchar short views\nproperty double f\n" +
        "element vertex 4\nproperty double x\nproperty short y\nproperty int z\nproperty uchar alpha\n" +
        "property ushort red\nproperty ushort green\nproperty ushort blue\n" +
        "element face 1\nproperty uchar flag\nproperty list int ushort vertex_index",
      "binary_big_endian",
    );
    const body = new DataView(new ArrayBuffer(200));
    let at = 0;
    const put = (kind: "Uint8" | "Int16" | "Uint16" | "Int32" | "Float64", ...values: number[]) => {
      for (const value of values) {
        if (kind === "Uint8") body.setUint8(at, value);
        else body[`set${kind}`](at, value);
        at += Number(/\d+/.exec(kind)![0]) / 8;
      }
    };
    for (const views of [2, 0]) {
      put("Uint8", views);
      put("Int16", ...new Array(views).fill(7));
      put("Float64", 1.5);
    }
    for (let i = 0; i < 4; i++) {
      put("Float64", 0.1 * i);
      put("Int16", -i);
      put("Int32", 100_000 * i);
      put("Uint8", 255);
      put("Uint16", 65535, 257 * i, 0);
    }
    put("Uint8", 1);
    put("Int32", 4);
    put("Uint16", 3, 2, 1, 0);
    const bytes = new Uint8Array([...text(head), ...new Uint8Array(body.buffer, 0, at)]);
    const mesh = readPly(bytes);
    checkMesh(mesh);
    expect(mesh.unit).toBe("mm");
    expect([...mesh.positions.slice(3, 6)]).toEqual([Math.fround(0.1), -1, 100_000]);
    expect([...mesh.colors!.slice(3, 6)]).toEqual([255, 1, 0]);
    expect([...mesh.indices]).toEqual([3, 2, 1, 3, 1, 0]);
    expect(readPly(bytes, { unit: "m" }).unit).toBe("m");
  });

  test("CRLF headers, float colors and a cloud without faces", () => {
    const file = header(
      `comment größe ☺\nelement vertex 1\n${xyz}\nproperty float red\nproperty float green\nproperty float blue\nproperty float u\nproperty float v`,
    ).replaceAll("\n", "\r\n");
    expect(readPly(text(`${file}1 2 3 1 0.5 0 0.25 0.75\r\n`))).toEqual({
      positions: Float32Array.of(1, 2, 3),
      indices: new Uint32Array(0),
      unit: "none",
      colors: Uint8Array.of(255, 128, 0),
      uvs: Float32Array.of(0.25, 0.75),
    });
  });

  test("an element without properties, whatever it counts", () => {
    const file = header(`element nothing 4000000000\nelement vertex 1\n${xyz}`);
    expect(readPly(text(`${file}1 2 3`)).positions.length).toBe(3);
  });
});

describe("refuses", () => {
  const face = "element face 1\nproperty list uchar int vertex_indices";
  const cases: [string, string, RegExp][] = [
    ["another signature", "plyx\n", /expected "ply"/],
    ["no end of the header", "ply\nformat ascii 1.0\n", /expected "end_header"/],
    ["no format", "ply\nelement vertex 0\nend_header\n", /names no format/],
    ["an unknown format", header("", "binary_middle_endian"), /unknown format/],
    ["an unknown line", header("elephant vertex 1"), /unexpected "elephant vertex 1"/],
    ["a property of nothing", header("property float x"), /unexpected/],
    ["a negative count", header("element vertex -1"), /name and count/],
    ["a count of 10²⁰", header("element vertex 100000000000000000000"), /name and count/],
    ["an unknown type", header("element vertex 1\nproperty quad x"), /type and name/],
    [
      "a type of Object.prototype",
      header("element vertex 1\nproperty toString x"),
      /type and name/,
    ],
    [
      "a list counted in floats",
      header("element face 1\nproperty list float int a"),
      /type and name/,
    ],
    [
      "no vertices",
      header("element face 0\nproperty list uchar int vertex_indices"),
      /no vertices/,
    ],
    [
      "vertices without z",
      header("element vertex 0\nproperty float x\nproperty float y"),
      /no x, y and z/,
    ],
    ["4·10⁹ vertices", header(`element vertex 4000000000\n${xyz}`), /more than the file/],
    [
      "4·10⁹ binary vertices",
      header(`element vertex 4000000000\n${xyz}`, "binary_little_endian"),
      /more than the file/,
    ],
    ["words", `${header(`element vertex 1\n${xyz}`)}1 2 three\n`, /got "three" at line 8/],
    ["NaN", `${header(`element vertex 1\n${xyz}`)}1 2 NaN\n`, /got "NaN"/],
    ["infinity", `${header(`element vertex 1\n${xyz}`)}1 2 1e39\n`, /vertex 0 has z = 1e\+39/],
    ["too few numbers", `${header(`element vertex 2\n${xyz}`)}1 2 3 4 5\n`, /ends early/],
    ["two corners", `${header(`element vertex 1\n${xyz}\n${face}`)}1 2 3\n2 0 0\n`, /2 corners/],
    [
      "a vertex too high",
      `${header(`element vertex 1\n${xyz}\n${face}`)}1 2 3\n3 0 0 1\n`,
      /vertex 1 of 1/,
    ],
    [
      "a negative vertex",
      `${header(`element vertex 1\n${xyz}\n${face}`)}1 2 3\n3 0 0 -1\n`,
      /vertex -1/,
    ],
    [
      "a long list",
      `${header(`element vertex 1\n${xyz}\n${face}`)}1 2 3\n255 0 0 0\n`,
      /255 values does not fit/,
    ],
  ];
  test.each(cases)("%s", (_, file, message) => {
    const error = formatErrorOf(() => readPly(text(file)));
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ format: "ply" });
  });

  test("binary files cut short, with the byte", () => {
    const file = writePly(square());
    expect(formatErrorOf(() => readPly(file.subarray(0, file.length - 1)))).toMatchObject({
      offset: expect.any(Number),
    });
  });

  test.each([true, false])("damage of any kind, binary %s", async (binary) => {
    await expectSafeOnDamage(writePly(square(), { binary }), (bytes) => readPly(bytes), 13);
  });

  test("a bad mesh or name as the caller's mistake", () => {
    expect(() => writePly({ ...square(), indices: Uint32Array.of(9, 9, 9) } as Mesh)).toThrow(
      /writePly: expected indices/,
    );
    expect(() => writePly(square(), { textureFile: "a\nend_header" })).toThrow(RangeError);
  });
});
