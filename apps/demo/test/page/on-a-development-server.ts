import { dirname } from "node:path";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPage } from "./open-page.ts";
import type { Site } from "./site.ts";

/** What `npm run dev` starts. */
export function onADevelopmentServer(site: Site): void {
  describe("on the development server", () => {
    let server: ViteDevServer;

    beforeAll(async () => {
      server = await createServer({
        root: dirname(site.dist),
        logLevel: "error",
        server: { port: 0, host: "127.0.0.1" },
      });
      await server.listen();
    });
    afterAll(() => server?.close());

    test("makes a head out of the sources", async () => {
      const open = await openPage(site.browser, server.resolvedUrls!.local[0]!);
      await open.makeSample();
      expect(await open.stages()).toEqual(["box", "pncc", "mesh"]);
      await open.context.close();
    });
  });
}
