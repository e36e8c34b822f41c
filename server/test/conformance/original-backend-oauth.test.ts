import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeClock } from "../support/fake-clock.ts";
import { type RecordedQq, startRecordedQq } from "../support/recorded-qq.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { oauthDeviations } from "./oauth-deviations.ts";
import { type Answer, differences, type Recording, readOauthRecordings, recordedAt } from "./recordings.ts";

/**
 * The recorded answers about QQ log-in, replayed with OAUTH_STATE=path, as an unmodified front end of the
 * original is served.
 */
const recordings = readOauthRecordings();
const answers = new Map<string, Answer>();
let qq: RecordedQq;
let test: TestApp;

beforeAll(async () => {
  qq = await startRecordedQq();
  test = await startTestApp({ clock: fakeClock(recordedAt), env: qq.env });
  await test.signUp({ username: "python05", email: "f2@qq.com" });
  test.clock.advance(60);
  const codes = {
    b1: await test.codeFor("b1@qq.com", "bindAccount"),
    f2: await test.codeFor("f2@qq.com", "bindAccount"),
  };
  const { access_token: second } = (
    await test.anonymous({ url: "/oauth/qq/user/?code=code-OPENID2" })
  ).json();
  for (const recording of recordings) answers.set(recording.name, await replay(recording, codes, second));
});
afterAll(async () => {
  await test.close();
  qq.close();
});

/** Recorded codes and tickets are replaced by ours of the same meaning; hostile ones stay as they are. */
async function replay(
  { name, request }: Recording,
  codes: { b1: string; f2: string },
  secondTicket: string,
): Promise<Answer> {
  let body = request.json === null ? null : { ...(request.json as Record<string, string>) };
  const keeps = ["bind blanks", "bind bad token", "bind token wrong key", "bind login_type missing"];
  if (body && !keeps.includes(name)) {
    const first = JSON.parse(answers.get("qq user first time without state")!.text).access_token as string;
    const isSecond = body.email === "f2@qq.com";
    body = { ...body, access_token: isSecond ? secondTicket : first };
    if (body.email_code === "ccswop") body.email_code = codes.b1;
    if (body.email_code === "pnekyt") body.email_code = codes.f2;
  }
  const answer = await test.anonymous({
    method: request.method as "GET",
    url: request.path.replace(/[^\x20-\x7e]+/g, encodeURIComponent),
    headers: request.headers,
    ...(body === null ? {} : { payload: JSON.stringify(body) }),
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body.replaceAll(qq.origin, "https://graph.qq.com"),
  };
}

/** A ticket is opaque here and a JWS there: what matters is that there is one. */
function withoutTicket(recording: Recording, answer: Answer): Recording {
  const recorded = recording.response.json as Record<string, unknown> | undefined;
  if (typeof recorded?.access_token !== "string") return recording;
  const { access_token } = JSON.parse(answer.text) as { access_token?: unknown };
  expect(access_token).toMatch(/^[\w-]{43}$/);
  return { ...recording, response: { ...recording.response, json: { ...recorded, access_token } } };
}

describe("the original backend's recorded answers about third-party log-in", () => {
  it("are all here", () => {
    expect(recordings).toHaveLength(19);
  });

  it.each(recordings.map((recording) => [recording.name, recording] as const))("%s", (name, recording) => {
    const answer = answers.get(name)!;
    const deviation = oauthDeviations[name];
    if (!deviation) {
      expect(differences(withoutTicket(recording, answer), answer)).toEqual([]);
      return;
    }
    expect(differences(recording, answer), "no longer deviates").not.toEqual([]);
    expect(answer.status).toBe(deviation.status);
    expect(JSON.parse(answer.text)).toEqual(deviation.body);
  });

  it("deviate only where there is a recording, and as the decision record says", () => {
    const names = new Set(recordings.map(({ name }) => name));
    const record = readFileSync(
      new URL("../../../docs/adr/0002-deviations-from-the-original.md", import.meta.url),
      "utf8",
    ).replaceAll(/ +/g, " ");
    for (const [name, { reason }] of Object.entries(oauthDeviations)) {
      expect(names).toContain(name);
      expect(record).toContain(`| ${name} | ${reason} |`);
    }
  });
});
