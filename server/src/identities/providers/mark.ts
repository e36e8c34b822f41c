/**
 * Pictures of providers, as SVG, for discs of 26 px on light and dark pages. The outlines are those of the package
 * simple-icons 16.37 (CC0 1.0); the marks themselves are their owners' trademarks, shown here alone to say where a button
 * leads, whole and in one colour of theirs.
 */
export interface DrawnMark {
  /** An outline in a square of 24. */
  readonly path: string;
  readonly disc: string;
  /** A ring's colour, for a disc that is as dark as a dark page. */
  readonly edge?: string;
  /** Of the outline within the disc of 52. */
  readonly scale?: number;
}

/** The provider's own mark, white on a disc of its colour. */
export function drawnMark({ path, disc, edge, scale = 1.3 }: DrawnMark): string {
  const place = 26 - 12 * scale;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 52 52">${discOf(disc, edge)}<path transform="translate(${place} ${place}) scale(${scale})" fill="#fff" d="${path}"/></svg>`;
}

function discOf(colour: string, edge: string | undefined): string {
  const ring = edge === undefined ? "" : ` stroke="${edge}" stroke-width="2"`;
  return `<circle cx="26" cy="26" r="${edge === undefined ? 26 : 25}" fill="${colour}"${ring}/>`;
}

/** A plain letter on a disc, where a provider has no mark of its own: an OpenID Connect issuer is anybody's. */
export function letterMark(letter: string, colour: string, edge?: string): string {
  const text = letter.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 52 52">${discOf(colour, edge)}<text x="26" y="35" font-family="system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif" font-size="26" font-weight="700" fill="#fff" text-anchor="middle">${text}</text></svg>`;
}
