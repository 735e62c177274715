import { InferenceError } from "../inference-error.ts";
import type { FetchFileOptions, Part } from "./file-store.ts";

/** Attempts in a row that bring nothing before a download is given up. */
const ATTEMPTS = 4;
/** Milliseconds before the second attempt; twice that before the third. */
const FIRST_PAUSE = 250;

export interface DownloadOptions extends Pick<FetchFileOptions, "signal" | "onProgress"> {
  /** How long the file must be, where that is known. */
  readonly bytes?: number;
  /** Bytes that it may have at most. */
  readonly limit: number;
  /** The version at hand: the server need not send it again. */
  readonly known?: string;
}

/**
 * Downloads a file into a part, from where the part ends; where the connection is cut, goes on.
 *
 * @returns whether there is a new version, now complete in the part
 * @throws InferenceError with code `"download"`, or `"digest"` when the file is longer than it must be
 */
export async function download(
  url: string,
  part: Part,
  options: DownloadOptions,
): Promise<boolean> {
  const { signal } = options;
  for (let failures = 0; ; ) {
    const before = part.size;
    const outcome = await attempt(url, part, options);
    if (outcome === "complete") return true;
    if (outcome === "unchanged") return false;
    signal?.throwIfAborted();
    failures = part.size > before ? 1 : failures + 1;
    if (outcome.final || failures >= ATTEMPTS) {
      throw new InferenceError(
        "download",
        `fetchFile: ${url} could not be downloaded (${outcome.reason}): check the address and the connection, then try again${part.size > 0 ? "; what has come is kept" : ""}`,
        { cause: outcome.cause, field: url },
      );
    }
    await pause(FIRST_PAUSE * 2 ** (failures - 1), signal);
  }
}

interface Failed {
  readonly reason: string;
  readonly cause?: unknown;
  /** Trying again would not help. */
  readonly final: boolean;
}

async function attempt(
  url: string,
  part: Part,
  { bytes, limit, known, signal, onProgress }: DownloadOptions,
): Promise<"complete" | "unchanged" | Failed> {
  if (part.size > 0 && part.version === undefined) await part.restart(undefined);
  const resumes = part.size > 0;
  // A range is one of the file itself, not of the file compressed. (Browsers see to that themselves.)
  const headers: Record<string, string> = { "Accept-Encoding": "identity" };
  if (resumes) {
    headers.Range = `bytes=${part.size}-`;
    headers["If-Range"] = part.version!;
  } else if (known) headers[known.includes('"') ? "If-None-Match" : "If-Modified-Since"] = known;

  // The files are kept in one cache, not in the browser's own as well. (Node's types know none.)
  const init = { headers, cache: "no-store", ...(signal && { signal }) } as RequestInit;
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (cause) {
    return { reason: reasonOf(cause), cause, final: false };
  }
  if (response.status === 304 && !resumes) return "unchanged";
  if (resumes && response.status === 416) {
    // Either all of it is here, or the file is another one now.
    await response.body?.cancel();
    if (response.headers.get("content-range") === `bytes */${part.size}`) return "complete";
    await part.restart(undefined);
    return { reason: "the file has changed", final: false };
  }
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
  if (response.status === 206 && Number(range?.[1]) !== part.size) {
    await response.body?.cancel();
    await part.restart(undefined);
    return { reason: "the server sends another range than it was asked for", final: false };
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    const passing = [408, 425, 429].includes(response.status) || response.status >= 500;
    return { reason: `HTTP status ${response.status}`, final: !passing };
  }
  // All of it comes: a server that knows no ranges, or another version.
  if (response.status === 200) await part.restart(versionOf(response));

  // A compressed answer's length is not the file's.
  const encoded = response.headers.get("content-encoding") ?? "identity";
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  const told = range ? Number(range[2]) : encoded === "identity" ? part.size + length : Number.NaN;
  const total = bytes ?? (Number.isFinite(told) ? told : undefined);
  const report = (): void => {
    onProgress?.({ url, loaded: part.size, ...(total !== undefined && { total }) });
  };
  report();
  try {
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      await part.append(value);
      report();
      if (part.size > (bytes ?? limit)) {
        const size = part.size;
        await reader.cancel();
        await part.restart(undefined);
        throw tooLong(url, size, bytes, limit);
      }
    }
  } catch (cause) {
    if (cause instanceof InferenceError) throw cause;
    return { reason: reasonOf(cause), cause, final: isFull(cause) };
  }
  if (total !== undefined && part.size < total && told !== part.size) {
    return { reason: `it ended after ${part.size} of ${total} bytes`, final: false };
  }
  return "complete";
}

function tooLong(url: string, size: number, bytes: number | undefined, limit: number): Error {
  return bytes === undefined
    ? new InferenceError(
        "download",
        `fetchFile: ${url} has more than the ${limit} bytes that the cache may hold: raise its limit`,
        { field: url },
      )
    : new InferenceError(
        "digest",
        `fetchFile: expected ${url} with ${bytes} bytes, got ${size} and more: it is another file than its manifest says; ask whoever publishes it`,
        { field: url },
      );
}

/** A strong ETag, else the date: what If-Range takes. */
function versionOf({ headers }: Response): string | undefined {
  const tag = headers.get("etag");
  if (tag && !tag.startsWith("W/")) return tag;
  return headers.get("last-modified") ?? undefined;
}

/** The disk, not the connection. */
function isFull(cause: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EIO"].includes((cause as { code?: string })?.code ?? "");
}

/** What fetch says is "fetch failed"; why stands in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const inner = cause as { message?: string; code?: string } | undefined;
  return inner?.message || inner?.code || message || String(error);
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
