import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenPage, openPage } from "./open-page.ts";
import { type ServedFolder, serveFolder } from "./serve-folder.ts";
import type { Site } from "./site.ts";

/** Moves of a finger that a drag is made of. */
const STEPS = 4;

type Point = readonly [x: number, y: number];

/** A narrow screen that is touched. */
export function onAPhone(site: Site): void {
  describe("on a phone", () => {
    let host: ServedFolder;
    let open: OpenPage;
    /** Moves fingers from where the first points are to where the others are. */
    let move: (from: readonly Point[], to: readonly Point[]) => Promise<void>;

    beforeAll(async () => {
      host = await serveFolder(site.dist, { under: "/" });
      open = await openPage(site.browser, host.address, {
        viewport: { width: 390, height: 844 },
        // Pixels are drawn by the processor here.
        deviceScaleFactor: 1,
        isMobile: true,
        hasTouch: true,
      });
      const devtools = await open.context.newCDPSession(open.page);
      const touch = (type: string, points: readonly Point[]): Promise<unknown> =>
        devtools.send("Input.dispatchTouchEvent", {
          type: type as "touchStart",
          touchPoints: points.map(([x, y], id) => ({ x, y, id })),
        });
      move = async (from, to) => {
        await touch("touchStart", from);
        for (let step = 1; step <= STEPS; step++) {
          const between = (a: number, b: number): number => a + ((b - a) * step) / STEPS;
          const now = from.map(
            ([x, y], i): Point => [between(x, to[i]![0]), between(y, to[i]![1])],
          );
          await touch("touchMove", now);
        }
        await touch("touchEnd", []);
      };
    });
    afterAll(async () => {
      await open?.context.close();
      host?.server.close();
    });

    const scrolled = (): Promise<number> => open.page.evaluate("scrollY");
    /** A point of the viewer, in shares of its sides. */
    const at = async (x: number, y: number): Promise<Point> => {
      const box = (await open.page.getByRole("application").boundingBox())!;
      return [box.x + x * box.width, box.y + y * box.height];
    };

    test("fits the screen before and after a head is made", async () => {
      const width = (): Promise<number> => open.page.evaluate("document.body.scrollWidth");
      expect(await width()).toBe(390);
      await open.makeSample();
      expect(await width()).toBe(390);
      // Nothing that is pressed is too small for a finger: 24 pixels, WCAG 2.2, 2.5.8.
      const heights = await open.page
        .locator("button, label, summary")
        .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
      expect(Math.min(...heights.filter((height) => height > 0))).toBeGreaterThanOrEqual(24);
    });

    test("a finger on the head turns it, both ways, and the page stays", async () => {
      const [x, y] = await at(0.5, 0.5);
      await move([[x, y]], [[x, y + 60]]);
      const nodded = await open.view();
      expect(nodded.pitch).toBeGreaterThan(0.2);
      expect(nodded.yaw).toBeCloseTo(0, 5);
      await move([[x, y]], [[x + 80, y - 60]]);
      const turned = await open.view();
      expect(turned.yaw).toBeGreaterThan(0.3);
      expect(turned.pitch).toBeCloseTo(0, 5);
      expect(await scrolled()).toBe(0);
    });

    test("two fingers zoom the head and not the page", async () => {
      const [x, y] = await at(0.5, 0.5);
      const before = await open.view();
      await move(
        [
          [x - 30, y],
          [x + 30, y],
        ],
        [
          [x - 90, y],
          [x + 90, y],
        ],
      );
      expect((await open.view()).distance).toBeLessThan(before.distance / 2);
      expect(await open.page.evaluate("visualViewport.scale")).toBe(1);
    });

    test("a finger beside the head scrolls the page", async () => {
      await open.page.getByRole("application").focus();
      await open.page.keyboard.press("Home");
      const [x, y] = await at(0.04, 0.8);
      await move([[x, y]], [[x, y - 200]]);
      await expect.poll(scrolled).toBeGreaterThan(100);
      expect((await open.view()).pitch).toBe(0);
    });
  });
}
