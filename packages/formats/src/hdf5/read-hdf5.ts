import { broken } from "../file-view.ts";
import { readDataspace } from "./dataspace.ts";
import { readDatatype, typeName } from "./datatype.ts";
import { type Hdf5File, openFile } from "./hdf5-file.ts";
import type { Hdf5Data, Hdf5Group, Hdf5Node } from "./node.ts";
import { MESSAGE, type Message, readObjectHeader } from "./object-header.ts";
import { readAttribute } from "./read-attribute.ts";
import { readLinks } from "./read-links.ts";
import { readStorage } from "./storage.ts";

/** Groups within groups. */
const MAX_DEPTH = 64;

/** Groups and datasets, which take more memory than their headers. */
const MAX_NODES = 250_000;

/**
 * Reads the tree of an HDF5 file: groups, datasets (not yet their elements) and attributes.
 *
 * Read are superblocks 0–3, object headers 1 and 2, symbol tables, compact links, and layouts 1–4.
 * Soft and external links are passed over; so are attributes of compound or shared types and those
 * kept in fractal heaps. A dataset of a type that is not read says so when it is asked for.
 *
 * @param bytes the whole file
 * @returns the root group; an object with several names is one node
 * @throws {FormatError} when the file is truncated, contradicts itself, holds itself, or keeps the
 *   links of a group in a fractal heap
 */
export function readHdf5(bytes: Uint8Array): Hdf5Group {
  const file = openFile(bytes);
  const root = readNode(file, file.root, new Map(), 0);
  if (root.kind !== "group") throw broken(file, "the root is not a group", file.root);
  return root;
}

/** The object at an address; `known` holds those read, and `undefined` for those being read. */
function readNode(
  file: Hdf5File,
  address: number,
  known: Map<number, Hdf5Node | undefined>,
  depth: number,
): Hdf5Node {
  const before = known.get(address);
  if (before) return before;
  if (known.has(address)) throw broken(file, "a group holds itself", address);
  if (depth > MAX_DEPTH)
    throw broken(file, `more than ${MAX_DEPTH} groups in one another`, address);
  if (known.size > MAX_NODES) throw broken(file, `more than ${MAX_NODES} objects`, address);
  known.set(address, undefined);
  const messages = readObjectHeader(file, address);
  const find = (type: number): Message | undefined => messages.find((m) => m.type === type);
  const attributes = new Map<string, Hdf5Data>();
  for (const message of messages) {
    const attribute =
      message.type === MESSAGE.attribute && !message.shared && readAttribute(file, message);
    if (attribute) attributes.set(attribute.name, attribute.value);
  }

  const type = find(MESSAGE.datatype);
  const space = find(MESSAGE.dataspace);
  let node: Hdf5Node;
  if (type && space) {
    if (space.shared) throw broken(file, "shared dataspaces are not read", space.at);
    const datatype = type.shared
      ? ({ kind: "unread", size: 1, name: "a shared datatype" } as const)
      : readDatatype(file, type.at, type.length);
    const shape = readDataspace(file, space.at, space.length);
    const storage = readStorage(file, messages, address);
    const stored = { file, datatype, storage };
    node = { kind: "dataset", address, attributes, shape, type: typeName(datatype), stored };
  } else {
    const children = new Map<string, Hdf5Node>();
    for (const [name, child] of readLinks(file, messages)) {
      children.set(name, readNode(file, child, known, depth + 1));
    }
    node = { kind: "group", address, attributes, children };
  }
  known.set(address, node);
  return node;
}
