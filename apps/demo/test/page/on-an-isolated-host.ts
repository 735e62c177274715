import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { openPage } from "./open-page.ts";
import { serveFolder } from "./serve-folder.ts";
import type { Site } from "./site.ts";

const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** A host that sends the headers that threads need. */
export function onAnIsolatedHost(site: Site): void {
  describe("on a host that isolates the page", () => {
    test.skipIf(availableParallelism() < 2)(
      "WebAssembly runs in threads and gives the head of one thread (skipped on one core)",
      async () => {
        const many = await sampleOn(site, HEADERS);
        expect(many.threads).toBeGreaterThan(1);
        expect(many.runsOn).toMatch(/^WebAssembly, [2-4] threads$/);
        const expected = site.sample ?? (await sampleOn(site, {})).coefficients;
        // Threads share the rows of a product among them: no sum is added up in another order.
        many.coefficients.forEach((value, k) => {
          expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-3);
        });
        expect(many.complaints.filter((text) => !/GPU stall/.test(text))).toEqual([]);
      },
    );
  });
}

/** The sample's head on a host that sends these headers. */
async function sampleOn(site: Site, headers: Readonly<Record<string, string>>) {
  const host = await serveFolder(site.dist, { under: "/", headers });
  const open = await openPage(site.browser, host.address);
  try {
    await open.makeSample();
    return {
      coefficients: await open.coefficients(),
      threads: await open.app(({ head }) => head!.facts.threads),
      runsOn: await open.page.locator("dd").first().textContent(),
      complaints: open.complaints,
    };
  } finally {
    await open.context.close();
    host.server.close();
  }
}
