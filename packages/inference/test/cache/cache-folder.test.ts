import { join } from "node:path";
import { cacheFolder } from "@headform/inference/node";
import { expect, test } from "vitest";

test.each([
  ["linux", {}, "/home/me/.cache/headform"],
  ["linux", { XDG_CACHE_HOME: "/var/cache/me" }, "/var/cache/me/headform"],
  // To be ignored, says the XDG specification.
  ["linux", { XDG_CACHE_HOME: "relative" }, "/home/me/.cache/headform"],
  ["darwin", {}, "/home/me/Library/Caches/headform"],
  ["darwin", { XDG_CACHE_HOME: "/var/cache/me" }, "/var/cache/me/headform"],
  ["win32", {}, "/home/me/AppData/Local/headform/Cache"],
  ["win32", { LOCALAPPDATA: "/local" }, "/local/headform/Cache"],
])("on %s with %o it is %s", (platform, env, expected) => {
  expect(cacheFolder({ platform, env, home: "/home/me" })).toBe(join(expected));
});

test("unless told, it is that of this machine", () => {
  expect(cacheFolder()).toMatch(/headform/);
});
