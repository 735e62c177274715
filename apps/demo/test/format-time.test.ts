import { expect, test } from "vitest";
import { formatTime } from "../src/components/format-time.ts";

test.each([
  [0.04, "0.0 ms"],
  [7.26, "7.3 ms"],
  [9.99, "10.0 ms"],
  [61.6, "62 ms"],
  [999.4, "999 ms"],
  [1000, "1.0 s"],
  [12_340, "12.3 s"],
])("%d ms is %s", (milliseconds, text) => {
  expect(formatTime(milliseconds)).toBe(text);
});
