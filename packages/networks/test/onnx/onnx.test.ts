import { createTensor } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import {
  addConstant,
  addInput,
  addIntegers,
  addNode,
  addOutput,
  addScalar,
  createGraph,
  isNetworkError,
  readOnnx,
  writeOnnx,
} from "@headform/networks/onnx";
import { createRandom } from "@headform/testing";
import { describe, expect, test } from "vitest";

/** y = (2·x) · W, with a reshape on the way: every kind of constant and attribute there is. */
function small(): Uint8Array {
  const graph = createGraph("small");
  graph.metadata.licence = "MIT";
  const x = addInput(graph, "x", ["batch", 3]);
  const doubled = addNode(graph, "Mul", [x, addScalar(graph, 2)]);
  const flat = addNode(graph, "Reshape", [doubled, addIntegers(graph, [-1, 3])]);
  const weight = addConstant(graph, "weight", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
  const scaled = { alpha: { float: 0.5 }, transB: 1 };
  const y = addNode(graph, "Gemm", [flat, weight], scaled);
  addNode(graph, "Transpose", [y], { perm: [1, 0] }, "y");
  addOutput(graph, "y", [2, "batch"]);
  return writeOnnx(graph);
}

test("a graph written here runs, and gives what its operators mean", async () => {
  const session = await (await createBackend({ threads: 1 })).createSession(small());
  const x = createTensor("float32", [2, 3], Float32Array.of(1, 0, 0, 1, 1, 1));
  const { y } = await session.run({ x });
  expect(y!.dims).toEqual([2, 2]);
  // 0.5 · (2x) · Wᵀ, transposed.
  expect([...(y!.data as Float32Array)]).toEqual([1, 6, 4, 15]);
  await session.release();
});

test("what a file says of itself", () => {
  const bytes = small();
  expect(readOnnx(bytes)).toEqual({
    bytes: bytes.length,
    producer: "headform",
    opsets: { "": 17 },
    name: "small",
    inputs: [{ name: "x", type: "float32", dims: ["batch", 3] }],
    outputs: [{ name: "y", type: "float32", dims: [2, "batch"] }],
    operators: { Mul: 1, Reshape: 1, Gemm: 1, Transpose: 1 },
    // 6 weights, one scalar, two sizes.
    parameters: 9,
    parameterBytes: expect.any(Number),
    metadata: { licence: "MIT" },
  });
});

test("a constant that does not fill its sizes is refused", () => {
  const graph = createGraph("wrong");
  expect(() => addConstant(graph, "w", [2, 2], new Float32Array(3))).toThrow(
    "addConstant: w: expected float32 [2,2], got 12 bytes",
  );
});

test("more constants than a file may have are refused before memory is taken", () => {
  const graph = createGraph("large");
  // The same 64 MB forty times.
  const block = new Uint8Array(2 ** 26);
  for (let i = 0; i < 40; i++) addConstant(graph, `w${i}`, [2 ** 24], block);
  expect(() => writeOnnx(graph)).toThrow("writeOnnx: expected constants under 2 GB");
});

describe("hostile bytes end in a NetworkError", () => {
  const bytes = small();

  test("nothing, text, another format", () => {
    const wrong = [new Uint8Array(), new TextEncoder().encode("solid"), new Uint8Array(64)];
    for (const file of wrong) expect(() => readOnnx(file)).toThrow("are no ONNX");
  });

  test("cut off anywhere, bits flipped (seed 5)", () => {
    const random = createRandom(5);
    let refused = 0;
    for (let i = 0; i < 3000; i++) {
      const damaged = bytes.slice(0, i % 3 === 0 ? Math.floor(random() * bytes.length) : undefined);
      for (let k = Math.floor(random() * 4); k >= 0; k--) {
        if (damaged.length > 0)
          damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
      }
      try {
        readOnnx(damaged);
      } catch (error) {
        if (!isNetworkError(error) || error.code !== "onnx") throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(500);
  });

  test("groups within groups do not nest", () => {
    const groups = new Uint8Array(1_000_000).fill((3 << 3) | 3);
    expect(() => readOnnx(groups)).toThrow("wire type 3");
  });
});
