import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { loadSample } from "@headform/open-head/node";
import { reconstructPhoto } from "@headform/reconstruction";
import { loadReconstructor } from "@headform/reconstruction/node";
import { chromium, type Page } from "playwright-core";
import sharp from "sharp";
import type { Row } from "./row.ts";

const REPEATS = 7;
/** Seconds that the camera drives the head. */
const LIVE = 20;
/** Photos after which the memory is looked at. */
const MILESTONES = [5, 20, 50] as const;
const dist = "apps/demo/dist";
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

type Timings = Readonly<Record<string, number>>;

/**
 * The built page in headless Chromium, on one thread of WebAssembly: each stage of the sample
 * portrait beside the same in Node (n is the photo's pixels), the camera driving the head (one frame,
 * n is the frames seen), and what the page's process holds after up to 50 photos (n of them). No
 * rows where Chromium is missing.
 */
export async function run(): Promise<Row[]> {
  if (!existsSync(executablePath) || !existsSync(join(dist, "index.html"))) {
    process.stdout.write("page: skipped, for there is no Chromium or no built page\n");
    return [];
  }
  const { image, jpeg } = await sample();
  const film = join(tmpdir(), `headform-bench-${process.pid}.mjpeg`);
  await sharp(jpeg).resize(640, 480, { fit: "contain" }).toFormat("jpeg").toFile(film);
  const server = await serve();
  const browser = await chromium.launchServer({
    executablePath,
    args: [
      ...["--no-sandbox", "--disable-quic", "--use-angle=swiftshader"],
      ...["--enable-unsafe-swiftshader", "--use-fake-ui-for-media-stream"],
      ...["--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`],
    ],
  });
  try {
    const context = await (await chromium.connect(browser.wsEndpoint())).newContext({
      // The waiting below evaluates text.
      bypassCSP: true,
      // A head that turns as it enters is drawn without a graphics card here: not what is measured.
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

    // 1. Stages, the first runs left out. In turns, for whatever else the machine does meanwhile.
    const turns: Record<string, () => Promise<Timings>> = {
      page: () => photo(page, "Sample"),
      "Node, WebAssembly": await inNode(image, "wasm"),
      "Node, CPU": await inNode(image, "cpu"),
    };
    await photo(page, "Try the sample");
    const runs = Object.fromEntries(Object.keys(turns).map((name) => [name, [] as Timings[]]));
    for (let i = 0; i < REPEATS; i++) {
      for (const [name, turn] of Object.entries(turns)) runs[name]!.push(await turn());
    }
    const stages = compare(image.width * image.height, runs);

    // 2. Memory.
    const memory: Row[] = [];
    for (let n = REPEATS + 2; n <= Math.max(...MILESTONES); n++) {
      const { total } = await photo(page, "Sample");
      if (n === REPEATS + 2 || MILESTONES.includes(n as 5)) {
        const peakMb = rendererMegabytes(browser.process().pid!);
        memory.push({ bench: "page", case: "memory after n photos", n, medianMs: total!, peakMb });
      }
    }

    // 3. The camera.
    await page.getByRole("button", { name: "Camera", exact: true }).click();
    await page.getByRole("button", { name: "Go live" }).click();
    await page.waitForFunction("document.querySelector('head-app').rate > 0");
    await page.waitForTimeout(1000 * LIVE);
    const rate = (await page.evaluate("document.querySelector('head-app').rate")) as number;
    const live = { bench: "page", case: "live, one frame", n: Math.round(rate * LIVE) };
    return [...stages, { ...live, medianMs: 1000 / rate }, ...memory];
  } finally {
    await browser.close();
    server.close();
  }
}

async function sample() {
  const jpeg = await loadSample();
  const { data, info } = await sharp(jpeg)
    .toColorspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { jpeg, image: { width, height, channels: 3, data: new Uint8Array(data) } as const };
}

/** Milliseconds of each stage of one photo. */
async function photo(page: Page, button: string): Promise<Timings> {
  await page.evaluate("globalThis.before = document.querySelector('head-app').head");
  await page.getByRole("button", { name: button, exact: true }).click();
  await page.waitForFunction(
    "(({ head }) => head && head !== globalThis.before)(document.querySelector('head-app'))",
  );
  const { timings, total } = (await page.evaluate(
    "document.querySelector('head-app').head.facts",
  )) as { timings: [string, number][]; total: number };
  return { ...Object.fromEntries(timings), total };
}

async function inNode(
  image: Parameters<typeof reconstructPhoto>[1],
  prefer: "cpu" | "wasm",
): Promise<() => Promise<Timings>> {
  const reconstructor = await loadReconstructor({ prefer, threads: 1 });
  const turn = async (): Promise<Timings> => {
    const start = performance.now();
    const [face] = await reconstructPhoto(reconstructor, image, { maxFaces: 1 });
    return { ...face!.timings, total: performance.now() - start };
  };
  await turn();
  return turn;
}

function medians(runs: readonly Timings[]): Timings {
  const names = Object.keys(runs[0]!);
  return Object.fromEntries(
    names.map((name) => {
      const values = runs.map((run) => run[name]!).sort((a, b) => a - b);
      return [name, values[values.length >> 1]!];
    }),
  );
}

function compare(n: number, runs: Readonly<Record<string, readonly Timings[]>>): Row[] {
  const { page, ...others } = runs;
  return Object.entries(medians(page!)).flatMap(([stage, medianMs]) =>
    Object.entries(others).map(([against, theirs]) => {
      const ratio = medians(theirs)[stage]! / medianMs;
      return { bench: "page", case: stage, n, medianMs, against, ratio };
    }),
  );
}

/** Resident memory of the largest renderer among a browser's processes; Linux only. */
function rendererMegabytes(browser: number): number {
  const sizes = readdirSync("/proc").flatMap((entry) => {
    try {
      const status = readFileSync(`/proc/${entry}/status`, "utf8");
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8");
      if (!command.includes("--type=renderer") || !descends(entry, browser)) return [];
      return [Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1e3];
    } catch {
      return [];
    }
  });
  return Math.max(0, ...sizes);
}

function descends(process: string, from: number): boolean {
  const parent = /PPid:\s+(\d+)/.exec(readFileSync(`/proc/${process}/status`, "utf8"))?.[1] ?? "0";
  return Number(parent) === from || (parent !== "0" && descends(parent, from));
}

async function serve(): Promise<Server> {
  const types: Record<string, string> = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".wasm": "application/wasm",
  };
  const server = createServer((request, response) => {
    const path = request.url === "/" ? "/index.html" : request.url!;
    try {
      const body = readFileSync(join(dist, new URL(path, "http://localhost").pathname));
      response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream");
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}
