import type { Mesh, Unit } from "../mesh.ts";
import { joinRows } from "./join-rows.ts";
import { MeshFormatError } from "./mesh-format-error.ts";
import { decodeText, parseFloat32, parseUnitNote } from "./text.ts";

export interface ReadStlOptions {
  /** Unit of the file; default what the header of `writeStl` says, else `"none"`. */
  readonly unit?: Unit;
}

/**
 * Reads an STL, binary or text; corners at the very same place become one vertex.
 *
 * @throws {MeshFormatError} with the line or byte, when the length contradicts the count, the text
 *   is out of order, or a position is not finite
 */
export function readStl(bytes: Uint8Array, options: ReadStlOptions = {}): Mesh {
  // Binary files may begin with "solid" too, so a length that agrees with the count decides first.
  const isText = bytes.length >= 5 && decodeText(bytes.subarray(0, 5), "stl", "latin1") === "solid";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expected = bytes.length < 84 ? Number.NaN : 84 + 50 * view.getUint32(80, true);
  const isBinary = expected === bytes.length || !isText;
  const corners = isBinary ? binaryCorners(view, expected) : textCorners(decodeText(bytes, "stl"));
  const note = isBinary ? decodeText(bytes.subarray(0, 80), "stl", "latin1") : "";
  const unit = options.unit ?? parseUnitNote(note.replaceAll("\0", " ")) ?? "none";
  const { rows, indices } = joinRows(corners, 3);
  return { positions: rows, indices, unit };
}

function binaryCorners(view: DataView, expected: number): Float32Array {
  if (Number.isNaN(expected)) {
    const message = `expected 84 bytes or more, got ${view.byteLength}`;
    throw new MeshFormatError("stl", message, { offset: 0 });
  }
  if (expected > view.byteLength) {
    const message = `the count asks for ${expected} bytes, the file has ${view.byteLength}`;
    throw new MeshFormatError("stl", message, { offset: 80 });
  }
  const corners = new Float32Array(((expected - 84) / 50) * 9);
  for (let i = 0; i < corners.length; i++) {
    const offset = 84 + 50 * Math.floor(i / 9) + 12 + 4 * (i % 9);
    const value = view.getFloat32(offset, true);
    if (!Number.isFinite(value)) {
      throw new MeshFormatError("stl", `expected a finite position, got ${value}`, { offset });
    }
    corners[i] = value;
  }
  return corners;
}

/** `vertex x y z` lines; every `endloop` closes one polygon, which is cut into a fan. */
function textCorners(text: string): Float32Array {
  const corners: number[] = [];
  let loop: number[] = [];
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const tokens = text.slice(start, end).trim().split(/\s+/);
    start = end + 1;
    line++;
    const keyword = tokens[0]!.toLowerCase();
    if (keyword === "vertex") {
      for (let j = 1; j <= 3; j++) loop.push(parseFloat32(tokens[j], "stl", line));
    } else if (keyword === "outer") {
      if (loop.length > 0) throw new MeshFormatError("stl", "a loop inside a loop", { line });
    } else if (keyword === "endloop") {
      if (loop.length < 9) {
        const message = `expected a loop of 3 or more vertices, got ${loop.length / 3}`;
        throw new MeshFormatError("stl", message, { line });
      }
      for (let j = 6; j < loop.length; j += 3) {
        for (const k of [0, j - 3, j]) corners.push(loop[k]!, loop[k + 1]!, loop[k + 2]!);
      }
      loop = [];
    }
  }
  if (loop.length > 0) throw new MeshFormatError("stl", "the file ends inside a loop", { line });
  return Float32Array.from(corners);
}
