import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cookieIn } from "../support/devices.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Locking somebody out on purpose: what strangers fill stops strangers alone. */
let test: TestApp;
let owner: Person;
const lines: string[] = [];

async function start(env: Record<string, string> = {}): Promise<void> {
  lines.length = 0;
  test = await startTestApp({
    env: { TRUST_PROXY: "1", ...env },
    logTo: { write: (line) => void lines.push(line) },
  });
  owner = await makePerson(test, "python01", { email: "44@qq.com" });
}
afterEach(() => test.close());

const home = "198.51.100.1";
const logIn = (typed: string, client: string, name = "python01", cookie?: string) =>
  test.anonymous({
    method: "POST",
    url: "/users/authorizations/",
    payload: { username: name, password: typed },
    headers: { "x-forwarded-for": client, "user-agent": "Firefox/127.0", ...(cookie && { cookie }) },
  });
const statuses = async (count: number, guess: (i: number) => ReturnType<typeof logIn>) => {
  const seen: number[] = [];
  for (let i = 0; i < count; i++) seen.push((await guess(i)).statusCode);
  return seen;
};
const many = (i: number) => `203.0.113.${i % 250}`;
const warnings = () =>
  lines.map((line) => JSON.parse(line)).filter(({ level, msg }) => level === "warn" && /log-in/.test(msg));

describe("with the limits as they come", () => {
  beforeEach(() => start());

  it("wrong log-ins from one address stop neither the owner elsewhere nor anybody else", async () => {
    for (const name of ["python01", "44@qq.com"]) {
      const seen = await statuses(101, () => logIn("wrong-one", "203.0.113.66", name));
      const judged = seen.filter((status) => status === 400).length;
      expect(judged).toBeGreaterThanOrEqual(20);
      // A Redis's clock goes on meanwhile: waits of 1, 2, 4 … seconds may be over, seven of them after two minutes.
      expect(judged).toBeLessThan(27);
      // The owner has never logged in from here.
      expect((await logIn(password, home, name)).statusCode).toBe(200);
    }
  });
});

describe("with counters that strangers have filled", () => {
  beforeEach(async () => {
    await start({ LOGIN_FAILURE_LIMIT: "10", LOGIN_FAILURE_LIMIT_PER_DAY: "10" });
  });
  const fill = async (name = "python01") => {
    const seen = await statuses(12, (i) => logIn("wrong-one", many(i), name));
    expect(seen.filter((status) => status === 400)).toHaveLength(10);
    expect(seen.slice(-2)).toEqual([429, 429]);
  };

  it("the owner gets in by a known device: by its cookie from anywhere, by its browser at home", async () => {
    const cookie = cookieIn((await logIn(password, home)).headers["set-cookie"]);
    for (const name of ["python01", "44@qq.com"]) {
      await fill(name);
      expect((await logIn(password, "198.51.100.77", name)).statusCode).toBe(429);
      expect((await logIn(password, "198.51.100.77", name, cookie)).statusCode).toBe(200);
      expect((await logIn(password, home, name)).statusCode).toBe(200);
      // What the owner does opens nothing for strangers.
      expect((await logIn("wrong-one", "203.0.113.251", name)).statusCode).toBe(429);
    }
  });

  it("the owner gets in by a new device as well, after one wait, whatever goes on meanwhile", async () => {
    await fill();
    const away = "198.51.100.77";
    const told = await logIn(password, away);
    expect([told.statusCode, told.json().message]).toEqual([429, "请求超过了限速。"]);
    const wait = Number(told.headers["retry-after"]);
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(64);
    test.clock.advance(wait - 1);
    // Forty networks more, and those that waited as well.
    const seen = await statuses(40, (i) => logIn("wrong-one", `203.0.114.${i}`));
    expect(new Set(seen)).toEqual(new Set([429]));
    test.clock.advance(1);
    await statuses(10, (i) => logIn("wrong-one", many(i + 10)));
    expect((await logIn(password, away)).statusCode).toBe(200);
  });

  it("a known device has the same limits, of its own", async () => {
    const cookie = cookieIn((await logIn(password, home)).headers["set-cookie"]);
    const other = cookieIn((await logIn(password, "198.51.100.2")).headers["set-cookie"]);
    const seen = await statuses(12, () => logIn("wrong-one", home, "python01", cookie));
    expect(seen).toEqual([...Array(10).fill(400), 429, 429]);
    // From other networks, too: it is the device that is counted.
    expect((await logIn(password, "198.51.100.9", "python01", cookie)).statusCode).toBe(429);
    expect((await logIn(password, home, "python01", other)).statusCode).toBe(200);
    expect((await logIn(password, "198.51.100.10")).statusCode).toBe(200);
  });

  it("a made-up cookie makes nobody known", async () => {
    await logIn(password, home);
    await fill();
    for (const cookie of ["meiduo_device=AAAAAAAAAAAAAAAAAAAAAA", "meiduo_device=x"])
      expect((await logIn(password, "203.0.113.252", "python01", cookie)).statusCode).toBe(429);
  });

  it("a proved reset ends them all, and makes the device that did it known", async () => {
    await fill();
    await fill("44@qq.com");
    const email_code = await test.codeFor("44@qq.com", "resetpwd");
    const next = { password: "another-9", password2: "another-9" };
    const reset = await test.anonymous({
      method: "POST",
      url: "/users/password/",
      payload: { email: "44@qq.com", email_code, ...next },
      headers: { "x-forwarded-for": home, "user-agent": "Firefox/127.0" },
    });
    expect(reset.statusCode, reset.body).toBe(200);
    expect((await logIn("another-9", "198.51.100.77")).statusCode).toBe(200);
    await fill("44@qq.com");
    expect((await logIn("another-9", home, "44@qq.com")).statusCode).toBe(200);
  });

  it("a name without an account answers as one with an account, try by try", async () => {
    await logIn(password, home);
    const both = [];
    for (const name of ["python01", "nobody01"])
      both.push(await statuses(14, (i) => logIn(i === 13 ? password : "wrong-one", many(i), name)));
    expect(both[1]).toEqual(both[0]);
    expect(both[0]!.filter((status) => status === 400)).toHaveLength(10);
  });
});

