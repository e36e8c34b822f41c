import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Classic, classicEnv, classicOf, password } from "../support/classic.ts";
import { type ClassicPerson, type ClassicRow, classicRows } from "../support/classic-rows.ts";
import { forge } from "../support/forged-token.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/**
 * What the classic routes ask of whoever has a token: step-up-matrix.test.ts for those of CONTRACT=classic. Which routes
 * there are, classic-matrix.test.ts compares.
 */
let third: ThirdPartyTest;
let site: Classic;
beforeAll(async () => {
  const env = { ...classicEnv, AUTHENTICATORS: "jwt,basic", FOREIGN_TOKEN_SECOND_FACTOR: "true" };
  third = await startThirdPartyTest({ env });
  site = classicOf(third.test);
});
afterAll(() => third.close());

const rows = classicRows(() => site);
const ofPeople = ({ expected }: ClassicRow) => expected.anonymous === 401;
const writes = ({ route }: ClassicRow) => !route.startsWith("GET ");
const asking = rows.flatMap((row) => ("asks" in row.stepUp ? [{ ...row, action: row.stepUp.asks }] : []));
type Asking = (typeof asking)[number];

const jwt = (token: string) => ({ authorization: `JWT ${token}` });
const basic = (name: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
});
const stale = () => third.test.clock.advance(901);

/** `with` or `without` the present password where the row has one; the rest of the body as it is. */
async function ask(
  row: Asking,
  owner: ClassicPerson,
  headers: Record<string, string>,
  shown: "with" | "without" = "with",
) {
  const [method, url] = row.route.split(" ") as ["PUT", string];
  const request: InjectOptions = { method, url, ...(await row.call(owner, owner)), headers };
  if (shown === "without") {
    const { old_password: _, ...rest } = request.payload as Record<string, unknown>;
    request.payload = rest;
  }
  const answer = await third.test.anonymous(request);
  const body = answer.json();
  const isAsked = body.code === "reauthentication_required";
  if (isAsked) expect([answer.statusCode, body.action]).toEqual([403, row.action]);
  return { status: answer.statusCode, isAsked, methods: (body.methods ?? []) as string[], body };
}

it("asks for a proof wherever a call changes something by a token alone, or says why it does not", () => {
  const silent = rows.filter(writes).filter(({ stepUp }) => "reads" in stepUp);
  expect(silent.map(({ route }) => route)).toEqual([]);
  // Nobody who is not logged in can be asked: such a call has to bring its proof.
  const open = rows.filter((row) => writes(row) && !ofPeople(row) && !("proves" in row.stepUp));
  expect(open.map(({ route }) => route)).toEqual([]);
  expect(asking.map(({ route }) => route).toSorted()).toEqual([
    "PUT /email/",
    "PUT /emails/",
    "PUT /users/:id/password/",
    "PUT /users/:id/resetpassword/",
  ]);
});

const others = rows.filter((row) => ofPeople(row) && !("asks" in row.stepUp));
it.each(others.map((row) => [row.route, row] as const))(
  "%s asks nobody, however old the log-in",
  async (_, row) => {
    const owner = await site.person();
    await switchOnSecondFactor(third.test, owner.username);
    stale();
    const [method, url] = row.route.split(" ") as ["PUT", string];
    const answer = await third.test.as(owner.token)({ method, url, ...(await row.call(owner, owner)) });
    expect(answer.statusCode, answer.body).toBe(row.expected.person);
  },
);

describe.each(asking.map((row) => [row.route, row] as const))("%s", (_, row) => {
  const takesPassword = row.action === "password";

  it("lets a fresh log-in pass, and asks for the present password where one belongs", async () => {
    const owner = await site.person();
    if (takesPassword) {
      const without = await ask(row, owner, jwt(owner.token), "without");
      expect([without.status, Object.keys(without.body)]).toEqual([
        400,
        ["old_password", "non_field_errors", "message"],
      ]);
    }
    expect((await ask(row, owner, jwt(owner.token))).status).toBe(200);
  });

  it("asks one that is not recent, unless the present password comes with it", async () => {
    const owner = await site.person();
    stale();
    const answer = await ask(row, owner, jwt(owner.token));
    if (takesPassword) expect(answer.status).toBe(200);
    else expect(answer).toMatchObject({ isAsked: true, status: 403 });
  });

  it("asks an account with a second factor for it, whatever else it shows", async () => {
    const owner = await site.person();
    const { next } = await switchOnSecondFactor(third.test, owner.username);
    const asked = await ask(row, owner, jwt(owner.token));
    expect(asked).toMatchObject({ isAsked: true, methods: ["totp", "recovery_code", "log_in"] });
    const payload = { code: next() };
    const proved = await site.send("POST", "/user/reauthentication/", payload, owner.token);
    expect(proved.statusCode, proved.body).toBe(200);
    stale();
    expect((await ask(row, owner, jwt(owner.token))).isAsked).toBe(true);
    const again = { code: next() };
    expect((await site.send("POST", "/user/reauthentication/", again, owner.token)).statusCode).toBe(200);
    expect((await ask(row, owner, jwt(owner.token))).status).toBe(200);
  });

  it("never lets another service's token or HTTP Basic pass by itself", async () => {
    const owner = await site.person();
    const exp = Math.floor(third.test.clock.now() / 1000) + 3600;
    const foreign = jwt(forge({ user_id: owner.id, username: owner.username, exp, email: "" }));
    for (const headers of [foreign, basic(owner.username)]) {
      const answer = await ask(row, owner, headers, "without");
      if (takesPassword)
        expect([answer.status, answer.body.old_password]).toEqual([400, [expect.any(String)]]);
      else expect(answer).toMatchObject({ isAsked: true, methods: ["log_in"] });
    }
    await switchOnSecondFactor(third.test, owner.username);
    expect(await ask(row, owner, foreign)).toMatchObject({ isAsked: true });
  });

  // With OAUTH_STATE=path nothing ties a proof at a third party to who asked for it, so none is offered.
  it("asks somebody who only has QQ to log in there again, once that is a while ago", async () => {
    const one = await onlyQq();
    expect((await ask(row, one, jwt(one.token), "without")).status).toBe(200);
    await one.leave();
    const other = await onlyQq();
    stale();
    // Without a password of the account's, nothing that is typed as one counts.
    const asked = await ask(row, other, jwt(other.token));
    expect(asked).toMatchObject({ isAsked: true, methods: ["log_in"] });
    await other.leave();
  });
});

let count = 0;
async function onlyQq() {
  const username = `onlyqq${++count}`;
  const { token, user_id: id } = (await third.createBound("qq", "penguin", username)) as {
    token: string;
    user_id: number;
  };
  const { kysely } = third.test.app.db;
  return {
    ...{ id, username, token, mobile: "" },
    leave: () => kysely.deleteFrom("users").where("id", "=", id).execute(),
  };
}
