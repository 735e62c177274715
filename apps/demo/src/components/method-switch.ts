import type { Method } from "@headform/reconstruction";
import { css, html, LitElement, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { controls, segments } from "./controls.ts";

const METHODS: readonly {
  readonly method: Method;
  readonly name: string;
  readonly what: string;
}[] = [
  {
    method: "pix2face",
    name: "Pix2Face",
    what: "Each pixel says which point of the head it shows; camera and head follow from that.",
  },
  {
    method: "pixel3dmm",
    name: "Pixel3DMM",
    what: "Texture coordinates and normals of each pixel; the head is fitted to both.",
  },
  {
    method: "vrn",
    name: "VRN",
    what: "A volume of the face in voxels; the head is laid over its surface.",
  },
];

/**
 * How a photo becomes a head.
 *
 * @fires method with its name
 */
export class MethodSwitch extends LitElement {
  static override properties = {
    method: {},
    available: { attribute: false },
    busy: { type: Boolean },
  };
  static override styles = [
    controls,
    segments,
    css`
      label {
        padding: 4px 6px;
      }
      p {
        margin: 8px 2px 0;
        font-size: 0.8125rem;
        line-height: 1.45;
        color: var(--quiet);
      }
    `,
  ];

  method: Method = "pix2face";
  available: readonly Method[] = [];
  busy = false;

  override render(): TemplateResult {
    const missing = METHODS.filter(({ method }) => !this.available.includes(method));
    return html`
      <h2 aria-hidden="true">Method</h2>
      <fieldset>
        <legend>Method</legend>
        ${METHODS.map(
          ({ method, name }) => html`
            <label>
              <input
                type="radio"
                name="method"
                value=${method}
                .checked=${live(method === this.method)}
                ?disabled=${this.busy || !this.available.includes(method)}
                @change=${() => this.#choose(method)}
              />
              ${name}
            </label>
          `,
        )}
      </fieldset>
      <p>
        ${METHODS.find(({ method }) => method === this.method)?.what}
        ${
          missing.length > 0
            ? html`This build has no network for ${missing.map(({ name }) => name).join(" and ")}.`
            : ""
        }
      </p>
    `;
  }

  #choose(method: Method): void {
    this.dispatchEvent(
      new CustomEvent("method", { detail: method, bubbles: true, composed: true }),
    );
  }
}

customElements.define("method-switch", MethodSwitch);
