import { beforeAll, expect, it } from "vitest";
import { describeWhere, notTested } from "../support/not-tested.ts";
import {
  type RebuiltOriginal,
  rebuiltOriginalMissing,
  startRebuiltOriginal,
} from "../support/rebuilt-original.ts";
import { asciiPath } from "./rebuilt-recordings.ts";
import {
  type Answer,
  differences,
  type Recording,
  readOauthRecordings,
  readRecordings,
  recordedAt,
} from "./recordings.ts";

/** What the rebuild answers otherwise than the original did, because its packages are younger or it was written anew. */
const otherwise: Readonly<Record<string, string>> = {
  "plain OPTIONS users (DRF metadata)": "quotes the view's docstring",
  "register username bad chars": "Django's translation",
  "register username bad chars and long": "Django's translation",
};

const recordings = [...readRecordings(), ...readOauthRecordings()];
const answers = new Map<string, Answer>();

/** The younger PyJWT sorts the header of a token. */
const youngerHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
const recordedHeader = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.";

/** The codes that were mailed while the original's third-party log-in was recorded. */
const mailed = /ccswop|pnekyt/g;

async function replayAll(): Promise<void> {
  const original = await startRebuiltOriginal(recordedAt);
  try {
    for (const recording of recordings) {
      await prepare(original, recording);
      answers.set(recording.name, await ask(original, recording));
    }
  } finally {
    await original.stop();
  }
}

/** What the recorder did by hand, or in requests that were left out of the file. */
async function prepare(original: RebuiltOriginal, { name }: Recording): Promise<void> {
  if (name === "login disabled user") {
    await signUp(original, "python03", "p3@qq.com");
    for (const username of ["python02", "python03"]) await original.disable(username);
  }
  if (name === "qq authorization default") {
    await signUp(original, "python05", "f2@qq.com");
    for (const address of ["b1@qq.com", "f2@qq.com"]) await original.leaveCode(address);
  }
  if (name === "qq user after double bind") await ask(original, named("bind OK new user"));
}

async function signUp(original: RebuiltOriginal, username: string, email: string): Promise<void> {
  const password = "12345678aA";
  await original.leaveCode(email);
  const { status, text } = await original.ask({
    ...{ method: "POST", path: "/users/", headers: { "Content-Type": "application/json" } },
    body: JSON.stringify({
      ...{ username, email, password, password2: password },
      ...{ email_code: "emkcsk", allow: "true" },
    }),
  });
  expect(status, text).toBe(201);
}

function named(name: string): Recording {
  return recordings.find((recording) => recording.name === name)!;
}

async function ask(original: RebuiltOriginal, { name, request }: Recording): Promise<Answer> {
  const { method, path, headers, json, raw } = request;
  let body = json === null ? raw : JSON.stringify(json).replace(mailed, "emkcsk");
  const openid = openidIn((json as { access_token?: unknown } | null)?.access_token);
  if (body && openid && name !== "bind token wrong key")
    body = body.replace(/(?<="access_token":")[^"]+/, await ticketOf(original, openid));
  const answer = await original.ask({ method, path: asciiPath(path), headers, body });
  return { ...answer, text: answer.text.replaceAll(youngerHeader, recordedHeader) };
}

async function ticketOf(original: RebuiltOriginal, openid: string): Promise<string> {
  const path = `/oauth/qq/user/?code=code-${openid}`;
  const { text } = await original.ask({ method: "GET", path, headers: {}, body: null });
  const { access_token } = JSON.parse(text) as { access_token?: string };
  // Bound already: what is asked next stands for a ticket from before.
  return access_token ?? JSON.parse(answers.get("qq user first time without state")!.text).access_token;
}

function openidIn(ticket: unknown): string | null {
  const payload = Buffer.from(String(ticket).split(".")[1] ?? "", "base64url").toString();
  return /OPENID\d+/.exec(payload)?.[0] ?? null;
}

/** Django words its pages otherwise in each version, and a ticket is packed otherwise here. */
function comparable(recording: Recording, answer: Answer): Recording {
  const { response } = recording;
  const heading = /<h1>.*?<\/h1>/.exec(response.text)?.[0];
  if (heading && answer.text.includes(heading))
    return { ...recording, response: { ...response, text: answer.text } };
  const recorded = response.json as Record<string, unknown> | undefined;
  const openid = openidIn(recorded?.access_token);
  const { access_token } = openid ? (JSON.parse(answer.text) as { access_token?: unknown }) : {};
  if (!openid || openidIn(access_token) !== openid) return recording;
  return { ...recording, response: { ...response, json: { ...recorded, access_token } } };
}

if (rebuiltOriginalMissing) notTested(rebuiltOriginalMissing);

describeWhere(rebuiltOriginalMissing === null)("the rebuild answers as the original did", () => {
  beforeAll(replayAll);

  it("in everything that is recorded of it", () => {
    expect(recordings.length).toBeGreaterThanOrEqual(99);
    expect(Object.keys(otherwise).filter((name) => !answers.has(name))).toEqual([]);
  });

  it.each(recordings.map((recording) => [recording.name, recording] as const))("%s", (name, recording) => {
    const answer = answers.get(name)!;
    const found = differences(comparable(recording, answer), answer);
    if (!(name in otherwise)) expect(found).toEqual([]);
    else expect(found, `no longer otherwise: ${otherwise[name]}`).not.toEqual([]);
    if (name in otherwise) expect(answer.status).toBe(recording.response.status);
  });
});
