import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { ConfigError, type ConfigProblem, configProblem } from "../errors/config-problem.ts";
import { SettingProblem, type SettingProblemCode } from "../errors/setting-problem.ts";

/**
 * The file `.env`. Promises that each of its settings is used as it was written, or that the start is refused: a file
 * whose first line or whole text gets lost would let a production site start as a development one, whose mailbox is
 * open to everybody, and the half of a key that comes before a `#` would sign tokens. Never shows a value.
 */
export function readEnvFile(file: string): Readonly<Record<string, string | undefined>> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return {};
    if (code === "EISDIR") throw refused("envFolder");
    throw refused("envUnreadable", { reason: message });
  }
  const text = decode(bytes);
  const values = parseEnv(text);
  const cut = cutAtHash(text, values);
  if (cut.length > 0) throw new ConfigError(cut);
  return values;
}

/**
 * By its byte-order mark, which doesn't belong to the first name: Windows' editors write one, and PowerShell's `>`
 * writes UTF-16. Without a mark it is UTF-8; what isn't must not be guessed at.
 */
function decode(bytes: Buffer): string {
  const mark = bytes.toString("hex", 0, 2);
  const encoding = mark === "fffe" ? "utf-16le" : mark === "feff" ? "utf-16be" : "utf-8";
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw refused("envNotText");
  }
  // UTF-16 without a mark is valid UTF-8 whose names nobody asks for.
  if (text.includes("\0")) throw refused("envNotText");
  return text;
}

/** Stands for a `#`; of the private use area, and a text that holds it all the same reads alike on both sides. */
const hash = "\uE000";

/**
 * The settings that lose what follows a `#`: unquoted, with no blank before it. `parseEnv` takes the rest for a
 * comment, and two of three keys that Django makes hold a `#`. Found by parsing again with these signs replaced, so
 * that quotes and lines are judged by one parser.
 */
function cutAtHash(text: string, values: NodeJS.Dict<string>): ConfigProblem[] {
  const whole = Object.entries(parseEnv(text.replace(/(?<=\S)#/g, hash)));
  const plain = (one = "") => one.replaceAll(hash, "#");
  return (
    whole
      // `parseEnv` takes a comment that is indented for a setting of that name.
      .filter(([name]) => /^\w+$/.test(name))
      .filter(([name, value]) => plain(value) !== plain(values[name]))
      .map(([name]) => configProblem(name, new SettingProblem("envHash")))
  );
}

function refused(code: SettingProblemCode, parameters = {}): ConfigError {
  return new ConfigError([configProblem(".env", new SettingProblem(code, parameters))]);
}
