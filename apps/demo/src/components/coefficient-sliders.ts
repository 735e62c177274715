import { css, html, LitElement, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { Coefficients } from "../protocol.ts";
import { controls } from "./controls.ts";
import { labelOf, PARTS, partOf } from "./expression-labels.ts";

/** Shape coefficients are standard deviations: beyond three, hardly anybody is found. */
const SHAPE_REACH = 3;

/**
 * Sliders for identity and expression.
 *
 * @fires coefficients with the changed {@link Coefficients}
 * @fires restore when the photo's own are wanted back
 */
export class CoefficientSliders extends LitElement {
  static override properties = {
    coefficients: { attribute: false },
    fitted: { attribute: false },
    names: { attribute: false },
  };
  static override styles = [
    controls,
    css`
      details {
        border-top: 1px solid var(--line);
      }
      details:last-of-type {
        border-bottom: 1px solid var(--line);
      }
      summary {
        display: flex;
        align-items: center;
        justify-content: space-between;
        min-height: 44px;
        font-size: 0.875rem;
        font-weight: 500;
        cursor: pointer;
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary::after {
        content: "";
        width: 7px;
        height: 7px;
        margin-right: 4px;
        border: solid var(--quiet);
        border-width: 0 1.5px 1.5px 0;
        transform: rotate(45deg);
      }
      [open] > summary::after {
        transform: rotate(-135deg);
      }
      .list {
        display: grid;
        gap: 2px;
        max-height: 300px;
        padding: 0 6px 14px 2px;
        overflow-y: auto;
      }
      label {
        display: grid;
        grid-template-columns: 8.25rem 1fr 2.5rem;
        align-items: center;
        gap: 10px;
        min-height: 32px;
        font-size: 0.8125rem;
      }
      input {
        width: 100%;
        height: 24px;
        margin: 0;
        accent-color: var(--accent);
      }
      output {
        text-align: right;
        color: var(--quiet);
        font-variant-numeric: tabular-nums;
      }
      h3 {
        margin: 10px 0 2px;
        font-size: 0.75rem;
        font-weight: 600;
        color: var(--quiet);
      }
      .row {
        display: flex;
        gap: 8px;
        margin-top: 12px;
      }
      .row button {
        flex: 1;
      }
    `,
  ];

  coefficients: Coefficients | undefined;
  /** The photo's own: a fit may go a little below 0. */
  fitted: Coefficients | undefined;
  names: readonly string[] = [];

  override render(): TemplateResult | string {
    const { coefficients } = this;
    if (!coefficients) return "";
    const { shape, expression } = coefficients;
    const parts = PARTS.map(
      (part) =>
        [
          part,
          this.names.map((name, k) => ({ name, k })).filter(({ name }) => partOf(name) === part),
        ] as const,
    );
    return html`
      <h2>Change the head</h2>
      <details @toggle=${showOpened}>
        <summary>Identity</summary>
        <div class="list" tabindex="0" role="group" aria-label="Identity">
          ${Array.from(shape, (value, k) =>
            this.#slider(`Shape ${k + 1}`, value, -SHAPE_REACH, SHAPE_REACH, (next) =>
              this.#change("shape", k, next),
            ),
          )}
        </div>
      </details>
      <details @toggle=${showOpened}>
        <summary>Expression</summary>
        <div class="list" tabindex="0" role="group" aria-label="Expression">
          ${parts.map(
            ([part, members]) => html`
              <h3>${part}</h3>
              ${members.map(({ name, k }) =>
                this.#slider(labelOf(name), expression[k]!, this.#lowest(k), 1, (next) =>
                  this.#change("expression", k, next),
                ),
              )}
            `,
          )}
        </div>
      </details>
      <div class="row">
        <button @click=${() => this.#tell("restore")}>As in the photo</button>
        <button @click=${this.#relax}>Neutral</button>
      </div>
    `;
  }

  #slider(
    label: string,
    value: number,
    low: number,
    high: number,
    change: (next: number) => void,
  ): TemplateResult {
    return html`
      <label>
        ${label}
        <input
          type="range"
          min=${low}
          max=${high}
          step="0.01"
          .value=${live(String(value))}
          @input=${(event: InputEvent) => change(Number((event.target as HTMLInputElement).value))}
        />
        <output>${value.toFixed(2)}</output>
      </label>
    `;
  }

  #change(kind: keyof Coefficients, k: number, value: number): void {
    const values = this.coefficients![kind].slice();
    values[k] = value;
    this.#tell("coefficients", { ...this.coefficients!, [kind]: values });
  }

  #lowest(k: number): number {
    return Math.min(0, Math.floor(10 * (this.fitted?.expression[k] ?? 0)) / 10);
  }

  #relax(): void {
    const expression = this.coefficients!.expression.map(() => 0);
    this.#tell("coefficients", { ...this.coefficients!, expression });
  }

  #tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/** What is opened at the foot of a panel would else be below its edge. */
function showOpened({ target }: Event): void {
  const details = target as HTMLDetailsElement;
  if (details.open) details.scrollIntoView({ block: "nearest" });
}

customElements.define("coefficient-sliders", CoefficientSliders);
