#!/usr/bin/env node
// Takes the pictures of the page that the documents show, in headless Chromium.
//
//   npm run build && node apps/demo/scripts/screenshots.mjs      docs/images/page-*.webp
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import sharp from "sharp";
import { preview } from "vite";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const images = join(root, "../../docs/images");
const server = await preview({ root, logLevel: "error", preview: { port: 0, host: "127.0.0.1" } });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
  ],
});
const page = await browser.newPage({
  viewport: { width: 1280, height: 800 },
  deviceScaleFactor: 1.5,
  reducedMotion: "reduce",
});
page.setDefaultTimeout(180_000);
await page.goto(server.resolvedUrls.local[0]);
await page.getByRole("button", { name: "Try the sample" }).click();
await page.getByText("The head is ready").waitFor({ state: "attached" });

const shoot = async (name, options = {}) => {
  await page.waitForTimeout(2000);
  const png = await page.screenshot(options);
  await sharp(png)
    .webp({ quality: 84 })
    .toFile(join(images, `page-${name}.webp`));
};
const head = page.getByRole("application");
const turn = async (key, times) => {
  await head.focus();
  for (let i = 0; i < times; i++) await page.keyboard.press(key);
  await head.blur();
};
await turn("ArrowLeft", 2);
await shoot("desktop");
await page.emulateMedia({ colorScheme: "dark" });
await page.getByText("Shaded").click();
await turn("ArrowRight", 6);
await shoot("dark");
await page.emulateMedia({ colorScheme: "light" });
await page.getByText("Photo", { exact: true }).click();
await page.setViewportSize({ width: 390, height: 844 });
await turn("Home", 1);
await shoot("phone");
await browser.close();
await server.close();
