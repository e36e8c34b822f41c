import type { Request } from "./load.ts";

/** Requests in turn, over and over, as the bytes that are sent. */
export interface RequestsInTurn {
  readonly origin: string;
  readonly requests: readonly Request[];
  /** The place of the first. */
  readonly firstTurn: number;
  /** What numbers for `{n}` begin after. */
  readonly firstNumber: number;
}

/** All are made here but for their numbers: the generator must never be the slow side. */
export function requestBytes({ origin, requests, firstTurn, firstNumber }: RequestsInTurn): () => Buffer {
  const { host } = new URL(origin);
  const parts = requests.map((request) => rawOf(request, host).split("{n}"));
  const whole = parts.map((part) => (part.length === 1 ? Buffer.from(part[0] ?? "") : null));
  let turn = firstTurn;
  let number = firstNumber;
  return () => {
    const at = turn++ % parts.length;
    return whole[at] ?? Buffer.from((parts[at] ?? []).join(String(++number)));
  };
}

function rawOf({ method = "GET", path, headers = {}, body }: Request, host: string): string {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined)
    lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join("\r\n")}\r\n\r\n${body ?? ""}`;
}
