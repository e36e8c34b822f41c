import { afterEach, beforeEach, expect, it } from "vitest";
import { join, joiningUrl, offerOf, preview } from "../support/joining.ts";
import { type Leaver, makeLeaver } from "../support/number-leave.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * What the account that goes has to show: whoever has the victim's password alone gets neither its number nor its third parties by
 * joining it into their own, as they don't by taking the number away.
 */
const day = 86_400;
let test: TestApp;
let thief: Person;
let victim: Leaver;
beforeEach(async () => {
  test = await startTestApp();
  victim = await makeLeaver(test, "victim01");
  thief = await makePerson(test, "thief001");
});
afterEach(() => test.close());

const askTicket = async (sent: object, headers: Record<string, string> = {}) =>
  test.as(victim.token)({
    ...{ method: "POST", url: `${joiningUrl}ticket/`, headers },
    payload: { offer: await offerOf(test, thief), ...sent },
  });
const codeTo = (mobile: string) => {
  test.clock.advance(61);
  return test.smsCodeFor(mobile, victim.token);
};
const shown = async (code: string) => {
  const payload = { code, action: "joining" };
  const answer = await test.as(victim.token)({ method: "POST", url: "/user/reauthentication/", payload });
  return { "x-meiduo-proof": answer.json().proof as string };
};
const isThere = async () => (await test.app.users.byId(victim.id)) !== null;

it("the password lets no account with a proved number go; a code to that number does, once", async () => {
  const refused = await askTicket({ current_password: password });
  expect([refused.statusCode, refused.json().code]).toEqual([403, "old_number_required"]);
  const wrong = await askTicket({ current_password: password, old_sms_code: "000000" });
  expect(wrong.statusCode).toBe(400);
  const old_sms_code = await codeTo(victim.mobile);
  const guessed = await askTicket({ current_password: "guessed1A", old_sms_code });
  expect(guessed.statusCode).toBe(400);
  const agreed = await askTicket({ current_password: password, old_sms_code });
  expect(agreed.statusCode, agreed.body).toBe(201);
  expect((await askTicket({ current_password: password, old_sms_code })).statusCode, "used up").toBe(400);
  const { ticket } = agreed.json();
  const { digest } = (await preview(test, thief, ticket)).json();
  expect((await join(test, thief, { ticket, digest })).statusCode).toBe(200);
  expect(await isThere()).toBe(false);
});

it("beside a second factor both are shown; one that is older than a week stands for the number, too", async () => {
  const { next } = await switchOnSecondFactor(test, victim.username);
  const fresh = await askTicket({ current_password: password }, await shown(next()));
  expect([fresh.statusCode, fresh.json().code]).toEqual([403, "old_number_required"]);
  await test.app.db.kysely
    .updateTable("users")
    .set({ second_factor_at: test.clock.now() - 8 * day * 1000 })
    .where("id", "=", victim.id)
    .execute();
  test.clock.advance(61);
  const alone = await askTicket({}, await shown(next()));
  expect([alone.statusCode, Object.keys(alone.json())]).toEqual([400, ["current_password", "message"]]);
  const half = await askTicket({ current_password: password });
  expect([half.statusCode, half.json().code]).toEqual([403, "reauthentication_required"]);
  test.clock.advance(61);
  const both = await askTicket({ current_password: password }, await shown(next()));
  expect(both.statusCode, both.body).toBe(201);
});

it("a ticket from before a number was proved or a second factor was there serves for neither", async () => {
  const { kysely } = test.app.db;
  const proved = { mobile_proved_at: null, proved_mobile: null };
  await kysely.updateTable("users").set(proved).where("id", "=", victim.id).execute();
  const { ticket } = (await askTicket({ current_password: password })).json();
  await kysely
    .updateTable("users")
    .set({ mobile_proved_at: test.clock.now(), proved_mobile: victim.mobile })
    .where("id", "=", victim.id)
    .execute();
  const { digest } = (await preview(test, thief, ticket)).json();
  const answer = await join(test, thief, { ticket, digest });
  expect([answer.statusCode, answer.json().code ?? answer.json().message]).toEqual([
    400,
    expect.stringContaining("已过期、已用过"),
  ]);
  expect(await isThere()).toBe(true);
});
