import { rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "./cache-folder.ts";
import { fetchFileWith } from "./fetch-file-with.ts";
import { type FetchedNetwork, fetchNetworkWith } from "./fetch-network-with.ts";
import type { CachedFile, FetchFileOptions, FileRequest } from "./file-store.ts";
import { listFolder, openFolderStore } from "./folder-store.ts";

/** Of the cache's folder: what was downloaded. */
const DOWNLOADS = "downloads";

/**
 * Gets a file from the web, once: later it comes from a folder, `downloads` in {@link cacheFolder}
 * unless told. Processes that want the same file at the same time wait for one that fetches it. A
 * download that was cut off goes on where it ended. A file that is no longer what it was is fetched
 * again; without `sha256` the server is asked each time whether it has another version.
 *
 * @throws InferenceError with code `"download"` (status, connection), `"digest"` (another length or
 *   SHA-256), `"offline"`; `field` is the address
 * @throws TypeError when the address is not http or https or `sha256` is none, RangeError for sizes
 * @throws the signal's reason, an AbortError unless told, when the signal is aborted
 */
export function fetchFile(
  request: FileRequest,
  options: FetchFileOptions = {},
): Promise<Uint8Array> {
  return fetchFileWith(() => openFolderStore(folderOf(options.cache)), request, options);
}

/**
 * Gets a network by the address of its manifest, or of its `.onnx` file with the `.json` beside it.
 *
 * @throws InferenceError with code `"manifest"` when there is none, and as {@link fetchFile}
 */
export function fetchNetwork(
  url: string | URL,
  options: FetchFileOptions = {},
): Promise<FetchedNetwork> {
  return fetchNetworkWith(fetchFile, url, options);
}

/** What {@link fetchFile} keeps, by name. */
export function listCache(options: Pick<FetchFileOptions, "cache"> = {}): Promise<CachedFile[]> {
  return listFolder(folderOf(options.cache));
}

/** Removes all that {@link fetchFile} keeps, downloads that were cut off as well. */
export async function clearCache(options: Pick<FetchFileOptions, "cache"> = {}): Promise<void> {
  await rm(folderOf(options.cache), { recursive: true, force: true });
}

function folderOf(cache: string | undefined): string {
  return cache ?? join(cacheFolder(), DOWNLOADS);
}
