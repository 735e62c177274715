export type {
  LoadedHead,
  LoadedNetwork,
  LoadOptions,
  NetworkManifests,
  NetworkName,
} from "./load-data.ts";
export { isOpenHeadError, OpenHeadError, type OpenHeadErrorCode } from "./open-head-error.ts";
