import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("what the log tells of log-ins", () => {
  let test: TestApp;
  const lines: string[] = [];
  const everything: string[] = [];
  const password = "12345678aA";
  beforeAll(async () => {
    test = await startTestApp({
      env: { SANDBOX: "false", LOGIN_FAILURE_LIMIT: "5", TRUST_PROXY: "1" },
      logTo: { write: (line) => void (lines.push(line) && everything.push(line)) },
    });
  });
  afterAll(() => test.close());

  it("who got in, who did not and who has to wait, from where, and no name as it was typed", async () => {
    const { id, token } = await test.signUp({ username: "python01", email: "44@qq.com" });
    const logIn = (username: string, typed: string) =>
      test.anonymous({
        method: "POST",
        url: "/users/authorizations/",
        payload: { username, password: typed },
        headers: { "x-forwarded-for": "198.51.100.7" },
      });
    lines.length = 0;
    await logIn("python01", password);
    await logIn("python01", "wrong-one");
    await logIn("nobody@example.com", "wrong-one");
    for (let i = 0; i < 6; i++) await logIn("python01", "wrong-one");
    const events = lines
      .map((line) => JSON.parse(line) as { msg: string; userId?: number; client?: string; time: string })
      .filter(({ msg }) => msg.startsWith("log"));
    const client = "198.51.100.7";
    expect(events.slice(0, 3)).toMatchObject([
      { level: "info", msg: "logged in", userId: id, client },
      { level: "info", msg: "log-in refused", userId: id, client },
      { level: "info", msg: "log-in refused", userId: null, client },
    ]);
    expect(events.at(-1)).toMatchObject({ level: "warn", client });
    expect(events.at(-1)?.msg).toMatch(/^log-in throttled/);
    for (const { time } of events) expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const code = /\b[2-9A-HJKMNP-Z]{6}\b/.exec(test.mailbox.at(-1)?.text ?? "")?.[0];
    expect(code).toBeDefined();
    expect(everything.length).toBeGreaterThan(10);
    for (const secret of [password, "wrong-one", "nobody@", "python01", "44@qq.com", code, token])
      expect(everything.join("")).not.toContain(secret);
  });

  it("a provider that is not configured by its setting, each time on one line without a stack", async () => {
    lines.length = 0;
    for (const path of ["authorization/?next=/", "user/?code=c&state=s"]) {
      const answer = await test.anonymous({ url: `/oauth/qq/${path}` });
      expect(answer.statusCode).toBe(503);
      expect(answer.body).toContain("QQ_CLIENT_ID");
    }
    const told = lines.map((line) => JSON.parse(line)).filter(({ errorCode }) => errorCode !== undefined);
    expect(lines.join("")).not.toMatch(/"err"|stack|AppError/);
    expect(told).toHaveLength(2);
    for (const line of told)
      expect(line).toEqual({
        level: "warn",
        time: expect.any(String),
        reqId: expect.any(String),
        errorCode: "provider_not_configured",
        setting: "QQ_CLIENT_ID",
        msg: "log-in with a provider that is not configured",
      });
  });

  it("an unexpected failure with its code and cause, and the answer with neither", async () => {
    lines.length = 0;
    const clientError = await test.anonymous({ url: "/users/usernames/ab/count/" });
    expect(clientError.statusCode).toBe(400);
    await test.app.db.kysely.schema.alterTable("login_names").renameTo("login_names_away").execute();
    const answer = await test.anonymous({ url: "/users/usernames/python01/count/" });
    await test.app.db.kysely.schema.alterTable("login_names_away").renameTo("login_names").execute();
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/login_names|select|sqlite/i);
    const failure = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === "request failed");
    expect(failure).toMatchObject({ level: "error", errorCode: "internal" });
    expect(failure.err.message).toMatch(/login_names/);
  });
});
