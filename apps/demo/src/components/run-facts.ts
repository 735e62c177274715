import { css, html, LitElement, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { HeadView, RunsOn } from "../protocol.ts";
import { controls, segments } from "./controls.ts";
import { formatTime } from "./format-time.ts";

const BACKENDS = { wasm: "WebAssembly", webgpu: "WebGPU" } as const satisfies Record<
  RunsOn,
  string
>;

/** The parts of the work in words. */
const PARTS: Readonly<Record<string, string>> = {
  detect: "Finding the face",
  crop: "Cutting it out",
  network: "Network",
  decode: "Reading its maps",
  camera: "Camera",
  fit: "Fitting the head",
  texture: "Texture",
};

/**
 * What the networks ran on, how long it took, and how the head is turned.
 *
 * @fires runs-on with where they are to run
 */
export class RunFactsList extends LitElement {
  static override properties = {
    head: { attribute: false },
    runsOn: { attribute: false },
    busy: { type: Boolean },
  };
  static override styles = [
    controls,
    segments,
    css`
      fieldset {
        margin-bottom: 12px;
      }
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
  runsOn: RunsOn = "wasm";
  busy = false;

  override render(): TemplateResult | string {
    if (!this.head) return "";
    const { facts, yawPitchRoll, faces } = this.head;
    const degrees = yawPitchRoll.map((angle) =>
      `${Math.round((angle * 180) / Math.PI)}°`.replace("-", "−"),
    );
    return html`
      <h2>This run</h2>
      <fieldset>
        <legend>The networks run on</legend>
        ${Object.entries(BACKENDS).map(
          ([value, name]) => html`
            <label>
              <input
                type="radio"
                name="runs-on"
                value=${value}
                .checked=${live(value === this.runsOn)}
                ?disabled=${this.busy}
                @change=${() => this.#choose(value as RunsOn)}
              />
              ${name}
            </label>
          `,
        )}
      </fieldset>
      <dl>
        <dt>Runs on</dt>
        <dd>${backendOf(facts)}</dd>
        <dt>Whole head</dt>
        <dd>${formatTime(facts.total)}</dd>
        ${facts.timings.map(
          ([stage, milliseconds]) => html`
            <dt>${PARTS[stage] ?? stage}</dt>
            <dd>${formatTime(milliseconds)}</dd>
          `,
        )}
        <dt>Yaw, pitch, roll</dt>
        <dd>${degrees.join(", ")}</dd>
        ${faces > 1 ? html`<dt>Faces found</dt><dd>${faces}, the largest shown</dd>` : ""}
      </dl>
    `;
  }

  #choose(runsOn: RunsOn): void {
    this.dispatchEvent(
      new CustomEvent("runs-on", { detail: runsOn, bubbles: true, composed: true }),
    );
  }
}

/** In words. */
function backendOf({ backend, threads }: HeadView["facts"]): string {
  const name = BACKENDS[backend as RunsOn] ?? backend;
  return backend === "wasm" ? `${name}, ${threads} thread${threads === 1 ? "" : "s"}` : name;
}

customElements.define("run-facts", RunFactsList);
