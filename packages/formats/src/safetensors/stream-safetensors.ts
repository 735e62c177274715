import {
  headerBeyond,
  inOffsetOrder,
  readHeader,
  readHeaderLength,
  tensorOutside,
} from "./header.ts";
import { DTYPE_ARRAYS, type SafetensorsDtype, type SafetensorsTensor } from "./tensor.ts";

/** What this needs of a web stream: `Response.body` and `Blob.stream()` have it. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(): Promise<unknown>;
  };
}

/** What arrives of a safetensors file: its header, then its tensors one by one. */
export type SafetensorsPart =
  | {
      readonly kind: "header";
      readonly metadata: Readonly<Record<string, string>>;
      /** Name → what will come, in the order of the header. */
      readonly tensors: ReadonlyMap<
        string,
        { readonly dtype: SafetensorsDtype; readonly shape: readonly number[] }
      >;
    }
  | ({ readonly kind: "tensor"; readonly name: string } & SafetensorsTensor);

/**
 * Reads a safetensors file as it arrives: first the header, then each tensor as soon as its last
 * byte is there, in the order of the bytes.
 *
 * Holds a chunk and the tensor that is arriving; its memory grows with what has come (by doubling),
 * whatever the header claims. Tensors are copies and the caller's own. The source is closed behind
 * the last tensor, on an error, and when the caller leaves the loop.
 *
 * @param chunks the file's bytes in pieces of any sizes: a Node stream, `Response.body`, a generator
 * @throws {FormatError} as `readSafetensors` does; of a file that ends early, behind the tensors
 *   that are whole
 * @throws {TypeError} when `chunks` is no stream, or of anything but bytes
 */
export async function* streamSafetensors(
  chunks: AsyncIterable<Uint8Array> | ByteStream,
): AsyncGenerator<SafetensorsPart, void, undefined> {
  const iterator = iterate(chunks);
  try {
    const source: Source = { iterator, chunk: new Uint8Array(0), position: 0 };
    // 1. The header.
    const headerLength = readHeaderLength(await take(source, 8));
    const header = await take(source, headerLength);
    if (header.length < headerLength) throw headerBeyond(headerLength, source.position);
    const { metadata, spans } = readHeader(header, Number.POSITIVE_INFINITY);
    const tensors = new Map(spans.map(({ name, dtype, shape }) => [name, { dtype, shape }]));
    yield { kind: "header", metadata, tensors };
    // 2. The tensors, and the gaps that may lie between.
    const dataStart = 8 + headerLength;
    for (const span of inOffsetOrder(spans)) {
      const { name, dtype, shape, begin, end } = span;
      await skip(source, dataStart + begin - source.position);
      const bytes = await take(source, end - begin);
      if (source.position < dataStart + end) throw tensorOutside(span, source.position - dataStart);
      const DataArray = DTYPE_ARRAYS[dtype];
      const data = new DataArray(bytes.buffer, 0, bytes.length / DataArray.BYTES_PER_ELEMENT);
      yield { kind: "tensor", name, dtype, shape, data };
    }
  } finally {
    await iterator.return?.();
  }
}

interface Source {
  readonly iterator: AsyncIterator<Uint8Array>;
  /** What is left of the newest chunk. */
  chunk: Uint8Array;
  /** Bytes of the file that were taken or skipped. */
  position: number;
}

/** Bytes reserved before any has come, at most. */
const FIRST_BYTES = 65_536;

/** The next `size` bytes, fewer only at the end of the file, at the start of a buffer of their own. */
async function take(source: Source, size: number): Promise<Uint8Array> {
  let out = new Uint8Array(Math.min(size, FIRST_BYTES));
  let length = 0;
  while (length < size && (await refill(source))) {
    const piece = source.chunk.subarray(0, size - length);
    if (length + piece.length > out.length) {
      const grown = new Uint8Array(Math.min(size, 2 * (length + piece.length)));
      grown.set(out.subarray(0, length));
      out = grown;
    }
    out.set(piece, length);
    length += piece.length;
    advance(source, piece.length);
  }
  return out.subarray(0, length);
}

async function skip(source: Source, size: number): Promise<void> {
  let left = size;
  while (left > 0 && (await refill(source))) {
    const step = Math.min(left, source.chunk.length);
    left -= step;
    advance(source, step);
  }
}

function advance(source: Source, count: number): void {
  source.chunk = source.chunk.subarray(count);
  source.position += count;
}

/** Sees to it that the chunk has bytes; false at the end of the file. */
async function refill(source: Source): Promise<boolean> {
  while (source.chunk.length === 0) {
    const { done, value } = await source.iterator.next();
    if (done) return false;
    if (!(value instanceof Uint8Array)) {
      throw new TypeError(`streamSafetensors: expected chunks of Uint8Array, got ${typeof value}`);
    }
    source.chunk = value;
  }
  return true;
}

/** Web streams by their reader: not every browser has their iterator. */
function iterate(chunks: AsyncIterable<Uint8Array> | ByteStream): AsyncIterator<Uint8Array> {
  if (Symbol.asyncIterator in chunks) return chunks[Symbol.asyncIterator]();
  if (typeof chunks.getReader !== "function") {
    throw new TypeError("streamSafetensors: expected an async iterable or a stream of bytes");
  }
  const reader = chunks.getReader();
  return {
    async next() {
      const { done, value } = await reader.read();
      return done ? { done, value: undefined } : { done: false, value: value as Uint8Array };
    },
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}
