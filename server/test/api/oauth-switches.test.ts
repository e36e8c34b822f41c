import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { switchNames } from "../support/imitations.ts";
import { formsOf } from "../support/sent-forms.ts";
import { type Callback, startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";
import { type Name, names, type Outcome, rows, titles } from "./switch-outcomes.ts";

/**
 * Every switch of the sandbox at every provider that has it: what the API answers to the byte, what the log says,
 * and what came of it in the database. A switch without a row fails.
 */
const clientSecret = "the-secret-of-every-client";
/** The one under test: it waits as long as a busy machine needs, except for who never answers. */
let third: ThirdPartyTest;
let [patient, hasty]: ThirdPartyTest[] = [];
const lines: string[] = [];
beforeAll(async () => {
  const options = { clientSecret, logTo: { write: (line: string) => void lines.push(line) } };
  patient = await startThirdPartyTest({ ...options, env: { OAUTH_TIMEOUT_MS: "20000" } });
  hasty = await startThirdPartyTest({ ...options, env: { OAUTH_TIMEOUT_MS: "1000" } });
});
beforeEach(() => {
  lines.length = 0;
});
afterAll(async () => {
  await patient!.close();
  await hasty!.close();
});

/** Everything a log-in could have left behind. */
async function records(): Promise<{ users: number; bindings: number }> {
  const count = async (table: "users" | "bindings") => {
    const { kysely } = third.test.app.db;
    const row = await kysely
      .selectFrom(table)
      .select(({ fn }) => fn.countAll().as("rows"))
      .executeTakeFirstOrThrow();
    return Number(row.rows);
  };
  return { users: await count("users"), bindings: await count("bindings") };
}

function addAccount(provider: string, bind_token: unknown, username: string) {
  return third.test.anonymous({
    method: "POST",
    url: `/oauth/${provider}/account/`,
    payload: { bind_token, username },
  });
}

async function unbind(userId: number): Promise<void> {
  await third.test.app.db.kysely.deleteFrom("bindings").where("user_id", "=", userId).execute();
}

/** The causes the log names, and that neither code, state nor secret is in it. */
function causesLogged({ code, state }: Partial<Callback>): string[] {
  const log = lines.join("");
  for (const secret of [code, state, clientSecret]) if (secret) expect(log).not.toContain(secret);
  return lines
    .map((line) => JSON.parse(line) as { errorCode?: string; err?: { type: string; message: string } })
    .filter(({ errorCode }) => errorCode === "provider_trouble")
    .map(({ err }) => `${err?.type}|${err?.message}`);
}

const email = (provider: Name) =>
  ["github", "oidc", "apple"].includes(provider) ? "xiaomei@example.com" : null;
/** Told once, before anybody is bound, and without a picture: apple-callback.test.ts. */
const tellsLittle = (provider: Name) => provider === "apple";

let accounts = 0;

/** That a ticket is one: it makes an account, whose person the provider's next log-in finds. */
async function expectUsable(
  provider: Name,
  bind_token: unknown,
  nickname: string | null = "小美",
): Promise<void> {
  const before = await records();
  const made = await addAccount(provider, bind_token, `switched-${++accounts}`);
  expect(made.statusCode, made.body).toBe(201);
  const { id, username } = made.json() as { id: number; username: string };
  expect(await third.logIn(provider, "xiaomei")).toEqual({
    user_id: id,
    username,
    token: expect.any(String),
    next: "/",
  });
  const list = await third.test.as(made.json().token as string)({ url: "/user/bindings/" });
  expect(list.json().bindings).toMatchObject([{ provider, nickname }]);
  await unbind(id);
  expect(await records()).toEqual({ ...before, users: before.users + 1 });
}

const expectations: {
  readonly [Kind in Outcome["kind"]]: (
    provider: Name,
    callback: Callback,
    outcome: Extract<Outcome, { kind: Kind }>,
  ) => Promise<void>;
} = {
  async fine(provider, callback, outcome) {
    const answer = await third.finish(provider, callback);
    expect(answer.statusCode, answer.body).toBe(200);
    const body = answer.json();
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[\w-]{43}$/),
      bind_token: body.access_token,
      profile: {
        nickname: tellsLittle(provider) ? expect.toBeOneOf(["小美", null]) : "小美",
        avatar: tellsLittle(provider) ? null : expect.stringMatching(/^https:\/\//),
        email: outcome.email === undefined ? email(provider) : outcome.email,
      },
      next: "/",
    });
    expect(causesLogged(callback)).toEqual([]);
    await expectUsable(provider, body.bind_token, body.profile.nickname);
  },

  /** Who it is was proved before: the log-in goes on without nickname, picture and address, and the log says why. */
  async undecorated(provider, callback, { cause }) {
    const answer = await third.finish(provider, callback);
    expect(answer.statusCode, answer.body).toBe(200);
    const body = answer.json();
    expect(body).toMatchObject({
      bind_token: expect.stringMatching(/^[\w-]{43}$/),
      profile: { nickname: null, avatar: null, email: null },
      next: "/",
    });
    const causes = causesLogged(callback);
    expect(causes).toHaveLength(1);
    expect(causes[0]!.split("|", 2)[1]).toMatch(cause);
    const made = await addAccount(provider, body.bind_token, `undecorated-${++accounts}`);
    expect(made.statusCode, made.body).toBe(201);
    await unbind(Number(made.json().id));
  },

  async refused(provider, callback) {
    const before = await records();
    const answer = await third.finish(provider, callback);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ message: "授权码无效或已过期，请重新登录。" });
    // The visitor's to repeat, not the operator's to mend.
    expect(causesLogged(callback)).toEqual([]);
    expect(await records()).toEqual(before);
  },

  async trouble(provider, callback, { cause }) {
    const before = await records();
    const started = performance.now();
    const answer = await third.finish(provider, callback);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(answer.statusCode, answer.body).toBe(503);
    expect(answer.json()).toEqual({ message: `${titles[provider]}服务器异常` });
    expect(answer.headers["retry-after"]).toBe("5");
    const causes = causesLogged(callback);
    expect(causes).toHaveLength(1);
    const [type, message] = causes[0]!.split("|", 2);
    expect(type).toBe("ProviderTrouble");
    expect(message).toMatch(cause);
    expect(await records()).toEqual(before);
    // Neither state nor code is good for a second try.
    const again = await third.finish(provider, callback);
    expect(again.statusCode).toBe(400);
    expect(again.json()).toEqual({ message: "登录请求已失效，请返回登录页重新开始。" });
  },

  async stays(provider, { parameters, page, cookie }, { text }) {
    const before = await records();
    expect([...parameters]).toEqual([]);
    expect(page).toContain(`<h1 data-testid="provider-error">${text}</h1>`);
    expect(page).not.toMatch(/code=|state=/);
    // Should the visitor get to the callback page without anything, nothing comes of it.
    const answer = await third.finish(provider, {}, { cookie });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ message: "缺少code值" });
    expect(await records()).toEqual(before);
  },

  async returned(provider, { parameters, state, page }, { error }) {
    const before = await records();
    expect(page).toBe("");
    expect([...parameters.keys()]).toEqual(["error", "error_description", "error_uri", "state"]);
    expect(parameters.get("error")).toBe(error);
    const answer = await third.test.anonymous({ url: `/oauth/${provider}/user/?${parameters}` });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ message: `${titles[provider]}服务器异常` });
    expect(causesLogged({ state })).toEqual([`ProviderTrouble|callback: error ${error}`]);
    expect(await records()).toEqual(before);
  },

  async twice(provider, { page, cookie }) {
    const before = await records();
    const forms = formsOf(page);
    const [first, second] = await Promise.all(
      ["first", "second"].map(async (which) => {
        const form = forms.find(({ button }) => button === `deliver-${which}`);
        if (form !== undefined) return new URL(await third.post(form)).searchParams;
        const href = new RegExp(`<a href="([^"]+)"[^>]* data-testid="deliver-${which}">`).exec(page)![1]!;
        return new URL(href.replaceAll("&#38;", "&")).searchParams;
      }),
    );
    expect(first!.get("code")).toMatch(/^.{16,}$/);
    expect(String(second)).toBe(String(first));
    const deliver = (parameters: URLSearchParams) =>
      third.finish(provider, Object.fromEntries(parameters), { cookie });
    const good = await deliver(first!);
    const spent = await deliver(second!);
    expect(good.statusCode, good.body).toBe(200);
    expect(spent.statusCode).toBe(400);
    expect(spent.json()).toEqual({ message: "登录请求已失效，请返回登录页重新开始。" });
    expect(await records()).toEqual(before);
    // One ticket, good for one account; the second delivery has neither spent nor doubled it.
    await expectUsable(provider, good.json().bind_token, good.json().profile.nickname);
    const doubled = await addAccount(provider, good.json().bind_token, "twice-too-many");
    expect(doubled.statusCode).toBe(400);
    expect(doubled.json()).toEqual({
      non_field_errors: ["无效的bind_token"],
      message: "无效的bind_token",
    });
  },
};

