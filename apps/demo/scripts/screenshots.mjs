#!/usr/bin/env node
// Takes the pictures of the page that the documents show, in headless Chromium; with a folder, those
// of every other state as well, to be looked at.
//
//   npm run build && node apps/demo/scripts/screenshots.mjs            docs/images/page-*.webp
//   npm run build && node apps/demo/scripts/screenshots.mjs FOLDER     FOLDER/*.png
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import sharp from "sharp";
import { preview } from "vite";

const [folder] = process.argv.slice(2);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const images = join(root, "../../docs/images");
const desk = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
const server = await preview({ root, logLevel: "error", preview: { port: 0, host: "127.0.0.1" } });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    ...["--no-sandbox", "--disable-quic"],
    ...["--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
    ...["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"],
  ],
});
const page = await browser.newPage({
  viewport: desk,
  deviceScaleFactor: 1.5,
  reducedMotion: "reduce",
});
page.setDefaultTimeout(180_000);
await page.goto(server.resolvedUrls.local[0]);
if (folder) mkdirSync(folder, { recursive: true });

/** Of everybody's state one PNG, of those in the documents a WebP as well. */
const shoot = async (name, documented = false) => {
  await page.waitForTimeout(1500);
  const png = await page.screenshot();
  if (folder) await sharp(png).toFile(join(folder, `${name}.png`));
  else if (documented) {
    await sharp(png)
      .webp({ quality: 84 })
      .toFile(join(images, `page-${name}.webp`));
  }
};
const press = (name) => page.getByRole("button", { name, exact: true }).click();
const head = page.getByRole("application");
const turn = async (key, times) => {
  await head.focus();
  for (let i = 0; i < times; i++) await page.keyboard.press(key);
  await head.blur();
};
/** Asked over and over from here, because the page's policy forbids the usual way of waiting. */
const settled = async () => {
  const state =
    "(({ head, working }) => Boolean(head) && !working)(document.querySelector('head-app'))";
  do await page.waitForTimeout(300);
  while (!(await page.evaluate(state)));
};

if (folder) {
  await shoot("empty");
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot("empty-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(phone);
  await shoot("empty-phone");
  await page.setViewportSize(desk);
  const text = { name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") };
  await page.locator('input[type="file"]').first().setInputFiles(text);
  await shoot("error");
  await page.route("**/*.{onnx,wasm}", async (route) => {
    await new Promise((done) => setTimeout(done, 6000));
    await route.continue();
  });
  await press("Try the sample");
  await shoot("loading");
  await page.getByText("The head is ready").waitFor({ state: "attached" });
} else {
  await press("Try the sample");
  await page.getByText("The head is ready").waitFor({ state: "attached" });
}
await turn("ArrowLeft", 2);
await shoot("desktop", true);
await page.emulateMedia({ colorScheme: "dark" });
await page.getByText("Shaded").click();
await turn("ArrowRight", 6);
await shoot("dark", true);
await page.emulateMedia({ colorScheme: "light" });
await page.getByText("Photo", { exact: true }).click();
await page.setViewportSize(phone);
await turn("Home", 1);
await shoot("phone", true);

if (folder) {
  await page.evaluate("scrollTo(0, 500)");
  await shoot("phone-below");
  await page.evaluate("scrollTo(0, 1200)");
  await shoot("phone-bottom");
  await page.evaluate("scrollTo(0, 0)");
  await page.setViewportSize(desk);
  for (const look of ["wireframe", "pncc"]) {
    await page.locator(`input[value=${look}]`).check({ force: true });
    await shoot(look);
  }
  await page.locator("input[value=photo]").check({ force: true });
  for (const method of ["pixel3dmm", "vrn"]) {
    await page.locator(`input[value=${method}]`).check({ force: true });
    await settled();
    await shoot(method);
  }
  await page.getByText("Expression", { exact: true }).click();
  await shoot("sliders");
  await press("Camera");
  await shoot("camera");
}
await browser.close();
await server.close();
