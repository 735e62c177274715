/** Of the ten bits behind the point of a half-precision number, so many are kept. */
const KEPT_BITS = 7;
/** What the export, too, leaves in full: biases and scales. */
const SMALL = 64;

// Field numbers of ONNX' protocol buffers, and its name for half precision.
const GRAPH = 7;
const INITIALIZER = 5;
const DATA_TYPE = 2;
const RAW_DATA = 9;
const FLOAT16 = 10;

/** A field of a message: its number, and where its bytes lie or what its integer is. */
interface Field {
  readonly number: number;
  readonly start: number;
  readonly end: number;
  readonly value: number;
}

/**
 * An ONNX network whose half-precision weights are rounded to nearest with fewer bits, so that it
 * compresses: the last bits of weights are noise, which no server makes smaller.
 *
 * The file keeps its length and layout; a weight moves by 1/256 of itself at most.
 *
 * @param model bytes of an ONNX file, which stay as they are
 * @throws RangeError when a field reaches beyond the file
 */
export function roundWeights(model: Uint8Array): Uint8Array {
  const out = model.slice();
  const view = new DataView(out.buffer);
  for (const graph of fieldsOf(out, 0, out.length)) {
    if (graph.number !== GRAPH) continue;
    for (const tensor of fieldsOf(out, graph.start, graph.end)) {
      if (tensor.number !== INITIALIZER) continue;
      const fields = [...fieldsOf(out, tensor.start, tensor.end)];
      const isHalf = fields.some((field) => field.number === DATA_TYPE && field.value === FLOAT16);
      const data = fields.find((field) => field.number === RAW_DATA);
      if (!isHalf || !data || data.end - data.start <= 2 * SMALL) continue;
      for (let at = data.start; at < data.end; at += 2) {
        view.setUint16(at, roundHalf(view.getUint16(at, true)), true);
      }
    }
  }
  return out;
}

/** To nearest, halves to even; a carry moves on into the exponent, which is what rounding up is. */
function roundHalf(bits: number): number {
  const drop = 10 - KEPT_BITS;
  const up = (1 << (drop - 1)) - 1 + ((bits >> drop) & 1);
  return ((bits + up) >> drop) << drop;
}

function* fieldsOf(bytes: Uint8Array, start: number, end: number): Generator<Field> {
  let at = start;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (at >= end) throw new RangeError("roundWeights: expected an ONNX file, got a cut one");
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < end) {
    const key = varint();
    const number = Math.floor(key / 8);
    const kind = key % 8;
    const value = kind === 0 ? varint() : 0;
    const length = kind === 2 ? varint() : kind === 1 ? 8 : kind === 5 ? 4 : 0;
    if (at + length > end) {
      throw new RangeError("roundWeights: expected an ONNX file, got a cut one");
    }
    yield { number, start: at, end: at + length, value };
    at += length;
  }
}
