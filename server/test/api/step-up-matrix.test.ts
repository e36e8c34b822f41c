import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consoleChanges } from "../support/console-rows.ts";
import { claimsOf, forge } from "../support/forged-token.ts";
import { operatorChanges } from "../support/operator-routes.ts";
import { makePerson, password } from "../support/people.ts";
import { routesOf } from "../support/routes.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";
import { exempt, provesItself, reading } from "../support/unasked-routes.ts";

/**
 * Every route of the API: what asks its caller to prove themselves again, by everybody who may have to (`guarded`); what takes the
 * proof in the very call (`provesItself`); what never asks (`exempt`), and what only reads (`reading`). One that is in no table fails
 * the test, so that nobody adds a way to change an account without saying which it is.
 */
interface Guarded {
  readonly route: string;
  /** What is asked for, where the refusal is step-up's. */
  readonly action: string;
  /** Asked of staff. */
  readonly staff?: true;
  /** Asked for in this call, however recent the log-in: a fresh one is not enough where there is no password. */
  readonly inThisCall?: true;
  /** The present password in the call counts, also with a token of another service. */
  readonly takesPassword?: true;
  /** With a second factor both, in this very call: a proof of a moment ago is none. */
  readonly everyFactor?: boolean;
  readonly call?: (who: { readonly username: string }) => Partial<InjectOptions>;
}

const fresh = "three quiet lanterns";
const guarded: readonly Guarded[] = [
  {
    ...{ route: "PUT /user/password/", action: "password", inThisCall: true, takesPassword: true },
    call: () => ({ payload: { password: fresh, password2: fresh } }),
  },
  {
    ...{ route: "PUT /user/email/", action: "email", inThisCall: true, takesPassword: true },
    call: ({ username }) => ({ payload: { email: `${username}@new.example`, email_code: "AAAAAA" } }),
  },
  {
    ...{ route: "PATCH /user/", action: "mobile", inThisCall: true, takesPassword: true },
    call: () => ({ payload: { mobile: `138${String(++mobiles).padStart(8, "0")}` } }),
  },
  {
    ...{ route: "PUT /user/mobile/", action: "mobile", inThisCall: true, takesPassword: true },
    call: () => ({ payload: { mobile: `139${String(++mobiles).padStart(8, "0")}`, sms_code: "000000" } }),
  },
  {
    ...{ route: "PUT /user/username/", action: "username", takesPassword: true },
    call: ({ username }) => ({ payload: { username: `${username}x` } }),
  },
  {
    route: "POST /user/second-factor/",
    action: "second_factor",
    takesPassword: true,
    call: () => ({ payload: {} }),
  },
  {
    ...{ route: "POST /user/passkeys/options/", action: "passkeys", inThisCall: true, takesPassword: true },
    call: () => ({ payload: {} }),
  },
  {
    ...{ route: "POST /user/passkeys/:passkey/remove/", action: "passkeys", takesPassword: true },
    call: () => ({ url: "/user/passkeys/nobodys/remove/", payload: {} }),
  },
  {
    ...{ route: "POST /user/bindings/:provider/", action: "bindings" },
    call: () => ({ url: "/user/bindings/qq/", payload: {} }),
  },
  {
    ...{ route: "DELETE /user/bindings/:provider/", action: "bindings" },
    call: () => ({ url: "/user/bindings/qq/" }),
  },
  { route: "POST /user/export/", action: "export" },
  {
    ...{ route: "POST /user/deletion/", action: "deletion", inThisCall: true, takesPassword: true },
    call: () => ({ payload: {} }),
  },
  { route: "POST /user/joining/offer/", action: "joining" },
  ...["ticket/", ""].map((end) => ({
    ...({ route: `POST /user/joining/${end}`, action: "joining" } as const),
    // The account that goes is erased at once.
    ...({ inThisCall: true, takesPassword: true, everyFactor: end === "ticket/" } as const),
    call: () => ({ payload: { ticket: "nobodys", digest: "none", offer: "nobodys" } }),
  })),
  { route: "DELETE /user/sessions/", action: "sessions" },
  {
    ...{ route: "DELETE /user/sessions/:session/", action: "sessions" },
    call: () => ({ url: "/user/sessions/nobodys/" }),
  },
  ...[
    "POST /admin/users/",
    "POST /admin/users/export/",
    "POST /admin/jobs/:job/retry/",
    "POST /admin/jobs/:job/discard/",
    "PATCH /admin/users/:id/",
    "DELETE /admin/users/:id/",
    "PUT /admin/users/:id/groups/",
    "PUT /admin/users/:id/permissions/",
    ...consoleChanges,
    ...operatorChanges,
    "POST /admin/users/:id/end-tokens/",
    "POST /admin/users/:id/second-factor/reset/",
    "POST /admin/users/:id/password-reset/",
    "DELETE /admin/users/:id/sessions/:session/",
    "POST /admin/invitations/",
    "DELETE /admin/invitations/:id/",
    "POST /admin/groups/",
    "PATCH /admin/groups/:id/",
    "DELETE /admin/groups/:id/",
    "POST /admin/permissions/",
  ].map((route) => ({
    ...{ route, action: "administration", staff: true as const },
    // Of nothing that is there: who passes is answered 400 or 404.
    call: () => ({ url: route.split(" ")[1]!.replaceAll(/:\w+/g, "999999"), payload: {} }),
  })),
];

