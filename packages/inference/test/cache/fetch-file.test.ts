import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type DownloadProgress, isInferenceError } from "@headform/inference";
import { clearCache, fetchFile, fetchNetwork, listCache } from "@headform/inference/node";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ServedFile, serveFiles } from "./file-server.ts";

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
/** Noise, the same for the same seed. */
const noise = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (Math.imul(i + 1, 2654435761 + seed) >>> 13) & 255);
const model = noise(200_000, 1);
const other = noise(200_000, 2);
const sha256 = digest(model);
const otherSha256 = digest(other);

let files: Record<string, ServedFile>;
let server: Awaited<ReturnType<typeof serveFiles>>;
let cache: string;
let url: string;

beforeEach(async () => {
  files = { "/model.onnx": { bytes: model, etag: '"1"' } };
  server = await serveFiles(files);
  url = `${server.url}/model.onnx`;
  cache = await mkdtemp(join(tmpdir(), "headform-cache-"));
});
afterEach(async () => {
  server.close();
  await rm(cache, { recursive: true, force: true });
});

const errorOf = async (work: Promise<unknown>): Promise<{ code: string; message: string }> => {
  const error = await work.catch((e: unknown) => e);
  if (!isInferenceError(error)) throw error;
  expect(error.field).toBe(url);
  expect(error.message).toContain(url);
  return error;
};
/** The kept file, wherever it lies. */
const keptPath = (): string =>
  join(cache, readdirSync(cache).find((name) => name.endsWith("model.onnx"))!);

describe("a file that is to be had", () => {
  test("is fetched once, and kept whole", async () => {
    expect(digest(await fetchFile({ url, sha256 }, { cache }))).toBe(sha256);
    expect(digest(await fetchFile({ url: new URL(url), sha256, bytes: 200_000 }, { cache }))).toBe(
      sha256,
    );
    expect(server.asked).toEqual(["/model.onnx"]);
    const names = await readdir(cache);
    expect(names).toHaveLength(2);
    const [listed] = await listCache({ cache });
    expect(listed).toMatchObject({ url, bytes: 200_000, sha256 });
    expect(Math.abs(listed!.lastUsed - Date.now())).toBeLessThan(60_000);
    await clearCache({ cache });
    expect(await listCache({ cache })).toEqual([]);
  });

  test("is taken offline, too, and only a kept one", async () => {
    const error = await errorOf(fetchFile({ url, sha256 }, { cache, offline: true }));
    expect(error.code).toBe("offline");
    expect(error.message).toContain("fetch it once while online");
    expect(server.asked).toEqual([]);
    await fetchFile({ url }, { cache });
    expect(digest(await fetchFile({ url }, { cache, offline: true }))).toBe(sha256);
    expect(digest(await fetchFile({ url, sha256 }, { cache, offline: true }))).toBe(sha256);
  });

  test("is asked for again where no digest says which it must be", async () => {
    expect(digest(await fetchFile({ url }, { cache }))).toBe(sha256);
    expect(digest(await fetchFile({ url }, { cache }))).toBe(sha256);
    files["/model.onnx"] = { bytes: other, etag: '"2"' };
    expect(digest(await fetchFile({ url }, { cache }))).toBe(otherSha256);
    expect(server.asked).toHaveLength(3);
    // Without a connection, what was last seen.
    files["/model.onnx"] = { bytes: other, status: 404 };
    expect(digest(await fetchFile({ url }, { cache }))).toBe(otherSha256);
  });

  test("tells how far it is, and stops when asked", async () => {
    files["/model.onnx"]!.slowness = 5;
    const seen: DownloadProgress[] = [];
    const controller = new AbortController();
    const work = fetchFile(
      { url, sha256 },
      {
        cache,
        signal: controller.signal,
        onProgress: (progress) => {
          seen.push(progress);
          if (progress.loaded > 50_000) controller.abort();
        },
      },
    );
    await expect(work).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
    expect(seen[0]).toEqual({ url, loaded: 0, total: 200_000 });
    const far = seen.at(-1)!.loaded;
    const aborted = AbortSignal.abort();
    await expect(fetchFile({ url }, { cache, signal: aborted })).rejects.toThrow(/abort/i);
    // The next one goes on where it stopped.
    seen.length = 0;
    const onProgress = (progress: DownloadProgress): void => void seen.push(progress);
    expect(digest(await fetchFile({ url, sha256 }, { cache, onProgress }))).toBe(sha256);
    expect(seen[0]!.loaded).toBe(far);
    expect(seen.at(-1)!.loaded).toBe(200_000);
    expect(server.asked).toEqual(["/model.onnx", `/model.onnx bytes=${far}-`]);
  });
});

