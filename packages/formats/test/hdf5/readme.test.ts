import { readFileSync } from "node:fs";
import { findNode, readDataset, readHdf5 } from "@headform/formats/hdf5";
import { readMat } from "@headform/formats/matlab";
import { expect, test } from "vitest";

const load = (name: string): Uint8Array =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

test("README: MATLAB and HDF5", () => {
  const value = readMat(load("plain.mat")).get("double");
  expect(value).toMatchObject({ kind: "array", shape: [2, 3] });
  expect(value?.kind === "array" && value.data[1]).toBe(1);
  const node = findNode(readHdf5(load("old.h5")), "layouts/deflated");
  expect(node).toMatchObject({ kind: "dataset", shape: [40, 30] });
  expect(node?.kind === "dataset" && readDataset(node)[31]).toBe(31);
});
