import type { NumberArray } from "../file-view.ts";
import type { Datatype } from "./datatype.ts";
import type { Hdf5File } from "./hdf5-file.ts";
import type { Storage } from "./storage.ts";

/** Elements in C order: numbers, strings, or addresses of the objects that references name. */
export type Hdf5Data = NumberArray | readonly string[];

export interface Hdf5Group {
  readonly kind: "group";
  /** Byte of the file at which its header lies, the value of a reference to it. */
  readonly address: number;
  readonly attributes: ReadonlyMap<string, Hdf5Data>;
  readonly children: ReadonlyMap<string, Hdf5Node>;
}

/** A dataset whose elements are still in the file: `readDataset` fetches them. */
export interface Hdf5Dataset {
  readonly kind: "dataset";
  readonly address: number;
  readonly attributes: ReadonlyMap<string, Hdf5Data>;
  readonly shape: readonly number[];
  /** "float64", "int32", "string", "reference" …, or why it cannot be read. */
  readonly type: string;
  readonly stored: {
    readonly file: Hdf5File;
    readonly datatype: Datatype;
    readonly storage: Storage;
  };
}

export type Hdf5Node = Hdf5Group | Hdf5Dataset;