describe("a connection that is cut", () => {
  test("is taken up again where it ended", async () => {
    Object.assign(files["/model.onnx"]!, { cutAfter: 70_000, cuts: 2 });
    expect(digest(await fetchFile({ url, sha256 }, { cache }))).toBe(sha256);
    expect(server.asked).toEqual([
      "/model.onnx",
      "/model.onnx bytes=70000-",
      "/model.onnx bytes=140000-",
    ]);
  });

  test("by a server that knows no ranges, or names no version, begins anew", async () => {
    Object.assign(files["/model.onnx"]!, { cutAfter: 70_000, cuts: 1, ignoresRange: true });
    expect(digest(await fetchFile({ url, sha256 }, { cache }))).toBe(sha256);
    files["/model.onnx"] = { bytes: other, cutAfter: 70_000, cuts: 1 };
    expect(digest(await fetchFile({ url }, { cache }))).toBe(otherSha256);
    expect(server.asked.slice(-2)).toEqual(["/model.onnx", "/model.onnx"]);
  });

  test.each(['"2"', '"1"'])(
    "before the file changes (to version %s): begins anew",
    async (etag) => {
      files["/model.onnx"]!.slowness = 5;
      const controller = new AbortController();
      const onProgress = ({ loaded }: DownloadProgress): void => {
        if (loaded > 30_000) controller.abort();
      };
      await fetchFile({ url }, { cache, onProgress, signal: controller.signal }).catch(() => {});
      files["/model.onnx"] = { bytes: other, etag };
      expect(digest(await fetchFile({ url, sha256: otherSha256 }, { cache }))).toBe(otherSha256);
      // Where the version lies, the digest tells.
      const asked = server.asked.slice(1);
      expect(asked[0]).toMatch(/bytes=\d+-$/);
      expect(asked.slice(1)).toEqual(etag === '"1"' ? ["/model.onnx"] : []);
    },
  );

  test("again and again ends in an error that names the address and what to do", async () => {
    Object.assign(files["/model.onnx"]!, { cutAfter: 0, cuts: 99 });
    const error = await errorOf(fetchFile({ url, sha256 }, { cache }));
    expect(error.code).toBe("download");
    expect(error.message).toContain("check the address and the connection, then try again");
    expect(server.asked).toHaveLength(4);
  });
});

