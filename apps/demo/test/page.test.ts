import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSample } from "@headform/open-head/node";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe } from "vitest";
import { builtPage } from "./page/built-page.ts";
import { writeFakeCamera } from "./page/fake-camera.ts";
import { onADevelopmentServer } from "./page/on-a-development-server.ts";
import { onAGraphicsCard } from "./page/on-a-graphics-card.ts";
import { onAPhone } from "./page/on-a-phone.ts";
import { onAPlainHost } from "./page/on-a-plain-host.ts";
import { onAnIsolatedHost } from "./page/on-an-isolated-host.ts";
import type { Site } from "./page/site.ts";

// The page in a real browser: one browser and one build for all.

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

describe.skipIf(!existsSync(executablePath))("in Chromium (CHROMIUM, or /usr/bin/chromium)", () => {
  const site = {} as Site;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "headform-page-"));
    const film = join(folder, "camera.mjpeg");
    await writeFakeCamera(await loadSample(), film);
    site.dist = builtPage();
    site.browser = await chromium.launch({
      executablePath,
      args: [
        ...["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        ...["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
        ...["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"],
        `--use-file-for-fake-video-capture=${film}`,
        ...["--js-flags=--expose-gc", "--enable-precise-memory-info"],
        // A graphics card in software; where there is to be none, the test takes it away.
        "--enable-unsafe-webgpu",
      ],
    });
  });
  afterAll(async () => {
    await site.browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  onAPlainHost(site);
  onAPhone(site);
  onAnIsolatedHost(site);
  onAGraphicsCard(site);
  onADevelopmentServer(site);
});
