import type { Browser } from "playwright-core";

/** What all tests of the page share, filled before the first of them runs. */
export interface Site {
  browser: Browser;
  /** Folder of the built page. */
  dist: string;
  /** [Ks + Ke] the sample's on one thread of WebAssembly, once a test has made it. */
  sample?: readonly number[];
}
