/**
 * Something that the person at the keyboard can put right, said in both languages; `message` is the English
 * one. Never holds a password. Whoever shows it chooses the language.
 */
export class ToldError extends Error {
  readonly zh: string;
  readonly en: string;

  constructor(zh: string, en: string) {
    super(en);
    this.name = new.target.name;
    this.zh = zh;
    this.en = en;
  }
}
