import type { NumberArray } from "../file-view.ts";

/** Numbers: `data[row + rows·column + …]`, column-major as MATLAB has them. */
export interface MatArray {
  readonly kind: "array";
  /** MATLAB's class: "double", "single", "int8" … "uint64", "logical". */
  readonly className: string;
  readonly shape: readonly number[];
  /**
   * Elements in the array type that the file keeps them in: that of the class, or of version 5 a
   * narrower one that holds them all.
   */
  readonly data: NumberArray;
  /** Imaginary parts of complex numbers. */
  readonly imaginary?: NumberArray;
}

/** Text, one string per row of the character matrix. */
export interface MatText {
  readonly kind: "text";
  readonly shape: readonly number[];
  readonly rows: readonly string[];
}

export interface MatCell {
  readonly kind: "cell";
  readonly shape: readonly number[];
  /** Column-major. */
  readonly values: readonly MatValue[];
}

/** An array of structs, or of old-style objects. */
export interface MatStruct {
  readonly kind: "struct";
  /** "struct", or the class of an object. */
  readonly className: string;
  readonly shape: readonly number[];
  /** Column-major; one map of fields per element. */
  readonly elements: readonly ReadonlyMap<string, MatValue>[];
}

/** A matrix of compressed columns: those of column j are at `columnStarts[j]…columnStarts[j+1]`. */
export interface MatSparse {
  readonly kind: "sparse";
  readonly shape: readonly [number, number];
  readonly rows: Int32Array;
  readonly columnStarts: Int32Array;
  readonly data: NumberArray;
  readonly imaginary?: NumberArray;
}

/** What is not read: function handles and classes of their own. */
export interface MatInert {
  readonly kind: "inert";
  readonly className: string;
}

export type MatValue = MatArray | MatText | MatCell | MatStruct | MatSparse | MatInert;

/** Element type of each numeric class. */
export const CLASS_TYPES = {
  double: "float64",
  single: "float32",
  int8: "int8",
  uint8: "uint8",
  int16: "int16",
  uint16: "uint16",
  int32: "int32",
  uint32: "uint32",
  int64: "int64",
  uint64: "uint64",
  logical: "uint8",
} as const;

/** Most values, elements of structs, names of fields and lines of text: each takes more than its bytes. */
export const MAX_VALUES = 250_000;

const PIECE = 4096;

/** Rows of a column-major character matrix. */
export function textRows(codes: ArrayLike<number>, shape: readonly number[]): string[] {
  const rows = shape[0] ?? 0;
  const columns = rows === 0 ? 0 : codes.length / rows;
  return Array.from({ length: columns === 0 ? 0 : rows }, (_, r) => {
    let text = "";
    // In pieces: a text put together character by character is a chain of as many objects.
    for (let c = 0; c < columns; c += PIECE) {
      const length = Math.min(PIECE, columns - c);
      const piece = Uint16Array.from({ length }, (_, i) => codes[r + rows * (c + i)]);
      text += String.fromCharCode(...piece);
    }
    return text;
  });
}
