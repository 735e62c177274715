import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".jpg": "image/jpeg",
  ".mjs": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

export interface ServeFolderOptions {
  /** Where the folder is put, from slash to slash. */
  readonly under: string;
  /** Sent with every file; a plain host sends none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Files that are sent instead of those of the same name, which is told without its digest. */
  readonly instead?: Readonly<Record<string, Uint8Array>>;
}

/** A static host on this machine. */
export interface ServedFolder {
  readonly address: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  readonly server: Server;
}

/** Serves a folder as any static host would. */
export async function serveFolder(
  folder: string,
  { under, headers = {}, instead = {} }: ServeFolderOptions,
): Promise<ServedFolder> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    asked.push(pathname);
    const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    try {
      if (!path.startsWith(under)) throw new Error("not here");
      const name = basename(path).replace(/-[\w-]{8}(\.\w+)$/, "$1");
      const body =
        instead[name] ?? (await readFile(join(folder, normalize(path.slice(under.length)))));
      for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}${under}`, asked, server };
}
