import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isOpenHeadError } from "@headform/open-head";
import * as node from "@headform/open-head/node";
import * as web from "@headform/open-head/web";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const head = new TextEncoder().encode("a head");
const network = new TextEncoder().encode("a network");
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const detector = {
  version: 1,
  kind: "detector",
  name: "d",
  networkVersion: "0.1.0",
  file: "detector.onnx",
  bytes: network.length,
  sha256: sha256(network),
  licence: "MIT",
  trainedOn: "nothing",
  input: {
    name: "image",
    layout: "NCHW",
    channels: "RGB",
    range: [0, 1],
    multipleOf: 32,
    sizes: [320],
  },
  outputs: [{ name: "heatmap", stride: 8 }],
  box: "words",
  threshold: 0.5,
  nms: 0.4,
};
const guided = {
  version: 1,
  kind: "volume",
  name: "v",
  networkVersion: "0.1.0",
  file: "volume-guided.onnx",
  bytes: network.length,
  sha256: sha256(network),
  licence: "MIT",
  trainedOn: "nothing",
  input: {
    name: "image",
    layout: "NCHW",
    width: 192,
    height: 192,
    channels: "RGB",
    range: [0, 1],
  },
  guide: { sigma: 1, diameter: 6 },
  crop: { rule: "landmark-box", scale: 2.4 },
  output: {
    name: "volume",
    dims: [192, 192, 200],
    spacing: [1, 1, 0.5],
    nearest: "last",
    values: "probability",
  },
};

