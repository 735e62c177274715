import { availableParallelism } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPage } from "./open-page.ts";
import { type ServedFolder, serveFolder } from "./serve-folder.ts";
import type { Site } from "./site.ts";

const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** A host that sends the headers that threads need. */
export function onAnIsolatedHost(site: Site): void {
  describe("on a host that isolates the page", () => {
    let host: ServedFolder;
    let plain: ServedFolder;

    beforeAll(async () => {
      host = await serveFolder(site.dist, { under: "/", headers: HEADERS });
      plain = await serveFolder(site.dist, { under: "/" });
    });
    afterAll(() => {
      host?.server.close();
      plain?.server.close();
    });

    test.skipIf(availableParallelism() < 2)(
      "WebAssembly runs in threads and gives the head of one thread (skipped on one core)",
      async () => {
        const [many, one] = [
          await openPage(site.browser, host.address),
          await openPage(site.browser, plain.address),
        ];
        await many.makeSample();
        expect(await many.app(({ head }) => head!.facts.threads)).toBeGreaterThan(1);
        await many.page.getByText(/WebAssembly, [2-4] threads/).waitFor();
        await one.makeSample();
        expect(await one.app(({ head }) => head!.facts.threads)).toBe(1);
        const expected = await one.coefficients();
        // Threads share the rows of a product among them: no sum is added up in another order.
        (await many.coefficients()).forEach((value, k) => {
          expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-3);
        });
        expect(many.complaints.filter((text) => !/GPU stall/.test(text))).toEqual([]);
        await many.context.close();
        await one.context.close();
      },
    );
  });
}
