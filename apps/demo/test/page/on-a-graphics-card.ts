import { readHead } from "@headform/morphable-model";
import { loadHead } from "@headform/open-head/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPage, PATIENCE } from "./open-page.ts";
import { type ServedFolder, serveFolder } from "./serve-folder.ts";
import type { Site } from "./site.ts";
import { smallNetworks } from "./small-networks.ts";

/**
 * WebGPU on Chromium's adapter in software, which takes a minute for the open networks: on networks
 * of a few thousand weights instead.
 */
export function onAGraphicsCard(site: Site): void {
  describe("on WebGPU, in software, with small networks", () => {
    let host: ServedFolder;

    beforeAll(async () => {
      const instead = smallNetworks(readHead((await loadHead()).head));
      host = await serveFolder(site.dist, { under: "/", instead });
    });
    afterAll(() => {
      host?.server.close();
    });

    test("makes the head that WebAssembly makes, and says what it ran on", async () => {
      const open = await openPage(site.browser, host.address);
      await open.makeSample();
      expect(await open.app(({ head }) => head!.facts.backend)).toBe("wasm");
      const expected = await open.coefficients();
      await open.page.locator("input[value=webgpu]").check({ force: true });
      await expect
        .poll(() => open.app(({ head }) => head!.facts.backend), { timeout: PATIENCE })
        .toBe("webgpu");
      await open.page.locator("dd").getByText("WebGPU", { exact: true }).waitFor();
      // Both sum in single precision, in another order; the fit's steps enlarge that a little.
      const got = await open.coefficients();
      expect(got).toHaveLength(expected.length);
      got.forEach((value, k) => {
        expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-2);
      });
      expect(open.complaints.filter((text) => !/GPU stall|WebGPU is exp/.test(text))).toEqual([]);
      await open.context.close();
    });
  });
}
