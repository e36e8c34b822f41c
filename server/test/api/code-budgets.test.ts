import { afterAll, beforeAll, describe, expect, it, type MockInstance, vi } from "vitest";
import { triesPerCode } from "../../src/codes/address-steps.ts";
import { createCodeKeys } from "../../src/codes/code-keys.ts";
import { strangersTriesPerDay } from "../../src/codes/code-tries.ts";
import { insertUsedCode } from "../../src/codes/used-codes.ts";
import type { Db } from "../../src/engines/database/database.ts";
import type { KeyValue } from "../../src/engines/kv/kv.ts";
import {
  type Client,
  type CodeAskers,
  expiredCode,
  password,
  startCodeAskers,
  wrongCode,
} from "../support/code-askers.ts";

const owner = "198.51.100.7";
const stranger = (number: number) => `203.0.113.${number}`;
const times = (count: number) => Array.from({ length: count }, (_, i) => i);

const noting =
  (batch: KeyValue["batch"], verbs: string[][]): KeyValue["batch"] =>
  (operations) => {
    verbs.push(operations.map(({ verb }) => verb));
    return batch(operations);
  };

describe("what one client does about a code and another wants", () => {
  let askers: CodeAskers;
  let at: CodeAskers["at"];
  beforeAll(async () => {
    askers = await startCodeAskers();
    at = askers.at;
  });
  afterAll(() => askers.test.close());

  /** A device that logged in to an account of the address, a day ago. */
  async function deviceOf(email: string): Promise<Client> {
    await askers.test.signUp({ username: `owner-${email.slice(0, 2)}`, email });
    const device = await at(owner).logIn(email);
    askers.test.clock.advance(86_400);
    return device;
  }

  const guesses = async (count: number, guess: () => Promise<string | null>) => {
    const answers = [];
    for (let i = 0; i < count; i++) answers.push(await guess());
    return answers;
  };

  it("a code for another address is only for whoever is logged in, and its refusal leaves nothing", async () => {
    const refused = await at(stranger(1)).ask("a1@qq.com", "changeEmail");
    expect(refused.statusCode).toBe(401);
    expect(refused.headers["www-authenticate"]).toBe('JWT realm="api"');
    expect(refused.json()).toMatchObject({ detail: "身份认证信息未提供。" });
    expect((await at(stranger(1)).ask("a1@qq.com")).statusCode).toBe(200);
  });

  it("a stranger's request, of any type, keeps nobody else from asking", async () => {
    for (const [i, sendType] of ["register", "bindAccount"].entries()) {
      expect((await at(stranger(i)).ask("a2@qq.com", sendType)).statusCode).toBe(200);
    }
    const asked = await at(owner).ask("a2@qq.com", "bindAccount");
    expect([asked.statusCode, asked.headers["retry-after"]]).toEqual([200, "60"]);
    for (const sendType of ["bindAccount", "register", "resetpwd"]) {
      const again = await at(owner).ask("a2@qq.com", sendType);
      expect([again.statusCode, again.json()]).toEqual([400, { message: "发送邮件过于频繁" }]);
    }
  });

  it("a stranger's request replaces no code, and takes none of the owner's tries", async () => {
    const email = "a3@qq.com";
    await at(owner).ask(email);
    await at(stranger(1)).ask(email);
    const [code, same] = await askers.codesTo(email);
    expect(same).toBe(code);
    const own = await guesses(triesPerCode + 2, () => at(stranger(1)).type(email, "222222"));
    expect(own).toEqual([...times(triesPerCode).map(() => wrongCode), expiredCode, expiredCode]);
    const others = await guesses(triesPerCode + 2, () => at(stranger(2)).type(email, "222222"));
    expect(others).toEqual([...times(triesPerCode).map(() => wrongCode), expiredCode, expiredCode]);
    expect(await at(stranger(3)).type(email, code!)).toBe(expiredCode);
    expect(await guesses(triesPerCode - 1, () => at(owner).type(email, "222222"))).not.toContain(expiredCode);
    expect(await at(owner).type(email, code!)).toBeNull();
  });

  it("asking again brings no more tries at the same code", async () => {
    const email = "a4@qq.com";
    await at(owner).ask(email);
    await at(stranger(1)).ask(email);
    await guesses(triesPerCode, () => at(stranger(1)).type(email, "222222"));
    askers.test.clock.advance(61);
    expect((await at(stranger(1)).ask(email)).statusCode).toBe(200);
    const [code] = await askers.codesTo(email);
    expect(await at(stranger(1)).type(email, code!)).toBe(expiredCode);
    expect(await at(owner).type(email, code!)).toBeNull();
  });

  it("however many networks ask and guess, the guesses that are judged are bounded", async () => {
    const email = "a5@qq.com";
    const asked = [];
    for (const i of times(8)) asked.push((await at(stranger(i)).ask(email)).statusCode);
    expect(asked).toEqual([200, 200, 200, 400, 400, 400, 400, 400]);
    const answers = [];
    for (const i of times(12)) {
      answers.push(...(await guesses(6, () => at(stranger(i)).type(email, "222222"))));
    }
    expect(answers.filter((text) => text === wrongCode)).toHaveLength(3 * triesPerCode + triesPerCode);
  });

  it.each([
    // Of each hour: what strangers get of five requests, what the device asks for, and what it gets.
    [
      "the device asks as well",
      "46@qq.com",
      [
        [3, 3, 2],
        [1, 3, 3],
        [0, 3, 1],
      ],
    ],
    [
      "the device asks late",
      "47@qq.com",
      [
        [3, 0, 0],
        [3, 0, 0],
        [0, 3, 3],
        [0, 3, 1],
      ],
    ],
  ])("strangers leave two mails an hour and four a day to a known device (%s)", async (_, email, hours) => {
    const known = await deviceOf(email);
    const sent = async (client: Client) => {
      const answer = await client.ask(email, "resetpwd");
      // While the code lives.
      await askers.test.runJobs();
      if (answer.statusCode === 200) return 1;
      expect([answer.statusCode, answer.json()]).toEqual([400, { message: "发送邮件过于频繁" }]);
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
      return 0;
    };
    const before = (await askers.codesTo(email)).length;
    for (const [number, [fromStrangers, asked, fromDevice]] of hours.entries()) {
      let [mailed, mailedToDevice] = [0, 0];
      for (const i of times(5)) mailed += await sent(at(stranger(10 + i)));
      for (const _ of times(asked!)) {
        mailedToDevice += await sent(known);
        askers.test.clock.advance(61);
      }
      expect([mailed, mailedToDevice], `hour ${number}`).toEqual([fromStrangers, fromDevice]);
      askers.test.clock.advance(3600);
    }
    expect(await askers.codesTo(email)).toHaveLength(before + 10);
    expect(await sent(known)).toBe(0);
    askers.test.clock.advance(86_400);
    expect(await sent(at(stranger(20)))).toBe(1);
  });

  it("a device that logged in before has tries of its own, though it asked for nothing", async () => {
    const email = "48@qq.com";
    const device = await deviceOf(email);
    await at(stranger(1)).ask(email, "resetpwd");
    const code = (await askers.codesTo(email)).at(-1)!;
    for (const i of times(4)) await guesses(triesPerCode + 1, () => at(stranger(i)).reset(email, "222222"));
    expect(await at(stranger(9)).reset(email, code)).toBe(expiredCode);
    expect(await guesses(triesPerCode - 1, () => device.reset(email, "222222"))).not.toContain(expiredCode);
    expect(await device.reset(email, code)).toBeNull();
  });

  it("strangers who fill their guesses of a day stop strangers alone", async () => {
    const email = "a6@qq.com";
    const { test } = askers;
    let judged = 0;
    for (const _ of times(3)) {
      expect((await at(owner).ask(email)).statusCode).toBe(200);
      const answers = await guesses(triesPerCode, () => at(stranger(1)).type(email, "222222"));
      judged += answers.filter((text) => text === wrongCode).length;
      test.clock.advance(1300);
    }
    test.clock.advance(3600);
    for (const _ of times(2)) {
      expect((await at(owner).ask(email)).statusCode).toBe(200);
      const answers = await guesses(triesPerCode, () => at(stranger(2)).type(email, "222222"));
      judged += answers.filter((text) => text === wrongCode).length;
      test.clock.advance(200);
    }
    expect(judged).toBe(strangersTriesPerDay);
    expect((await at(owner).ask(email)).statusCode).toBe(200);
    const code = (await askers.codesTo(email)).at(-1)!;
    expect(await at(stranger(3)).type(email, code)).toBe(expiredCode);
    expect(await at(owner).type(email, code)).toBeNull();
  });

  it("a used code that stayed in the store is not sent again", async () => {
    const email = "a7@qq.com";
    await at(owner).ask(email);
    const { app, config, clock } = askers.test;
    const keys = createCodeKeys(config.secretKey!)(email, "register");
    const codeId = (await app.kv.get(keys.code))!;
    await insertUsedCode(app.db, codeId, clock.now() + 600_000);
    clock.advance(60);
    await at(owner).ask(email);
    const [used, fresh] = await askers.codesTo(email);
    expect(fresh).not.toBe(used);
    expect(await at(owner).type(email, fresh!)).toBeNull();
  });

  it("an address without an account costs the same calls and gets the same answers, past the budget too", async () => {
    const { app } = askers.test;
    await deviceOf("44@qq.com");
    const first = vi.spyOn(app.db, "first");
    const all = vi.spyOn(app.db, "all");
    const spies = new Set<MockInstance<Db["first"]>>([first, all as unknown as typeof first]);
    const verbs: string[][] = [];
    const { batch, within } = app.kv;
    vi.spyOn(app.kv, "batch").mockImplementation(noting(batch, verbs));
    if (within !== undefined)
      vi.spyOn(app.kv as Required<KeyValue>, "within").mockImplementation((transaction) => {
        spies.add(vi.spyOn(transaction, "first"));
        const part = within(transaction);
        return { ...part, batch: noting(part.batch, verbs) };
      });
    const seen = async (client: Client, email: string, sendType: string) => {
      const answer = await client.ask(email, sendType);
      const names = [...spies].flatMap(({ mock }) => mock.calls.map(([statement]) => statement.name));
      // Without what the background asks for now and then.
      const calls = names.filter((name) => !/^(installation\.|signing_keys\.|jobs\.(?!insert))/.test(name));
      for (const spy of spies) spy.mockClear();
      return {
        status: answer.statusCode,
        body: answer.body,
        calls,
        verbs: verbs.splice(0),
        // Redis counts by its own clock: the waits may differ by what this test itself takes.
        wait: Number(answer.headers["retry-after"]),
      };
    };
    const withoutWait = (answers: Awaited<ReturnType<typeof seen>>[]) =>
      answers.map(({ wait: _wait, ...rest }) => rest);
    const asked = async (email: string) => {
      const answers = [];
      for (const client of [
        ...times(5).map((i) => at(stranger(i))),
        at(stranger(6), "meiduo_device=AAAAAAAAAAAAAAAAAAAAAA"),
      ]) {
        for (const sendType of ["resetpwd", "register"]) answers.push(await seen(client, email, sendType));
      }
      return answers;
    };
    try {
      const begun = Date.now();
      const known = await asked("44@qq.com");
      const unknown = await asked("nobody44@qq.com");
      const taken = Math.ceil((Date.now() - begun) / 1000);
      expect(withoutWait(unknown)).toEqual(withoutWait(known));
      for (const [i, { wait }] of unknown.entries()) {
        expect(Math.abs(wait - known[i]!.wait)).toBeLessThanOrEqual(taken);
      }
      expect(known.filter(({ status }) => status === 200)).toHaveLength(3);
      expect(known[0]!.calls.length).toBeGreaterThan(1);
      expect(known[0]!.verbs.length).toBeGreaterThan(0);
    } finally {
      vi.restoreAllMocks();
    }
    expect(await askers.codesTo("nobody44@qq.com")).toHaveLength(3);
  });
});

