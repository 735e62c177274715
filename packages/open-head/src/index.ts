export type {
  Detail,
  LoadedHead,
  LoadedNetwork,
  LoadHeadOptions,
  LoadOptions,
  NetworkManifests,
  NetworkName,
} from "./load-data.ts";
export { DEFAULT_DETAIL, DETAILS } from "./load-data.ts";
export { isOpenHeadError, OpenHeadError, type OpenHeadErrorCode } from "./open-head-error.ts";
