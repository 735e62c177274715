export { FormatError, isFormatError } from "./format-error.ts";
export { findNode } from "./hdf5/find-node.ts";
export type { Hdf5Data, Hdf5Dataset, Hdf5Group, Hdf5Node } from "./hdf5/node.ts";
export { type ReadDatasetOptions, readDataset, readDatasets } from "./hdf5/read-dataset.ts";
export { readHdf5 } from "./hdf5/read-hdf5.ts";
