/** What the site's server writes into the page of its languages (server/src/site/site-texts.ts). */
export interface OfferedLanguage {
  /** BCP 47. */
  readonly tag: string;
  /** How it calls itself. */
  readonly name: string;
  /** Address of its texts. */
  readonly texts: string;
}

/** A page without the block offers none. */
export function readPageLanguages(block: string | null | undefined): readonly OfferedLanguage[] {
  const { offered = [] } = block ? (JSON.parse(block) as { offered?: readonly OfferedLanguage[] }) : {};
  return offered;
}
