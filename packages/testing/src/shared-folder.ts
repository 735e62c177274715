import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * Path of a folder of measuring material that lies beside the repository and is never committed,
 * or `undefined` where it is absent. `HEADFORM_SHARED` names another place than `../shared`.
 *
 * Tests that need it skip with a word: `describe.skipIf(!photos)("… (needs shared photos)", …)`.
 */
export function sharedFolder(name: string): string | undefined {
  const root = resolve(repository, process.env.HEADFORM_SHARED ?? "../shared");
  const folder = join(root, name);
  return existsSync(folder) ? folder : undefined;
}
