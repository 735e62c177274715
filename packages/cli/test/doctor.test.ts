import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { run } from "../src/index.ts";

async function doctor(...options: string[]): Promise<{ code: number; out: string }> {
  const cache = await mkdtemp(join(tmpdir(), "headform-doctor-"));
  await mkdir(join(cache, "headform"));
  await writeFile(join(cache, "headform", "correspondence-1.safetensors"), new Uint8Array(1000));
  let out = "";
  const code = await run(["doctor", ...options], {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: () => true },
    cwd: cache,
    env: { XDG_CACHE_HOME: cache },
  });
  return { code, out };
}

it("tells what works, what does not and why, as data", async () => {
  const { code, out } = await doctor("--json");
  const diagnosis = JSON.parse(out);
  expect(code).toBe(0);
  expect(diagnosis.platform.node).toBe(process.versions.node);
  const names = ["cpu", "wasm", "cuda", "directml", "coreml", "webgpu"];
  expect(diagnosis.backends.map(({ name }: { name: string }) => name)).toEqual(names);
  for (const { ok, reason, selfTest } of diagnosis.backends) {
    if (ok) expect(selfTest).toMatchObject({ ok: true, milliseconds: expect.any(Number) });
    else expect(reason).toBeTruthy();
  }
  expect(diagnosis.backend).toBe("cpu");
  expect(diagnosis.cache).toMatchObject({
    bytes: 1000,
    files: [{ name: "correspondence-1.safetensors", bytes: 1000 }],
  });
  const models = ["head", "dense", "detector", "volume", "volume-guided"];
  expect(diagnosis.models.map(({ name }: { name: string }) => name)).toEqual(models);
  for (const { bytes, problem } of diagnosis.models) {
    expect(problem).toBeUndefined();
    expect(bytes).toBeGreaterThan(100_000);
  }
});

it("tells it in words", async () => {
  const { out } = await doctor();
  expect(out).toMatch(/^headform .*, Node .*cores/);
  expect(out).toMatch(/cpu +works, self-test off by .* ms, taken by --backend auto/);
  expect(out).toMatch(/wasm +works/);
  expect(out).toMatch(/cache +.*headform: 1 file, 0.0 MB\n +0.0 MB correspondence-1.safetensors/);
});
