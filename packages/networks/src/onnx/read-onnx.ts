import protobuf from "protobufjs/minimal.js";
import { NetworkError } from "../network-error.ts";
import type { GraphValue } from "./graph.ts";

type Reader = protobuf.Reader;

/** What an ONNX file says of itself; nothing of it is run, and no weights are copied. */
export interface OnnxDescription {
  readonly bytes: number;
  readonly producer: string;
  /** Version of each operator set, the standard one as "". */
  readonly opsets: Readonly<Record<string, number>>;
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Nodes of each operator, most frequent first. */
  readonly operators: Readonly<Record<string, number>>;
  /** Numbers in all constants of the graph. */
  readonly parameters: number;
  /** Bytes of the constants that lie in the file. */
  readonly parameterBytes: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An input or output, with its element type as ONNX numbers them by name. */
export interface OnnxValue extends GraphValue {
  readonly type: string;
}

const TYPES = [
  "undefined",
  "float32",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "string",
  "bool",
  "float16",
  "float64",
  "uint32",
  "uint64",
  "complex64",
  "complex128",
  "bfloat16",
];

/** Nodes and values at most: the largest networks have some ten thousand. */
const MAX_ITEMS = 1_000_000;

/**
 * Reads what an ONNX file says of itself.
 *
 * @param bytes the whole file
 * @throws NetworkError with code `"onnx"` when the bytes are no ONNX file, or end early
 */
export function readOnnx(bytes: Uint8Array): OnnxDescription {
  const model = { producer: "", opsets: {} as Record<string, number>, irVersion: 0, graphs: 0 };
  const metadata: Record<string, string> = Object.create(null);
  const graph = {
    name: "",
    inputs: [] as OnnxValue[],
    outputs: [] as OnnxValue[],
    constants: new Set<string>(),
    operators: new Map<string, number>(),
    parameters: 0,
    parameterBytes: 0,
    items: 0,
  };
  try {
    eachField(protobuf.Reader.create(bytes), {
      1: (reader) => {
        model.irVersion = whole(reader);
      },
      2: (reader) => {
        model.producer = reader.string();
      },
      7: (reader) => {
        model.graphs++;
        inside(reader, (inner) => readGraph(inner, graph));
      },
      8: (reader) => inside(reader, (inner) => readOpset(inner, model.opsets)),
      14: (reader) => inside(reader, (inner) => readPair(inner, metadata)),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NetworkError("onnx", `readOnnx: these ${bytes.length} bytes are no ONNX: ${reason}`, {
      cause,
    });
  }
  if (model.graphs !== 1 || model.irVersion < 1 || Object.keys(model.opsets).length === 0) {
    throw new NetworkError(
      "onnx",
      `readOnnx: these ${bytes.length} bytes are no ONNX: they hold no graph with an operator set`,
    );
  }
  return {
    bytes: bytes.length,
    producer: model.producer,
    opsets: model.opsets,
    name: graph.name,
    // Older files list the constants among the inputs.
    inputs: graph.inputs.filter(({ name }) => !graph.constants.has(name)),
    outputs: graph.outputs,
    operators: Object.fromEntries([...graph.operators].sort((a, b) => b[1] - a[1])),
    parameters: graph.parameters,
    parameterBytes: graph.parameterBytes,
    metadata: { ...metadata },
  };
}

interface GraphCounts {
  name: string;
  readonly inputs: OnnxValue[];
  readonly outputs: OnnxValue[];
  readonly constants: Set<string>;
  readonly operators: Map<string, number>;
  parameters: number;
  parameterBytes: number;
  items: number;
}

function readGraph(reader: Reader, graph: GraphCounts): void {
  const count = (read: (inner: Reader) => void) => (outer: Reader) => {
    if (++graph.items > MAX_ITEMS) throw new RangeError(`more than ${MAX_ITEMS} nodes and values`);
    inside(outer, read);
  };
  eachField(reader, {
    1: count((inner) => {
      let operator = "";
      eachField(inner, {
        4: (node) => {
          operator = node.string();
        },
      });
      graph.operators.set(operator, (graph.operators.get(operator) ?? 0) + 1);
    }),
    2: (inner) => {
      graph.name = inner.string();
    },
    5: count((inner) => readConstant(inner, graph)),
    11: count((inner) => graph.inputs.push(readValue(inner))),
    12: count((inner) => graph.outputs.push(readValue(inner))),
  });
}

function readConstant(reader: Reader, graph: GraphCounts): void {
  let size = 1;
  const start = reader.pos;
  eachField(reader, {
    1: (inner, wireType) => {
      // Sizes come one by one or packed.
      if (wireType === 0) size *= whole(inner);
      else
        inside(inner, (packed) => {
          while (packed.pos < packed.len) size *= whole(packed);
        });
    },
    8: (inner) => graph.constants.add(inner.string()),
  });
  graph.parameters += size;
  graph.parameterBytes += reader.len - start;
}

function readValue(reader: Reader): OnnxValue {
  let name = "";
  let type = "undefined";
  const dims: (number | string)[] = [];
  const dimension = (inner: Reader): void => {
    let size: number | string = "?";
    eachField(inner, {
      1: (field) => {
        size = whole(field);
      },
      2: (field) => {
        size = field.string();
      },
    });
    dims.push(size);
  };
  eachField(reader, {
    1: (inner) => {
      name = inner.string();
    },
    2: (outer) =>
      inside(outer, (typed) =>
        eachField(typed, {
          1: (tensorField) =>
            inside(tensorField, (tensor) =>
              eachField(tensor, {
                1: (field) => {
                  type = TYPES[whole(field)] ?? "unknown";
                },
                2: (field) =>
                  inside(field, (shape) =>
                    eachField(shape, { 1: (item) => inside(item, dimension) }),
                  ),
              }),
            ),
        }),
      ),
  });
  return { name, type, dims };
}

function readOpset(reader: Reader, opsets: Record<string, number>): void {
  let domain = "";
  let version = 0;
  eachField(reader, {
    1: (inner) => {
      domain = inner.string();
    },
    2: (inner) => {
      version = whole(inner);
    },
  });
  opsets[domain === "ai.onnx" ? "" : domain] = version;
}

function readPair(reader: Reader, out: Record<string, string>): void {
  const pair = ["", ""];
  eachField(reader, {
    1: (inner) => {
      pair[0] = inner.string();
    },
    2: (inner) => {
      pair[1] = inner.string();
    },
  });
  out[pair[0]!] = pair[1]!;
}

/** Reads the fields that are asked for and steps over the others. */
function eachField(
  reader: Reader,
  fields: Readonly<Record<number, ((reader: Reader, wireType: number) => unknown) | undefined>>,
): void {
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    const wireType = tag & 7;
    const read = fields[field];
    // Groups (3, 4) have long gone from the format and would nest without end.
    if (field === 0 || wireType === 3 || wireType === 4) {
      throw new RangeError(`field ${field} of wire type ${wireType}`);
    }
    if (read && !(wireType === 0 || wireType === 2))
      throw new RangeError(`field ${field} is no value`);
    if (read) read(reader, wireType);
    else reader.skipType(wireType);
  }
}

/** Reads a message within a message. */
function inside(reader: Reader, read: (inner: Reader) => unknown): void {
  const length = reader.uint32();
  if (length > reader.len - reader.pos) throw new RangeError("a part ends beyond the whole");
  const inner = protobuf.Reader.create(reader.buf.subarray(0, reader.pos + length));
  inner.pos = reader.pos;
  read(inner);
  reader.pos += length;
}

/** A 64-bit whole number, as a number. */
function whole(reader: Reader): number {
  const value = reader.int64();
  return typeof value === "number" ? value : Number(value.toString());
}
