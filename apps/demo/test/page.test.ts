import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Image } from "@headform/mesh";
import { readGlb, readObj, readPly } from "@headform/mesh/io";
import { loadSample } from "@headform/open-head/node";
import { validateGlb } from "@headform/testing";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtPage } from "./built-page.ts";
import { writeFakeCamera } from "./fake-camera.ts";
import { serveFolder } from "./serve-folder.ts";
import { unzip } from "./unzip.ts";

// The built page in a real browser, as any static host would serve it: one page, one load of the
// models, the tests in the order in which a person would do things.

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const UNDER = "/some/sub/path/";
/** A busy machine takes its time: a head in WebAssembly on one of two shared cores. */
const PATIENCE = 150_000;

/** What the page's root component holds, as far as the tests look at it. */
interface App extends Element {
  readonly coefficients?: { readonly shape: Float64Array; readonly expression: Float64Array };
  readonly quaternion?: readonly number[];
  readonly head?: { readonly method: string; readonly facts: { readonly backend: string } };
  readonly rate: number;
  readonly working: boolean;
}

interface Viewer extends Element {
  readonly view: { readonly yaw: number };
}

describe.skipIf(!existsSync(executablePath))("in Chromium (CHROMIUM, or /usr/bin/chromium)", () => {
  let server: Server;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let address: string;
  let asked: string[];
  let folder: string;
  let dist: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "headform-page-"));
    const film = join(folder, "camera.mjpeg");
    await writeFakeCamera(await loadSample(), film);
    dist = builtPage();
    ({ server, address, asked } = await serveFolder(dist, UNDER));
    browser = await chromium.launch({
      executablePath,
      args: [
        ...["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        ...["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
        ...["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"],
        `--use-file-for-fake-video-capture=${film}`,
        ...["--js-flags=--expose-gc", "--enable-precise-memory-info"],
      ],
    });
    context = await browser.newContext({
      viewport: { width: 1000, height: 640 },
      // Colors and the head are in their place at once.
      reducedMotion: "reduce",
    });
    await context.grantPermissions(["camera"]);
    context.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.setDefaultTimeout(PATIENCE);
    await page.goto(address);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const app = <T>(read: (app: App) => T): Promise<T> =>
    page.evaluate(`(${read})(document.querySelector("head-app"))`) as Promise<T>;
  const press = (name: string | RegExp): Promise<void> =>
    page.getByRole("button", { name, exact: true }).click();
  const alert = (): Promise<string | null> =>
    page.getByRole("alert").filter({ hasText: /\S/ }).textContent();
  const headIsReady = (): Promise<void> =>
    page
      .getByRole("status")
      .filter({ hasText: "The head is ready" })
      .waitFor({ state: "attached" });
  const stages = (): Promise<string[]> =>
    page.locator("[data-stage]").evaluateAll((all) => all.map((one) => one.dataset.stage ?? ""));
  const download = async (name: RegExp): Promise<Uint8Array> => {
    const [file] = await Promise.all([page.waitForEvent("download"), press(name)]);
    return new Uint8Array(await readFile(await file.path()));
  };

  test("starts with a spoiled file in the browser's store", async () => {
    const file = readdirSync(join(dist, "assets")).find((name) => /^dense-.*onnx$/.test(name))!;
    const url = new URL(`assets/${file}`, address).href;
    await page.evaluate(async (url) => {
      const cache = await caches.open("headform-files");
      await cache.put(url, new Response("not a network"));
    }, url);
    // The next test's photo finds it out and fetches the file anew.
    expect(asked).not.toContain(new URL(url).pathname);
  });

  test("says that a text is no picture, and that a wall is no face", async () => {
    const choose = page.locator('input[type="file"]').first();
    await choose.setInputFiles({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") });
    expect(await alert()).toMatch(/not a picture/);
    const wall = sharp({ create: { width: 640, height: 480, channels: 3, background: "#b9a" } });
    const buffer = await wall.png().toBuffer();
    await choose.setInputFiles({ name: "a.png", mimeType: "image/png", buffer });
    await page.getByRole("alert").filter({ hasText: "No face was found" }).waitFor();
    expect(asked.filter((path) => /dense-.*onnx$/.test(path))).toHaveLength(1);
  });

  test("makes a head of the sample, stage by stage", async () => {
    await press("Sample");
    await headIsReady();
    expect(await stages()).toEqual(["box", "pncc", "mesh"]);
    expect(await app(({ head }) => [head?.method, head?.facts.backend])).toEqual([
      "pix2face",
      "wasm",
    ]);
    await page.getByText(/WebAssembly, 1 thread/).waitFor();
  });

  test("makes it by every other method that this build has networks for", async () => {
    const shown = { pixel3dmm: ["uv", "normals"], vrn: ["volume"] };
    for (const [method, own] of Object.entries(shown)) {
      const choice = page.locator(`input[value=${method}]`);
      if (await choice.isDisabled()) continue;
      await choice.check({ force: true });
      await expect.poll(() => app(({ head }) => head?.method), { timeout: PATIENCE }).toBe(method);
      expect(await stages()).toEqual(expect.arrayContaining(["box", ...own, "mesh"]));
    }
  });

  test("hands out a GLB that the Khronos validator accepts, and the other files", async () => {
    const glb = await download(/Download GLB/);
    const { errors, warnings, messages } = await validateGlb(glb);
    expect({ errors, warnings, messages }).toMatchObject({ errors: 0, warnings: 0 });
    // Its texture is a JPEG, which only browsers and sharp read.
    const decodeTexture = async (): Promise<Image> => GRAY;
    const head = await readGlb(glb, { decodeTexture });
    expect(head.morphTargets).toHaveLength(52);

    const ply = readPly(await download(/Download PLY/));
    expect(ply.colors).toHaveLength(ply.positions.length);
    const files = unzip(await download(/Download OBJ/));
    expect([...files.keys()]).toEqual(["head.obj", "head.mtl", "head.jpg"]);
    const obj = readObj(files.get("head.obj")!);
    expect(obj.positions).toHaveLength(ply.positions.length);
    const png = await download(/Download PNG/);
    expect([...png.subarray(1, 4)]).toEqual([..."PNG"].map((letter) => letter.charCodeAt(0)));
    const json = JSON.parse(new TextDecoder().decode(await download(/Download JSON/)));
    expect(json.landmarks68).toHaveLength(68);
    expect(Object.keys(json.expression)).toHaveLength(52);
  });

  test("is used with the keyboard alone", async () => {
    const viewer = page.getByRole("application");
    const pixels = async (): Promise<string> => (await viewer.screenshot()).toString("base64");
    const yaw = (): Promise<number> =>
      app(({ shadowRoot }) => (shadowRoot!.querySelector("head-viewer") as Viewer).view.yaw);
    await viewer.focus();
    await page.keyboard.press("Home");
    expect(await yaw()).toBe(0);
    const front = await pixels();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("+");
    expect(await yaw()).toBeLessThan(0);
    await expect.poll(pixels).not.toBe(front);
    await page.keyboard.press("Home");
    expect(await yaw()).toBe(0);

    // From the head to its looks is one step; arrows choose.
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("radio", { name: "Shaded" }).isChecked()).toBe(true);
    await expect.poll(pixels).not.toBe(front);
    const shaded = await pixels();

    // A slider moves the head.
    await page.getByText("Expression", { exact: true }).focus();
    await page.keyboard.press("Enter");
    const jaw = page.getByRole("slider", { name: "Jaw open" });
    await jaw.focus();
    await page.keyboard.press("End");
    await expect
      .poll(() => app(({ coefficients }) => Math.max(...coefficients!.expression)))
      .toBe(1);
    await expect.poll(pixels).not.toBe(shaded);
    await press("As in the photo");
    await page.keyboard.press("Shift+Tab");
  });

  test.each(["light", "dark"] as const)("axe finds nothing in the %s page", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
    await page.evaluate(await readFile(axe, "utf8"));
    const { violations } = (await page.evaluate("axe.run()")) as {
      violations: { id: string; impact: string; nodes: { html: string }[] }[];
    };
    const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`);
    expect(found).toEqual([]);
  });

  test("the camera drives the head", async () => {
    await press("Camera");
    await press("Go live");
    await headIsReady();
    await expect.poll(() => app(({ rate }) => rate), { timeout: PATIENCE }).toBeGreaterThan(0);
    // The film shows the portrait and its mirror image in turn: yaw about +Y changes its sign.
    const yaws = new Set<number>();
    await expect
      .poll(
        async () => {
          const turn = await app(({ quaternion }) => quaternion?.[1] ?? 0);
          if (Math.abs(turn) > 0.04) yaws.add(Math.sign(turn));
          return yaws.size;
        },
        { timeout: PATIENCE },
      )
      .toBe(2);
    await press("Close");
  });

  test("forgets the photos before", async () => {
    const megabytes = (): Promise<number> =>
      page.evaluate("(gc(), gc(), performance.memory.usedJSHeapSize / 1e6)");
    const another = async (): Promise<void> => {
      await press("Sample");
      await expect
        .poll(() => app(({ head, working }) => !working && head !== undefined), {
          timeout: PATIENCE,
        })
        .toBe(true);
    };
    await another();
    const before = await megabytes();
    for (let i = 0; i < 3; i++) await another();
    // One head that is kept, with its texture, is 9 MB; fifty photos are `npm run bench -- page`.
    expect((await megabytes()) - before).toBeLessThan(9);
  });

  test("says that there is no WebGPU, and goes on", async () => {
    await page.locator("input[value=webgpu]").check({ force: true });
    await page.getByRole("alert").filter({ hasText: "no WebGPU" }).waitFor();
    await expect.poll(() => page.locator("input[value=wasm]").isChecked()).toBe(true);
    expect((await stages()).length).toBeGreaterThan(2);
  });

  test("says when there is no camera, and when it is forbidden", async () => {
    for (const [name, words] of [
      ["NotFoundError", /No camera was found/],
      ["NotAllowedError", /may not be used/],
    ] as const) {
      await page.evaluate((name) => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
      }, name);
      await press("Camera");
      await page.getByRole("alert").filter({ hasText: words }).waitFor();
    }
  });

  test("works without a connection once it has been used, and without WebGL", async () => {
    await page.addInitScript(() => {
      const prototype = HTMLCanvasElement.prototype as unknown as {
        getContext(this: HTMLCanvasElement, kind: string, ...rest: unknown[]): unknown;
      };
      const { getContext } = prototype;
      prototype.getContext = function (kind, ...rest) {
        return kind.startsWith("webgl") ? null : getContext.call(this, kind, ...rest);
      };
    });
    await page.evaluate("navigator.serviceWorker.ready");
    await context.setOffline(true);
    await page.reload();
    await press("Try the sample");
    await page.getByRole("alert").filter({ hasText: "WebGL is off" }).waitFor();
    await page.getByRole("button", { name: /Download GLB/ }).waitFor();
    await context.setOffline(false);
  });

  test("asked for nothing outside of its folder, and broke no rule of its policy", () => {
    expect(asked.filter((path) => !path.startsWith(UNDER))).toEqual([]);
    // Of what a test provokes itself: reloading without a connection, and a browser without WebGL.
    const own = /ERR_INTERNET_DISCONNECTED|WebGL|GPU stall/;
    expect(complaints.filter((text) => !own.test(text))).toEqual([]);
  });
});

const GRAY: Image = { width: 1, height: 1, channels: 3, data: Uint8Array.of(128, 128, 128) };
