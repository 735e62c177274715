import { css, html, LitElement, type TemplateResult } from "lit";
import { controls } from "./controls.ts";

const FORMATS = [
  ["glb", "GLB", "Binary glTF with texture and 52 expressions"],
  ["obj", "OBJ", "Wavefront OBJ with material and texture, zipped"],
  ["ply", "PLY", "Vertices with colors"],
  ["png", "PNG", "The picture as it is on show"],
  ["json", "JSON", "Camera, pose, landmarks and coefficients"],
] as const;

/** Every file the page can make. */
export type DownloadFormat = (typeof FORMATS)[number][0];

/**
 * Takes the head along.
 *
 * @fires download with the format
 */
export class DownloadBar extends LitElement {
  static override styles = [
    controls,
    css`
      div {
        display: grid;
        grid-template-columns: repeat(5, 1fr);
        gap: 8px;
      }
      button {
        padding: 8px 0;
      }
    `,
  ];

  override render(): TemplateResult {
    return html`
      <h2>Download</h2>
      <div>
        ${FORMATS.map(
          ([format, label, what]) => html`
            <button
              title=${what}
              aria-label="Download ${label}: ${what}"
              @click=${() => this.#tell(format)}
            >
              ${label}
            </button>
          `,
        )}
      </div>
    `;
  }

  #tell(format: DownloadFormat): void {
    this.dispatchEvent(
      new CustomEvent("download", { detail: format, bubbles: true, composed: true }),
    );
  }
}

customElements.define("download-bar", DownloadBar);
