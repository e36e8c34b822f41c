import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKnownDevices } from "../../src/devices/known-devices.ts";
import { createRememberedDevices } from "../../src/devices/remembered-devices.ts";
import { claimsOf } from "../support/forged-token.ts";
import { appCode, switchOnSecondFactor } from "../support/second-factor.ts";
import { softwarePasskey } from "../support/software-passkey.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";
import {
  type FactorState,
  factorStates,
  type Outcome,
  waysIn,
  waysOnOtherWires,
} from "../support/ways-in.ts";

/**
 * Every way in, in every state of the account's second factor. A way in that is not in the table fails ways-in.test.ts; one
 * that is has to say what becomes of it in each state, or nothing compiles.
 */
const AUTHENTICATORS = "jwt,basic";
/** For accounts that are there: those in the group must have one. */
let all: ThirdPartyTest;
/** The same, where MFA_TRUST_PROVIDERS believes an issuer. */
let trusting: ThirdPartyTest;
/** For accounts that the way itself makes: everybody must. */
let strict: ThirdPartyTest;
/** Of them the one that the case at hand is about. */
let site: ThirdPartyTest;
beforeAll(async () => {
  const SECOND_FACTOR_GRACE_DAYS = "0";
  const env = { AUTHENTICATORS, SECOND_FACTOR_GRACE_DAYS, SECOND_FACTOR_REQUIRED_FOR: "group:bound" };
  all = await startThirdPartyTest({ env });
  trusting = await startThirdPartyTest({ env: { ...env, MFA_TRUST_PROVIDERS: "oidc:amr=mfa" } });
  strict = await startThirdPartyTest({
    env: { AUTHENTICATORS, SECOND_FACTOR_GRACE_DAYS, SECOND_FACTOR_REQUIRED_FOR: "everybody" },
  });
});
afterAll(async () => {
  await all.close();
  await trusting.close();
  await strict.close();
});

type Browser = Readonly<Record<string, string>>;
const post = (url: string, payload: object, headers: Browser = {}) =>
  site.test.anonymous({ method: "POST", url, payload, headers });

/** What its log-ins bring along, and what they show at a step: the factor's name, and how it is proved. */
interface Entered {
  readonly headers: Browser;
  readonly factor?: "totp" | "passkey";
  readonly prove?: (step: string) => Promise<object>;
}

/** Puts the account into the state. */
async function enter(username: string, state: FactorState): Promise<Entered> {
  const { app, clock, config } = site.test;
  const account = async () => (await app.users.byLoginName(username))!;
  if (state === "none") return { headers: {} };
  if (state === "enrolment") {
    const name = "bound";
    const { id } = await account();
    await app.db.transaction(async (transaction) => {
      const group =
        (await app.groups.byName(name)) ?? (await app.groups.add(transaction, { name, permissions: [] }));
      await app.groups.setOfUser(transaction, id, [group.id]);
    });
    return { headers: {} };
  }
  const shared = { db: app.db, clock, isHttps: false };
  const devices = createKnownDevices({ ...shared, secretKeys: [config.secretKey!] });
  if (state === "passkey") {
    // As a browser of inject's, which sends no user agent of its own.
    const asker = await devices.askerOf({ ip: "127.0.0.1", headers: { "user-agent": "lightMyRequest" } });
    const device = softwarePasskey();
    const owner = await account();
    const shown = device.register({ ...(await app.passkeys.beginAdding(owner, asker, "zh")) });
    await app.passkeys.add(owner, { shown, name: "", asSecondFactor: true }, asker, "zh");
    const prove = async (step: string) => {
      const begun = await post("/users/second-factor/passkey/", { step });
      return { passkey: device.show(begun.json().options) };
    };
    return { headers: {}, factor: "passkey", prove };
  }
  const { next } = await switchOnSecondFactor(site.test, username);
  const prove = async () => ({ code: next() });
  if (state !== "remembered") return { headers: {}, factor: "totp", prove };
  const remembered = createRememberedDevices({ ...shared, rememberDeviceDays: 30 });
  const asker = await devices.askerOf({ ip: "127.0.0.1", headers: {} });
  const cookie = (await remembered.remember(await account(), asker))!.split(";")[0]!;
  return { headers: { cookie } };
}

const tokenIn = (answer: LightMyRequestResponse) => String(answer.json().token ?? answer.json().access);

const factorOf = async (token: string) => {
  const row = await site.test.app.db.kysely
    .selectFrom("sessions")
    .select("factor")
    .where("id", "=", String(claimsOf(token).sid))
    .executeTakeFirstOrThrow();
  return row.factor;
};