describe("what is not right", () => {
  test("is another file: a digest error, nothing is kept", async () => {
    files["/model.onnx"]!.bytes = other;
    const error = await errorOf(fetchFile({ url, sha256 }, { cache }));
    expect(error.code).toBe("digest");
    expect(error.message).toContain(otherSha256);
    expect(error.message).toContain("ask whoever publishes it");
    expect(await readdir(cache)).toEqual([]);
  });

  test("is longer than it must be: it is not read to its end", async () => {
    files["/model.onnx"]!.bytes = noise(5_000_000, 3);
    const loaded: number[] = [];
    const onProgress = (progress: DownloadProgress): void => void loaded.push(progress.loaded);
    const error = await errorOf(fetchFile({ url, sha256, bytes: 200_000 }, { cache, onProgress }));
    expect(error.code).toBe("digest");
    expect(Math.max(...loaded)).toBeLessThan(1_000_000);
    const limited = await errorOf(fetchFile({ url }, { cache, limit: 100_000 }));
    expect(limited.code).toBe("download");
    expect(limited.message).toContain("raise its limit");
  });

  test("is shorter", async () => {
    files["/model.onnx"]!.bytes = model.slice(0, 1000);
    expect((await errorOf(fetchFile({ url, sha256, bytes: 200_000 }, { cache }))).code).toBe(
      "digest",
    );
  });

  test("was spoiled in the cache: it is fetched again, never used", async () => {
    await fetchFile({ url, sha256 }, { cache });
    await writeFile(keptPath(), other);
    expect(digest(await fetchFile({ url, sha256 }, { cache }))).toBe(sha256);
    expect(server.asked).toHaveLength(2);
    await writeFile(keptPath(), model.slice(0, 5));
    expect(digest(await fetchFile({ url }, { cache }))).toBe(sha256);
    await writeFile(keptPath(), other);
    expect((await errorOf(fetchFile({ url }, { cache, offline: true }))).code).toBe("offline");
  });

  test.each([404, 403, 503])("has status %s", async (status) => {
    files["/model.onnx"]!.status = status;
    const error = await errorOf(fetchFile({ url }, { cache }));
    expect(error.code).toBe("download");
    expect(error.message).toContain(`HTTP status ${status}`);
    // Only what may pass is asked for again.
    expect(server.asked).toHaveLength(status === 503 ? 4 : 1);
  });

  test("has no server", async () => {
    server.close();
    const error = await errorOf(fetchFile({ url }, { cache }));
    expect(error.code).toBe("download");
    expect(error.message).toMatch(/ECONNREFUSED/);
  });

  test("is the caller's mistake", async () => {
    await expect(fetchFile({ url: "model.onnx" }, { cache })).rejects.toThrow(
      'fetchFile: expected a URL, got "model.onnx"',
    );
    await expect(fetchFile({ url: "file:///etc/passwd" }, { cache })).rejects.toThrow(TypeError);
    await expect(fetchFile({ url, sha256: "12" }, { cache })).rejects.toThrow(TypeError);
    await expect(fetchFile({ url, bytes: 0 }, { cache })).rejects.toThrow(RangeError);
    await expect(fetchFile({ url }, { cache, limit: -1 })).rejects.toThrow(RangeError);
  });
});

describe("the folder", () => {
  test("holds no more than its limit: what was used longest ago goes", async () => {
    for (const name of ["a", "b", "c", "d"]) {
      files[`/${name}`] = { bytes: noise(100_000, name.charCodeAt(0)), etag: '"1"' };
    }
    const get = (name: string): Promise<Uint8Array> =>
      fetchFile({ url: `${server.url}/${name}` }, { cache, limit: 300_000 });
    await get("a");
    await get("b");
    await get("c");
    // a was used now, b and c long ago, b longest.
    for (const [name, hours] of Object.entries({ b: 2, c: 1 })) {
      const path = join(cache, readdirSync(cache).find((file) => file.endsWith(`-${name}`))!);
      const then = new Date(Date.now() - hours * 3_600_000);
      await utimes(path, then, then);
    }
    await get("d");
    const left = (await listCache({ cache })).map(({ url: kept }) => kept.at(-1));
    expect(left.sort()).toEqual(["a", "c", "d"]);
    // A use counts, also one without a question to the server.
    await fetchFile({ url: `${server.url}/c` }, { cache, offline: true });
    const { lastUsed } = (await listCache({ cache })).find(({ url: kept }) => kept.endsWith("/c"))!;
    expect(Math.abs(lastUsed - Date.now())).toBeLessThan(60_000);
  });

  test("that cannot be written costs time, not the file", async () => {
    const blocked = join(cache, "a-file");
    await writeFile(blocked, "in the way");
    expect(digest(await fetchFile({ url, sha256 }, { cache: join(blocked, "x") }))).toBe(sha256);
  });

  test("serves many who ask at once with one download", async () => {
    files["/model.onnx"]!.slowness = 3;
    const all = await Promise.all([1, 2, 3].map(() => fetchFile({ url, sha256 }, { cache })));
    expect(all.map(digest)).toEqual([sha256, sha256, sha256]);
    expect(server.asked).toHaveLength(1);
  });

  test("serves two processes at once with one sound file", async () => {
    files["/model.onnx"]!.slowness = 10;
    const script = await bundle();
    const start = (): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, [script, url, sha256, cache]);
    const both = await Promise.all([start(), start()]);
    expect(both.map(({ stdout }) => stdout.trim())).toEqual([sha256, sha256]);
    expect(server.asked).toEqual(["/model.onnx"]);
    expect(digest(await readFile(keptPath()))).toBe(sha256);
    expect(await readdir(cache)).toHaveLength(2);
  });

  test("survives a process that is killed: the next one takes over and goes on", async () => {
    files["/model.onnx"]!.slowness = 50;
    const child = execFile(process.execPath, [await bundle(), url, sha256, cache]);
    const lock = (): string | undefined =>
      existsSync(cache) ? readdirSync(cache).find((name) => name.endsWith(".lock")) : undefined;
    const part = (): string | undefined =>
      readdirSync(cache).find((name) => name.endsWith(".part"));
    while (!part() || (await readFile(join(cache, part()!))).length < 30_000) {
      await new Promise((done) => setTimeout(done, 20));
    }
    child.kill("SIGKILL");
    await new Promise((done) => child.once("exit", done));
    // Its lock is left, and is nobody's once it is old.
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(join(cache, lock()!), longAgo, longAgo);
    expect(digest(await fetchFile({ url, sha256 }, { cache }))).toBe(sha256);
    expect(server.asked.at(-1)).toMatch(/^\/model.onnx bytes=[3-9]\d{4}/);
    expect(await readdir(cache)).toHaveLength(2);
  });
});

