import type { Part } from "./file-store.ts";

/** A download that lives in memory. */
export function createMemoryPart(version?: string, start: Uint8Array = new Uint8Array(0)): Part {
  let chunks: Uint8Array[] = [start];
  const part = {
    size: start.length,
    version,
    async restart(next: string | undefined) {
      chunks = [];
      part.size = 0;
      part.version = next;
    },
    async append(chunk: Uint8Array) {
      chunks.push(chunk);
      part.size += chunk.length;
    },
    async read() {
      const bytes = new Uint8Array(part.size);
      let at = 0;
      for (const chunk of chunks) {
        bytes.set(chunk, at);
        at += chunk.length;
      }
      return bytes;
    },
    async leave() {},
  };
  return part;
}
