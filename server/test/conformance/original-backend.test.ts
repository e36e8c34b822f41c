import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeClock } from "../support/fake-clock.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { deviations } from "./deviations.ts";
import { type Answer, differences, type Recording, readRecordings, recordedAt } from "./recordings.ts";

const recordings = readRecordings();
const answers = new Map<string, Answer>();
let test: TestApp;

/** The right code of the recording, as mailed and as typed in the other case. */
const recordedCode = "emkcsk";
let ourCode = "";

beforeAll(async () => {
  test = await startTestApp({ clock: fakeClock(recordedAt) });
  for (const recording of recordings) answers.set(recording.name, await replay(recording));
});
afterAll(() => test.close());

async function replay({ name, request }: Recording): Promise<Answer> {
  if (name === "login disabled user") await addDisabledAccounts();
  const payload = request.json === null ? request.raw : withOurCode(JSON.stringify(request.json));
  const answer = await test.anonymous({
    method: request.method as "GET",
    // The recorder's client encoded what stands outside ASCII, as browsers do.
    url: request.path.replace(/[^\x20-\x7e]+/g, encodeURIComponent),
    headers: request.headers,
    ...(payload === null ? {} : { payload }),
  });
  await test.runJobs();
  if (name === "email_codes register") ourCode = /\b[2-9A-HJKMNP-Z]{6}\b/.exec(test.mailbox[0]!.text)![0];
  return { status: answer.statusCode, headers: answer.headers, text: answer.body };
}

function withOurCode(body: string): string {
  return body.replaceAll(recordedCode, ourCode).replaceAll(recordedCode.toUpperCase(), ourCode.toLowerCase());
}

/** The recorder changed its database by hand at this point; the recorded tokens name account 2 as python02. */
async function addDisabledAccounts(): Promise<void> {
  const second = await test.signUp({ username: "python02", email: "p2@qq.com" });
  expect(second.id).toBe(2);
  await test.signUp({ username: "python03", email: "p3@qq.com" });
  await test.app.db.kysely
    .updateTable("users")
    .set({ is_active: 0 })
    .where("username", "in", ["python02", "python03"])
    .execute();
}

describe("the original backend's recorded answers", () => {
  it("are all here", () => {
    expect(recordings.length).toBeGreaterThanOrEqual(75);
    expect(new Set(recordings.map(({ name }) => name)).size).toBe(recordings.length);
    expect(ourCode).toMatch(/^\w{6}$/);
  });

  it.each(recordings.map((recording) => [recording.name, recording] as const))("%s", (name, recording) => {
    const answer = answers.get(name)!;
    const found = differences(recording, answer);
    const deviation = deviations[name];
    if (!deviation) {
      expect(found).toEqual([]);
      return;
    }
    // A row whose reason has gone must go too.
    expect(found, "no longer deviates: remove its row from deviations.ts").not.toEqual([]);
    expect(answer.status).toBe(deviation.status);
    if (deviation.body === null) expect(answer.text).toBe("");
    else expect(JSON.parse(answer.text)).toEqual(deviation.body);
  });

  it("deviate only where there is a recording", () => {
    const names = new Set(recordings.map(({ name }) => name));
    expect(Object.keys(deviations).filter((name) => !names.has(name))).toEqual([]);
  });

  it("deviate only as the decision record says", () => {
    const record = readFileSync(
      new URL("../../../docs/adr/0002-deviations-from-the-original.md", import.meta.url),
      "utf8",
    ).replaceAll(/ +/g, " "); // the formatter aligns the columns
    const unsaid = Object.entries(deviations).filter(
      ([name, { reason }]) => !record.includes(`| ${name} | ${reason} |`),
    );
    expect(unsaid.map(([name]) => name)).toEqual([]);
  });
});
