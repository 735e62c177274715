/** A file to be had from the web. */
export interface FileRequest {
  /** Where it is: http or https. */
  readonly url: string | URL;
  /** Its SHA-256, 64 hexadecimal digits: a file that is kept is then used without asking the server. */
  readonly sha256?: string;
  /** Its length. */
  readonly bytes?: number;
}

/** Options of `fetchFile` and `fetchNetwork`. */
export interface FetchFileOptions {
  /** Which cache: a folder in Node, a name in Cache Storage. */
  readonly cache?: string;
  /** Bytes that the cache may hold, 2 GB unless told; what was used longest ago goes first. */
  readonly limit?: number;
  /** Take what is kept and ask no server. */
  readonly offline?: boolean;
  /** Told at every piece that comes, also of what an earlier attempt had left. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** How far a download is. */
export interface DownloadProgress {
  readonly url: string;
  /** Bytes that are here. */
  readonly loaded: number;
  /** Bytes in all, where the request or the server says so. */
  readonly total?: number;
}

/** A file in the cache. */
export interface CachedFile {
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly lastUsed: number;
}

/** What is known of a kept file. */
export interface KeptEntry {
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The server's name of this version: its ETag, or else its date. */
  readonly version?: string;
}

/** A download that is under way, or was cut off. */
export interface Part {
  /** Bytes that are here. */
  readonly size: number;
  /** Of which version, where the server said so: only then can it be resumed. */
  readonly version: string | undefined;
  /** Drops what is here. */
  restart(version: string | undefined): Promise<void>;
  append(chunk: Uint8Array): Promise<void>;
  read(): Promise<Uint8Array>;
  /** Leaves it for the next attempt. */
  leave(): Promise<void>;
}

/** Where files are kept: a folder, Cache Storage, or nowhere. */
export interface FileStore {
  read(url: string): Promise<{ readonly bytes: Uint8Array; readonly entry: KeptEntry } | undefined>;
  /** Marks it as used now. */
  touch(url: string): Promise<void>;
  remove(url: string): Promise<void>;
  /** Does the work while nobody else, in no other process or tab, does any for this address. */
  alone<T>(url: string, work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
  openPart(url: string): Promise<Part>;
  /** Makes a complete part the kept file, at once and whole. */
  keep(part: Part, entry: KeptEntry): Promise<void>;
  /** Removes what was used longest ago until at most `limit` bytes are left. */
  evict(limit: number): Promise<void>;
}
