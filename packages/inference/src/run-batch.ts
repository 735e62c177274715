import type { RunOptions, Session } from "./session.ts";
import { createTensor, type Tensor } from "./tensor.ts";

/**
 * Runs a network on several inputs. Where the network leaves its batch free, they go in at once, as one
 * tensor [B×…] per input; where it takes one at a time, one after the other.
 *
 * @param batch feeds as for `session.run`, each tensor with a first size of 1
 * @returns the outputs of each, in order, with a first size of 1
 * @throws RangeError when a tensor's first size is not 1, or types or sizes differ within the batch
 * @throws as `session.run`
 */
export async function runBatch(
  session: Session,
  batch: readonly Readonly<Record<string, Tensor>>[],
  options: RunOptions = {},
): Promise<Record<string, Tensor>[]> {
  checkBatch(batch);
  const takesAll =
    session.inputs.length > 0 &&
    session.inputs.every(({ dims: [count] }) => typeof count === "string" || count! < 1);
  if (!takesAll || batch.length < 2) {
    const results: Record<string, Tensor>[] = [];
    for (const feeds of batch) results.push(await session.run(feeds, options));
    return results;
  }
  const stacked = Object.fromEntries(
    Object.keys(batch[0]!).map((name) => [name, stack(batch.map((feeds) => feeds[name]!))]),
  );
  const outputs = await session.run(stacked, options);
  return batch.map((_, i) =>
    Object.fromEntries(
      Object.entries(outputs).map(([name, output]) => [name, part(output, i, batch.length)]),
    ),
  );
}

function checkBatch(batch: readonly Readonly<Record<string, Tensor>>[]): void {
  const [first] = batch;
  for (const [i, feeds] of batch.entries()) {
    for (const [name, { type, dims }] of Object.entries(feeds)) {
      if (dims[0] !== 1) {
        throw new RangeError(
          `runBatch: input "${name}" of ${i}: expected a first size of 1, got dims [${dims}]`,
        );
      }
      const wanted = first![name];
      if (type !== wanted?.type || String(dims) !== String(wanted.dims)) {
        throw new RangeError(
          `runBatch: input "${name}" of ${i}: expected ${wanted?.type} [${wanted?.dims}] as in the first, got ${type} [${dims}]`,
        );
      }
    }
  }
}

function stack(tensors: readonly Tensor[]): Tensor {
  const { type, dims, data } = tensors[0]!;
  const all = createTensor(type, [tensors.length, ...dims.slice(1)]);
  for (const [i, tensor] of tensors.entries()) {
    (all.data as Float32Array).set(tensor.data as Float32Array, i * data.length);
  }
  return all;
}

function part({ type, dims, data }: Tensor, index: number, count: number): Tensor {
  const size = data.length / count;
  const own = (data as Float32Array).slice(index * size, (index + 1) * size);
  return createTensor(type, [dims[0]! / count, ...dims.slice(1)], own);
}
