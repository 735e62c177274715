import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { checkTargets, writeOutputs } from "../src/write-output.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headform-out-"));
});
const bytes = new TextEncoder().encode("new");

describe("writing results", () => {
  it("writes whole files and leaves nothing else behind", async () => {
    await checkTargets([join(folder, "deep/er/h.glb")], false);
    await writeOutputs([{ path: join(folder, "deep/er/h.glb"), bytes }], false);
    expect(await readdir(join(folder, "deep/er"))).toEqual(["h.glb"]);
  });

  it("replaces nothing without force, not even a file that appeared meanwhile", async () => {
    const path = join(folder, "h.glb");
    await writeFile(path, "old");
    await expect(checkTargets([path], false)).rejects.toThrow(/exists already\. Add --force/);
    await expect(writeOutputs([{ path, bytes }], false)).rejects.toThrow(
      /exists already\. Add --force/,
    );
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["h.glb"]);
    await writeOutputs([{ path, bytes }], true);
    expect(await readFile(path, "utf8")).toBe("new");
  });

  it("says in a sentence why a target cannot be written", async () => {
    await writeFile(join(folder, "file"), "");
    await mkdir(join(folder, "sub.glb"));
    await expect(checkTargets([join(folder, "file/h.glb")], false)).rejects.toThrow(
      /part of that path is a file/,
    );
    await expect(checkTargets([join(folder, "sub.glb")], true)).rejects.toThrow(
      /is a folder; give a file name/,
    );
    await expect(checkTargets([join(folder, `${"x".repeat(300)}.glb`)], false)).rejects.toThrow(
      /too long a name/,
    );
    await expect(writeOutputs([{ path: "/proc/h.glb", bytes }], false)).rejects.toThrow(
      /^\/proc\/h\.glb /,
    );
  });
});
