import { html, LitElement, type TemplateResult } from "lit";
import type { Look } from "../scene/head-surface.ts";
import { controls, segments } from "./controls.ts";

const LOOKS: readonly (readonly [Look, string])[] = [
  ["photo", "Photo"],
  ["shaded", "Shaded"],
  ["wireframe", "Wireframe"],
  ["pncc", "PNCC"],
];

/**
 * How the head is drawn.
 *
 * @fires look with the name of the look
 */
export class LookSwitch extends LitElement {
  static override properties = { look: {} };
  static override styles = [controls, segments];

  look: Look = "photo";

  override render(): TemplateResult {
    return html`
      <fieldset>
        <legend>Look</legend>
        ${LOOKS.map(
          ([look, label]) => html`
            <label>
              <input
                type="radio"
                name="look"
                value=${look}
                .checked=${look === this.look}
                @change=${() => this.#choose(look)}
              />
              ${label}
            </label>
          `,
        )}
      </fieldset>
    `;
  }

  #choose(look: Look): void {
    this.dispatchEvent(new CustomEvent("look", { detail: look, bubbles: true, composed: true }));
  }
}

customElements.define("look-switch", LookSwitch);
