import { html, type TemplateResult } from "lit";
import type { AppState } from "../app-state.ts";
import "./camera-view.ts";
import "./coefficient-sliders.ts";
import "./download-bar.ts";
import "./method-switch.ts";
import "./photo-card.ts";
import "./photo-sources.ts";
import "./run-facts.ts";
import "./stage-strip.ts";

/** The narrow side of the page: where the head came from, how it was made, what can be done. */
export function sidePanel(state: AppState): TemplateResult {
  const { head, live, method, photo, stages, working } = state;
  return html`
    <aside aria-label="Photo and settings">
      ${source(state)}
      ${
        photo
          ? html`<stage-strip .stages=${stages} .photo=${photo} .working=${working}></stage-strip>`
          : ""
      }
      <method-switch
        .method=${method}
        .available=${__METHODS__}
        .busy=${working || live}
      ></method-switch>
      ${head ? whatCanBeDone(state) : ""}
    </aside>
  `;
}

function source({ head, live, photo, rate, stages, stream, working }: AppState): TemplateResult {
  if (stream) {
    return html`
      <camera-view .stream=${stream} .live=${live} .rate=${rate} .busy=${working}></camera-view>
    `;
  }
  const box = stages.find((stage) => stage.name === "box");
  if (!head) return html`<photo-sources compact></photo-sources>`;
  return html`
    <div class="source">
      <photo-card
        .photo=${photo}
        .box=${box?.box}
        .roll=${box?.roll ?? 0}
        .working=${working}
      ></photo-card>
      <photo-sources compact column></photo-sources>
    </div>
  `;
}

function whatCanBeDone({ head, coefficients, live, runsOn, working }: AppState): TemplateResult {
  return html`
    <download-bar></download-bar>
    <coefficient-sliders
      .coefficients=${coefficients}
      .fitted=${head}
      .names=${head!.expressionNames}
    ></coefficient-sliders>
    <run-facts .head=${head} .runsOn=${runsOn} .busy=${working || live}></run-facts>
  `;
}
