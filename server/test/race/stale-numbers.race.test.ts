import { afterAll, beforeAll, expect, it } from "vitest";
import { cookieIn } from "../support/devices.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A newcomer with a number that was given out again, against the owner who comes back: one of them has it. */
const callers = 40;
const password = "12345678aA";
const secrets = { password, password2: password, allow: "true" };
let test: TestApp;
beforeAll(async () => {
  const env = { CODE_SIGN_IN: "sms", SIGN_UP_BY: "mobile", USERNAME: "optional" };
  test = await startTestApp({ env });
});
afterAll(() => test.close());

const code = (mobile: string, sendType: string) => {
  test.clock.advance(61);
  return test.smsCodeFor(mobile, undefined, sendType);
};

async function race(mobile: string) {
  const post = (url: string, payload: object, cookie = "") =>
    test.anonymous({ method: "POST", url, payload: { mobile, ...payload }, headers: { cookie } });
  const made = await post("/users/", { ...secrets, sms_code: await code(mobile, "register") });
  const owner = made.json().id as number;
  const cookie = cookieIn(made.headers["set-cookie"]);
  const long = test.clock.now() - 100 * 86_400_000;
  await test.app.db.kysely
    .updateTable("users")
    .set({ mobile_proved_at: long, last_login_at: long })
    .where("id", "=", owner)
    .execute();
  const [register, signIn] = [await code(mobile, "register"), await code(mobile, "signIn")];
  const answers = await Promise.all(
    Array.from({ length: callers }, (_, i) =>
      i % 2 === 0
        ? post("/users/", { ...secrets, sms_code: register, new_account: true })
        : post("/users/codes/sign-in/", { sms_code: signIn }, cookie),
    ),
  );
  expect(answers.filter(({ statusCode }) => statusCode >= 500).map(({ body }) => body)).toEqual([]);
  const newcomers = answers.filter(({ statusCode }) => statusCode === 201);
  const entered = answers.filter(({ statusCode, body }) => statusCode === 200 && body.includes("user_id"));
  const holders = await test.app.db.kysely
    .selectFrom("users")
    .select(["id", "proved_mobile"])
    .where("mobile", "=", mobile)
    .execute();
  const names = await test.app.db.kysely
    .selectFrom("login_names")
    .select("user_id")
    .where("name_key", "=", mobile)
    .execute();
  return { owner, newcomers, entered, holders, names };
}

it("one account has the number, and who was in by it before was its owner", async () => {
  for (const mobile of ["13600000001", "13600000002", "13600000003"]) {
    const { owner, newcomers, entered, holders, names } = await race(mobile);
    expect(holders).toMatchObject([{ proved_mobile: mobile }]);
    expect(names).toEqual([{ user_id: holders[0]!.id }]);
    expect(newcomers.length + entered.length).toBeGreaterThanOrEqual(1);
    expect(newcomers.length).toBeLessThanOrEqual(1);
    expect(entered.length).toBeLessThanOrEqual(1);
    // A proof by its owner keeps it: nobody takes a number that was proved a moment ago.
    const isOwners = holders[0]!.id === owner;
    expect(isOwners).toBe(newcomers.length === 0);
    for (const answer of entered) if (isOwners) expect(answer.json().user_id).toBe(owner);
  }
});
