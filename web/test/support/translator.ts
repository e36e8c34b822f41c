/**
 * A page as Chrome's translation leaves it: every text node is taken out, and `<font><font>` with other words stands in
 * its place. Who keeps the node and writes into it writes into nothing. What is marked `translate="no"` stays.
 */
export const translatedMark = "⟦";

export function translatePage(root: Element = document.body): void {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (texts.nextNode()) found.push(texts.currentNode as Text);
  for (const text of found) {
    const holder = text.parentElement;
    if (text.data.trim() === "" || !holder || holder.closest('font, script, style, [translate="no"]'))
      continue;
    const inner = document.createElement("font");
    inner.textContent = `${translatedMark}${text.data}⟧`;
    const outer = document.createElement("font");
    outer.append(inner);
    text.replaceWith(outer);
  }
}
