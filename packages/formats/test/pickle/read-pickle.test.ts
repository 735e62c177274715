import {
  type NdArray,
  type PickleObject,
  type PickleValue,
  readPickle,
  type SparseMatrix,
  toDense,
  toNdArray,
} from "@headform/formats/pickle";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorOf, expectToRefuseTruncated, expectToSurvive, fixture } from "../fixture.ts";

type Dict = ReadonlyMap<string, PickleValue>;

/** Bytes from text pieces (one byte a character) and numbers. */
function pickleOf(...parts: readonly (string | number)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "number" ? [part] : Array.from(part, (letter) => letter.charCodeAt(0)),
    ),
  );
}

function arrayOf(value: PickleValue | undefined): { dtype: string; shape: unknown; data: unknown } {
  const { dtype, shape, data } = value as NdArray;
  return { dtype, shape, data: Array.from(data as Iterable<number | bigint>) };
}

const count = (length: number): number[] => Array.from({ length }, (_, i) => i);

describe.each([
  ...[0, 1, 2, 3, 4, 5].map((protocol) => `head-${protocol}.pkl`),
  ...[0, 1, 2].map((protocol) => `head-python2-${protocol}.pkl`),
])("a head model in %s", (name) => {
  const head = readPickle(fixture(name)) as Dict;

  test("has its arrays, chumpy's and a Fortran one among them", () => {
    expect([...head.keys()]).toEqual([
      "v_template",
      "f",
      "shapedirs",
      "posedirs",
      "J_regressor",
      "kintree_table",
      "weights",
      "bs_style",
      "bs_type",
    ]);
    expect(arrayOf(head.get("v_template"))).toEqual({
      dtype: "float64",
      shape: [7, 3],
      data: count(21).map((i) => i / 8),
    });
    expect(arrayOf(head.get("f"))).toEqual({
      dtype: "uint32",
      shape: [4, 3],
      data: count(12).map((i) => i % 7),
    });
    expect(head.get("shapedirs")).toMatchObject({ kind: "chumpy" });
    expect(arrayOf(toNdArray(head.get("shapedirs")))).toEqual({
      dtype: "float64",
      shape: [7, 3, 4],
      data: count(84).map((i) => i / 16),
    });
    expect(arrayOf(head.get("posedirs"))).toEqual({
      dtype: "float64",
      shape: [7, 3, 9],
      data: count(189).map((i) => i - 50),
    });
    expect(arrayOf(head.get("kintree_table")).data).toEqual([
      2 ** 32 - 1,
      0,
      1,
      1,
      1,
      0,
      1,
      2,
      3,
      4,
    ]);
    expect(arrayOf(head.get("weights")).data).toEqual(Array(35).fill(Math.fround(0.2)));
    expect([head.get("bs_style"), head.get("bs_type")]).toEqual(["lbs", "lrotmin"]);
  });

  test("has its sparse joint regressor", () => {
    const regressor = head.get("J_regressor") as SparseMatrix;
    expect(regressor).toMatchObject({ kind: "sparse", format: "csc", shape: [5, 7] });
    const dense = toDense(regressor).data;
    const expected = new Float64Array(35);
    for (const [row, column, value] of [
      [0, 1, 0.5],
      [2, 0, 0.25],
      [2, 6, 0.75],
      [4, 3, 1],
    ]) {
      expected[row! * 7 + column!] = value!;
    }
    expect(dense).toEqual(expected);
  });
});

test.each(["head-4.pkl", "head-python2-0.pkl", "head-python2-2.pkl"])(
  "%s survives damage",
  (name) => {
    expectToSurvive(readPickle, fixture(name), 11);
    expectToRefuseTruncated(readPickle, fixture(name));
  },
);

