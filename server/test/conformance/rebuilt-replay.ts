import { fakeClock } from "../support/fake-clock.ts";
import { startRecordedQq } from "../support/recorded-qq.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { asciiPath, disabledAfter, type RebuiltRecording } from "./rebuilt-recordings.ts";
import { type Answer, recordedAt } from "./recordings.ts";

/** Every recorded code. */
const recordedCode = /emkcsk/i;

/** Replays them in order on one application, each from a network of its own, so that no limit of ours interferes. */
export async function replayRebuilt(recordings: readonly RebuiltRecording[]): Promise<Map<string, Answer>> {
  const qq = await startRecordedQq();
  const test = await startTestApp({ clock: fakeClock(recordedAt), env: qq.env });
  try {
    const answers = new Map<string, Answer>();
    for (const [at, recording] of recordings.entries()) {
      const answer = await replay(test, recording, `10.0.${at >> 8}.${at & 255}`, at);
      answers.set(recording.name, {
        ...answer,
        text: answer.text.replaceAll(qq.origin, "https://graph.qq.com"),
      });
      if (recording.name === disabledAfter) await disable(test, "python02");
    }
    return answers;
  } finally {
    await test.close();
    qq.close();
  }
}

async function replay(
  test: TestApp,
  { request, code }: RebuiltRecording,
  from: string,
  at: number,
): Promise<Answer> {
  const { method, path, headers } = request;
  const isBinding = path === "/oauth/qq/user/" && method === "POST";
  let payload = request.json === null ? request.raw : JSON.stringify(request.json);
  if (code) {
    const ours = await codeFor(test, code, isBinding ? "bindAccount" : "register", from);
    payload = payload!.replace(recordedCode, (found) => (found === "emkcsk" ? ours : ours.toLowerCase()));
  }
  if (isBinding && payload?.includes('"access_token":"eyJ')) {
    const first = await test.anonymous({
      url: `/oauth/qq/user/?code=code-OPENID${1000 + at}`,
      remoteAddress: from,
    });
    payload = payload.replace(/(?<="access_token":")eyJ[^"]+/, first.json().access_token as string);
  }
  const answer = await test.anonymous({
    method: method as "GET",
    url: asciiPath(path),
    headers,
    remoteAddress: from,
    ...(payload === null ? {} : { payload }),
  });
  return { status: answer.statusCode, headers: answer.headers, text: answer.body };
}

async function codeFor(test: TestApp, email: string, type: string, remoteAddress: string): Promise<string> {
  const url = `/verifications/email_codes/${encodeURIComponent(email)}/?send_type=${type}`;
  const answer = await test.anonymous({ url, remoteAddress });
  if (answer.statusCode !== 200) throw new Error(`no code for ${email}: ${answer.statusCode} ${answer.body}`);
  await test.runJobs();
  return /\b[2-9A-HJKMNP-Z]{6}\b/.exec(test.mailbox.findLast(({ to }) => to === email)!.text)![0];
}

async function disable(test: TestApp, username: string): Promise<void> {
  await test.app.db.kysely
    .updateTable("users")
    .set({ is_active: 0 })
    .where("username", "=", username)
    .execute();
}