let third: ThirdPartyTest;
let mobiles = 0;
let count = 0;
beforeAll(async () => {
  third = await startThirdPartyTest({
    env: { AUTHENTICATORS: "jwt,basic", FOREIGN_TOKEN_SECOND_FACTOR: "true" },
  });
});
afterAll(() => third.close());

const somebody = ({ staff }: Guarded) =>
  makePerson(third.test, `matrix${++count}`, staff ? { is_superuser: 1 } : {});
const stale = () => third.test.clock.advance(901);

interface Answer {
  readonly status: number;
  /** Whether step-up refused it. */
  readonly isAsked: boolean;
  readonly methods: readonly string[];
}

async function ask(
  row: Guarded,
  username: string,
  headers: Record<string, string>,
  more: object = {},
): Promise<Answer> {
  const [method, path] = row.route.split(" ") as ["POST", string];
  const request: InjectOptions = { method, url: path, ...row.call?.({ username }), headers };
  if (Object.keys(more).length > 0) request.payload = { ...(request.payload as object), ...more };
  const answer = await third.test.anonymous(request);
  const body = answer.body === "" ? {} : answer.json();
  const isAsked = body.code === "reauthentication_required";
  if (isAsked) expect(body.action).toBe(row.action);
  return { status: answer.statusCode, isAsked, methods: body.methods ?? [] };
}
const jwt = (token: string) => ({ authorization: `JWT ${token}` });
/** What a call says that has no password of the account's in it, where one belongs. */
const needsPassword = ({ route }: Guarded) =>
  /^(?:(?:PUT|PATCH) \/user\/|POST \/user\/deletion\/)/.test(route);

describe.each(guarded.map((row) => [row.route, row] as const))("%s", (_, row) => {
  it("lets a fresh log-in pass, or asks for the present password in the call", async () => {
    const { token, username } = await somebody(row);
    const answer = await ask(row, username, jwt(token));
    expect(answer.isAsked).toBe(row.inThisCall === true && !needsPassword(row));
    if (needsPassword(row)) expect(answer.status).toBe(400);
  });

  it("asks one that is not recent, unless the present password comes with it", async () => {
    const { token, username } = await somebody(row);
    stale();
    if (needsPassword(row)) expect((await ask(row, username, jwt(token))).status).toBe(400);
    else expect(await ask(row, username, jwt(token))).toMatchObject({ isAsked: true, status: 403 });
    if (!row.takesPassword) return;
    expect((await ask(row, username, jwt(token), { current_password: password })).isAsked).toBe(false);
  });

  it("asks an account with a second factor for it, whatever else it shows", async () => {
    const { token, username } = await somebody(row);
    const { next } = await switchOnSecondFactor(third.test, username);
    const shown = row.everyFactor ? { current_password: password } : {};
    expect(await ask(row, username, jwt(token), shown)).toMatchObject({
      isAsked: true,
      methods: ["totp", "recovery_code", "log_in"],
    });
    expect((await ask(row, username, jwt(token), { current_password: password })).isAsked).toBe(true);
    if (row.everyFactor) expect((await ask(row, username, jwt(token))).status).toBe(400);
    const proved = await third.test.as(token)({
      ...{ method: "POST", url: "/user/reauthentication/" },
      payload: { code: next() },
    });
    expect(proved.statusCode, proved.body).toBe(200);
    expect((await ask(row, username, jwt(token), shown)).isAsked).toBe(row.everyFactor === true);
    stale();
    expect((await ask(row, username, jwt(token), shown)).isAsked).toBe(true);
  });

  it("never lets another service's token or HTTP Basic pass", async () => {
    const { id, username } = await somebody(row);
    const exp = Math.floor(third.test.clock.now() / 1000) + 3600;
    const foreign = jwt(forge({ user_id: id, username, exp, email: "" }));
    const basic = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
    for (const headers of [foreign, basic]) {
      const answer = await ask(row, username, headers);
      if (needsPassword(row)) expect(answer.status).toBe(400);
      else expect(answer).toMatchObject({ isAsked: true, status: 403, methods: ["log_in"] });
    }
    await switchOnSecondFactor(third.test, username);
    const more = row.takesPassword ? { current_password: password } : {};
    expect(await ask(row, username, foreign, more)).toMatchObject({ isAsked: true });
  });

  if (row.staff) return;
  it("asks somebody who only has QQ to prove it there", async () => {
    const one = await onlyQq();
    expect((await ask(row, one.username, jwt(one.token))).isAsked).toBe(row.inThisCall === true);
    await one.leave();
    const other = await onlyQq();
    stale();
    // Without a password of the account's, nothing that is typed as one counts.
    const typed = row.takesPassword ? { current_password: password } : {};
    const asked = await ask(row, other.username, jwt(other.token), typed);
    expect(asked).toMatchObject({ isAsked: true, methods: ["provider", "log_in"] });
    await other.leave();
  });
});

