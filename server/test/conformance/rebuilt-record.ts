import type { IncomingHttpHeaders } from "node:http";
import { type RebuiltOriginal, startRebuiltOriginal } from "../support/rebuilt-original.ts";
import { asciiPath, disabledAfter, type KeptRecording, wholeRequest } from "./rebuilt-recordings.ts";
import { recordedAt } from "./recordings.ts";

/** Enough of a page to tell which it is. */
const pageBeginning = 20;

/** Headers that are recorded, in the file's order. */
const recordedHeaders = [
  "www-authenticate",
  "allow",
  "location",
  "access-control-allow-credentials",
  "access-control-allow-origin",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-max-age",
];

/**
 * Asks the rebuild of the original everything that a file of recordings asks, in its order, and returns the file with
 * the answers it gives now. A line without an answer gets one, so new questions are asked by adding lines of `name` and
 * `request`, and `code` where a code was sent before. All else stays as it is.
 */
export async function recordAnew(file: string): Promise<string> {
  const [what, ...lines] = file.trimEnd().split("\n");
  const original = await startRebuiltOriginal(recordedAt);
  try {
    const answered: string[] = [];
    for (const line of lines) {
      const { name, request, code, response: _, ...rest } = JSON.parse(line) as KeptRecording;
      if (code) await original.leaveCode(code);
      const response = await answerTo(original, { name, request });
      answered.push(JSON.stringify({ name, request, ...(code ? { code } : {}), response, ...rest }));
      if (name === disabledAfter) await original.disable("python02");
    }
    return `${[what, ...answered].join("\n")}\n`;
  } finally {
    await original.stop();
  }
}

async function answerTo(original: RebuiltOriginal, kept: KeptRecording): Promise<object> {
  const { method, path, headers, json, raw } = wholeRequest(kept);
  const answer = await original.ask({
    ...{ method, path: asciiPath(path), headers },
    body: json === null ? raw : JSON.stringify(json),
  });
  const found = headersOf(answer.status, answer.headers);
  return {
    status: answer.status,
    ...(Object.keys(found).length > 0 ? { headers: found } : {}),
    ...bodyOf(String(answer.headers["content-type"]), answer.text),
  };
}

/** `Allow` stands on every answer of DRF and matters on a refused method only. */
function headersOf(status: number, headers: IncomingHttpHeaders): Record<string, unknown> {
  const names = recordedHeaders.filter((name) => name in headers && (name !== "allow" || status === 405));
  return Object.fromEntries(names.map((name) => [name, headers[name]]));
}

function bodyOf(type: string, text: string): { json: unknown } | { text: string } {
  if (text !== "" && type.startsWith("application/json")) return { json: JSON.parse(text) as unknown };
  return { text: type.startsWith("text/html") ? text.trimStart().slice(0, pageBeginning) : text };
}