let folder: string;
let server: Server;
const baseUrls: Record<string, URL> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "open-head-"));
  await writeFile(join(folder, "head.safetensors"), head);
  await writeFile(join(folder, "head.json"), JSON.stringify({ sha256: sha256(head) }));
  await writeFile(join(folder, "head-low.safetensors"), network);
  await writeFile(join(folder, "head-low.json"), JSON.stringify({ sha256: sha256(network) }));
  await writeFile(join(folder, "detector.onnx"), network);
  await writeFile(join(folder, "detector.json"), JSON.stringify(detector));
  await writeFile(join(folder, "volume-guided.onnx"), network);
  await writeFile(join(folder, "volume-guided.json"), JSON.stringify(guided));
  // A network under another's name.
  await writeFile(join(folder, "volume.json"), JSON.stringify(detector));
  await writeFile(join(folder, "sample.jpg"), head);
  server = createServer(async (request, response) => {
    try {
      response.end(await readFile(join(folder, request.url!)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  baseUrls.node = pathToFileURL(`${folder}/`);
  baseUrls.web = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const errorOf = async (work: Promise<unknown>): Promise<[string, string]> => {
  const error = await work.catch((e: unknown) => e);
  if (!isOpenHeadError(error)) throw error;
  expect(error.message).toContain(error.file);
  if (error.code !== "readable") expect(error.cause).toBeDefined();
  return [error.code, error.file];
};

describe.each([
  ["node", node],
  ["web", web],
] as const)("the %s loader", (name, loader) => {
  test("hands out bytes whose digests are right", async () => {
    const options = { baseUrl: baseUrls[name]! };
    expect((await loader.loadHead(options)).head).toEqual(head);
    const loaded = await loader.loadNetwork("detector", options);
    expect(loaded).toEqual({ model: network, manifest: detector });
    const volume = await loader.loadNetwork("volume-guided", options);
    expect(volume).toEqual({ model: network, manifest: guided });
    expect(await loader.loadSample(options)).toEqual(head);
  });

  test("brings a level of detail, checked like the head, and refuses another", async () => {
    const options = { baseUrl: baseUrls[name]! };
    expect(await loader.loadHead({ ...options, detail: "low" })).toEqual({ head, detail: network });
    expect(await loader.loadHead({ ...options, detail: "medium" })).toEqual({ head });
    expect(await errorOf(loader.loadHead({ ...options, detail: "high" }))).toEqual([
      "missing",
      "head-high.safetensors",
    ]);
    await writeFile(join(folder, "head-low.safetensors"), head);
    expect(await errorOf(loader.loadHead({ ...options, detail: "low" }))).toEqual([
      "altered",
      "head-low.safetensors",
    ]);
    await writeFile(join(folder, "head-low.safetensors"), network);
    await expect(loader.loadHead({ ...options, detail: "finest" as "low" })).rejects.toThrow(
      /^loadHead: expected detail low, medium, high, got "finest"$/,
    );
  });

  test("takes the folder as text, too", async () => {
    expect((await loader.loadHead({ baseUrl: String(baseUrls[name]) })).head).toEqual(head);
  });

  test("names a missing file", async () => {
    const options = { baseUrl: new URL("none/", baseUrls[name]) };
    expect(await errorOf(loader.loadSample(options))).toEqual(["missing", "sample.jpg"]);
    expect(await errorOf(loader.loadNetwork("dense", options))).toEqual(["missing", "dense.json"]);
  });

  test("names an altered file", async () => {
    const options = { baseUrl: baseUrls[name]! };
    await writeFile(join(folder, "head.safetensors"), "another head");
    await writeFile(join(folder, "detector.onnx"), network.slice(1));
    expect(await errorOf(loader.loadHead(options))).toEqual(["altered", "head.safetensors"]);
    expect(await errorOf(loader.loadNetwork("detector", options))).toEqual([
      "altered",
      "detector.onnx",
    ]);
    await writeFile(join(folder, "head.safetensors"), head);
    await writeFile(join(folder, "detector.onnx"), network);
  });

  test("names a manifest that is not one", async () => {
    const options = { baseUrl: baseUrls[name]! };
    await writeFile(join(folder, "detector.json"), "{");
    expect(await errorOf(loader.loadNetwork("detector", options))).toEqual([
      "readable",
      "detector.json",
    ]);
    await writeFile(join(folder, "detector.json"), JSON.stringify({ ...detector, nms: "no" }));
    expect(await errorOf(loader.loadNetwork("detector", options))).toEqual([
      "readable",
      "detector.json",
    ]);
    await writeFile(join(folder, "detector.json"), JSON.stringify(detector));
  });

  test("names a manifest of another kind of network", async () => {
    const options = { baseUrl: baseUrls[name]! };
    const error = loader.loadNetwork("volume", options);
    expect(await errorOf(error)).toEqual(["readable", "volume.json"]);
    await expect(error).rejects.toThrow("expected a volume network, got detector");
  });

  test("refuses another name, and stops when asked", async () => {
    await expect(loader.loadNetwork("oracle" as "dense")).rejects.toThrow(RangeError);
    const options = { baseUrl: baseUrls[name]!, signal: AbortSignal.abort() };
    await expect(loader.loadSample(options)).rejects.toThrow(/abort/i);
  });
});

test("the web loader asks the caller's fetch", async () => {
  const asked: string[] = [];
  const baseUrl = baseUrls.web!;
  const options = {
    baseUrl,
    fetch: (address: URL, init: object) => {
      asked.push(address.href.slice(baseUrl.href.length));
      return fetch(address, init);
    },
  };
  expect((await web.loadHead(options)).head).toEqual(head);
  expect(asked.sort()).toEqual(["head.json", "head.safetensors"]);
});

const data = fileURLToPath(new URL("../data/", import.meta.url));
const jpegStart = new Uint8Array([0xff, 0xd8]);

describe("what is shipped is what the digests were taken of", () => {
  test.skipIf(!existsSync(`${data}head.safetensors`))("head", async () => {
    const { head: shipped } = await node.loadHead();
    // The promise of the package: one file under 6 MB.
    expect(shipped.length).toBeLessThan(6e6);
  });

  test.skipIf(!existsSync(`${data}head-low.json`))("levels of detail", async () => {
    // The promise of the package: the low one under 50 kB, the high one a megabyte.
    for (const [detail, most] of [
      ["low", 5e4],
      ["high", 1e6],
    ] as const) {
      const { detail: shipped } = await node.loadHead({ detail });
      expect(shipped!.length).toBeLessThan(most);
    }
  });

  test.skipIf(!existsSync(`${data}dense.json`))("dense network", async () => {
    const { model, manifest } = await node.loadNetwork("dense");
    expect([manifest.kind, manifest.bytes]).toEqual(["dense", model.length]);
  });

  test.skipIf(!existsSync(`${data}detector.json`))("detector", async () => {
    const { model, manifest } = await node.loadNetwork("detector");
    expect([manifest.kind, manifest.bytes]).toEqual(["detector", model.length]);
  });

  test.skipIf(!existsSync(`${data}volume-guided.json`))("volume networks", async () => {
    for (const [name, guide] of [
      ["volume", undefined],
      ["volume-guided", { sigma: 1, diameter: 6 }],
    ] as const) {
      const { model, manifest } = await node.loadNetwork(name);
      expect([manifest.kind, manifest.bytes]).toEqual(["volume", model.length]);
      expect(manifest.output.dims).toEqual([192, 192, 200]);
      expect(manifest.guide).toEqual(guide);
      // The promise of the package: at most 12 MB each.
      expect(model.length).toBeLessThan(12e6);
    }
  });

  test.skipIf(!existsSync(`${data}sample.jpg`))("sample portrait", async () => {
    expect((await node.loadSample()).slice(0, 2)).toEqual(jpegStart);
  });
});
