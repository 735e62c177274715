import { css, html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import type { StageView } from "../protocol.ts";
import { controls } from "./controls.ts";
import { formatTime } from "./format-time.ts";

const CAPTIONS = {
  box: ["Face", "Where the face is"],
  pncc: ["PNCC", "Which point of the mean head each pixel shows, as color"],
  uv: ["uv", "Where in the texture each pixel lies"],
  normals: ["Normals", "Which way the surface faces"],
  volume: ["Volume", "The occupied voxels, nearer is lighter"],
  mesh: ["Mesh", "The finished head"],
} as const satisfies Record<StageView["name"], readonly [string, string]>;

/** The steps from photo to head, each with its picture and time, as they are done. */
export class StageStrip extends LitElement {
  static override properties = {
    stages: { attribute: false },
    photo: { attribute: false },
    working: { type: Boolean },
  };
  static override styles = [
    controls,
    css`
      ol {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: minmax(0, 84px);
        align-items: start;
        gap: 8px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      figure {
        margin: 0;
        animation: appear 260ms ease-out;
      }
      @keyframes appear {
        from {
          opacity: 0;
          transform: translateY(6px);
        }
      }
      canvas {
        display: block;
        width: 100%;
        aspect-ratio: 1;
        object-fit: cover;
        background: var(--sunken);
        border-radius: 10px;
      }
      figcaption {
        display: grid;
        margin-top: 6px;
        font-size: 0.75rem;
        font-weight: 500;
      }
      span {
        color: var(--quiet);
        font-weight: 400;
        font-variant-numeric: tabular-nums;
      }
      .next {
        aspect-ratio: 1;
        background: var(--sunken);
        border-radius: 10px;
        animation: pulse 900ms ease-in-out infinite alternate;
      }
      @keyframes pulse {
        to {
          opacity: 0.45;
        }
      }
    `,
  ];

  stages: readonly StageView[] = [];
  photo: ImageBitmap | undefined;
  working = false;

  override render(): TemplateResult {
    return html`
      <h2 id="title">Stages</h2>
      <ol aria-labelledby="title">
        ${this.stages.map(
          ({ name, milliseconds }) => html`
            <li>
              <figure title=${CAPTIONS[name][1]}>
                <canvas data-stage=${name} role="img" aria-label=${CAPTIONS[name][1]}></canvas>
                <figcaption>${CAPTIONS[name][0]} <span>${formatTime(milliseconds)}</span></figcaption>
              </figure>
            </li>
          `,
        )}
        ${this.working ? html`<li class="next" aria-hidden="true"></li>` : ""}
      </ol>
    `;
  }

  override updated(changed: PropertyValues): void {
    if (!changed.has("stages")) return;
    for (const stage of this.stages) {
      const canvas = this.renderRoot.querySelector<HTMLCanvasElement>(
        `[data-stage=${stage.name}]`,
      )!;
      if (stage.name === "box") this.#drawFace(canvas, stage.box);
      else drawPicture(canvas, stage.picture);
    }
  }

  #drawFace(
    canvas: HTMLCanvasElement,
    { x, y, width, height }: { x: number; y: number; width: number; height: number },
  ): void {
    if (!this.photo) return;
    const side = 1.25 * Math.max(width, height);
    canvas.width = canvas.height = 160;
    canvas
      .getContext("2d")!
      .drawImage(
        this.photo,
        x + (width - side) / 2,
        y + (height - side) / 2,
        side,
        side,
        0,
        0,
        160,
        160,
      );
  }
}

function drawPicture(
  canvas: HTMLCanvasElement,
  { width, height, data }: { width: number; height: number; data: Uint8ClampedArray<ArrayBuffer> },
): void {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")!.putImageData(new ImageData(data, width, height), 0, 0);
}

customElements.define("stage-strip", StageStrip);
