import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addPasskey } from "../support/passkeys.ts";
import { makePerson, password, type Standing } from "../support/people.ts";
import { appCode, switchOnSecondFactor } from "../support/second-factor.ts";
import { softwarePasskey } from "../support/software-passkey.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * What was begun while the account had no second factor, and is brought to an end after its owner switched one on: its proof was
 * none of that one's, so nothing comes of it.
 */
const day = 86_400;
const ended = "等待太久或已经用过，请再试一次。";
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { SECOND_FACTOR_REQUIRED_FOR: "staff" } });
});
afterAll(() => test.close());

let count = 0;
const person = (standing: Standing = {}) => {
  const username = `overtaken${++count}`;
  return makePerson(test, username, { email: `${username}@qq.com`, ...standing });
};
const post = (url: string, payload: object, token?: string) =>
  (token === undefined ? test.anonymous : test.as(token))({ method: "POST", url, payload });
const logIn = (username: string) => post("/users/authorizations/", { username, password });
const begin = (step: string) => post("/users/second-factor/enrolment/", { step });
const confirm = (step: string, code: string) =>
  post("/users/second-factor/enrolment/confirm/", { step, code });

describe("in a session", () => {
  it("adds no passkey past one that was switched on since", async () => {
    const { username, token } = await person();
    const { options } = (await post("/user/passkeys/options/", { current_password: password }, token)).json();
    await switchOnSecondFactor(test, username);
    const added = await post("/user/passkeys/", { passkey: softwarePasskey().register(options) }, token);
    expect([added.statusCode, added.json().message]).toEqual([400, ended]);
    expect((await test.as(token)({ url: "/user/passkeys/" })).json().passkeys).toEqual([]);
  });

  it("adds no app past a passkey that was made one since, and begins anew for who proved it", async () => {
    const { username, token: stolen } = await person();
    const { secret } = (await post("/user/second-factor/", {}, stolen)).json();
    test.clock.advance(1);
    const own = (await logIn(username)).json().token;
    const { device } = await addPasskey(test, own, { second_factor: true });
    const code = () => appCode(secret, test.clock.now());
    const confirmed = await post("/user/second-factor/confirm/", { code: code() }, stolen);
    expect([confirmed.statusCode, confirmed.json().message]).toEqual([400, "两步验证已经开启。"]);
    expect((await logIn(username)).json().methods).toEqual(["passkey", "recovery_code"]);
    expect((await post("/user/second-factor/", {}, stolen)).json().code).toBe("reauthentication_required");
    test.clock.advance(1);
    const again = (await post("/user/second-factor/", {}, own)).json().secret;
    const done = await post("/user/second-factor/confirm/", { code: appCode(again, test.clock.now()) }, own);
    expect([done.statusCode, done.json().recovery_codes], done.body).toEqual([200, []]);
    expect((await logIn(username)).json().methods).toEqual(["passkey", "totp", "recovery_code"]);
    expect(device.id).toBeTruthy();
    await test.runJobs();
    const told = test.mailbox.filter(
      ({ to, subject }) => to === `${username}@qq.com` && subject.includes("两步验证已开启"),
    );
    expect(told, "of the passkey, and of the app beside it").toHaveLength(2);
  });
});

describe("at the step of a log-in that is to set one up", () => {
  it("sets none up beside the owner's own, that came since", async () => {
    const { username, token } = await person({ is_staff: 1 });
    test.clock.advance(15 * day);
    // Whoever has the password, of whom the owner knows nothing.
    const thief = await logIn(username);
    const { secret } = (await begin(thief.json().step)).json();
    const held = (await logIn(username)).json().step;
    const own = (await begin(held)).json().secret;
    expect(own).not.toBe(secret);
    // As another of the owner's sessions, in which an embedding program leaves them, adds a passkey.
    const { id } = (await test.app.users.byLoginName(username))!;
    await begin(thief.json().step);
    await addSomePasskey(id);
    const { secret: last } = (await begin(thief.json().step)).json();
    const done = await confirm(thief.json().step, appCode(last, test.clock.now()));
    expect([done.statusCode, done.json().message]).toEqual([400, "两步验证已经开启。"]);
    expect((await logIn(username)).json()).toMatchObject({
      code: "second_factor_required",
      methods: ["passkey"],
    });
    expect(token).toBeTruthy();
  });

  it("shows no secret of an account whose second factor is on", async () => {
    const { username } = await person({ is_staff: 1 });
    await logIn(username);
    test.clock.advance(15 * day);
    const { step } = (await logIn(username)).json();
    await switchOnSecondFactor(test, username);
    expect((await begin(step)).json().message).toBe("两步验证已经开启。");
  });
});

async function addSomePasskey(userId: number): Promise<void> {
  const { kysely } = test.app.db;
  const now = test.clock.now();
  await kysely
    .insertInto("passkey_handles")
    .values({ user_id: userId, handle: `h${userId}` })
    .execute();
  await kysely
    .insertInto("passkeys")
    .values({
      ...{ id: `p${userId}`, user_id: userId, credential_id: `c${userId}`, public_key: "AA", counter: 0 },
      ...{ transports: "", device_type: "multiDevice", backed_up: 1, aaguid: "", name: "phone" },
      ...{ created_at: now, last_used_at: null },
    })
    .execute();
}
