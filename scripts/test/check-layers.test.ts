import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
// @ts-expect-error a script, without types
import { checkLayers } from "../check-layers.mjs";

const table = {
  packages: {
    ground: { layer: 0, imports: [] },
    walls: { layer: 1, imports: ["ground"], node: ["src/node.ts"] },
    roof: { layer: 2, imports: ["ground", "walls"], node: ["src/tools/"] },
  },
};

let root: string;

const write = (path: string, content: string): void => {
  const file = join(root, "packages", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
};
const manifest = (name: string, dependencies: string[] = [], more: object = {}): void => {
  const versions = Object.fromEntries(dependencies.map((other) => [other, "*"]));
  write(
    `${name}/package.json`,
    JSON.stringify({ name: `@headform/${name}`, dependencies: versions, ...more }),
  );
};
const check = (): string[] => checkLayers(root, table) as string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "layers-"));
  manifest("ground", ["leaf"]);
  write("ground/src/index.ts", 'import { leaf } from "leaf/deep";\nexport * from "./deep/own.ts";');
  write(
    "ground/src/deep/own.ts",
    'import "../index.ts"; // "@headform/roof" in words is no import',
  );
  manifest("walls", ["@headform/ground"]);
  write("walls/src/index.ts", 'import type { Ground } from "@headform/ground/deep";');
  write("walls/src/node.ts", 'import { readFile } from "node:fs/promises";');
  manifest("roof", ["@headform/ground", "@headform/walls"]);
  write("roof/src/index.ts", 'export const later = () => import("@headform/walls");');
  write("roof/src/tools/a.ts", 'import { join } from "path";');
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

test("a repository as the table says has no violation", () => {
  expect(check()).toEqual([]);
});

test("an import of a higher layer, in each form", () => {
  write("ground/src/a.ts", 'import { x } from "@headform/roof";');
  write("ground/src/b.ts", 'export * from "@headform/roof";');
  write("ground/src/c.ts", 'import type { X } from "@headform/roof/types";');
  write("ground/src/d.ts", 'const x = await import("@headform/roof");');
  write("ground/src/e.ts", 'let x: import("@headform/roof").X;');
  const lines = check();
  for (const file of ["a", "b", "c", "d", "e"]) {
    expect(lines.join("\n")).toContain(`packages/ground/src/${file}.ts: @headform/roof`);
  }
  expect(lines[0]).toBe(
    "packages/ground/src/a.ts: @headform/roof: layer 0 (ground) may not import roof (layer 2)",
  );
});

test("a dependency on a higher layer, before it is imported", () => {
  manifest("ground", ["leaf", "@headform/walls"]);
  expect(check()[0]).toBe(
    "packages/ground/package.json: @headform/walls: layer 0 (ground) may not import walls (layer 1)",
  );
});

test("a cycle, also through development dependencies", () => {
  manifest("ground", ["leaf"], { devDependencies: { "@headform/roof": "*" } });
  expect(check()).toContain("cycle: ground → roof → ground");
});

test("Node's modules in a file that must run in browsers, with and without node:", () => {
  write("walls/src/index.ts", 'import { readFileSync } from "node:fs";');
  write("ground/src/index.ts", 'import { cpus } from "os";\nimport "fs/promises";');
  expect(check()).toEqual([
    "packages/ground/src/index.ts: os: a Node module in a file that must run in browsers",
    "packages/ground/src/index.ts: fs/promises: a Node module in a file that must run in browsers",
    "packages/walls/src/index.ts: node:fs: a Node module in a file that must run in browsers",
  ]);
});

test("an import that package.json does not declare", () => {
  write("walls/src/index.ts", 'import leaf from "@scope/leaf/deep";');
  expect(check()).toEqual([
    "packages/walls/src/index.ts: @scope/leaf/deep: not among the package's dependencies",
  ]);
});

test("a relative import out of the package", () => {
  write("walls/src/index.ts", 'import { x } from "../../ground/src/index.ts";');
  expect(check()).toEqual([
    "packages/walls/src/index.ts: ../../ground/src/index.ts: reaches outside of the package's src",
  ]);
});

test("a package without a layer, and a table that contradicts itself", () => {
  manifest("cellar");
  expect(check()).toEqual(["packages/cellar: has no layer in layers.json"]);
  const wrong = { packages: { ...table.packages, ground: { layer: 0, imports: ["roof"] } } };
  expect((checkLayers(root, wrong) as string[])[0]).toBe(
    "layers.json: ground (layer 0) → roof (layer 2): not a lower layer",
  );
});