describe.each([0, 1, 2, 3, 4, 5])("Python's values in protocol %i", (protocol) => {
  const file = fixture(`values-${protocol}.pkl`);
  const values = readPickle(file) as Dict;

  test("constants, numbers, text and bytes", () => {
    expect(values.get("none")).toBe(null);
    expect(values.get("booleans")).toEqual([true, false]);
    expect(values.get("integers")).toEqual([
      0,
      255,
      256,
      65535,
      65536,
      -1,
      -(2 ** 31),
      2 ** 31,
      2 ** 53 - 1,
      1 - 2 ** 53,
    ]);
    expect(values.get("large")).toEqual([2n ** 53n, -(2n ** 63n), 2n ** 64n, -(2n ** 2000n)]);
    expect(values.get("floats")).toEqual([0.1, -0, 1e-300, Infinity, -Infinity, Number.NaN]);
    expect(values.get("text")).toEqual(["", "ascii", "grüße\n\\ü", "☺", "𝄞", "long ".repeat(100)]);
    const all = Uint8Array.from({ length: 512 }, (_, i) => i);
    expect(values.get("bytes")).toEqual([new Uint8Array(), Uint8Array.of(0, 255), all]);
    expect(values.get("bytearray")).toEqual(Uint8Array.of(1, 254));
  });

  test("containers, shared and cyclic ones too", () => {
    expect(values.get("tuples")).toEqual([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]);
    expect(values.get("set")).toEqual(new Set([1, 2]));
    expect(values.get("frozenset")).toEqual(new Set([3]));
    const ordered = [
      ["b", 1],
      ["a", 2],
    ];
    expect([...(values.get("ordered") as Dict)]).toEqual(ordered);
    expect(values.get("default")).toEqual(new Map([["k", [1]]]));
    expect(values.get("counter")).toEqual(
      new Map([
        ["a", 2],
        ["b", 1],
      ]),
    );
    const keys = [...(values.get("keys") as Map<PickleValue, PickleValue>).keys()];
    expect(keys).toEqual([1, "1", [1, 2], 7]);
    const [first, second] = values.get("shared") as PickleValue[];
    expect(first).toBe(second);
    const cyclic = values.get("cyclic") as PickleValue[];
    expect(cyclic[0]).toBe("round");
    expect(cyclic[1]).toBe(cyclic);
  });

  test("what is not known is named, with its arguments, and does nothing", () => {
    expect(values.get("runs")).toEqual({
      kind: "object",
      // Where os.system lives on the system that wrote the file.
      module: "posix",
      name: "system",
      args: ["touch pwned"],
      state: undefined,
      items: undefined,
      entries: undefined,
    });
    const config = values.get("config") as PickleObject;
    expect([config.module, config.name]).toEqual(["project.config", "Config"]);
    const state = config.state as Dict;
    expect(state.get("name")).toBe("flame");
    expect(state.get("parent")).toBe(config);
    expect(values.get("class")).toEqual({
      kind: "global",
      module: "project.config",
      name: "Config",
    });
    const tagged = values.get("tagged") as PickleObject;
    expect(tagged.name).toBe("Tagged");
    expect((tagged.state as Dict).get("note")).toBe("x".repeat(300));
    expect(values.get("date")).toMatchObject({ module: "datetime", name: "date" });
    expect(values.get("lil")).toMatchObject({ kind: "object", name: "lil_matrix" });
    expect(values.get("records")).toMatchObject({
      kind: "object",
      name: protocol < 5 ? "_reconstruct" : "_frombuffer",
    });
  });

  test("NumPy's scalars and arrays of all kinds", () => {
    expect(values.get("scalars")).toEqual([0.5, 0.1, -5, 2n ** 63n, true]);
    expect(arrayOf(values.get("halves"))).toEqual({
      dtype: "float16",
      shape: [3],
      data: [0x3800, 0xc000, 0x7c00],
    });
    expect(arrayOf(values.get("complex"))).toEqual({
      dtype: "complex64",
      shape: [1, 2],
      data: [1, 2, 3, -4],
    });
    expect(arrayOf(values.get("bools"))).toEqual({ dtype: "bool", shape: [3], data: [1, 0, 1] });
    expect(values.get("objects")).toEqual({
      kind: "object-array",
      dtype: "object",
      shape: [2, 2],
      data: ["a", null, 1, [2]],
    });
    expect(values.get("unicode")).toEqual({
      kind: "object-array",
      dtype: "string",
      shape: [2, 2],
      data: ["ab", "☺", "", "abc"],
    });
    expect(values.get("ascii")).toMatchObject({ dtype: "string", data: ["ab", "c"] });
    expect(arrayOf(values.get("wide"))).toEqual({ dtype: "int64", shape: [2], data: [1n, -2n] });
    expect(arrayOf(values.get("scalarArray"))).toEqual({
      dtype: "float64",
      shape: [],
      data: [2.5],
    });
    expect(arrayOf(values.get("empty"))).toEqual({ dtype: "int16", shape: [0, 3], data: [] });
    expect(arrayOf(values.get("matrix"))).toMatchObject({ dtype: "int64", shape: [1, 2] });
    const [csr, coo] = ["csr", "coo"].map((name) => toDense(values.get(name) as SparseMatrix));
    expect(csr!.data[1]).toBe(0.5);
    expect(coo).toEqual(csr);
  });

  test("survives damage", () => {
    expectToSurvive(readPickle, file, protocol);
    expectToRefuseTruncated(readPickle, file);
  });
});

