import type { Method } from "@headform/reconstruction";
import { html, LitElement, type TemplateResult } from "lit";
import sample from "../../../../packages/open-head/data/sample.jpg?url";
import { type Ask, createAsk } from "../ask-worker.ts";
import { driveHead } from "../camera/drive-head.ts";
import { closeCamera, openCamera } from "../camera/open-camera.ts";
import { PageFailure } from "../page-failure.ts";
import type {
  Coefficients,
  Failure,
  HeadView,
  LoadProgress,
  RunsOn,
  StageView,
  TrackedHead,
} from "../protocol.ts";
import { readPhoto } from "../read-photo.ts";
import { saveFile } from "../save-file.ts";
import type { Look } from "../scene/head-surface.ts";
import { appLayout } from "./app-layout.ts";
import type { CameraView } from "./camera-view.ts";
import { controls } from "./controls.ts";
import type { DownloadFormat } from "./download-bar.ts";
import type { HeadViewer } from "./head-viewer.ts";
import "./camera-view.ts";
import "./coefficient-sliders.ts";
import "./download-bar.ts";
import "./head-viewer.ts";
import "./look-switch.ts";
import "./method-switch.ts";
import "./page-notice.ts";
import "./photo-card.ts";
import "./photo-sources.ts";
import "./run-facts.ts";
import "./stage-strip.ts";

/** The page: what is on show, and what happens when something is asked of it. */
export class HeadApp extends LitElement {
  static override properties = Object.fromEntries(
    [
      ...[
        "method",
        "runsOn",
        "look",
        "photo",
        "stages",
        "head",
        "coefficients",
        "working",
        "loading",
      ],
      ...["failure", "status", "stream", "live", "rate", "quaternion", "over"],
    ].map((name) => [name, { state: true }]),
  );
  static override styles = [controls, appLayout];

