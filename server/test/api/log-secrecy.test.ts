import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Whole flows at trace level, failures and faults included; then the log is searched for what may not be in it. */
describe("the log of a whole run", () => {
  let test: TestApp;
  const lines: string[] = [];
  const secrets = new Set<string>();
  const secret = (value: string) => {
    secrets.add(value);
    return value;
  };
  beforeAll(async () => {
    const fail = { email: "" };
    test = await startTestApp({
      logTo: { write: (line) => void lines.push(line) },
      mailer: {
        // A mail server's refusals quote the address.
        send: async (mail) => {
          if (mail.to === fail.email) {
            fail.email = "";
            throw new Error(`550 <${mail.to}> mailbox full`);
          }
          mails.push(mail);
        },
        verify: async () => {},
        close: async () => {},
      },
    });
    await run(fail);
  });
  afterAll(() => test.close());
  const mails: { to: string; text: string }[] = [];

  const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
    test.anonymous({ method: "POST", url, payload: payload as object, headers });
  const codeFor = async (email: string, type: string) => {
    const url = `/verifications/email_codes/${email}/?send_type=${type}`;
    expect((await test.anonymous({ url })).statusCode).toBe(200);
    await test.runJobs();
    const text = mails.findLast(({ to }) => to === email)!.text;
    return secret(/\b[2-9A-HJKMNP-Z]{6}\b/.exec(text)![0]);
  };

  async function run(fail: { email: string }): Promise<void> {
    const email = secret("zhangsan.private@example.com");
    const password = secret("a-very-secret-password");
    const email_code = await codeFor(email, "register");
    const form = { username: "python01", email, password, password2: password, allow: "true" };
    await post("/users/", { ...form, email_code: secret("WRNG42") });
    await post("/users/", { ...form, email_code, password2: secret("mistyped-password") });
    const { token } = (await post("/users/", { ...form, email_code })).json() as { token: string };
    secret(token);
    await post("/users/", { ...form, email_code });
    await post("/users/authorizations/", { username: email, password: secret("guessed-password") });
    const logIn = await post("/users/authorizations/", { username: email, password });
    secret((logIn.json() as { token: string }).token);
    await test.as(token)({ url: "/user/" });
    await test.as(`${secret(`${token.slice(0, -4)}AAAA`)}`)({ url: "/user/" });
    await test.anonymous({ url: `/users/emails/${email}/count/` });
    await test.anonymous({ url: `/nope/${email}/?password=${password}` });
    await post("/users/authorizations/", `{"password":"${password}`, { "content-type": "application/json" });
    await post("/users/authorizations/", `password=${password}`, { "content-type": "text/plain" });

    // A mail that fails once, is put back and is sent then.
    fail.email = secret("lisi.private@example.com");
    await test.anonymous({ url: `/verifications/email_codes/${fail.email}/` });
    await test.runJobs();
    test.clock.advance(60);
    await test.runJobs();

    const resetCode = await codeFor(email, "resetpwd");
    const renewed = secret("another-secret-password");
    await post("/users/password/", { email, email_code: resetCode, password: renewed, password2: renewed });
    await test.runJobs();

    // Faults: the store fails while it holds all of these.
    await test.app.db.kysely.schema.alterTable("login_names").renameTo("login_names_away").execute();
    await test.anonymous({ url: `/users/emails/${email}/count/` });
    await post("/users/authorizations/", { username: email, password: renewed });
    await test.app.db.kysely.schema.alterTable("login_names_away").renameTo("login_names").execute();
  }

  it("holds the run", () => {
    const text = lines.join("");
    expect(lines.length).toBeGreaterThan(15);
    expect(text).toContain("/users/authorizations/");
    expect(text).toContain('"request failed"');
    expect(text).toContain("will be retried");
    expect(secrets.size).toBeGreaterThan(10);
  });

  it("has no code, password, token or full address", () => {
    const found = [...secrets].flatMap((value) =>
      lines.filter((line) => line.includes(value)).map((line) => `${value} in ${line}`),
    );
    expect(found).toEqual([]);
    // Nor in another spelling: encoded as in URLs, or a token's payload alone.
    const text = lines.join("").toLowerCase();
    for (const value of secrets) {
      expect(text).not.toContain(encodeURIComponent(value).toLowerCase());
      expect(text).not.toContain(Buffer.from(value).toString("base64url").toLowerCase());
      if (value.startsWith("eyJ")) expect(text).not.toContain(value.split(".")[1]!.toLowerCase());
    }
    expect(text).not.toMatch(/argon2id\$/);
  });

  it("is one JSON object a line", () => {
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty("level");
  });
});
