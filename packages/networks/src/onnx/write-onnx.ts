import protobuf from "protobufjs/minimal.js";
import type { AttributeValue, Graph, GraphConstant, GraphNode, GraphValue } from "./graph.ts";

type Writer = protobuf.Writer;

/** ONNX 1.12: LayerNormalization is there, and every runtime of the last years reads it. */
const OPSET = 17;
const IR_VERSION = 8;

/** Protocol buffers have no larger messages. */
const MAX_BYTES = 2 ** 31 - 1;

/** Field number and wire type (0 varint, 2 length-delimited, 5 four bytes) as one number. */
const VARINT = 0;
const DELIMITED = 2;
const FIXED32 = 5;
const DATA_TYPES = { float32: 1, int64: 7 } as const;

/**
 * The bytes of an ONNX file, opset 17.
 *
 * Constants are copied once, into the result: beside what the graph holds no more memory is taken
 * than the file has bytes.
 *
 * @throws RangeError when the file would be larger than the 2 GB that ONNX allows
 * @see onnx.proto, ModelProto
 */
export function writeOnnx(graph: Graph): Uint8Array {
  const size = graph.constants.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (size > MAX_BYTES - 2 ** 20) {
    throw new RangeError(`writeOnnx: expected constants under 2 GB, got ${size} bytes`);
  }
  // 1. The graph, its constants as they lie: the writer would keep several copies of them.
  const inner = [
    write((writer) => {
      for (const node of graph.nodes) message(writer, 1, () => writeNode(writer, node));
      text(writer, 2, graph.name);
    }),
    ...graph.constants.flatMap(constantParts),
    write((writer) => {
      for (const input of graph.inputs) message(writer, 11, () => writeValue(writer, input));
      for (const output of graph.outputs) message(writer, 12, () => writeValue(writer, output));
    }),
  ];
  // 2. What is around it.
  const head = write((writer) => {
    number(writer, 1, IR_VERSION);
    text(writer, 2, "headform");
    writer.uint32(key(7, DELIMITED)).uint32(lengthOf(inner));
  });
  const tail = write((writer) => {
    message(writer, 8, () => number(writer, 2, OPSET));
    for (const [name, value] of Object.entries(graph.metadata)) {
      message(writer, 14, () => {
        text(writer, 1, name);
        text(writer, 2, value);
      });
    }
  });
  // 3. One copy of everything.
  const parts = [head, ...inner, tail];
  const file = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function write(fill: (writer: Writer) => void): Uint8Array {
  const writer = protobuf.Writer.create();
  fill(writer);
  return writer.finish();
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** A TensorProto as a field of the graph: what is before its bytes, and these. */
function constantParts({ name, type, dims, bytes }: GraphConstant): Uint8Array[] {
  const body = write((writer) => {
    for (const size of dims) number(writer, 1, size);
    number(writer, 2, DATA_TYPES[type]);
    text(writer, 8, name);
    writer.uint32(key(9, DELIMITED)).uint32(bytes.length);
  });
  const head = write((writer) =>
    writer.uint32(key(5, DELIMITED)).uint32(body.length + bytes.length),
  );
  return [head, body, bytes];
}

function writeNode(writer: Writer, { operator, inputs, outputs, attributes }: GraphNode): void {
  for (const input of inputs) text(writer, 1, input);
  for (const output of outputs) text(writer, 2, output);
  // Runtimes name nodes in their messages; the output's name says which one it is.
  text(writer, 3, outputs[0]!);
  text(writer, 4, operator);
  for (const [name, value] of Object.entries(attributes)) {
    message(writer, 5, () => writeAttribute(writer, name, value));
  }
}

function writeAttribute(writer: Writer, name: string, value: AttributeValue): void {
  text(writer, 1, name);
  if (typeof value === "number") {
    writer.uint32(key(3, VARINT)).int64(value);
    number(writer, 20, 2);
  } else if (typeof value === "string") {
    text(writer, 4, value);
    number(writer, 20, 3);
  } else if ("float" in value) {
    writer.uint32(key(2, FIXED32)).float(value.float);
    number(writer, 20, 1);
  } else {
    for (const item of value) writer.uint32(key(8, VARINT)).int64(item);
    number(writer, 20, 7);
  }
}

/** ValueInfoProto › TypeProto › Tensor › TensorShapeProto › Dimension. */
function writeValue(writer: Writer, { name, dims }: GraphValue): void {
  text(writer, 1, name);
  message(writer, 2, () =>
    message(writer, 1, () => {
      number(writer, 1, DATA_TYPES.float32);
      message(writer, 2, () => {
        for (const size of dims) {
          message(writer, 1, () =>
            typeof size === "number" ? number(writer, 1, size) : text(writer, 2, size),
          );
        }
      });
    }),
  );
}

function key(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

function number(writer: Writer, field: number, value: number): void {
  writer.uint32(key(field, VARINT)).int64(value);
}

function text(writer: Writer, field: number, value: string): void {
  writer.uint32(key(field, DELIMITED)).string(value);
}

function message(writer: Writer, field: number, write: () => void): void {
  writer.uint32(key(field, DELIMITED)).fork();
  write();
  writer.ldelim();
}
