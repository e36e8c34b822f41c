/** What people read of one thing: in Chinese and English here, in further languages by files of words/. */
export interface Texts {
  readonly zh: string;
  readonly en: string;
  /** Of an embedding program's own texts: further languages by their tags (`ja`, `zh-Hant`). */
  readonly translations?: Readonly<Record<string, string>>;
}
