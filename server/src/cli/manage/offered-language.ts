import { readLanguage, tagOf } from "../../words/language.ts";
import { CommandFailure } from "../terminal/terminal.ts";

/** One of the site's languages, by its tag. Error: CommandFailure that says which there are. */
export function languageAmong(offered: readonly string[], tag: string): string {
  const language = readLanguage(tag);
  if (language !== null && offered.includes(language)) return language;
  const known = offered.map(tagOf).join(", ");
  throw new CommandFailure(
    `没有提供“${tag}”这种语言，可用的有：${known}。`,
    `"${tag}" is not offered: use ${known}.`,
  );
}