/** What a session says of the second factor, where the way is in at once. */
const given: Readonly<Record<FactorState, string | null>> = {
  ...{ none: null, totp: null, passkey: null, enrolment: null },
  ...{ remembered: "remembered_device", trusted: "provider" },
};

async function expectIn(answer: LightMyRequestResponse, opensNoSession: boolean, factor: string | null) {
  expect([200, 201], answer.body).toContain(answer.statusCode);
  if (!opensNoSession) expect(await factorOf(tokenIn(answer))).toBe(factor);
}

async function expectStep(answer: LightMyRequestResponse, { factor, prove }: Entered) {
  expect(answer.json().code, answer.body).toBe("second_factor_required");
  expect([401, 403]).toContain(answer.statusCode);
  const { step } = answer.json();
  expect((await post("/users/second-factor/enrolment/", { step })).statusCode, "no way around it").toBe(400);
  const done = await post("/users/second-factor/", { step, ...(await prove!(step)) });
  expect(done.statusCode, done.body).toBe(200);
  expect(await factorOf(tokenIn(done))).toBe(factor);
}

async function expectEnrolment(answer: LightMyRequestResponse, by: "totp" | "passkey" = "totp") {
  expect(answer.json().code, answer.body).toBe("second_factor_enrolment_required");
  expect([401, 403]).toContain(answer.statusCode);
  const { step } = answer.json();
  expect((await post("/users/second-factor/", { step, code: "000000" })).statusCode, "no way around it").toBe(
    400,
  );
  const url = `/users/second-factor/enrolment/${by === "passkey" ? "passkey/" : ""}`;
  const begun = (await post(url, { step })).json();
  const shown =
    by === "passkey"
      ? { passkey: softwarePasskey().register(begun.options) }
      : { code: appCode(begun.secret, site.test.clock.now()) };
  const done = await post(`${url}confirm/`, { step, ...shown });
  expect(done.json().recovery_codes, done.body).toHaveLength(10);
  expect(await factorOf(tokenIn(done))).toBe(by);
}

let count = 0;
const people = ["penguin", "long", "emoji", "rtl", "namesake", "xiaomei"] as const;

describe.each([...waysIn(() => site), ...waysOnOtherWires(() => site)])(
  "a log-in by $title",
  ({ how, states, opensNoSession = false, prepare }) => {
    const cases = factorStates.map((state, at) => [state, states[state], people[at]!] as const);
    const possible = cases.filter(
      ([state, outcome]) => outcome !== "is new" && !(isOfNew(states) && state === "enrolment"),
    );
    test.each(possible)("%s: %s", async (state, outcome: Outcome, who) => {
      site = state === "trusted" ? trusting : all;
      const username = `matrix${++count}`;
      const last = await prepare(username, { who });
      // Later than the sign-up, whose code would be in the app's same half minute.
      site.test.clock.advance(60);
      // Who makes the account can be in no state before.
      const entered = isOfNew(states) ? { headers: {} } : await enter(username, state);
      const answer = await last(entered.headers);
      expect(answer.body.includes('"token"') || answer.body.includes('"access"')).toBe(
        outcome === "in" && !opensNoSession,
      );
      if (outcome === "in") {
        return expectIn(answer, opensNoSession, how === "passkey" ? "passkey" : given[state]);
      }
      if (outcome === "step") return expectStep(answer, entered);
      if (outcome === "enrols") return expectEnrolment(answer);
      expect([answer.statusCode, answer.json().code]).toEqual([401, "second_factor_required"]);
    });
  },
);

const isOfNew = (states: Readonly<Record<FactorState, Outcome>>) => states.totp === "is new";

describe.each(waysIn(() => site).filter(({ states }) => states.enrolment === "enrols" && !isOfNew(states)))(
  "a log-in by $title where one must be set up",
  ({ prepare }) => {
    test("enrolment: enrols with a passkey", async () => {
      site = all;
      const username = `matrix${++count}`;
      const last = await prepare(username, { who: "xiaomei" });
      site.test.clock.advance(60);
      const { headers } = await enter(username, "enrolment");
      await expectEnrolment(await last(headers), "passkey");
    });
  },
);

describe.each(waysIn(() => site).filter(({ states }) => isOfNew(states)))(
  "an account made by $title where everybody must have one",
  ({ prepare }) => {
    test("enrolment: enrols", async () => {
      site = strict;
      const last = await prepare(`matrix${++count}`, { who: "emoji" });
      await expectEnrolment(await last());
    });
  },
);
