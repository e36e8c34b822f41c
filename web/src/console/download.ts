/** Gives the reader a file that the API answered. */
export function downloadAs(name: string, type: string, content: ArrayBuffer): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  // Not at once: the browser begins with it a moment later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