test("FLAME's masks: protocol 0 with Python 2's text", () => {
  const masks = readPickle(fixture("masks.pkl")) as Dict;
  expect(arrayOf(masks.get("nose"))).toEqual({
    dtype: "int64",
    shape: [40],
    data: count(40).map((i) => BigInt(3 * i)),
  });
  expect([...masks.keys()]).toEqual(["nose", "größe"]);
});

describe("protocol 0", () => {
  const file = fixture("head-0.pkl");
  const edited = (from: RegExp, to: string): Uint8Array =>
    Buffer.from(Buffer.from(file).toString("latin1").replace(from, to), "latin1");

  test("with the line ends of a text transfer reads the same", () => {
    expect(readPickle(edited(/\n/g, "\r\n"))).toEqual(readPickle(file));
  });

  test.each<[string, RegExp, string]>([
    ["NumPy 2", /cnumpy\.core/g, "cnumpy._core"],
    ["SciPy before 1.8", /cscipy\.sparse\._csc/g, "cscipy.sparse.csc"],
  ])("with the module names of %s reads the same", (_, from, to) => {
    const other = edited(from, to);
    expect(other.length).not.toBe(file.length);
    expect(readPickle(other)).toEqual(readPickle(file));
  });
});

test("reads from shared memory and from an odd address", () => {
  const file = fixture("head-4.pkl");
  const moved = new Uint8Array(new SharedArrayBuffer(file.length + 3), 3);
  moved.set(file);
  expect(readPickle(moved)).toEqual(readPickle(file));
});

test("persistent ids are asked for or kept", () => {
  const file = pickleOf("(lPsomewhere\na.");
  expect(readPickle(file)).toEqual([{ kind: "persistent", id: "somewhere" }]);
  const asked = readPickle(file, { persistentLoad: (id) => `${id as string} else` });
  expect(asked).toEqual(["somewhere else"]);
});

describe("old opcodes", () => {
  test.each<[string, PickleValue]>([
    ["I01\n.", true],
    ["I-7\n.", -7],
    ["L12L\n.", 12],
    ["F1e400\n.", Infinity],
    ["S'a\\x41\\101\\n\\q'\n.", "aAA\n\\q"],
    ['S"it\'s"\r\n.', "it's"],
    ["V\\u263a\\U0001d11e\n.", "☺𝄞"],
    ["(lp0\nI1\nag0\n0.", [1]],
    ["(I1\n(I2\nI3\n1I4\nt.", [1, 4]],
    ["(I1\nI2\nd.", new Map([[1, 2]])],
    ["I5\n2\x86.", [5, 5]],
    ["(imodule\nName\n.", { kind: "object", module: "module", name: "Name", args: [] }],
    ["(cmodule\nName\nI1\no.", { kind: "object", module: "module", name: "Name", args: [1] }],
    ["(I1\ncm\nN\n)R}b.", null],
  ] as [string, PickleValue][])("%j", (text, expected) => {
    if (expected === null) {
      // A mark stays open: values are left over.
      expect(errorOf(() => readPickle(pickleOf(text))).message).toMatch(/left over|empty/);
      return;
    }
    expect(readPickle(pickleOf(text))).toEqual(
      typeof expected === "object" && "kind" in expected
        ? { state: undefined, items: undefined, entries: undefined, ...expected }
        : expected,
    );
  });
});

