import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Image } from "@headform/mesh";
import { readGlb, readObj, readPly } from "@headform/mesh/io";
import { loadSample } from "@headform/open-head/node";
import { reconstructPhoto } from "@headform/reconstruction";
import { loadReconstructor } from "@headform/reconstruction/node";
import { validateGlb } from "@headform/testing";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenPage, openPage, PATIENCE } from "./open-page.ts";
import { type ServedFolder, serveFolder } from "./serve-folder.ts";
import type { Site } from "./site.ts";
import { unzip } from "./unzip.ts";

const UNDER = "/some/sub/path/";
const GRAY: Image = { width: 1, height: 1, channels: 3, data: Uint8Array.of(128, 128, 128) };

/**
 * Everything a person does, in the order in which they would: one page, one load of the models, from
 * a host that sends no headers and has the page under a path.
 */
export function onAPlainHost(site: Site): void {
  describe("on a plain host, under a path", () => {
    let host: ServedFolder;
    let open: OpenPage;

    beforeAll(async () => {
      host = await serveFolder(site.dist, { under: UNDER });
      open = await openPage(site.browser, host.address);
    });
    afterAll(async () => {
      await open?.context.close();
      host?.server.close();
    });

    test("starts with a spoiled file in the browser's store", async () => {
      const file = readdirSync(join(site.dist, "assets")).find((name) =>
        /^dense-.*onnx$/.test(name),
      )!;
      const url = new URL(`assets/${file}`, host.address).href;
      await open.page.evaluate(async (url) => {
        const cache = await caches.open("headform-files");
        await cache.put(url, new Response("not a network"));
      }, url);
      // The next test's photo finds it out and fetches the file anew.
      expect(host.asked).not.toContain(new URL(url).pathname);
    });

    test("says that a text is no picture, that one is damaged, and that a wall is no face", async () => {
      const { page } = open;
      // Dropped, pasted and chosen, each once.
      await page.evaluate(giveFile, { event: "drop", type: "text/plain", bytes: [97] });
      await open.isTold("not a picture");
      const wall = sharp({ create: { width: 640, height: 480, channels: 3, background: "#b9a" } });
      const png = await wall.png().toBuffer();
      const bytes = [...png.subarray(0, 40)];
      await page.evaluate(giveFile, { event: "paste", type: "image/png", bytes });
      await open.isTold("damaged");

      await page.evaluate(recordNotices);
      const file = { name: "a.png", mimeType: "image/png", buffer: png };
      await page.locator('input[type="file"]').first().setInputFiles(file);
      await open.isTold("No face was found");
      // The models came with this photo, and were seen to come.
      const notices = (await page.evaluate("notices")) as string[];
      const shares = notices
        .map((text) => /Loading the models, this once: (\d+) %/.exec(text)?.[1])
        .filter((share) => share !== undefined)
        .map(Number);
      expect(shares.length).toBeGreaterThan(2);
      expect(host.asked.filter((path) => /dense-.*onnx$/.test(path))).toHaveLength(1);
    });

    test("says that memory has run out, and goes on with the next photo", async () => {
      const [worker] = open.page.workers();
      await worker!.evaluate(() => {
        const { prototype } = OffscreenCanvasRenderingContext2D;
        const { getImageData } = prototype;
        prototype.getImageData = () => {
          prototype.getImageData = getImageData;
          // V8's words.
          throw new RangeError("Array buffer allocation failed");
        };
      });
      await open.press("Sample");
      await open.isTold("not enough memory");
    });

    test("makes a head of the sample, stage by stage", async () => {
      await open.makeSample();
      expect(await open.stages()).toEqual(["box", "pncc", "mesh"]);
      expect(await open.app(({ head }) => head?.method)).toBe("pix2face");
      site.sample = await open.coefficients();
      // Without the headers that threads need there is one.
      await open.page.getByText("WebAssembly, 1 thread", { exact: true }).waitFor();
    });

    test("which is the head that Node makes of the same file, natively", async () => {
      const { data, info } = await sharp(await loadSample())
        .raw()
        .toBuffer({ resolveWithObject: true });
      const reconstructor = await loadReconstructor({ prefer: "cpu", textureSize: 0 });
      const [face] = await reconstructPhoto(reconstructor, {
        width: info.width,
        height: info.height,
        channels: 3,
        data: new Uint8Array(data),
      });
      await reconstructor.release();
      const here = [...face!.shape, ...face!.expression];
      expect(site.sample).toHaveLength(here.length);
      // The promise. Both decoders give the same pixels; sums in another order leave 1e-4.
      const differences = here.map((value, k) => Math.abs(value - site.sample![k]!));
      expect(Math.max(...differences)).toBeLessThan(1e-3);
    });

    test("makes it by every other method", async () => {
      const stages = {
        pixel3dmm: ["box", "pncc", "uv", "normals", "mesh"],
        vrn: ["box", "volume", "mesh"],
        pix2face: ["box", "pncc", "mesh"],
      };
      for (const [method, own] of Object.entries(stages)) {
        await open.page.locator(`input[value=${method}]`).check({ force: true });
        await expect
          .poll(() => open.app(({ head }) => head?.method), { timeout: PATIENCE })
          .toBe(method);
        expect(await open.stages()).toEqual(own);
      }
    });

    test("hands out a GLB that the Khronos validator accepts, and the other files", async () => {
      const glb = await open.download(/Download GLB/);
      const { errors, warnings, messages } = await validateGlb(glb);
      expect({ errors, warnings, messages }).toMatchObject({ errors: 0, warnings: 0 });
      // Its texture is a JPEG, which only browsers and sharp read.
      const decodeTexture = async (): Promise<Image> => GRAY;
      const head = await readGlb(glb, { decodeTexture });
      expect(head.morphTargets).toHaveLength(52);

      const ply = readPly(await open.download(/Download PLY/));
      expect(ply.colors).toHaveLength(ply.positions.length);
      const files = unzip(await open.download(/Download OBJ/));
      expect([...files.keys()]).toEqual(["head.obj", "head.mtl", "head.jpg"]);
      const obj = readObj(files.get("head.obj")!);
      expect(obj.positions).toHaveLength(ply.positions.length);
      const png = await open.download(/Download PNG/);
      expect([...png.subarray(1, 4)]).toEqual([..."PNG"].map((letter) => letter.charCodeAt(0)));
      const json = JSON.parse(new TextDecoder().decode(await open.download(/Download JSON/)));
      expect(json.landmarks68).toHaveLength(68);
      expect(Object.keys(json.expression)).toHaveLength(52);
    });

    test("is turned with the mouse", async () => {
      const { mouse } = open.page;
      const box = (await open.page.getByRole("application").boundingBox())!;
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const before = await open.view();
      await mouse.move(x, y);
      await mouse.down();
      await mouse.move(x + 60, y + 30);
      await mouse.up();
      await mouse.wheel(0, -100);
      await expect.poll(async () => (await open.view()).distance).toBeLessThan(before.distance);
      const after = await open.view();
      expect(after.yaw).toBeGreaterThan(before.yaw);
      expect(after.pitch).toBeGreaterThan(before.pitch);
    });

    test("is used with the keyboard alone", async () => {
      const { page } = open;
      const viewer = page.getByRole("application");
      const pixels = async (): Promise<string> => (await viewer.screenshot()).toString("base64");
      await viewer.focus();
      await page.keyboard.press("Home");
      expect((await open.view()).yaw).toBe(0);
      const front = await pixels();
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("+");
      expect((await open.view()).yaw).toBeLessThan(0);
      await expect.poll(pixels).not.toBe(front);
      await page.keyboard.press("Home");
      expect((await open.view()).yaw).toBe(0);

      // From the head to its looks is one step; arrows choose.
      await page.keyboard.press("Tab");
      let last = await pixels();
      for (const look of ["Shaded", "Wireframe", "PNCC"]) {
        await page.keyboard.press("ArrowRight");
        expect(await page.getByRole("radio", { name: look }).isChecked()).toBe(true);
        await expect.poll(pixels).not.toBe(last);
        last = await pixels();
      }

      // Sliders move the head.
      for (const [group, name] of [
        ["Identity", "Shape 1"],
        ["Expression", "Jaw open"],
      ] as const) {
        await page.getByText(group, { exact: true }).focus();
        await page.keyboard.press("Enter");
        await page.getByRole("slider", { name, exact: true }).focus();
        await page.keyboard.press("End");
        await expect.poll(pixels).not.toBe(last);
        last = await pixels();
      }
      expect(await open.app(({ coefficients }) => coefficients!.shape[0])).toBe(3);
      expect(await open.app(({ coefficients }) => Math.max(...coefficients!.expression))).toBe(1);
      await open.press("As in the photo");
    });

    test.each(["light", "dark"] as const)("axe finds nothing in the %s page", async (scheme) => {
      const { page } = open;
      await page.emulateMedia({ colorScheme: scheme });
      const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
      await page.evaluate(await readFile(axe, "utf8"));
      const { violations } = (await page.evaluate("axe.run()")) as AxeReport;
      const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`);
      expect(found).toEqual([]);
    });

    test("the camera drives the head", async () => {
      await open.press("Camera");
      await open.press("Go live");
      await expect
        .poll(() => open.app(({ rate }) => rate), { timeout: PATIENCE })
        .toBeGreaterThan(0);
      // The film shows the portrait and its mirror image in turn: yaw about +Y changes its sign.
      const yaws = new Set<number>();
      await expect
        .poll(
          async () => {
            const turn = await open.app(({ quaternion }) => quaternion?.[1] ?? 0);
            if (Math.abs(turn) > 0.04) yaws.add(Math.sign(turn));
            return yaws.size;
          },
          { timeout: PATIENCE },
        )
        .toBe(2);
      await open.press("Close");
    });

    test("forgets the photos before", async () => {
      const megabytes = (): Promise<number> =>
        open.page.evaluate("(gc(), gc(), performance.memory.usedJSHeapSize / 1e6)");
      await open.makeSample();
      const before = await megabytes();
      for (let i = 0; i < 3; i++) await open.makeSample();
      // One head that is kept, with its texture, is 9 MB; fifty photos are `npm run bench -- page`.
      expect((await megabytes()) - before).toBeLessThan(9);
    });

    test("says that there is no WebGPU, and goes on", async () => {
      const [worker] = open.page.workers();
      await worker!.evaluate(() => {
        const { gpu } = navigator as unknown as { gpu: { requestAdapter: () => Promise<null> } };
        gpu.requestAdapter = async () => null;
      });
      // Not `check`, which may look only when the page has gone back to WebAssembly already.
      await open.page.locator("input[value=webgpu]").click({ force: true });
      await open.isTold("no WebGPU");
      await expect.poll(() => open.page.locator("input[value=wasm]").isChecked()).toBe(true);
      expect(await open.stages()).toEqual(["box", "pncc", "mesh"]);
    });

    test("says when there is no camera, and when it is forbidden", async () => {
      for (const [name, words] of [
        ["NotFoundError", "No camera was found"],
        ["NotAllowedError", "may not be used"],
      ] as const) {
        await open.page.evaluate((name) => {
          navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
        }, name);
        await open.press("Camera");
        await open.isTold(words);
      }
    });

    test("works without a connection once it has been used, and without WebGL", async () => {
      const { context, page } = open;
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
      await open.press("Try the sample");
      await open.isTold("WebGL is off");
      await page.getByRole("button", { name: /Download GLB/ }).waitFor();
      await context.setOffline(false);
    });

    test("asked for nothing outside of its folder, and broke no rule of its policy", () => {
      expect(host.asked.filter((path) => !path.startsWith(UNDER))).toEqual([]);
      // Of what a test provokes itself: reloading without a connection, and a browser without WebGL.
      const own = /ERR_INTERNET_DISCONNECTED|WebGL|GPU stall/;
      expect(open.complaints.filter((text) => !own.test(text))).toEqual([]);
    });
  });
}

interface AxeReport {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** In the page: a file that is dropped or pasted. */
function giveFile({ event, type, bytes }: { event: string; type: string; bytes: number[] }): void {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(bytes)], "a", { type }));
  document.body.dispatchEvent(
    event === "drop"
      ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
      : new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
  );
}

/** In the page: keeps every text that the notice shows in `notices`. */
function recordNotices(): void {
  const scope = globalThis as unknown as { notices: string[] };
  scope.notices = [];
  const app = document.querySelector("head-app")!;
  const notice = app.shadowRoot!.querySelector("page-notice")!.shadowRoot!;
  new MutationObserver(() => {
    scope.notices.push(notice.querySelector(".note:not(.failure)")?.textContent?.trim() ?? "");
  }).observe(notice, { childList: true, subtree: true, characterData: true });
}
