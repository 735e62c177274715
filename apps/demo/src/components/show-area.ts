import { html, type TemplateResult } from "lit";
import type { AppState } from "../app-state.ts";
import "./head-viewer.ts";
import "./look-switch.ts";
import "./page-notice.ts";
import "./photo-card.ts";
import "./photo-sources.ts";

/**
 * The large side of the page: the head, or what there is on the way to it.
 *
 * @param seen whether there has been a head: one viewer serves all of them, because each new one
 *   would take a graphics context of its own
 */
export function showArea(state: AppState, seen: boolean): TemplateResult {
  const { head, live, look, over, status, loading, failure } = state;
  return html`
    <section class="show ${over ? "over" : ""}" aria-label="Head">
      ${
        seen
          ? html`<head-viewer
              ?hidden=${!head}
              .surface=${head?.surface}
              .look=${look}
              .mirrored=${live}
            ></head-viewer>`
          : ""
      }
      ${content(state)}
      <page-notice
        class=${loading && !head ? "below" : ""}
        .status=${status}
        .loading=${loading}
        .failure=${failure}
      ></page-notice>
    </section>
  `;
}

function content({ head, look, photo, stages, stream, working }: AppState): TemplateResult {
  if (head) return html`<div class="looks"><look-switch .look=${look}></look-switch></div>`;
  if (photo) {
    const box = stages.find((stage) => stage.name === "box");
    return html`
      <photo-card
        class="large"
        .photo=${photo}
        .box=${box?.box}
        .roll=${box?.roll ?? 0}
        .working=${working}
      ></photo-card>
    `;
  }
  if (stream) return html`<p class="hint">Take a photo, or go live.</p>`;
  return html`
    <div class="welcome">
      <svg viewBox="0 0 96 96" aria-hidden="true">
        <path
          class="outline"
          d="M48 8c-15 0-25 10-25 27 0 5 .6 9 1.6 13-2.600 1.700-1 9.500 2.700 10.500 2.700 6.500 6.700 11.500 10.700 14.500v8c-4 3-12 4.500-17 7h54c-5-2.500-13-4-17-7v-8c4-3 8-8 10.700-14.500 3.700-1 5.300-8.800 2.700-10.500 1-4 1.600-8 1.600-13C73 18 63 8 48 8Z"
        />
        <path
          d="M23 35h50M25 49h46M30 62h36M48 8v70M48 8c-9 6-13 16-13 28 0 14 3 28 7 38M48 8c9 6 13 16 13 28 0 14-3 28-7 38"
        />
      </svg>
      <h2>A photo of a face becomes a 3D head</h2>
      <p class="with-mouse">Drop one here, paste it, or</p>
      <p class="with-finger">Take a face that looks at the camera</p>
      <photo-sources></photo-sources>
    </div>
  `;
}
