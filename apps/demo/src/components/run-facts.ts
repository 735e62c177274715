import { css, html, LitElement, type TemplateResult } from "lit";
import type { HeadView } from "../protocol.ts";
import { controls } from "./controls.ts";

const BACKENDS: Readonly<Record<string, string>> = { wasm: "WebAssembly", webgpu: "WebGPU" };

/** What the networks ran on, how long it took, and how the head is turned. */
export class RunFactsList extends LitElement {
  static override properties = { head: { attribute: false } };
  static override styles = [
    controls,
    css`
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 4px 16px;
        margin: 0;
        font-size: 0.8125rem;
      }
      dt {
        color: var(--quiet);
      }
      dd {
        margin: 0;
        text-align: right;
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  head: HeadView | undefined;

  override render(): TemplateResult | string {
    if (!this.head) return "";
    const { facts, yawPitchRoll, faces } = this.head;
    const degrees = yawPitchRoll.map((angle) => `${Math.round((angle * 180) / Math.PI)}°`);
    return html`
      <h2>This run</h2>
      <dl>
        <dt>Runs on</dt>
        <dd>${backendOf(facts)}</dd>
        <dt>Whole head</dt>
        <dd>${Math.round(facts.total)} ms</dd>
        ${facts.timings.map(
          ([stage, milliseconds]) => html`
            <dt>${stage}</dt>
            <dd>${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms</dd>
          `,
        )}
        <dt>Yaw, pitch, roll</dt>
        <dd>${degrees.join("  ")}</dd>
        ${faces > 1 ? html`<dt>Faces found</dt><dd>${faces}, the largest shown</dd>` : ""}
      </dl>
    `;
  }
}

/** In words; without WebGPU it says so, because that is why a run is slow. */
function backendOf({ backend, threads }: HeadView["facts"]): string {
  const name = BACKENDS[backend] ?? backend;
  const count = backend === "wasm" ? `, ${threads} thread${threads === 1 ? "" : "s"}` : "";
  const lacking = backend === "wasm" && !("gpu" in navigator) ? " (no WebGPU here)" : "";
  return `${name}${count}${lacking}`;
}

customElements.define("run-facts", RunFactsList);
