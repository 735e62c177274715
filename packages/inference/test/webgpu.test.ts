import { existsSync } from "node:fs";
import { SELF_TEST_TOLERANCE } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import { expect, test } from "vitest";

// Chromium's software driver; read once per process, so this file has the process to itself.
const DRIVER = "/usr/lib/chromium/vk_swiftshader_icd.json";
process.env.VK_ICD_FILENAMES = DRIVER;

test.skipIf(!existsSync(DRIVER))(
  "WebGPU in Node passes the self-test on a software driver (skipped without Chromium's)",
  async () => {
    const backend = await createBackend({ prefer: "gpu" });
    const webgpu = backend.tried.find(({ name }) => name === "webgpu");
    expect(webgpu).toMatchObject({ ok: true, selfTest: { ok: true } });
    expect(webgpu!.selfTest!.error).toBeLessThan(SELF_TEST_TOLERANCE);
    expect(backend.name).toBe("webgpu");
  },
  60_000,
);