it("by LOGIN_FAILURE_WALL strangers have so many guesses a day at one name, however they spread them over hours", async () => {
  await start({
    ...{ LOGIN_FAILURE_LIMIT: "10", LOGIN_FAILURE_LIMIT_PER_DAY: "25", LOGIN_FAILURE_WALL: "true" },
  });
  let judged = 0;
  for (let hour = 0; hour < 5; hour++) {
    const seen = await statuses(15, (i) => logIn("wrong-one", many(hour * 15 + i)));
    judged += seen.filter((status) => status === 400).length;
    test.clock.advance(3600);
  }
  expect(judged).toBe(25);
  // What the full hours refused used nothing up: it is not the day that is full of refusals.
  test.clock.advance(20 * 3600);
  expect((await logIn("wrong-one", many(99))).statusCode).toBe(400);
});

it("right log-ins are bounded as well, for each account and each client network", async () => {
  await start({ LOGIN_ATTEMPT_LIMIT: "5", LOGIN_ATTEMPT_LIMIT_PER_CLIENT: "8" });
  const cookie = cookieIn((await logIn(password, home)).headers["set-cookie"]);
  expect(await statuses(6, () => logIn(password, home, "python01", cookie))).toEqual([
    ...[200, 200, 200, 200, 200, 429],
  ]);
  // One right, seven wrong; then only the device that got in goes on.
  const away = "198.51.100.9";
  expect((await logIn(password, away)).statusCode).toBe(200);
  expect(await statuses(8, (i) => logIn("wrong-one", away, `nobody${i}`))).toEqual([
    ...Array(7).fill(400),
    429,
  ]);
  expect((await logIn(password, away)).statusCode).toBe(200);
  expect((await logIn("wrong-one", "198.51.100.10", "nobody9")).statusCode).toBe(400);
});

it("an alarm tells once an hour of guesses that are spread too thinly for any other limit", async () => {
  await start({ LOGIN_FAILURE_ALARM: "6" });
  await statuses(10, (i) => logIn("wrong-one", many(i), `nobody${i}`));
  const alarms = () => warnings().filter(({ alarm }) => alarm === "failed_log_ins");
  expect(alarms()).toMatchObject([{ count: 6, windowSeconds: 3600 }]);
  test.clock.advance(3600);
  await statuses(10, (i) => logIn("wrong-one", many(i), `nobody${i}`));
  expect(alarms()).toHaveLength(2);
});

it("a stolen token's guesses keep the owner's device from nothing", async () => {
  await start({ LOGIN_FAILURE_LIMIT: "5", LOGIN_FAILURE_LIMIT_PER_DAY: "5" });
  const answer = await logIn(password, home);
  const cookie = cookieIn(answer.headers["set-cookie"]);
  const change = (client: string, current_password: string, headers: Record<string, string> = {}) =>
    test.as(answer.json().token)({
      method: "PUT",
      url: "/user/password/",
      payload: { current_password, password: "another-9", password2: "another-9" },
      headers: { "x-forwarded-for": client, "user-agent": "Firefox/127.0", ...headers },
    });
  for (let i = 0; i < 5; i++) expect((await change("203.0.113.66", `guess-${i}`)).statusCode).toBe(400);
  expect((await change("203.0.113.67", password)).statusCode).toBe(429);
  expect((await change("198.51.100.8", password, { cookie })).statusCode).toBe(200);
  expect(owner.id).toBe(answer.json().user_id);
});
