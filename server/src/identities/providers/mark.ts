/**
 * A plain letter on a disc in the provider's colour, as SVG: the providers' drawn logos are their property and come
 * with rules of use. `edge` is a ring's colour, for a disc that is as dark as a dark page.
 */
export function letterMark(letter: string, colour: string, edge?: string): string {
  const ring = edge === undefined ? "" : ` stroke="${edge}" stroke-width="2"`;
  const text = letter.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 52 52"><circle cx="26" cy="26" r="${edge === undefined ? 26 : 25}" fill="${colour}"${ring}/><text x="26" y="35" font-family="system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif" font-size="26" font-weight="700" fill="#fff" text-anchor="middle">${text}</text></svg>`;
}
