import { compileKernel, instantiateKernel, WASM_PAGE } from "@headform/core-math";
import { afterEach, expect, test, vi } from "vitest";

/** (module (import "env" "memory" (memory 1)) (func (export "first") (result i32) (i32.load8_u (i32.const 0)))) */
const FIRST = btoa(
  String.fromCharCode(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f],
    ...[2, 15, 1, 3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 0, 1],
    ...[3, 2, 1, 0, 7, 9, 1, 5, 0x66, 0x69, 0x72, 0x73, 0x74, 0, 0],
    ...[10, 9, 1, 7, 0, 0x41, 0, 0x2d, 0, 0, 0x0b],
  ),
);

afterEach(() => {
  vi.unstubAllGlobals();
});

test("functions see the memory that they are given", () => {
  const kernel = compileKernel(FIRST);
  const one = instantiateKernel<{ first(): number }>(kernel, WASM_PAGE + 1)!;
  const other = instantiateKernel<{ first(): number }>(kernel, 0)!;
  expect([one.buffer.byteLength, other.buffer.byteLength]).toEqual([2 * WASM_PAGE, WASM_PAGE]);
  new Uint8Array(one.buffer)[0] = 7;
  expect([one.exports.first(), other.exports.first()]).toEqual([7, 0]);
});

test("nothing where there is no WebAssembly, no room, or no sense in the bytes", () => {
  const kernel = compileKernel(FIRST);
  expect(compileKernel(btoa("no WebAssembly"))).toBeUndefined();
  expect(instantiateKernel(undefined, 1)).toBeUndefined();
  // Addresses have 32 bits.
  expect(instantiateKernel(kernel, 2 ** 33)).toBeUndefined();
  vi.stubGlobal("WebAssembly", undefined);
  expect(compileKernel(FIRST)).toBeUndefined();
  expect(instantiateKernel(kernel, 1)).toBeUndefined();
});

test("nothing where compiling is forbidden", () => {
  const forbidden = class {
    constructor() {
      throw new EvalError("unsafe-eval is not allowed");
    }
  };
  vi.stubGlobal("WebAssembly", { validate: () => true, Module: forbidden });
  expect(compileKernel(FIRST)).toBeUndefined();
});