it("every switch has a row, for each provider that has it and no other", () => {
  expect(Object.keys(rows).sort()).toEqual([...new Set(names.flatMap(switchNames))].sort());
  for (const provider of names) {
    for (const name of switchNames(provider))
      expect(rows[name]![provider], `${name} ${provider}`).toBeDefined();
  }
});

describe.each(names)("%s", (provider) => {
  it.each(switchNames(provider))("%s", async (name) => {
    const outcome = rows[name]![provider]!;
    third = name.endsWith("-slow") ? hasty! : patient!;
    const callback = await third.authorize(provider, { person: "xiaomei", trouble: name });
    await expectations[outcome.kind](provider, callback, outcome as never);
  });

  it.each(switchNames(provider).filter((name) => /^profile-(?!error)/.test(name)))(
    "%s does not keep out somebody who is bound",
    async (name) => {
      third = patient!;
      const made = await third.createBound(provider, "long", `known-${++accounts}`);
      const answer = await third.finish(
        provider,
        await third.authorize(provider, { person: "long", trouble: name }),
      );
      expect(answer.statusCode, answer.body).toBe(200);
      expect(answer.json()).toMatchObject({ user_id: made.id, token: expect.any(String) });
      await unbind(Number(made.id));
    },
  );
});

it("with the limit as it is set by default, a provider that takes 15 s is given up after 5", async () => {
  const standard = await startThirdPartyTest({ env: { OAUTH_TIMEOUT_MS: "5000" } });
  try {
    const stages = names.flatMap((name) =>
      switchNames(name).flatMap((item) => (item.endsWith("-slow") ? [[name, item] as const] : [])),
    );
    expect(stages.length).toBe(13);
    const callbacks = await Promise.all(
      stages.map(([name, trouble]) => standard.authorize(name, { trouble })),
    );
    const started = performance.now();
    const answers = await Promise.all(
      stages.map(async ([name], index) => {
        const answer = await standard.finish(name, callbacks[index]!);
        return { answer, millis: performance.now() - started };
      }),
    );
    for (const [index, { answer, millis }] of answers.entries()) {
      const [name, trouble] = stages[index]!;
      if (trouble === "profile-slow") expect(answer.json().profile.nickname).toBeNull();
      else expect(answer.json()).toEqual({ message: `${titles[name]}服务器异常` });
      expect([name, trouble, answer.statusCode]).toEqual([
        name,
        trouble,
        trouble === "profile-slow" ? 200 : 503,
      ]);
      expect(millis).toBeGreaterThan(4500);
      expect(millis).toBeLessThan(10_000);
    }
  } finally {
    await standard.close();
  }
});
