import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("asking for a verification code", () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp();
    await test.signUp({ username: "python01", email: "44@qq.com" });
  });
  afterAll(() => test.close());

  const ask = (email: string, query = "", headers: Record<string, string> = {}) =>
    test.anonymous({ url: `/verifications/email_codes/${encodeURIComponent(email)}/${query}`, headers });
  const mailsTo = (email: string) => test.mailbox.filter(({ to }) => to === email);
  const signUp = (email: string, email_code: string) =>
    test.anonymous({
      method: "POST",
      url: "/users/",
      payload: {
        username: `u${email.replace(/\W/g, "-")}`,
        email,
        email_code,
        password: "12345678aA",
        password2: "12345678aA",
        allow: true,
      },
    });

  it("answers OK, and the mail says purpose, code and life, in text and HTML", async () => {
    expect((await ask("a1@qq.com", "?send_type=register")).body).toBe('{"message":"OK"}');
    await test.runJobs();
    const [mail, ...others] = mailsTo("a1@qq.com");
    expect(others).toEqual([]);
    expect(mail!.subject).toContain("注册");
    const code = /\b[2-9A-HJKMNP-Z]{6}\b/.exec(mail!.text)![0];
    for (const part of [mail!.text, mail!.html]) {
      expect(part).toContain(code);
      expect(part).toContain("3分钟内有效");
    }
    expect(mail!.subject).not.toContain(code);
  });

  it("sends one mail an interval to an address, whatever the purpose and the spelling", async () => {
    const sent = await ask("a2@qq.com");
    expect([sent.statusCode, sent.headers["retry-after"]]).toEqual([200, "60"]);
    for (const [email, query] of [
      ["a2@qq.com", ""],
      ["a2@qq.com", "?send_type=resetpwd"],
      ["A2@QQ.com", "?send_type=bindAccount"],
    ] as const) {
      const refused = await ask(email, query);
      expect(refused.statusCode).toBe(400);
      expect(refused.json()).toEqual({ message: "发送邮件过于频繁" });
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(50);
      expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(60);
    }
    test.clock.advance(45);
    expect(Number((await ask("a2@qq.com")).headers["retry-after"])).toBeLessThanOrEqual(15);
    test.clock.advance(15);
    expect((await ask("a2@qq.com")).statusCode).toBe(200);
    await test.runJobs();
    expect(test.mailbox.filter(({ to }) => /^a2@qq\.com$/i.test(to))).toHaveLength(2);
  });

  it("sends the same code again while it lives, and a new one after", async () => {
    const first = await test.codeFor("a3@qq.com");
    test.clock.advance(170);
    expect(await test.codeFor("a3@qq.com")).toBe(first);
    // Renewed: its first 180 seconds are over.
    test.clock.advance(170);
    expect((await signUp("a3@qq.com", "222222")).json()).toMatchObject({ message: "邮箱验证码错误" });
    test.clock.advance(10);
    expect((await signUp("a3@qq.com", first)).json()).toMatchObject({ message: "邮箱验证码过期" });
    const second = await test.codeFor("a3@qq.com");
    expect(second).not.toBe(first);
    expect((await signUp("a3@qq.com", second)).statusCode).toBe(201);
  });

  it("renews a code's life to ten minutes after its first mail, and the mails say how long", async () => {
    const patient = await startTestApp({ env: { EMAIL_CODES_PER_HOUR: "20", EMAIL_CODES_PER_DAY: "20" } });
    try {
      const codes = [];
      for (let i = 0; i < 5; i++) {
        codes.push(await patient.codeFor("a9@qq.com"));
        patient.clock.advance(130);
      }
      expect(new Set(codes).size).toBe(1);
      const lives = patient.mailbox.map(({ text }) =>
        /(\d+)(分钟|秒)内有效/.exec(text)?.slice(1, 3).join(""),
      );
      expect(lives.slice(0, 4)).toEqual(["3分钟", "3分钟", "3分钟", "3分钟"]);
      // 600 - 4 * 130 seconds; Redis' clock runs on while the requests do.
      expect(["80秒", "79秒", "78秒"]).toContain(lives[4]);
      expect(await patient.codeFor("a9@qq.com")).not.toBe(codes[0]);
    } finally {
      await patient.close();
    }
  });

  it.each(["?send_type=xyz", "?send_type=Register", "?send_type=constructor"])(
    "refuses an unknown kind, sends nothing and keeps no flag (%s)",
    async (query) => {
      const answer = await ask("a4@qq.com", query);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toEqual({ message: "未知的验证码类型" });
      await test.runJobs();
      expect(mailsTo("a4@qq.com")).toEqual([]);
    },
  );

  it("takes an absent and an empty kind for a sign-up, and refuses two at once", async () => {
    expect((await ask("a4@qq.com", "?send_type=")).statusCode).toBe(200);
    await test.runJobs();
    expect(mailsTo("a4@qq.com")[0]!.subject).toContain("注册");
    expect((await ask("a5@qq.com", "?send_type=register&send_type=resetpwd")).statusCode).toBe(400);
  });

  it.each(["nonsense", "a b@qq.com", "@", "a@qq.com\nBcc: b@qq.com", `${"a".repeat(300)}@qq.com`])(
    "refuses %j, which is not an address",
    async (email) => {
      const before = test.mailbox.length;
      const answer = await ask(email);
      expect(answer.statusCode).toBe(400);
      expect(Object.keys(answer.json())).toEqual(["email", "message"]);
      await test.runJobs();
      expect(test.mailbox).toHaveLength(before);
    },
  );

  it("a taken address gets the same answer, and a mail that shows the way to log in but no code", async () => {
    test.clock.advance(60);
    const free = await ask("a6@qq.com", "?send_type=register");
    const taken = await ask("44@qq.com", "?send_type=register");
    const comparable = ({ statusCode, body, headers }: typeof free) => {
      const { "x-request-id": _id, date: _date, ...rest } = headers;
      return { statusCode, body, headers: rest };
    };
    expect(comparable(taken)).toEqual(comparable(free));
    await test.runJobs();
    const mail = mailsTo("44@qq.com").at(-1)!;
    expect(mail.text).toContain("/login");
    expect(mail.text).not.toMatch(/\b[2-9A-HJKMNP-Z]{6}\b/);
    expect(mail.text).not.toContain("python01");
    expect((await ask("44@qq.com")).headers["retry-after"]).toBeDefined();
  });

  it("writes English mails for English readers", async () => {
    await ask("a7@qq.com", "", { "accept-language": "en-GB,en;q=0.9" });
    await test.runJobs();
    const [mail] = mailsTo("a7@qq.com");
    expect(mail!.text).toMatch(/verification code is/);
    expect(mail!.text).not.toMatch(/[\u4e00-\u9fa5]/);
  });

  it("keeps neither codes nor addresses where they could be read", async () => {
    const code = await test.codeFor("a8@qq.com");
    const entries = await test.app.db.kysely.selectFrom("kv_entries").selectAll().execute();
    const jobs = await test.app.db.kysely.selectFrom("jobs").selectAll().execute();
    const listed = await test.app.jobs.list({ limit: 100 });
    expect(JSON.stringify([entries, listed])).not.toContain("a8@qq.com");
    expect(JSON.stringify([entries, jobs, listed])).not.toContain(code);
  });

  it("limits how many codes one client asks for, where that is set", async () => {
    const limited = await startTestApp({ env: { CODE_REQUEST_LIMIT: "3", TRUST_PROXY: "1" } });
    const from = (client: string, email: string) =>
      limited.anonymous({
        url: `/verifications/email_codes/${email}/`,
        headers: { "x-forwarded-for": `203.0.113.66, ${client}` },
      });
    try {
      for (let i = 0; i < 3; i++) expect((await from("198.51.100.1", `b${i}@qq.com`)).statusCode).toBe(200);
      const refused = await from("198.51.100.1", "b3@qq.com");
      expect(refused.statusCode).toBe(429);
      expect(refused.json()).toMatchObject({ detail: "请求超过了限速。" });
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(3500);
      expect((await from("198.51.100.2", "b3@qq.com")).statusCode).toBe(200);
      limited.clock.advance(3600);
      expect((await from("198.51.100.1", "b4@qq.com")).statusCode).toBe(200);
    } finally {
      await limited.close();
    }
  });
});
