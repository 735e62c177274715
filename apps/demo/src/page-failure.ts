import type { Failure, FailureCode } from "./protocol.ts";

/** Something a person is told about; see `explain.ts`. */
export class PageFailure extends Error {
  readonly failure: Failure;

  constructor(code: FailureCode, detail = "") {
    super(detail || code);
    this.name = "PageFailure";
    this.failure = { code, detail };
  }
}