async function onlyQq() {
  const username = `onlyqq${++count}`;
  const { token, user_id: id } = (await third.createBound("qq", "penguin", username)) as {
    token: string;
    user_id: number;
  };
  const { kysely } = third.test.app.db;
  return {
    ...{ username, token },
    leave: () => kysely.deleteFrom("users").where("id", "=", id).execute(),
  };
}

it("has every route, guarded, with its own proof, exempt for a reason, or reading", async () => {
  const rows = [...guarded, ...provesItself, ...exempt].map(({ route }) => route);
  const known = [...rows, ...reading].map((route) => route.replace(/(.)\/$/, "$1"));
  expect(new Set(known).size, "rows twice").toBe(known.length);
  const unknown = new Set(known);
  const missing: string[] = [];
  for (const [method, path] of routesOf(third.test.app.api.printRoutes({ commonPrefix: false }))) {
    if (method === "HEAD" || method === "OPTIONS" || path.startsWith("/docs")) continue;
    if (unknown.delete(`${method} ${path}`)) continue;
    const answer = await third.test.anonymous({
      method: method as "POST",
      url: path.replaceAll(/:\w+/g, "1"),
    });
    if (answer.statusCode !== 405) missing.push(`${method} ${path}`);
  }
  expect(missing, "say in these tables how it is guarded, or why it need not be").toEqual([]);
  // Of the mail service, which this site has none of.
  unknown.delete("POST /mails/events");
  expect([...unknown], "rows without a route").toEqual([]);
});

it("is given nothing by what proves itself, where the proof is missing or made up", async () => {
  const { token } = await makePerson(third.test, `matrix${++count}`);
  for (const { route } of provesItself) {
    const [method, path] = route.split(" ") as ["POST", string];
    const made = { step: "x".repeat(32), token: "nobodys", refresh: "nobodys", code: "000000", ticket: "x" };
    for (const payload of method === "POST" ? [{}, made] : [undefined]) {
      const url = path.replace(":provider", "qq");
      const answer = await third.test.as(token)({ method, url, ...(payload && { payload }) });
      expect(answer.statusCode, `${route} ${JSON.stringify(payload)}`).toBeGreaterThanOrEqual(400);
      expect(answer.statusCode, route).toBeLessThan(500);
    }
  }
});

it("asks no service: it has its scopes, and nobody to prove anything", async () => {
  const operator = { id: null, name: "test", requestId: null };
  const input = { name: "crm", scopes: ["users.add_user"], networks: [], lifeSeconds: null };
  const { secret } = await third.test.app.services.add(operator, input);
  const answer = await third.test.anonymous({
    ...{ method: "POST", url: "/admin/users/", headers: { authorization: `Bearer ${secret}` } },
    payload: { username: "byservice", email: "byservice@example.com" },
  });
  expect(answer.statusCode, answer.body).toBe(201);
});

it("ends one's own present session without a question", async () => {
  const { token } = await makePerson(third.test, `matrix${++count}`);
  stale();
  const answer = await third.test.as(token)({
    method: "DELETE",
    url: `/user/sessions/${String(claimsOf(token).sid)}/`,
  });
  expect(answer.statusCode).toBe(204);
});