describe("limits over all addresses", () => {
  const log: string[] = [];
  let askers: CodeAskers;
  beforeAll(async () => {
    askers = await startCodeAskers({
      env: { CODE_TRY_LIMIT: "4", WRONG_CODE_ALARM: "6" },
      logTo: { write: (line) => void log.push(line) },
    });
  });
  afterAll(() => askers.test.close());

  it("a network's wrong tries within an hour, at whosever codes; right ones don't count", async () => {
    const { at, test } = askers;
    for (const i of times(6)) {
      const email = `right${i}@qq.com`;
      await at(owner).ask(email);
      const [code] = await askers.codesTo(email);
      expect(await at(owner).type(email, code!)).toBeNull();
    }
    for (const i of times(4)) {
      await at(owner).ask(`b${i}@qq.com`);
      expect(await at(owner).type(`b${i}@qq.com`, "222222")).toBe(wrongCode);
    }
    const [code] = await askers.codesTo("b0@qq.com");
    const payload = {
      ...{ username: "typist", email: "b0@qq.com", email_code: code, allow: "true" },
      ...{ password, password2: password },
    };
    const headers = { "x-forwarded-for": owner };
    const refused = await test.anonymous({ method: "POST", url: "/users/", payload, headers });
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(3500);
    // Its neighbours go on, and it itself after an hour.
    await at(stranger(1)).ask("b9@qq.com");
    expect(await at(stranger(1)).type("b9@qq.com", "222222")).toBe(wrongCode);
    test.clock.advance(3600);
    expect(await at(owner).type("b0@qq.com", code!)).toBe(expiredCode);
  });

  it("does not stop a device that logged in before", async () => {
    const { at } = askers;
    const device = await at(owner).logIn("right0@qq.com");
    await device.ask("right0@qq.com", "resetpwd");
    const code = (await askers.codesTo("right0@qq.com")).at(-1)!;
    for (const i of times(5)) await at(owner).type(`nobody${i}@qq.com`, "222222");
    expect(await device.reset("right0@qq.com", code)).toBeNull();
  });

  it("warns once an hour when the whole site's wrong codes are many", async () => {
    const { at, test } = askers;
    const alarms = () => log.filter((line) => line.includes('"alarm":"wrong_codes"'));
    test.clock.advance(3600);
    expect(alarms()).toHaveLength(0);
    for (const i of times(9)) {
      await at(stranger(i)).ask(`c${i}@qq.com`);
      await at(stranger(i)).type(`c${i}@qq.com`, "222222");
      expect(alarms()).toHaveLength(i < 5 ? 0 : 1);
    }
    expect(JSON.parse(alarms()[0]!)).toMatchObject({ level: "warn", count: 6 });
    expect(alarms()[0]).not.toContain("@qq.com");
  });
});
