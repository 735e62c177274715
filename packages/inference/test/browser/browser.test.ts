import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SELF_TEST_TOLERANCE } from "@headform/inference";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServedFile, serveFiles } from "../cache/file-server.ts";

// Module workers in a real browser, in a page that Vite built.

const here = dirname(fileURLToPath(import.meta.url));
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};
const model = [...readFileSync(join(here, "../fixtures/tiny.onnx"))];
const reference = JSON.parse(readFileSync(join(here, "../fixtures/tiny.json"), "utf8")) as {
  dims: number[];
  input: number[];
  output: number[];
};

const big = Uint8Array.from({ length: 200_000 }, (_, i) => Math.imul(i, 2654435761) >>> 13);
const bigSha256 = createHash("sha256").update(big).digest("hex");

interface InWorker {
  readonly output: number[];
  readonly tried: readonly { name: string; ok: boolean; selfTest?: { error: number } }[];
  readonly aborted: string;
  readonly grown: number;
  readonly running: string;
  readonly released: string;
}

describe.skipIf(!existsSync(executablePath))("in Chromium (CHROMIUM, or /usr/bin/chromium)", () => {
  let folder: string;
  let closeFiles = (): void => {};
  let server: Server;
  let browser: Browser;
  let page: Page;
  let address: string;
  let asked: string[];
  const files: Record<string, ServedFile> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "headform-workers-"));
    await build({
      configFile: false,
      root: here,
      logLevel: "error",
      resolve: { conditions: ["@headform/source", "module", "browser", "production"] },
      worker: { format: "es" },
      build: {
        outDir: folder,
        target: "es2022",
        minify: false,
        modulePreload: false,
        rollupOptions: {
          input: join(here, "page.ts"),
          preserveEntrySignatures: "strict",
          output: { entryFileNames: "page.js" },
        },
      },
    });
    const fileServer = await serveFiles(files);
    ({ url: address, asked } = fileServer);
    closeFiles = fileServer.close;
    server = createServer(async ({ url = "/" }, response) => {
      const path = new URL(url, "http://localhost").pathname;
      const file = path === "/" ? undefined : await readFile(join(folder, path)).catch(() => null);
      response.writeHead(file === null ? 404 : 200, {
        "content-type": TYPES[extname(path)] ?? "text/html",
      });
      response.end(file ?? '<!doctype html><script type="module" src="/page.js"></script>');
    }).listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    browser = await chromium.launch({
      executablePath,
      args: [
        ...["--no-sandbox", "--enable-unsafe-webgpu", "--disable-quic"],
        ...["--disable-background-networking", "--js-flags=--expose-gc"],
        "--enable-precise-memory-info",
      ],
    });
    page = await browser.newPage();
    page.setDefaultTimeout(150_000);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction("'inWorker' in globalThis");
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    closeFiles();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = (kind: string): Promise<InWorker> =>
    page.evaluate(
      `inWorker(${JSON.stringify(kind)}, ${JSON.stringify(model)},
        ${JSON.stringify(reference.input)}, ${JSON.stringify(reference.dims)})`,
    ) as Promise<InWorker>;
  const largestError = (output: readonly number[]): number =>
    Math.max(...reference.output.map((value, i) => Math.abs(value - output[i]!)));

  test("a module worker computes what NumPy computes, on WebAssembly", async () => {
    const result = await ask("wasm");
    // As in Node: float32 sums of 27 products of size 1.
    expect(largestError(result.output)).toBeLessThan(2e-6);
    expect(result.tried).toEqual([{ name: "wasm", ok: true }]);
    expect(result.aborted).toBe("AbortError");
    // A thousand runs that kept their tensors and promises would keep 1 MB and more.
    expect(result.grown).toBeLessThan(500e3);
    expect([result.running, result.released]).toEqual(["released", "released"]);
  });

  test("and on WebGPU (a software adapter), within the self-test's tolerance", async () => {
    const result = await ask("webgpu");
    expect(largestError(result.output)).toBeLessThan(SELF_TEST_TOLERANCE);
    expect(result.tried).toMatchObject([{ name: "webgpu", ok: true, selfTest: { ok: true } }]);
  });

  test("downloads are kept in Cache Storage, go on where they were cut, and are sound", async () => {
    files["/model.onnx"] = { bytes: big, etag: '"1"', cutAfter: 70_000, cuts: 1 };
    expect(await page.evaluate(`keepsFiles("${address}/model.onnx", "${bigSha256}")`)).toEqual({
      // Cut once, gone on; then kept; spoiled: fetched again; another file: refused.
      fetched: bigSha256,
      again: bigSha256,
      offline: bigSha256,
      spoiled: bigSha256,
      listed: [[`${address}/model.onnx`, big.length, bigSha256]],
      aborted: "AbortError",
      wrong: "digest",
      missing: "offline",
      cleared: 0,
    });
    expect(asked).toEqual([
      "/model.onnx",
      "/model.onnx bytes=70000-",
      "/model.onnx",
      "/model.onnx",
    ]);
  });

  test("the least recently used goes when the limit is reached", async () => {
    for (const name of ["a", "b", "c"]) files[`/${name}`] = { bytes: big, etag: '"1"' };
    const urls = ["a", "b", "c"].map((name) => `${address}/${name}`);
    expect(await page.evaluate(`keepsTwo(${JSON.stringify(urls)}, ${2.5 * big.length})`)).toEqual(
      urls.slice(1),
    );
  });

  test("a worker that does not load, or breaks, is told as such", async () => {
    expect(await page.evaluate(`broken(${JSON.stringify(model)})`)).toEqual({
      missing: "worker",
      later: "worker",
    });
  });
});
