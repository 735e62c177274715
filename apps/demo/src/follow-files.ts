export interface FollowFilesOptions {
  readonly onFile: (file: File) => void;
  /** Told when a file comes to hang over the page, and when it no longer does. */
  readonly onOver: (over: boolean) => void;
}

/** Takes files that are dropped or pasted anywhere on the page. */
export function followFiles({ onFile, onOver }: FollowFilesOptions): void {
  const take = (data: DataTransfer | null, event: Event): void => {
    const [file] = data?.files ?? [];
    if (!file) return;
    event.preventDefault();
    onFile(file);
  };
  addEventListener("paste", (event) => take(event.clipboardData, event));
  addEventListener("drop", (event) => {
    onOver(false);
    event.preventDefault();
    take(event.dataTransfer, event);
  });
  addEventListener("dragover", (event) => {
    event.preventDefault();
    onOver(true);
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) onOver(false);
  });
}
