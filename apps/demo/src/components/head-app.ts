import type { Method } from "@headform/reconstruction";
import { html, LitElement, type TemplateResult } from "lit";
import sample from "../../../../packages/open-head/data/sample.jpg?url";
import type { AppState } from "../app-state.ts";
import { type Ask, createAsk } from "../ask-worker.ts";
import { driveHead } from "../camera/drive-head.ts";
import { closeCamera, openCamera } from "../camera/open-camera.ts";
import { followFiles } from "../follow-files.ts";
import { PageFailure } from "../page-failure.ts";
import { createPoser } from "../pose-newest.ts";
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
import { showArea } from "./show-area.ts";
import { sidePanel } from "./side-panel.ts";

/** Each makes the page draw itself anew. */
const STATE = [
  ...["method", "runsOn", "look", "photo", "stages", "head", "coefficients", "working"],
  ...["loading", "failure", "status", "stream", "live", "rate", "quaternion", "over"],
] as const satisfies readonly (keyof AppState)[];

/** The page: what is on show, and what happens when something is asked of it. */
export class HeadApp extends LitElement implements AppState {
  static override properties = Object.fromEntries(STATE.map((name) => [name, { state: true }]));
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
  quaternion: readonly number[] | undefined;
  over = false;
  #ask: Ask = createAsk();
  #run: AbortController | undefined;
  #drive: AbortController | undefined;
  #pose = createPoser(this.#ask, (pose) => this.#viewer?.pose(pose));
  /** Whether there has been a head. */
  #seen = false;

  override connectedCallback(): void {
    super.connectedCallback();
    followFiles({
      onFile: (file) => this.#open(file),
      onOver: (over) => {
        this.over = over;
      },
    });
  }

  override render(): TemplateResult {
    this.#seen ||= this.head !== undefined;
    const atWork = this.photo !== undefined || this.stream !== undefined;
    return html`
      <header>
        <h1>headform</h1>
        <p>A photo in, a 3D head out. Everything is computed on this device; nothing is uploaded.</p>
      </header>
      <main
        class=${atWork ? "at-work" : ""}
        @photo=${(event: CustomEvent<Blob>) => this.#open(event.detail)}
        @sample=${this.#openSample}
        @camera=${this.#openCamera}
        @method=${(event: CustomEvent<Method>) => this.#changeMethod(event.detail)}
        @runs-on=${(event: CustomEvent<RunsOn>) => this.#changeRunsOn(event.detail)}
        @look=${(event: CustomEvent<Look>) => {
          this.look = event.detail;
        }}
        @coefficients=${(event: CustomEvent<Coefficients>) => this.#change(event.detail)}
        @restore=${() => this.head && this.#change(this.head)}
        @download=${(event: CustomEvent<DownloadFormat>) => this.#download(event.detail)}
        @shoot=${this.#shoot}
        @live=${(event: CustomEvent<boolean>) => (event.detail ? this.#goLive() : this.#stopLive())}
        @leave=${this.#closeCamera}
        @no-webgl=${() => this.#fail(new PageFailure("no-webgl"))}
      >
        ${showArea(this, this.#seen)} ${atWork ? sidePanel(this) : ""}
      </main>
      <footer>
        The models and the runtime, about 10 MB, come from this site with the first photo and are
        kept for offline use. Photos and heads never leave the device.
      </footer>
    `;
  }

  get #viewer(): HeadViewer | null {
    return this.renderRoot.querySelector("head-viewer");
  }

  get #camera(): CameraView | null {
    return this.renderRoot.querySelector("camera-view");
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

  async #change({ shape, expression }: Coefficients): Promise<void> {
    this.coefficients = { shape, expression };
    await this.#attempt(() => this.#pose({ shape, expression }));
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
      await this.updateComplete;
      this.#camera?.scrollIntoView({ block: "nearest" });
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
