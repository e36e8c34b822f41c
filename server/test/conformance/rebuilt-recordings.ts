import { readFileSync } from "node:fs";
import type { Recording } from "./recordings.ts";

/**
 * Answers of a rebuild of the original's user module, NOT of the original: rebuilt-original/ has it, and says from what
 * and where it differs. Its tokens go by `recordedAt`. On original-backend.json it answers as recorded but for texts that
 * later versions changed; where they differ, original-backend.json wins. Every code is `emkcsk`.
 */
export interface RebuiltRecording extends Recording {
  /** Where a code was sent before. */
  readonly code?: string;
  /** What this server answers on purpose where that is something else. */
  readonly ours?: { readonly status: number; readonly body: unknown };
}

export const rebuiltRecordings = new URL("../vectors/rebuilt-backend.jsonl", import.meta.url);

/** A line of the file. It leaves out what most of them have in common: the headers of the tutorial's clients, and what is empty. */
export interface KeptRecording extends Omit<RebuiltRecording, "request" | "response"> {
  readonly request: Partial<RebuiltRecording["request"]>;
  readonly response?: Partial<RebuiltRecording["response"]>;
}

/** A recording on each line, after one that says what they are. */
export function readRebuiltRecordings(): RebuiltRecording[] {
  const [, ...lines] = readFileSync(rebuiltRecordings, "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const kept = JSON.parse(line) as KeptRecording;
    const response = { headers: {}, text: "", ...kept.response } as RebuiltRecording["response"];
    return { ...kept, request: wholeRequest(kept), response };
  });
}

/** With what the file leaves out. */
export function wholeRequest({ request }: KeptRecording): RebuiltRecording["request"] {
  const type = "json" in request ? { "Content-Type": "application/json;charset=utf-8" } : {};
  const headers = { Accept: "application/json, text/plain, */*", ...type, ...request.headers };
  return { json: null, raw: null, ...request, headers } as RebuiltRecording["request"];
}

/** As the recorder's client encodes what stands outside ASCII, and as browsers do. */
export function asciiPath(path: string): string {
  return path.replace(/[^\x20-\x7e]+/g, encodeURIComponent);
}

/** The recording after which python02 is disabled. */
export const disabledAfter = "set up python02";
