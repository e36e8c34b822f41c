import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { decideInSandbox } from "../../../sandbox/decide.ts";
import { formsOf, type SentForm } from "../support/sent-forms.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/**
 * The one provider that sends people back by a form: the way of it, and what anybody could send in its place. The form is a
 * stranger's, so it may do nothing but lead to our own page.
 */
let third: ThirdPartyTest;
const lines: string[] = [];
const site = "https://www.example.com";
beforeAll(async () => {
  third = await startThirdPartyTest({
    logTo: { write: (line) => void lines.push(line) },
    env: { PUBLIC_SITE_URL: `${site}/account-site`, LOG_LEVEL: "debug" },
  });
});
afterEach(() => {
  lines.length = 0;
});
afterAll(() => third.close());

const formType = "application/x-www-form-urlencoded";
const fromApple = { origin: "https://appleid.apple.com", "sec-fetch-site": "cross-site" };

function post(payload: string, headers: Record<string, string> = {}, provider = "apple") {
  const url = `/oauth/callback/${provider}`;
  return third.test.anonymous({
    ...{ method: "POST", url, payload, headers: { "content-type": formType, ...fromApple, ...headers } },
  });
}
const form = (fields: Record<string, string>) => String(new URLSearchParams(fields));

/** From the button to the form that Apple's page would send. */
async function agree(person: string, how: { decision?: "allow" | "cancel"; cookie?: string } = {}) {
  const begun = await third.test.anonymous({
    url: "/oauth/apple/authorization/?next=%2Fcart",
    headers: how.cookie ? { cookie: how.cookie } : {},
  });
  const loginUrl = begun.json().login_url as string;
  const { answer } = await decideInSandbox(loginUrl, { person, decision: how.decision ?? "allow" });
  const [sent] = formsOf(await answer.text());
  return { loginUrl, form: sent!, cookie: String(begun.headers["set-cookie"]).split(";")[0]! };
}
const finish = (search: string, cookie?: string) =>
  third.test.anonymous({ url: `/oauth/apple/user/${search}`, headers: cookie ? { cookie } : {} });

