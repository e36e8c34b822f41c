import { readFileSync } from "node:fs";

/**
 * The recorded answers of the original backend (Django 2.1.2, DRF 3.9.4, drf-jwt 1.11.0), in the order they
 * were made, and what it means to answer as recorded: the same status, the recorded members first and
 * exact, anything beyond them allowed. Ids and tokens vary and are compared by shape.
 */
export interface Recording {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly json: unknown;
    readonly raw: string | null;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly json?: unknown;
    readonly text: string;
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** When the recordings were made, so that the recorded tokens are as valid now as they were then. */
export const recordedAt = 1_795_360_441_000;

const file = new URL("../vectors/original-backend.json", import.meta.url);

/** Everything but third-party log-in, which has a replay of its own. */
export function readRecordings(): Recording[] {
  return readAll().filter((recording) => !isOauth(recording));
}

export function readOauthRecordings(): Recording[] {
  return readAll().filter(isOauth);
}

function readAll(): Recording[] {
  return (JSON.parse(readFileSync(file, "utf8")) as { records: Recording[] }).records;
}

function isOauth({ request }: Recording): boolean {
  return request.path.startsWith("/oauth/");
}

/** Every way in which the answer is not the recorded one; empty when it conforms. */
export function differences({ response }: Recording, answer: Answer): string[] {
  const found: string[] = [];
  if (answer.status !== response.status) found.push(`status ${answer.status}, recorded ${response.status}`);
  if (response.json === undefined) {
    if (answer.text !== response.text)
      found.push(`body ${answer.text.slice(0, 200)}, recorded ${response.text}`);
  } else {
    const type = String(answer.headers["content-type"]);
    if (!/^application\/json(;|$)/.test(type)) found.push(`content type ${type}`);
    else compare(response.json, JSON.parse(answer.text), "body", found);
  }
  compareHeaders(response, answer, found);
  return found;
}

const shapes: Record<string, (value: unknown) => boolean> = {
  id: (value) => Number.isSafeInteger(value),
  user_id: (value) => Number.isSafeInteger(value),
  token: isTokenOfTheOriginalsShape,
};

function compare(recorded: unknown, ours: unknown, at: string, found: string[]): void {
  if (typeof recorded === "object" && recorded !== null && !Array.isArray(recorded)) {
    if (typeof ours !== "object" || ours === null || Array.isArray(ours)) {
      found.push(`${at} is ${JSON.stringify(ours)}`);
      return;
    }
    const names = Object.keys(recorded);
    const first = Object.keys(ours).slice(0, names.length);
    if (first.join() !== names.join()) found.push(`${at} begins with ${first}, recorded ${names}`);
    for (const name of names) {
      const value = (ours as Record<string, unknown>)[name];
      const shape = shapes[name];
      if (!shape) compare((recorded as Record<string, unknown>)[name], value, `${at}.${name}`, found);
      else if (!shape(value)) found.push(`${at}.${name} is ${JSON.stringify(value)}`);
    }
  } else if (JSON.stringify(recorded) !== JSON.stringify(ours)) {
    found.push(`${at} is ${JSON.stringify(ours)}, recorded ${JSON.stringify(recorded)}`);
  }
}

/** The header byte for byte; the payload's recorded members first, in their order. */
function isTokenOfTheOriginalsShape(token: unknown): boolean {
  const [header, payload = ""] = String(token).split(".");
  if (header !== "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9") return false;
  const claims = Object.keys(JSON.parse(Buffer.from(payload, "base64url").toString()) as object);
  return claims.slice(0, 4).join() === "user_id,username,exp,email";
}

const same = (recorded: string, ours: string) => recorded === ours;
const superset = (recorded: string, ours: string) => {
  const have = new Set(listOf(ours));
  return listOf(recorded).every((item) => have.has(item));
};

/** Headers that clients act on. `Allow` is promised on 405 alone; Django's `Vary` and framing headers are its own. */
const comparedHeaders: Record<string, (recorded: string, ours: string) => boolean> = {
  "www-authenticate": same,
  "access-control-allow-origin": same,
  "access-control-allow-credentials": same,
  "access-control-max-age": same,
  "access-control-allow-headers": superset,
  "access-control-allow-methods": superset,
};

function compareHeaders({ status, headers }: Recording["response"], answer: Answer, found: string[]): void {
  for (const [name, equal] of Object.entries(comparedHeaders)) {
    const recorded = headers[name];
    const ours = answer.headers[name];
    const isEqual = recorded === undefined ? ours === undefined : equal(recorded, String(ours));
    if (!isEqual) found.push(`${name}: ${ours}, recorded ${recorded}`);
  }
  if (status === 405 && !superset(headers.allow ?? "", String(answer.headers.allow)))
    found.push(`allow: ${answer.headers.allow}, recorded ${headers.allow}`);
  if (!listOf(String(answer.headers.vary)).includes("origin")) found.push("vary lacks Origin");
}

function listOf(header: string): string[] {
  return header.split(",").map((item) => item.trim().toLowerCase());
}
