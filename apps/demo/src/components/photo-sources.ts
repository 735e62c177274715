import { css, html, LitElement, type TemplateResult } from "lit";
import { controls } from "./controls.ts";

/**
 * Where a photo comes from: a file, the camera, the sample. Dropping and pasting are the page's.
 *
 * @fires photo with a Blob
 * @fires camera
 * @fires sample
 */
export class PhotoSources extends LitElement {
  static override properties = { compact: { type: Boolean }, column: { type: Boolean } };
  static override styles = [
    controls,
    css`
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        justify-content: center;
      }
      .compact {
        justify-content: stretch;
      }
      .compact button {
        flex: 1;
      }
      .column {
        flex-direction: column;
        height: 100%;
      }
      input {
        display: none;
      }
      @media (max-width: 480px) {
        .row:not(.compact) {
          flex-direction: column;
          width: min(260px, 70vw);
        }
      }
    `,
  ];

  /** Fewer words. */
  compact = false;
  /** One above the other. */
  column = false;

  override render(): TemplateResult {
    return html`
      <div class="row ${this.compact ? "compact" : ""} ${this.column ? "column" : ""}">
        <button class="primary" @click=${this.#browse}>
          ${this.compact ? "New photo" : "Choose a photo"}
        </button>
        <button @click=${() => this.#tell("camera")}>${this.compact ? "Camera" : "Use the camera"}</button>
        <button @click=${() => this.#tell("sample")}>${this.compact ? "Sample" : "Try the sample"}</button>
      </div>
      <input type="file" accept="image/*" aria-label="Photo" @change=${this.#choose} />
    `;
  }

  get #input(): HTMLInputElement {
    return this.renderRoot.querySelector("input")!;
  }

  #browse(): void {
    this.#input.click();
  }

  #choose(): void {
    const [file] = this.#input.files ?? [];
    // So that the same file can be chosen again.
    this.#input.value = "";
    if (file) this.#tell("photo", file);
  }

  #tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

customElements.define("photo-sources", PhotoSources);