describe("from the button to the account", () => {
  let sent: SentForm;

  it("people go there for a form, and the form goes to the API, which leads to the site's page", async () => {
    const begun = await agree("xiaomei");
    const asked = new URL(begun.loginUrl).searchParams;
    expect(asked.get("response_mode")).toBe("form_post");
    expect(new URL(asked.get("redirect_uri")!).pathname).toBe("/oauth/callback/apple");
    sent = begun.form;
    expect(sent.address).toBe(asked.get("redirect_uri"));
    expect(Object.keys(sent.fields)).toEqual(["code", "state", "user"]);

    const answer = await post(form(sent.fields));
    expect([answer.statusCode, answer.body]).toEqual([303, ""]);
    const page = new URL(String(answer.headers.location));
    expect(page.origin + page.pathname).toBe(`${site}/account-site/oauth/callback/apple`);
    expect([...page.searchParams.keys()]).toEqual(["code", "state"]);
    expect(page.searchParams.get("state")).toBe(sent.fields.state);
    expect(answer.headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
    expect(answer.headers["set-cookie"]).toBeUndefined();

    const first = await finish(page.search);
    expect(first.statusCode, first.body).toBe(200);
    expect(first.json()).toMatchObject({
      profile: { nickname: "小美", avatar: null, email: "xiaomei@example.com" },
      next: "/cart",
    });
    const payload = { bind_token: first.json().bind_token, username: "apple-member" };
    const made = await third.test.anonymous({ method: "POST", url: "/oauth/apple/account/", payload });
    expect(made.statusCode, made.body).toBe(201);

    // The second time Apple tells no name, and the person is known by their id.
    const again = await agree("xiaomei");
    expect(Object.keys(again.form.fields)).toEqual(["code", "state"]);
    const known = await finish(new URL(await third.post(again.form)).search);
    expect(known.json()).toMatchObject({ user_id: made.json().id, username: "apple-member" });
  });

  it("sent again it leads to a log-in that is over", async () => {
    const answer = await finish(new URL(await third.post(sent)).search);
    expect([answer.statusCode, answer.json().message]).toEqual([
      400,
      "登录请求已失效，请返回登录页重新开始。",
    ]);
  });

  it("neither code nor state nor name is in the log, and nobody is advised to list Apple's origin", async () => {
    const { form: own } = await agree("long");
    await post(form(own.fields));
    await post("state=x&state=y");
    const log = lines.join("");
    expect(log).toContain("/oauth/callback/:provider/");
    for (const secret of [own.fields.code!, own.fields.state!, "长长", "appleid"]) {
      expect(log).not.toContain(secret);
    }
  });

  it("the name is a suggestion, and an address beside it is nobody's (attack: somebody else's in the form)", async () => {
    const { form: own } = await agree("rtl");
    const user = JSON.stringify({ name: { firstName: "<b>Eve</b>\u202E" }, email: "victim@example.com" });
    const page = await post(form({ ...own.fields, user, email: "victim@example.com" }));
    const answer = await finish(new URL(String(page.headers.location)).search);
    expect(answer.json().profile).toEqual({
      nickname: "<b>Eve</b>",
      avatar: null,
      email: "rtl@privaterelay.appleid.com",
    });
  });
});

describe("whoever cancels", () => {
  it("is told so", async () => {
    const { form: own } = await agree("penguin", { decision: "cancel" });
    expect(own.fields).toEqual({ error: "user_cancelled_authorize", state: expect.any(String) });
    const page = new URL(await third.post(own));
    expect([...page.searchParams.keys()]).toEqual(["error", "state"]);
    const answer = await third.test.anonymous({
      url: `/oauth/apple/user/${page.search}`,
      headers: { accept: "application/problem+json" },
    });
    expect(answer.json()).toMatchObject({ status: 400, code: "oauth_cancelled" });
  });

  it("and any other error is trouble", async () => {
    const page = new URL(String((await post("state=s&error=server_error")).headers.location));
    expect((await finish(page.search)).statusCode).toBe(503);
  });
});

describe("the browser that began it", () => {
  it("finishes it, though the form comes without its cookie", async () => {
    const cookie = (await agree("emoji")).cookie;
    const strict = await agree("emoji", { cookie });
    const { search } = new URL(await third.post(strict.form));
    expect((await finish(search, cookie)).statusCode).toBe(200);
  });

  it("is the only one (attack: somebody else's form in the victim's browser)", async () => {
    const attacker = await agree("emoji");
    const own = await agree("emoji", { cookie: attacker.cookie });
    const { search } = new URL(await third.post(own.form));
    const victim = (await agree("emoji")).cookie;
    for (const cookie of [undefined, victim]) expect((await finish(search, cookie)).statusCode).toBe(400);
  });

  it("is told that a name without a code is none, and no operator is", async () => {
    const { form: own } = await agree("emoji");
    const { search } = new URL(String((await post(form({ ...own.fields, code: "x" }))).headers.location));
    const sent = new URLSearchParams(search);
    sent.set("code", "~TWVp");
    expect((await finish(`?${sent}`)).statusCode).toBe(400);
  });

  it("gets no session from a form, whatever it carries", async () => {
    const { form: own } = await agree("emoji");
    const headers = { "x-meiduo-session": "cookie", cookie: "meiduo_oauth=x", authorization: "JWT nonsense" };
    const answer = await post(form(own.fields), headers);
    expect([answer.statusCode, answer.headers["set-cookie"]]).toEqual([303, undefined]);
  });
});

describe("what is no form of Apple's is refused", () => {
  it.each([
    ["JSON", JSON.stringify({ code: "c", state: "s" }), { "content-type": "application/json" }, 415],
    ["plain text", "code=c&state=s", { "content-type": "text/plain" }, 415],
    ["parts", "--b--", { "content-type": "multipart/form-data; boundary=b" }, 415],
    ["no state", "code=c", {}, 400],
    ["an empty state", "code=c&state=", {}, 400],
    ["nothing", "", {}, 400],
    ["two states", "code=c&state=a&state=b", {}, 400],
    ["two codes", "code=c&code=d&state=s", {}, 400],
    ["a code that is too long", `state=s&code=${"c".repeat(1025)}`, {}, 400],
    ["an error that is too long", `state=s&error=${"e".repeat(257)}`, {}, 400],
    ["more than 8 KB", `state=s&code=c&user=${"u".repeat(8200)}`, {}, 413],
  ])("%s", async (_what, payload, headers, status) => {
    const answer = await post(payload, headers as Record<string, string>);
    expect([answer.statusCode, answer.headers.location]).toEqual([status, undefined]);
  });

  it("a GET, and a provider that has none or is unknown", async () => {
    const got = await third.test.anonymous({ url: "/oauth/callback/apple?code=c&state=s" });
    expect([got.statusCode, got.headers.allow]).toEqual([405, "POST, OPTIONS"]);
    for (const other of ["qq", "oidc", "nobody"]) {
      expect((await post("code=c&state=s", {}, other)).statusCode).toBe(404);
    }
  });

  it("and whatever is in one, it leads to our page alone (attack: an open redirect)", async () => {
    const forms: Record<string, string>[] = [
      {
        code: "c",
        state: "https://evil.example/",
        redirect_uri: "https://evil.example/",
        next: "//evil.example",
      },
      { code: "c\r\nlocation: https://evil.example", state: "@evil.example/" },
      { error: "//evil.example", state: "\\\\evil.example" },
      { code: "c#x", state: "s", user: '{"name":{"firstName":"&state=other"}}' },
    ];
    for (const fields of forms) {
      const answer = await post(form(fields), { host: "127.0.0.1", "x-forwarded-host": "evil.example" });
      const page = new URL(String(answer.headers.location));
      expect(page.origin + page.pathname).toBe(`${site}/account-site/oauth/callback/apple`);
      expect(page.searchParams.getAll("state")).toEqual([fields.state]);
      expect(page.hash).toBe("");
    }
  });

  it("a page of another origin may not read the answer", async () => {
    const answer = await post("code=c&state=s", { origin: "https://evil.example" });
    expect([answer.statusCode, answer.headers["access-control-allow-origin"]]).toEqual([303, undefined]);
  });
});

it("with a state that is the next address, as old front ends have it, the form leads on as well", async () => {
  const plain = await startThirdPartyTest({ env: { OAUTH_STATE: "path" } });
  try {
    const callback = await plain.authorize("apple", { person: "xiaomei", next: "/cart?a=1&b=2" });
    expect(callback.state).toBe("/cart?a=1&b=2");
    const answer = await plain.finish("apple", callback);
    expect(answer.json()).toMatchObject({ next: "/cart?a=1&b=2", profile: { nickname: "小美" } });
  } finally {
    await plain.close();
  }
});

it("below a path of a shop's own address it comes in by the API's path, and leads to the site's", async () => {
  const shop = await startThirdPartyTest({
    env: {
      PUBLIC_SITE_URL: "https://shop.example/account",
      PUBLIC_API_URL: "https://shop.example/account-api",
      PROXY_KEEPS_PATH: "true",
    },
  });
  try {
    const begun = await shop.test.anonymous({ url: "/oauth/apple/authorization/?next=%2F" });
    const redirectUri = new URL(begun.json().login_url).searchParams.get("redirect_uri")!;
    expect(redirectUri).toBe("https://shop.example/account-api/oauth/callback/apple");
    const answer = await shop.test.anonymous({
      ...{ method: "POST", url: new URL(redirectUri).pathname, payload: "code=c&state=s" },
      headers: { "content-type": formType, ...fromApple },
    });
    expect([answer.statusCode, answer.headers.location]).toEqual([
      303,
      "https://shop.example/account/oauth/callback/apple?code=c&state=s",
    ]);
  } finally {
    await shop.close();
  }
});

it("on one machine it leads to the site by the name that the browser came by", async () => {
  const local = await startThirdPartyTest({ env: { PUBLIC_SITE_URL: "http://127.0.0.1:8080" } });
  try {
    for (const [host, expected] of [
      ["localhost:8000", "http://localhost:8080"],
      ["127.0.0.1:8000", "http://127.0.0.1:8080"],
    ]) {
      const headers = { "content-type": formType, host: host! };
      const answer = await local.test.anonymous({
        ...{ method: "POST", url: "/oauth/callback/apple", headers, payload: "code=c&state=s" },
      });
      expect(new URL(String(answer.headers.location)).origin).toBe(expected);
    }
  } finally {
    await local.close();
  }
});

describe("whether Apple takes the credentials", () => {
  it("is asked with a code that nobody gave", async () => {
    expect(await third.test.app.checkProvider("apple")).toEqual({ outcome: "works", detail: null });
    const sandboxUrl = third.sandbox.listeningOrigin;
    const others = { APPLE_TEAM_ID: "TEAM567890", APPLE_CLIENT_ID: "com.example.web" };
    const { sandboxSettings } = await import("../../../sandbox/sandbox.ts");
    const env = { ...sandboxSettings(sandboxUrl), ...others };
    const strange = await startThirdPartyTest({ env });
    try {
      expect(await strange.test.app.checkProvider("apple")).toEqual({
        outcome: "credentials",
        detail: "token: error invalid_client",
      });
    } finally {
      await strange.close();
    }
  });
});
