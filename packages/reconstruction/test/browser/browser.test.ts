import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { reconstructPhoto } from "@headform/reconstruction";
import { loadReconstructor } from "@headform/reconstruction/node";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// The same photo in a real browser, on the web entries and WebAssembly, and in Node on WebAssembly and
// on the native runtime.

const here = dirname(fileURLToPath(import.meta.url));
const data = join(here, "../../../open-head");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
];

interface PageResult {
  readonly width: number;
  readonly height: number;
  readonly pixels: number[];
  readonly faces: readonly {
    readonly landmarks68: number[];
    readonly shape: number[];
    readonly expression: number[];
    readonly texture?: number;
  }[];
}

describe.skipIf(!existsSync(executablePath))("in Chromium (CHROMIUM, or /usr/bin/chromium)", () => {
  let server: Server;
  let result: PageResult;
  const errors: string[] = [];

  beforeAll(async () => {
    server = createServer(await pages()).listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const browser = await chromium.launch({ executablePath, args: FLAGS });
    try {
      const page = await browser.newPage();
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      result = (await page.evaluate("globalThis.result")) as PageResult;
    } finally {
      await browser.close();
    }
  });
  afterAll(() => server?.close());

  test("finds the sample's face and textures the head", () => {
    expect(errors).toEqual([]);
    expect(result.faces).toHaveLength(1);
    expect(result.faces[0]?.landmarks68).toHaveLength(3 * 68);
    expect(result.faces[0]?.texture).toBe(1024);
  });

  test.each([
    ["wasm", false],
    ["cpu", false],
    ["cpu", true],
  ] as const)(
    "gives the same coefficients as Node on %s (in a worker: %s)",
    async (prefer, worker) => {
      const reconstructor = await loadReconstructor({ prefer, worker, textureSize: 0 });
      const { width, height, pixels } = result;
      const image = { width, height, channels: 4 as const, data: Uint8Array.from(pixels) };
      const [face] = await reconstructPhoto(reconstructor, image);
      await reconstructor.release();
      const there = result.faces[0]!;
      // The promise, of all three: float32 sums in another order, through a fit that is smooth in them.
      expect(largestDifference(face!.shape, there.shape)).toBeLessThan(1e-3);
      expect(largestDifference(face!.expression, there.expression)).toBeLessThan(1e-3);
    },
  );
});

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

/** Answers with the page, the runtime's WebAssembly and the open head's data. */
async function pages(): Promise<Parameters<typeof createServer>[1] & object> {
  const bundle = await build({
    entryPoints: [join(here, "page.ts")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    conditions: ["@headform/source"],
    external: ["node:*"],
  });
  const script = bundle.outputFiles[0]!.contents;
  const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web/wasm"));
  return async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const send = (type: string, body: string | Uint8Array): void => {
      response.setHeader("content-type", type);
      response.end(body);
    };
    try {
      if (path === "/")
        send("text/html", '<!doctype html><script type="module" src="/page.js"></script>');
      else if (path === "/page.js") send("text/javascript", script);
      else if (path.startsWith("/data/")) {
        send("application/octet-stream", await readFile(join(data, path)));
      } else if (path.startsWith("/ort/")) {
        const type = path.endsWith(".wasm") ? "application/wasm" : "text/javascript";
        send(type, await readFile(join(runtime, path.slice(5))));
      } else throw new Error("not here");
    } catch {
      response.statusCode = 404;
      response.end();
    }
  };
}
