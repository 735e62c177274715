import { css, html, LitElement, type TemplateResult } from "lit";
import { ifDefined } from "lit/directives/if-defined.js";
import { EXPLANATIONS } from "../explain.ts";
import type { Failure, LoadProgress } from "../protocol.ts";
import { controls } from "./controls.ts";

/** What is going on, or what went wrong; screen readers hear it. */
export class PageNotice extends LitElement {
  static override properties = {
    status: {},
    loading: { attribute: false },
    failure: { attribute: false },
  };
  static override styles = [
    controls,
    css`
      .note {
        display: grid;
        gap: 8px;
        padding: 12px 14px;
        font-size: 0.875rem;
        line-height: 1.45;
        background: var(--raised);
        border: 1px solid var(--line);
        border-radius: 12px;
        box-shadow: var(--lift);
      }
      .failure {
        border-color: var(--warning);
      }
      small {
        font-size: 0.75rem;
        color: var(--quiet);
        overflow-wrap: anywhere;
      }
      progress {
        width: 100%;
        height: 6px;
        appearance: none;
        border: 0;
        border-radius: 3px;
        overflow: hidden;
        background: var(--sunken);
      }
      progress::-webkit-progress-bar {
        background: var(--sunken);
      }
      progress::-webkit-progress-value {
        background: var(--accent);
      }
      progress::-moz-progress-bar {
        background: var(--accent);
      }
      .spoken {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }
    `,
  ];

  status = "";
  loading: LoadProgress | undefined;
  failure: Failure | undefined;

  override render(): TemplateResult {
    const { failure, loading, status } = this;
    return html`
      <div role="status" class="spoken">${status}</div>
      <div role="alert">
        ${
          failure
            ? html`<div class="note failure">
                <span>${EXPLANATIONS[failure.code]}</span>
                ${failure.code === "unknown" ? html`<small>${failure.detail}</small>` : ""}
              </div>`
            : ""
        }
      </div>
      ${
        loading && !failure
          ? html`<div class="note">
              <span>${describe(loading)}</span>
              <progress
                aria-label="Models"
                max=${loading.total}
                value=${ifDefined(loading.loaded < loading.total ? loading.loaded : undefined)}
              ></progress>
            </div>`
          : ""
      }
    `;
  }
}

function describe({ loaded, total, fetched }: LoadProgress): string {
  if (loaded >= total) return "Starting the networks";
  const share = `${Math.floor((100 * loaded) / total)} %`;
  return fetched ? `Loading the models, this once: ${share}` : `Opening the models: ${share}`;
}

customElements.define("page-notice", PageNotice);
