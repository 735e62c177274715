/** Hands a file to the browser's downloads. */
export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken its own hold of the blob by the next turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
