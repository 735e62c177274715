import type { FileStore } from "./file-store.ts";
import { createMemoryPart } from "./memory-part.ts";

/** Where nothing can be kept: a folder that cannot be written, a page that is not served securely. */
export const noStore: FileStore = {
  read: async () => undefined,
  touch: async () => {},
  remove: async () => {},
  alone: (_, work) => work(),
  openPart: async () => createMemoryPart(),
  keep: async () => {},
  evict: async () => {},
};