  method: Method = "pix2face";
  runsOn: RunsOn = "wasm";
  look: Look = "photo";
  photo: ImageBitmap | undefined;
  stages: readonly StageView[] = [];
  head: HeadView | undefined;
  coefficients: Coefficients | undefined;
  working = false;
  loading: LoadProgress | undefined;
  failure: Failure | undefined;
  status = "";
  stream: MediaStream | undefined;
  live = false;
  rate = 0;
  /** How the camera's face is turned, model to camera, x y z w; absent while the head rests. */
  quaternion: readonly number[] | undefined;
  /** Whether a file hangs over the page. */
  over = false;
  #ask: Ask = createAsk();
  #run: AbortController | undefined;
  #drive: AbortController | undefined;
  #posing = false;
  #seen = false;

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("paste", (event) => this.#take(event.clipboardData?.files, event));
    addEventListener("drop", (event) => {
      this.over = false;
      event.preventDefault();
      this.#take(event.dataTransfer?.files, event);
    });
    addEventListener("dragover", (event) => {
      event.preventDefault();
      this.over = true;
    });
    addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) this.over = false;
    });
  }

  override render(): TemplateResult {
    return html`
      <header>
        <h1>headform</h1>
        <p>A photo in, a 3D head out. Everything is computed on this device; nothing is uploaded.</p>
      </header>
      <main
        class=${this.photo || this.stream ? "at-work" : ""}
        @photo=${(event: CustomEvent<Blob>) => this.#open(event.detail)}
        @sample=${this.#openSample}
        @camera=${this.#openCamera}
        @method=${(event: CustomEvent<Method>) => this.#changeMethod(event.detail)}
        @runs-on=${(event: CustomEvent<RunsOn>) => this.#changeRunsOn(event.detail)}
        @look=${(event: CustomEvent<Look>) => {
          this.look = event.detail;
        }}
        @coefficients=${(event: CustomEvent<Coefficients>) => this.#pose(event.detail)}
        @restore=${() => this.head && this.#pose(this.head)}
        @download=${(event: CustomEvent<DownloadFormat>) => this.#download(event.detail)}
        @shoot=${this.#shoot}
        @live=${(event: CustomEvent<boolean>) => (event.detail ? this.#goLive() : this.#stopLive())}
        @leave=${this.#closeCamera}
        @no-webgl=${() => this.#fail(new PageFailure("no-webgl"))}
      >
        <section class="show ${this.over ? "over" : ""}" aria-label="Head">
          ${this.#viewed()} ${this.#show()}
          <page-notice
            .status=${this.status}
            .loading=${this.loading}
            .failure=${this.failure}
          ></page-notice>
        </section>
        ${this.photo || this.stream ? this.#panel() : ""}
      </main>
      <footer>
        The models and the runtime, about 12 MB, come from this site with the first photo and are
        kept for offline use. Photos and heads never leave the device.
      </footer>
    `;
  }

  /** One viewer for all heads: each new one would take a graphics context of its own. */
  #viewed(): TemplateResult | string {
    this.#seen ||= this.head !== undefined;
    if (!this.#seen) return "";
    return html`
      <head-viewer
        ?hidden=${!this.head}
        .surface=${this.head?.surface}
        .look=${this.look}
        .mirrored=${this.live}
      ></head-viewer>
    `;
  }

  #show(): TemplateResult {
    if (this.head) {
      return html`<div class="looks"><look-switch .look=${this.look}></look-switch></div>`;
    }
    if (this.photo) {
      const box = this.stages.find((stage) => stage.name === "box");
      return html`
        <photo-card
          class="large"
          .photo=${this.photo}
          .box=${box?.box}
          .roll=${box?.roll ?? 0}
          .working=${this.working}
        ></photo-card>
      `;
    }
    if (this.stream) return html`<p class="hint">Take a photo, or go live.</p>`;
    return html`
      <div class="welcome">
        <svg viewBox="0 0 64 64" aria-hidden="true">
          <path d="M32 6c-12 0-19 9-19 21 0 15 8 31 19 31s19-16 19-31C51 15 44 6 32 6Z" />
          <path d="M13 27h38M32 6c-6 6-8 14-8 24s3 22 8 28M32 6c6 6 8 14 8 24s-3 22-8 28M17 42h30" />
        </svg>
        <h2>Drop a photo of a face</h2>
        <p>or paste one, or</p>
        <photo-sources></photo-sources>
      </div>
    `;
  }

  #panel(): TemplateResult {
    const box = this.stages.find((stage) => stage.name === "box");
    return html`
      <aside aria-label="Photo and settings">
        ${
          this.stream
            ? html`<camera-view
                .stream=${this.stream}
                .live=${this.live}
                .rate=${this.rate}
                .busy=${this.working}
              ></camera-view>`
            : html`<div>
                ${
                  this.head
                    ? html`<photo-card
                        .photo=${this.photo}
                        .box=${box?.box}
                        .roll=${box?.roll ?? 0}
                        .working=${this.working}
                      ></photo-card>`
                    : ""
                }
                <photo-sources compact></photo-sources>
              </div>`
        }
        ${
          this.photo
            ? html`<stage-strip
                .stages=${this.stages}
                .photo=${this.photo}
                .working=${this.working}
              ></stage-strip>`
            : ""
        }
        <method-switch
          .method=${this.method}
          .available=${__METHODS__}
          .busy=${this.working || this.live}
        ></method-switch>
        ${
          this.head
            ? html`
                <coefficient-sliders
                  .coefficients=${this.coefficients}
                  .fitted=${this.head}
                  .names=${this.head.expressionNames}
                ></coefficient-sliders>
                <download-bar></download-bar>
                <run-facts
                  .head=${this.head}
                  .runsOn=${this.runsOn}
                  .busy=${this.working || this.live}
                ></run-facts>
              `
            : ""
        }
      </aside>
    `;
  }

  get #viewer(): HeadViewer | null {
    return this.renderRoot.querySelector("head-viewer");
  }

  get #camera(): CameraView | null {
    return this.renderRoot.querySelector("camera-view");
  }

  #take(files: FileList | undefined, event: Event): void {
    const file = files?.[0];
    if (!file) return;
    event.preventDefault();
    this.#open(file);
  }

  async #open(file: Blob): Promise<void> {
    this.#closeCamera();
    await this.#attempt(async () => this.#reconstruct(await readPhoto(file)));
  }

  async #openSample(): Promise<void> {
    await this.#attempt(async () => {
      const response = await fetch(sample).catch(() => undefined);
      if (!response?.ok) throw new PageFailure("no-files", sample);
      await this.#open(await response.blob());
    });
  }

  async #changeMethod(method: Method): Promise<void> {
    this.method = method;
    if (this.photo) await this.#attempt(async () => this.#reconstruct(this.photo!));
  }

  /** Runs the photo again there; where that cannot be, WebAssembly stays. */
  async #changeRunsOn(runsOn: RunsOn): Promise<void> {
    this.runsOn = runsOn;
    await this.#attempt(async () => this.#reconstruct(this.photo!));
    if (this.failure) this.runsOn = "wasm";
  }

  /** From a photo to a head on show. */
  async #reconstruct(photo: ImageBitmap): Promise<void> {
    this.#run?.abort();
    const run = new AbortController();
    this.#run = run;
    if (photo !== this.photo) {
      this.photo?.close();
      this.photo = photo;
      this.head = undefined;
    }
    const before = this.stages;
    this.stages = [];
    this.working = true;
    this.status = "Looking for a face";
    try {
      const head = await this.#ask(
        {
          kind: "reconstruct",
          photo: await createImageBitmap(photo),
          method: this.method,
          runsOn: this.runsOn,
        },
        {
          signal: run.signal,
          onLoading: (loading) => {
            this.loading = loading;
          },
          onStage: (stage) => {
            this.loading = undefined;
            if (run.signal.aborted) return;
            const others = this.stages.filter(({ name }) => name !== stage.name);
            this.stages = [...others, stage];
          },
        },
      );
      if (run.signal.aborted) return;
      this.head = head;
      this.coefficients = { shape: head.shape, expression: head.expression };
      this.status = "The head is ready";
      await this.updateComplete;
    } catch (error) {
      // The head before it is still on show.
      if (this.head && this.#run === run) {
        this.stages = before;
        this.method = this.head.method;
      }
      throw error;
    } finally {
      if (this.#run === run) {
        this.working = false;
        this.loading = undefined;
      }
    }
  }

  /** Shows other coefficients; while the worker is at it, only the newest wait. */
  async #pose(coefficients: Coefficients): Promise<void> {
    this.coefficients = { shape: coefficients.shape, expression: coefficients.expression };
    if (this.#posing) return;
    this.#posing = true;
    try {
      let shown: Coefficients | undefined;
      while (shown !== this.coefficients) {
        shown = this.coefficients!;
        this.#viewer?.pose(await this.#ask({ kind: "pose", ...shown }));
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#posing = false;
    }
  }

  async #download(format: DownloadFormat): Promise<void> {
    await this.#attempt(async () => {
      if (format === "png") {
        const picture = await this.#viewer?.snapshot();
        if (!picture) throw new PageFailure("no-webgl");
        saveFile(picture, "head.png");
        return;
      }
      const { name, type, bytes } = await this.#ask({
        kind: "export",
        format,
        ...this.coefficients!,
      });
      saveFile(new Blob([bytes], { type }), name);
    });
  }

  async #openCamera(): Promise<void> {
    await this.#attempt(async () => {
      this.stream ??= await openCamera();
      this.status = "The camera is on";
    });
  }

  #closeCamera(): void {
    this.#stopLive();
    if (this.stream) closeCamera(this.stream);
    this.stream = undefined;
  }

  async #shoot(): Promise<void> {
    await this.#attempt(async () => {
      const frame = await this.#camera!.frame();
      this.#closeCamera();
      await this.#reconstruct(frame);
    });
  }

  /** The first frame makes the head, the others move it. */
  async #goLive(): Promise<void> {
    const drive = new AbortController();
    this.#drive = drive;
    await this.#attempt(async () => {
      const camera = this.#camera!;
      await this.#reconstruct(await camera.frame());
      if (!this.head || drive.signal.aborted) return;
      this.live = true;
      await driveHead(this.#ask, {
        frame: () => camera.frame(),
        signal: drive.signal,
        onHead: (head, rate) => this.#follow(head, rate),
        onLost: () => {
          this.status = "The face is out of sight";
        },
      });
    });
    if (this.#drive === drive) this.live = false;
  }

  #follow(head: TrackedHead, rate: number): void {
    this.#viewer?.pose(head);
    this.#viewer?.rotate(head.quaternion);
    this.rate = rate;
    this.quaternion = head.quaternion;
    this.coefficients = { shape: this.head!.shape, expression: head.expression };
  }

  #stopLive(): void {
    this.#drive?.abort();
    this.#drive = undefined;
    this.live = false;
    this.rate = 0;
    this.quaternion = undefined;
    this.#viewer?.rotate([0, 0, 0, 1]);
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.failure = undefined;
    try {
      await work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const failure: Failure =
      error instanceof PageFailure
        ? error.failure
        : { code: "unknown", detail: error instanceof Error ? error.message : String(error) };
    if (failure.code !== "stopped") this.failure = failure;
  }
}

customElements.define("head-app", HeadApp);
