import { css, html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import type { PosedHead, Surface } from "../protocol.ts";
import { createScene, type HeadScene } from "../scene/create-scene.ts";
import { followPointers } from "../scene/follow-pointers.ts";
import type { Look } from "../scene/head-surface.ts";
import { FRONT, mirrored, turnByKey, type View } from "../scene/orbit.ts";
import { controls } from "./controls.ts";

/** Where a new head is first seen from, before it turns to the front. */
const ENTRANCE: View = { yaw: -0.75, pitch: 0.12, distance: 1.15 };
const ENTRANCE_MS = 1100;

/**
 * The head in 3D, turned by mouse, touch and keys.
 *
 * @fires no-webgl when the browser cannot draw it
 */
export class HeadViewer extends LitElement {
  static override properties = {
    surface: { attribute: false },
    look: {},
    mirrored: { type: Boolean },
  };
  static override styles = [
    controls,
    css`
      :host {
        position: relative;
        height: 100%;
        min-height: 0;
      }
      canvas {
        display: block;
        width: 100%;
        height: 100%;
        border-radius: inherit;
        /* One finger scrolls the page, unless it is on the head: follow-pointers.ts. */
        touch-action: pan-y;
        cursor: grab;
      }
      canvas:focus-visible {
        outline-offset: -4px;
      }
      canvas:active {
        cursor: grabbing;
      }
      .mirrored {
        transform: scaleX(-1);
      }
    `,
  ];

  surface: Surface | undefined;
  look: Look = "photo";
  mirrored = false;
  #scene: HeadScene | undefined;
  #view: View = FRONT;
  #entrance = 0;
  #observer: ResizeObserver | undefined;

  override render(): TemplateResult {
    return html`
      <canvas
        class=${this.mirrored ? "mirrored" : ""}
        tabindex="0"
        role="application"
        aria-roledescription="3D view"
        aria-label="The head. Arrow keys turn it, plus and minus zoom, Home looks from the front."
        @keydown=${this.#press}
        @dblclick=${() => this.#turn(FRONT)}
      ></canvas>
    `;
  }

  override firstUpdated(): void {
    const canvas = this.renderRoot.querySelector("canvas")!;
    try {
      this.#scene = createScene(canvas);
    } catch {
      this.dispatchEvent(new CustomEvent("no-webgl", { bubbles: true, composed: true }));
      return;
    }
    followPointers(canvas, {
      // A mirrored canvas shows the left at the right.
      isOn: (x, y) => this.#scene!.isOn(this.mirrored ? this.#acrossFrom(x) : x, y),
      change: (next) => this.#change(next),
    });
    this.#observer = new ResizeObserver(() => {
      if (this.clientWidth > 0) this.#scene?.resize(this.clientWidth, this.clientHeight);
    });
    this.#observer.observe(this);
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("surface") && this.surface) {
      this.#scene?.setSurface(this.surface);
      this.#enter();
    }
    if (changed.has("look")) this.#scene?.setLook(this.look);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
    this.#scene?.dispose();
  }

  /** Other coefficients: the same surface, moved. */
  pose(pose: PosedHead): void {
    this.#scene?.setPose(pose);
  }

  /** Turns the head itself, x y z w. */
  rotate(quaternion: readonly number[]): void {
    this.#scene?.setRotation(quaternion);
  }

  /** Where the head is seen from. */
  get view(): View {
    return this.#view;
  }

  /** PNG of what is on show. */
  snapshot(): Promise<Blob> | undefined {
    return this.#scene?.snapshot();
  }

  #acrossFrom(x: number): number {
    const { left, right } = this.getBoundingClientRect();
    return left + right - x;
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!turnByKey(this.#view, event.key)) return;
    event.preventDefault();
    this.#change((view) => turnByKey(view, event.key)!);
  }

  /** As a person sees it, who may see it mirrored. */
  #change(next: (view: View) => View): void {
    this.#turn(this.mirrored ? mirrored(next(mirrored(this.#view))) : next(this.#view));
  }

  #turn(view: View): void {
    cancelAnimationFrame(this.#entrance);
    this.#view = view;
    this.#scene?.setView(view);
  }

  /** A short turn shows at once that this is no picture. */
  #enter(): void {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.#turn(FRONT);
      return;
    }
    const start = performance.now();
    const step = (): void => {
      const t = Math.min(1, (performance.now() - start) / ENTRANCE_MS);
      const rest = (1 - t) ** 3;
      this.#turn({
        yaw: ENTRANCE.yaw * rest,
        pitch: ENTRANCE.pitch * rest,
        distance: 1 + (ENTRANCE.distance - 1) * rest,
      });
      if (t < 1) this.#entrance = requestAnimationFrame(step);
    };
    step();
  }
}

customElements.define("head-viewer", HeadViewer);
