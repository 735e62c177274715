import { defineConfig } from "vitest/config";

// Tests run on the sources; TEST_DIST=1 runs the same tests on the built packages.
const conditions: string[] = process.env.TEST_DIST ? [] : ["@headform/source"];

export default defineConfig({
  resolve: { conditions: [...conditions, "node", "import", "default"] },
  ssr: { resolve: { conditions: [...conditions, "node", "import", "default"] } },
  test: {
    include: ["{apps,packages}/*/test/**/*.test.ts", "scripts/test/**/*.test.ts"],
    // A machine under load is slow, not broken.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
