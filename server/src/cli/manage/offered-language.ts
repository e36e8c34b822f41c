import { offeredLanguage, tagOf } from "../../words/language.ts";
import type { Option } from "../command/command.ts";
import { CommandFailure } from "../terminal/terminal.ts";

/** In which language a mail or an SMS is sent to try. */
export const languageOption = {
  type: "string",
  value: "<tag>",
  zh: "哪种语言，如 zh-Hans、en、ja；缺省随终端",
  en: "in which language, such as zh-Hans, en, ja; by default the terminal's",
} as const satisfies Option;

/** One of the site's languages, by its tag. Error: CommandFailure that says which there are. */
export function languageAmong(offered: readonly string[], tag: string): string {
  const language = offeredLanguage(offered, tag);
  if (language !== null) return language;
  const known = offered.map(tagOf).join(", ");
  throw new CommandFailure(
    `没有提供“${tag}”这种语言，可用的有：${known}。`,
    `"${tag}" is not offered: use ${known}.`,
  );
}
