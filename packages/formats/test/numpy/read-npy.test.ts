import { type NdArray, type ObjectArray, readNpy, toFloat32 } from "@headform/formats/numpy";
import { toNdArray } from "@headform/formats/pickle";
import { describe, expect, test } from "vitest";
import { errorOf, expectToRefuseTruncated, expectToSurvive, fixture } from "../fixture.ts";

/** A .npy file with any header and body. */
function npyOf(header: string, body: readonly number[] = [], version = 1): Uint8Array {
  const text = `${header}\n`;
  const size = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, 0, 0, 0];
  const letters = Array.from(text, (letter) => letter.charCodeAt(0));
  return Uint8Array.of(
    0x93,
    ..."NUMPY".split("").map((c) => c.charCodeAt(0)),
    version,
    0,
    ...size,
    ...letters,
    ...body,
  );
}

const header = (descr: string, shape: string, order = "False"): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': (${shape}), }`;

describe("FLAME's landmark embedding", () => {
  const file = fixture("embedding.npy");

  test("is a dict in an array of objects, with nested streams of Torch", () => {
    const array = readNpy(file) as ObjectArray;
    expect(array).toMatchObject({ kind: "object-array", dtype: "object", shape: [] });
    const embedding = array.data[0] as ReadonlyMap<string, NdArray>;
    const faces = toNdArray(embedding.get("dynamic_lmk_faces_idx"))!;
    expect(faces).toMatchObject({ dtype: "int64", shape: [4, 2] });
    expect([...faces.data]).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
    const coordinates = toNdArray(embedding.get("dynamic_lmk_bary_coords"))!;
    expect(coordinates.shape).toEqual([4, 2, 3]);
    expect([...coordinates.data]).toEqual(Array.from({ length: 24 }, (_, i) => i / 4));
    expect([...embedding.get("static_lmk_bary_coords")!.data]).toEqual(Array(15).fill(1 / 3));
  });

  test("survives damage", () => {
    expectToSurvive(readNpy, file, 3);
    expectToRefuseTruncated(readNpy, file);
  });
});

test("versions 2 and 3 and Python 2's shapes", () => {
  const text = header("'<i2'", "2L, 1L");
  for (const version of [1, 2, 3]) {
    const { shape, data } = readNpy(npyOf(text, [1, 0, 255, 255], version)) as NdArray;
    expect([shape, [...data]]).toEqual([
      [2, 1],
      [1, -1],
    ]);
  }
});

test("floats are a view of an aligned file, and of no other", () => {
  const body = [...new Uint8Array(Float32Array.of(1.5, -2).buffer)];
  const text = header("'<f4'", "2,");
  // Ten bytes before the header, one line feed after it.
  const padded = text.padEnd(Math.ceil((text.length + 11) / 4) * 4 - 11);
  const aligned = npyOf(padded, body);
  expect((readNpy(aligned) as NdArray).data.buffer).toBe(aligned.buffer);
  const odd = npyOf(`${padded} `, body);
  expect([...(readNpy(odd) as NdArray).data]).toEqual([1.5, -2]);
  expect((readNpy(odd) as NdArray).data.buffer).not.toBe(odd.buffer);
});

describe("refuses", () => {
  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /expected 6 more bytes/],
    ["another kind", fixture("arrays.npz"), /no magic/],
    ["a later version", npyOf(header("'<i2'", ""), [], 4), /version 4/],
    ["structured elements", fixture("structured.npy"), /structured/],
    ["an unknown dtype", npyOf(header("'<q3'", "1,"), [0]), /dtype "<q3"/],
    ["a header that is none", npyOf("{'descr': 3}"), /malformed/],
    [
      "a shape beyond the file",
      npyOf(header("'<f8'", "1000000000, 1000000000"), [0]),
      /expected 80{18} bytes/,
    ],
    ["a shape with no end", npyOf(header("'<f8'", "9".repeat(20)), [0]), /is none/],
    ["texts without width", npyOf(header("'|S0'", "1000000000000,")), /no width/],
    ["bytes left over", npyOf(header("'|u1'", "1,"), [0, 0]), /expected 1 bytes, got 2/],
    ["objects that are none", npyOf(header("'|O'", "1,"), [0x4e, 0x2e]), /objects/],
  ])("%s", (_, file, message) => {
    const error = errorOf(() => readNpy(file));
    expect(error).toMatchObject({ format: "npy" });
    expect(error.message).toMatch(message);
  });

  test("more texts than allowed", () => {
    const file = npyOf(header("'|S1'", "20,"), Array(20).fill(65));
    expect(readNpy(file)).toMatchObject({ data: Array(20).fill("A") });
    expect(errorOf(() => readNpy(file, { maxObjects: 19 })).message).toMatch(/more than 19/);
  });

  test("complex numbers as floats", () => {
    const array = readNpy(npyOf(header("'<c8'", ""), [0, 0, 128, 63, 0, 0, 0, 0])) as NdArray;
    expect([...array.data]).toEqual([1, 0]);
    expect(() => toFloat32(array)).toThrow(/^toFloat32: expected real numbers, got complex64$/);
  });
});