describe("refuses", () => {
  const integer = (value: number) =>
    [value, value >> 8, value >> 16, value >> 24].map((b) => b & 255);

  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /expected 1 more bytes/],
    ["a later protocol", pickleOf(0x80, 6, "N."), /protocol 6/],
    ["an opcode that is none", pickleOf(0xff), /0xff is no opcode/],
    ["an empty stack", pickleOf("."), /stack is empty/],
    ["values left over", pickleOf("NN."), /left over/],
    ["a tuple without a mark", pickleOf("t."), /no mark/],
    ["a pop below the mark", pickleOf("N(a."), /stack is empty/],
    ["an empty memo", pickleOf("h\x07."), /memo 7 is empty/],
    ["a gigabyte of text", pickleOf("T", ...integer(2 ** 30), "x."), /expected 1073741824 more/],
    ["a gigabyte of bytes", pickleOf("B", ...integer(2 ** 30), "x."), /expected 1073741824 more/],
    ["exabytes", pickleOf(0x8e, 0, 0, 0, 0, 0, 0, 0, 0x10), /more bytes/],
    ["a frame beyond the file", pickleOf(0x95, ...integer(99), 0, 0, 0, 0, "N."), /frame/],
    ["a negative length", pickleOf("T", ...integer(-1), "."), /negative length/],
    ["an endless integer", pickleOf(0x8b, ...integer(5000), "x".repeat(5000)), /too large/],
    ["an endless decimal", pickleOf("L", "9".repeat(9000), "L\n."), /malformed integer/],
    ["a float that is none", pickleOf("F1.2.3\n."), /malformed float/],
    ["an unquoted string", pickleOf("Sabc\n."), /malformed string/],
    ["text that is not UTF-8", pickleOf("X", ...integer(1), "\xff."), /not UTF-8/],
    ["appending to a number", pickleOf("I1\nNa."), /expected a list/],
    ["setting in a list", pickleOf("]NNs."), /expected a dict/],
    ["a key without a value", pickleOf("}(Nu."), /no value/],
    ["adding to a list", pickleOf("](N", 0x90, "."), /expected a set/],
    ["building a number", pickleOf("I1\n}b."), /expected an object/],
    ["calling with a number", pickleOf("cm\nN\nI1\nR."), /expected a tuple/],
    ["a global without a name", pickleOf("NN", 0x93, "."), /name of a global/],
    ["an extension code", pickleOf(0x82, 1, "."), /extension codes/],
    ["buffers kept elsewhere", pickleOf(0x97, "."), /NEXT_BUFFER/],
    ["a class from nowhere", pickleOf("(o."), /expected a class/],
  ])("%s", (_, file, message) => {
    const error = errorOf(() => readPickle(file));
    expect(error).toMatchObject({ format: "pickle" });
    expect(error.message).toMatch(message);
  });

  /** An array as Python 2 would write it, with a shape, dtype and bytes of its own. */
  const array = (shape: string, dtype: string, bytes: string): Uint8Array =>
    pickleOf(
      "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n",
      `(${shape}tcnumpy\ndtype\n(S'${dtype}'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\n`,
      `S'${bytes}'\ntb.`,
    );

  test("arrays that are not what their shape says", () => {
    expect(arrayOf(readPickle(array("I2\n", "i2", "abcd")))).toMatchObject({ dtype: "int16" });
    for (const [shape, dtype, bytes] of [
      ["I3\n", "i2", "abcd"],
      ["I1000000000\nI1000000000\n", "i2", "abcd"],
      ["I-2\n", "i2", "abcd"],
      ["F2.0\n", "f2", ""],
      ["I1000000000000\n", "S0", ""],
      ["I1\n", "O", "a"],
    ]) {
      expect(errorOf(() => readPickle(array(shape!, dtype!, bytes!))).message).toMatch(/an array/);
    }
    expect(readPickle(array("I1\n", "m8", "abcdefgh"))).toMatchObject({ kind: "object" });
  });

  test("nesting deeper than allowed, built in one go or over the memo", () => {
    expect(
      errorOf(() => readPickle(pickleOf("]".repeat(5000), "a".repeat(4999), "."))).message,
    ).toMatch(/deeper than 1000/);
    const chain = pickleOf("]q\x00", "]h\x00aq\x000h\x00".repeat(3000), ".");
    expect(errorOf(() => readPickle(chain)).message).toMatch(/left over|deeper/);
    const values = readPickle(pickleOf("]".repeat(900), "a".repeat(899), "."));
    expect(values).toHaveLength(1);
    expect(readPickle(pickleOf("]]a."), { maxDepth: 2 })).toEqual([[]]);
    expect(errorOf(() => readPickle(pickleOf("]]]aa."), { maxDepth: 2 })).message).toMatch(
      /deeper/,
    );
  });

  test("more objects, memos and instructions than allowed", () => {
    const limits = { maxObjects: 100 };
    expect(errorOf(() => readPickle(pickleOf("]".repeat(101)), limits)).message).toMatch(/objects/);
    expect(errorOf(() => readPickle(pickleOf("N", "\x94".repeat(101)), limits)).message).toMatch(
      /memos/,
    );
    expect(errorOf(() => readPickle(pickleOf("N".repeat(1700)), limits)).message).toMatch(
      /instructions/,
    );
  });

  test("bytes used over and over from the memo", () => {
    // 40 kB that a hundred arrays share: big-endian, so that each would be a copy.
    const bytes = "x".repeat(40_000);
    const one =
      "cnumpy.core.numeric\n_frombuffer\n(g0\ncnumpy\ndtype\n(S'f8'\nI0\nI1\ntR" +
      "(I3\nS'>'\nNNNI-1\nI-1\nI0\ntb(I5000\ntS'C'\ntR";
    const file = pickleOf("(", "T", ...integer(40_000), bytes, "p0\n", one.repeat(100), "t.");
    expect(errorOf(() => readPickle(file)).message).toMatch(/used too often/);
  });

  test("a dense matrix too large for its file", () => {
    const matrix = readPickle(fixture("head-4.pkl")) as Dict;
    const sparse = matrix.get("J_regressor") as Extract<SparseMatrix, { format: "csc" | "csr" }>;
    const huge = { ...sparse, shape: [1e9, 7] };
    expect(errorOf(() => toDense(huge)).message).toMatch(/over the limit/);
    expect(errorOf(() => toDense(sparse, 34)).message).toMatch(/over the limit of 34/);
    expect(errorOf(() => toDense({ ...sparse, shape: [2, 7] })).message).toMatch(/lies at/);
    expect(errorOf(() => toDense({ ...sparse, shape: [5, 6] })).message).toMatch(/indptr/);
    const indptr = { ...sparse.indptr, data: Int32Array.of(0, 3, 2, 2, 3, 3, 3, 4) };
    expect(errorOf(() => toDense({ ...sparse, indptr })).message).toMatch(/ascend/);
    const indices = { ...sparse.indices, data: Int32Array.of(0) };
    expect(errorOf(() => toDense({ ...sparse, indices })).message).toMatch(/length/);
  });
});

test("any bytes at all give a value or a FormatError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        readPickle(bytes);
      } catch (error) {
        expect(error).toMatchObject({ tag: "format" });
      }
    }),
    { numRuns: 200, seed: 5 },
  );
});

test("toNdArray knows what is an array", () => {
  const head = readPickle(fixture("head-4.pkl")) as Dict;
  expect(toNdArray(head.get("J_regressor"))).toMatchObject({ shape: [5, 7], dtype: "float64" });
  expect(toNdArray(head.get("f"))).toBe(head.get("f"));
  for (const value of ["text", null, undefined, 3, [1, 2], new Map()]) {
    expect(toNdArray(value as PickleValue)).toBe(undefined);
  }
});
