import { readFile } from "node:fs/promises";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";

/** A busy machine takes its time: a head in WebAssembly on one of two shared cores. */
export const PATIENCE = 150_000;

/** What the page's root component holds, as far as the tests look at it. */
export interface App extends Element {
  readonly coefficients?: { readonly shape: Float64Array; readonly expression: Float64Array };
  readonly quaternion?: readonly number[];
  readonly head?: {
    readonly method: string;
    readonly facts: { readonly backend: string; readonly threads: number };
  };
  readonly rate: number;
  readonly working: boolean;
}

/** The page in a tab of its own, with a store of its own. */
export interface OpenPage {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors and warnings of the console, breaches of the policy among them. */
  readonly complaints: readonly string[];
  /** Reads what the root component holds. */
  app<T>(read: (app: App) => T): Promise<T>;
  press(name: string | RegExp): Promise<void>;
  /** Presses the sample's button and waits for its head. */
  makeSample(): Promise<void>;
  /** Waits for the alert that says so. */
  isTold(words: string | RegExp): Promise<void>;
  /** Where the head is seen from. */
  view(): Promise<View>;
  stages(): Promise<string[]>;
  /** [Ks + Ke] of the head on show. */
  coefficients(): Promise<number[]>;
  download(name: RegExp): Promise<Uint8Array>;
}

export interface View {
  readonly yaw: number;
  readonly pitch: number;
  readonly distance: number;
}

interface Viewer extends Element {
  readonly view: View;
}

/** Opens the page. */
export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1000, height: 640 },
    // Colors and the head are in their place at once.
    reducedMotion: "reduce",
    permissions: ["camera"],
    ...options,
  });
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.setDefaultTimeout(PATIENCE);
  await page.goto(address);

  const app = <T>(read: (app: App) => T): Promise<T> =>
    page.evaluate(`(${read})(document.querySelector("head-app"))`) as Promise<T>;
  const press = (name: string | RegExp): Promise<void> =>
    page.getByRole("button", { name, exact: true }).click();
  return {
    context,
    page,
    complaints,
    app,
    press,
    async makeSample() {
      await press(/^(Try the sample|Sample)$/);
      await expect
        .poll(() => app(({ head, working }) => !working && head !== undefined), {
          timeout: PATIENCE,
        })
        .toBe(true);
    },
    isTold: (words) => page.getByRole("alert").filter({ hasText: words }).waitFor(),
    view: () => app(({ shadowRoot }) => (shadowRoot!.querySelector("head-viewer") as Viewer).view),
    stages: () =>
      page.locator("[data-stage]").evaluateAll((all) => all.map((one) => one.dataset.stage ?? "")),
    coefficients: () =>
      app(({ coefficients }) => [...coefficients!.shape, ...coefficients!.expression]),
    async download(name) {
      const [file] = await Promise.all([page.waitForEvent("download"), press(name)]);
      return new Uint8Array(await readFile(await file.path()));
    },
  };
}
