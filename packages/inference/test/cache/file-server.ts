import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One file as a server has it, and how it misbehaves. */
export interface ServedFile {
  bytes: Uint8Array;
  etag?: string;
  /** Cuts the connection after so many bytes of each answer, so many times. */
  cutAfter?: number;
  cuts?: number;
  /** Answers ranges with the whole file. */
  ignoresRange?: boolean;
  status?: number;
  /** Milliseconds between pieces of 10 kB. */
  slowness?: number;
}

/** A server of files by path that writes down what it was asked. */
export async function serveFiles(files: Record<string, ServedFile>): Promise<{
  readonly url: string;
  readonly asked: string[];
  close(): void;
}> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === "GET")
      if (request.method === "GET")
        asked.push(`${request.url} ${request.headers.range ?? ""}`.trim());
    answer(files[request.url!], request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(
  file: ServedFile | undefined,
  { headers, method }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-allow-headers", "*");
  response.setHeader("access-control-expose-headers", "*");
  if (method === "OPTIONS") return void response.end();
  if (!file || file.status) return void response.writeHead(file?.status ?? 404).end();
  const { bytes, etag } = file;
  if (etag) response.setHeader("etag", etag);
  if (etag && headers["if-none-match"] === etag) return void response.writeHead(304).end();
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1]);
  const ranged = !file.ignoresRange && start >= 0 && headers["if-range"] === etag;
  if (ranged && start >= bytes.length) {
    response.setHeader("content-range", `bytes */${bytes.length}`);
    return void response.writeHead(416).end();
  }
  if (ranged) {
    response.setHeader("content-range", `bytes ${start}-${bytes.length - 1}/${bytes.length}`);
  }
  const body = bytes.subarray(ranged ? start : 0);
  response.writeHead(ranged ? 206 : 200, { "content-length": body.length });
  const cut = file.cuts ? file.cutAfter! : undefined;
  if (file.cuts) file.cuts--;
  for (let at = 0; at < Math.min(body.length, cut ?? body.length); at += 10_000) {
    response.write(body.subarray(at, Math.min(at + 10_000, cut ?? body.length)));
    await new Promise((done) => setTimeout(done, file.slowness ?? 0));
  }
  if (cut === undefined) response.end();
  else response.destroy();
}
