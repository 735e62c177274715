import { css, html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { controls } from "./controls.ts";

/**
 * What the camera sees, mirrored as people know themselves.
 *
 * @fires shoot when this frame is to become a head
 * @fires live with whether the camera is to drive the head
 * @fires leave when the camera is to be let go
 */
export class CameraView extends LitElement {
  static override properties = {
    stream: { attribute: false },
    live: { type: Boolean },
    rate: { attribute: false },
    busy: { type: Boolean },
  };
  static override styles = [
    controls,
    css`
      figure {
        position: relative;
        margin: 0 0 10px;
      }
      video {
        display: block;
        width: 100%;
        max-height: 240px;
        object-fit: cover;
        background: var(--sunken);
        border-radius: 14px;
        transform: scaleX(-1);
      }
      figcaption {
        position: absolute;
        left: 10px;
        bottom: 10px;
        padding: 3px 9px;
        font-size: 0.75rem;
        font-variant-numeric: tabular-nums;
        color: #fff;
        background: rgb(0 0 0 / 65%);
        border-radius: 99px;
      }
      .row {
        display: flex;
        gap: 8px;
      }
      .row button {
        flex: 1;
      }
    `,
  ];

  stream: MediaStream | undefined;
  live = false;
  rate = 0;
  busy = false;

  override render(): TemplateResult {
    return html`
      <figure>
        <video autoplay playsinline muted aria-label="What the camera sees"></video>
        ${
          this.live && this.rate > 0
            ? html`<figcaption>${this.rate.toFixed(1)} frames/s</figcaption>`
            : ""
        }
      </figure>
      <div class="row">
        ${
          this.live
            ? html`<button class="primary" @click=${() => this.#tell("live", false)}>Hold still</button>`
            : html`
                <button class="primary" ?disabled=${this.busy} @click=${() => this.#tell("live", true)}>
                  Go live
                </button>
                <button ?disabled=${this.busy} @click=${() => this.#tell("shoot")}>Take photo</button>
              `
        }
        <button @click=${() => this.#tell("leave")}>Close</button>
      </div>
    `;
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("stream")) this.#video.srcObject = this.stream ?? null;
  }

  /** One frame, as soon as there is one. */
  async frame(): Promise<ImageBitmap> {
    const video = this.#video;
    while (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
      await new Promise((resolve) => video.addEventListener("loadeddata", resolve, { once: true }));
    }
    return createImageBitmap(video);
  }

  get #video(): HTMLVideoElement {
    return this.renderRoot.querySelector("video")!;
  }

  #tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

customElements.define("camera-view", CameraView);
