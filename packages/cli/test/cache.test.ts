import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadSample } from "@headform/open-head/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../src/index.ts";
import { runIn } from "./run-in.ts";

const data = fileURLToPath(new URL("../../open-head/data/", import.meta.url));
let server: Server;
let address: string;
let folder: string;
const asked: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headform-cli-cache-"));
  await writeFile(join(folder, "sample.jpg"), await loadSample());
  server = createServer(async ({ url }, response) => {
    asked.push(url!);
    const bytes = await readFile(join(data, url!)).catch(() => undefined);
    response.writeHead(bytes ? 200 : 404).end(bytes);
  }).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const headform = (...argv: string[]) => runIn(folder, argv, { XDG_CACHE_HOME: folder });

test("networks by address are downloaded once, used offline, listed and cleared", async () => {
  const network = ["--network", `${address}/dense.json`, "--detector", `${address}/detector.onnx`];
  const argv = ["reconstruct", "sample.jpg", "--json", "-q", ...network];
  const missing = await headform(...argv, "--offline");
  expect(missing.code).toBe(1);
  expect(missing.err).toMatch(/^error: http.*is not in the cache.*fetch it once.*--offline/);
  const online = await headform(...argv);
  expect([online.code, online.err]).toEqual([0, ""]);
  asked.length = 0;
  const offline = await headform("--offline", ...argv);
  expect([offline.code, asked]).toEqual([0, []]);
  const shapeOf = (json: string): number[] => JSON.parse(json).images[0].faces[0].shape;
  expect(shapeOf(offline.out)).toEqual(shapeOf(online.out));

  const { out } = await headform("cache", "list", "--json");
  const { files, bytes } = JSON.parse(out);
  const names = ["dense.json", "dense.onnx", "detector.json", "detector.onnx"];
  const urls = files.map(({ name }: { name: string }) => name).sort();
  expect(urls).toEqual(names.map((name) => `${address}/${name}`));
  const sizes = await Promise.all(names.map((name) => stat(join(data, name))));
  expect(bytes).toBe(sizes.reduce((sum, { size }) => sum + size, 0));
  expect((await headform("cache", "list")).out).toMatch(
    /MB {2}20\d\d-\d\d-\d\d {2}http.*dense.onnx/,
  );
  expect((await headform("doctor")).out).toMatch(/cache .*: 4 files, [\d.]+ MB\n/);
  expect((await headform("cache", "clear")).out).toMatch(/^4 files removed/);
  expect(JSON.parse((await headform("cache", "list", "--json")).out).files).toEqual([]);
});

test("a head model by address", async () => {
  const { code, out } = await headform("model", "info", `${address}/head.safetensors`, "--json");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ vertices: 5944 });
  const bytes = await readFile(join(data, "head.safetensors"));
  const { out: list } = await headform("cache", "list", "--json");
  expect(JSON.parse(list).files[0]).toMatchObject({ bytes: bytes.length });
  const missing = await headform("model", "info", `${address}/none.safetensors`);
  expect(missing.err).toMatch(/none.safetensors could not be downloaded \(HTTP status 404\)/);
  const limit = await run(["model", "info", `${address}/head.safetensors`], {
    cwd: folder,
    env: { XDG_CACHE_HOME: folder, HEADFORM_CACHE_LIMIT: "much" },
    stdout: { write: () => true },
    stderr: { write: () => true },
  });
  expect(limit).toBe(2);
});