describe("a network", () => {
  const manifest = {
    version: 1,
    kind: "detector",
    name: "d",
    networkVersion: "0.1.0",
    file: "model.onnx",
    bytes: model.length,
    sha256,
    licence: "MIT",
    trainedOn: "nothing",
    input: {
      ...{ name: "image", layout: "NCHW", channels: "RGB" },
      ...{ range: [0, 1], multipleOf: 32, sizes: [320] },
    },
    outputs: [{ name: "heatmap", stride: 8 }],
    box: "words",
    threshold: 0.5,
    nms: 0.4,
  };
  const json = (value: object): ServedFile => ({
    bytes: new TextEncoder().encode(JSON.stringify(value)),
    etag: '"m"',
  });

  test("is its manifest and the file that it names, by either's address", async () => {
    files["/model.json"] = json(manifest);
    const { model: bytes, manifest: read } = await fetchNetwork(url, { cache });
    expect(digest(bytes)).toBe(sha256);
    expect(read).toEqual(manifest);
    await fetchNetwork(`${server.url}/model.json`, { cache });
    // The manifest is asked for again, its file is not.
    expect(server.asked).toEqual(["/model.json", "/model.onnx", "/model.json"]);
    await fetchNetwork(url, { cache, offline: true });
    expect(server.asked).toHaveLength(3);
  });

  test("is refused where its manifest is none, or its file another", async () => {
    files["/model.json"] = json({ ...manifest, nms: "no" });
    await expect(fetchNetwork(url, { cache })).rejects.toThrow(
      /model.json is no network's manifest/,
    );
    files["/model.json"] = { ...json({ ...manifest, sha256: otherSha256 }), etag: '"n"' };
    expect((await errorOf(fetchNetwork(url, { cache }))).code).toBe("digest");
  });
});

/** A process that fetches one file and prints its digest. */
async function bundle(): Promise<string> {
  const file = join(tmpdir(), `headform-fetch-${process.pid}.mjs`);
  await build({
    stdin: {
      contents: `import { createHash } from "node:crypto";
        import { fetchFile } from "@headform/inference/node";
        const [url, sha256, cache] = process.argv.slice(2);
        const bytes = await fetchFile({ url, sha256 }, { cache });
        console.log(createHash("sha256").update(bytes).digest("hex"));`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    outfile: file,
    format: "esm",
    platform: "node",
    conditions: ["@headform/source"],
    external: ["onnxruntime-*"],
  });
  return file;
}
