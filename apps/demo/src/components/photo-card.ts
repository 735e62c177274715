import { css, html, LitElement, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import type { Box } from "../protocol.ts";
import { controls } from "./controls.ts";

/** The photo, with a frame around the face once it is found. */
export class PhotoCard extends LitElement {
  static override properties = {
    photo: { attribute: false },
    box: { attribute: false },
    roll: { attribute: false },
    working: { type: Boolean },
  };
  static override styles = [
    controls,
    css`
      :host {
        position: relative;
        width: min(220px, 156px * var(--ratio, 1));
        height: 156px;
        container-type: size;
      }
      :host(.large) {
        width: auto;
        height: auto;
      }
      figure {
        position: absolute;
        inset: 0;
        margin: auto;
        width: min(100cqw, 100cqh * var(--ratio, 1));
        aspect-ratio: var(--ratio, 1);
        overflow: hidden;
        border-radius: 14px;
      }
      canvas {
        display: block;
        width: 100%;
        height: 100%;
      }
      svg {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }
      rect {
        fill: none;
        stroke: #fff;
        stroke-width: 2;
        vector-effect: non-scaling-stroke;
        filter: drop-shadow(0 0 2px rgb(0 0 0 / 60%));
      }
      .working {
        animation: breathe 1.6s ease-in-out infinite alternate;
      }
      @keyframes breathe {
        to {
          opacity: 0.72;
        }
      }
    `,
  ];

  photo: ImageBitmap | undefined;
  box: Box | undefined;
  roll = 0;
  working = false;

  override render(): TemplateResult | typeof nothing {
    if (!this.photo) return nothing;
    const { width, height } = this.photo;
    return html`
      <figure>
        <canvas
          class=${this.working ? "working" : ""}
          role="img"
          aria-label=${this.box ? "Your photo, the face framed" : "Your photo"}
        ></canvas>
        <svg viewBox="0 0 ${width} ${height}" aria-hidden="true">${this.#frame()}</svg>
      </figure>
    `;
  }

  override updated(changed: PropertyValues): void {
    if (!changed.has("photo") || !this.photo) return;
    this.style.setProperty("--ratio", String(this.photo.width / this.photo.height));
    const canvas = this.renderRoot.querySelector("canvas")!;
    canvas.width = this.photo.width;
    canvas.height = this.photo.height;
    canvas.getContext("2d")!.drawImage(this.photo, 0, 0);
  }

  #frame(): TemplateResult | typeof nothing {
    if (!this.box) return nothing;
    const { x, y, width, height } = this.box;
    const turn = `rotate(${(-this.roll * 180) / Math.PI} ${x + width / 2} ${y + height / 2})`;
    return svg`<rect x=${x} y=${y} width=${width} height=${height} rx=${width * 0.06} transform=${turn} />`;
  }
}

customElements.define("photo-card", PhotoCard);
