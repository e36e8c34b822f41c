import { deceptive } from "./visible-text.ts";

/**
 * The log for people at a terminal: one line for each line of JSON, the time, the level and the message first. It shows
 * what the JSON has and nothing else, so what is masked there is masked here. Attack: a visitor's text that moves the
 * cursor, sets colours or pretends to be another line of the log; whatever deceives is written as its number
 * (guard: readable-log.test.ts).
 */
export type LogFormat = "auto" | "json" | "text";

/** Where lines of JSON go to be shown. */
export interface LogDestination {
  write(line: string): void;
}

interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * The destination of the log in this format; undefined for JSON on standard output. `auto` is `text` on a terminal. There
 * are colours on a terminal alone, and none where `noColor` is set (https://no-color.org).
 */
export function logDestination(
  format: LogFormat,
  stream: Stream,
  noColor: string | undefined,
): LogDestination | undefined {
  const isTerminal = stream.isTTY === true;
  if (format === "json" || (format === "auto" && !isTerminal)) return undefined;
  const hasColours = isTerminal && !noColor;
  return { write: (line) => void stream.write(readableLine(line, hasColours)) };
}

const colours: Readonly<Record<string, number>> = { debug: 34, info: 32, warn: 33, error: 31, fatal: 35 };
const dim = 2;

/** Of one line of JSON, with its end; anything else comes as it is, without what deceives. */
export function readableLine(line: string, hasColours: boolean): string {
  const entry = parsed(line);
  if (entry === null) return `${shown(line.trimEnd())}\n`;
  const { time, level, msg, err, error, ...fields } = entry;
  const coloured = (code: number | undefined, text: string) =>
    hasColours && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
  const name = String(level);
  const head = [
    coloured(dim, String(time).slice(11, 23)),
    coloured(colours[name], name.toUpperCase().padEnd(5)),
    shown(String(msg ?? "")),
  ];
  const rest = Object.entries(fields).map(
    ([field, value]) => `${coloured(dim, `${shown(field)}=`)}${textOf(value)}`,
  );
  const failure = [err, error].filter((one) => one !== undefined).map(failureOf);
  return `${[...head, ...rest].join("  ")}\n${failure.join("")}`;
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function textOf(value: unknown): string {
  const isPlain = typeof value === "string" && /^[^\s"=]+$/.test(value);
  return shown(isPlain ? value : JSON.stringify(value));
}

interface Failure {
  readonly type?: string;
  readonly message?: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: unknown;
}

/** With its stack and its causes, each line moved in. */
function failureOf(failure: unknown): string {
  const { type = "", message = "", code, stack = "", cause } = (failure ?? {}) as Failure;
  const head = `      ${shown(`${type}: ${message}`)}${code === undefined ? "" : ` (${shown(code)})`}\n`;
  const frames = stack.split("\n").filter((frame) => frame !== "");
  const lines = frames.map((frame) => `        ${shown(frame.trim())}\n`).join("");
  return `${head}${lines}${cause === undefined ? "" : failureOf(cause)}`;
}

function shown(text: string): string {
  return text.replaceAll(new RegExp(deceptive, "gu"), (character) => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
}
