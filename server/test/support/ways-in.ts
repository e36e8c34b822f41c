import type { LightMyRequestResponse } from "fastify";
import { forge } from "./forged-token.ts";
import { addPasskey, logInOptions } from "./passkeys.ts";
import type { ThirdPartyTest } from "./third-party.ts";

export const password = "12345678aA";
type Headers = Readonly<Record<string, string>>;

/**
 * - `none`: the account has no second factor, and need not;
 * - `totp`: it has an authenticator app;
 * - `passkey`: it has a passkey, which other ways in ask for, too;
 * - `remembered`: the same, and the log-in comes from a device that is remembered;
 * - `enrolment`: it must have one by now and has none;
 * - `trusted`: it has an app, and MFA_TRUST_PROVIDERS believes the third party that asked for one (`oidc:amr=mfa`).
 */
export const factorStates = ["none", "totp", "passkey", "remembered", "enrolment", "trusted"] as const;
export type FactorState = (typeof factorStates)[number];

/** In; held up until a code comes, or until one is set up; refused; or nothing, where the account is made by it. */
export type Outcome = "in" | "step" | "enrols" | "refused" | "is new";

export interface WayIn {
  readonly how: string;
  /** What becomes of it in each state: second-factor-matrix.test.ts. */
  readonly states: Readonly<Record<FactorState, Outcome>>;
  /**
   * What becomes of it where the account has a second factor: it goes on by a step, or is refused because it can't; nothing
   * where it makes the account, and nothing where it is both factors at once.
   */
  readonly withFactor: "step" | "refused" | "new account" | "both factors";
  readonly provider?: string;
  readonly opensNoSession?: boolean;
  /** Everything up to the last step; that is what it returns. `who` is the third party's person; the rest goes among the fields. */
  readonly prepare: (
    username: string,
    wish?: { readonly refresh?: true; readonly who?: string },
  ) => Promise<(headers?: Headers) => Promise<LightMyRequestResponse>>;
}

const somebody = "penguin";

const ofOldAccount = {
  none: "in",
  totp: "step",
  passkey: "step",
  remembered: "in",
  enrolment: "enrols",
  trusted: "step",
} as const;
const ofNewAccount = {
  none: "in",
  totp: "is new",
  passkey: "is new",
  remembered: "is new",
  enrolment: "enrols",
  trusted: "is new",
} as const;
const bothFactors = {
  none: "in",
  totp: "in",
  passkey: "in",
  remembered: "in",
  enrolment: "in",
  trusted: "in",
} as const;
const withoutStep = {
  none: "in",
  totp: "refused",
  passkey: "refused",
  remembered: "refused",
  enrolment: "refused",
  trusted: "refused",
} as const;
const basic = (username: string) => `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

/** Further cookies of the browser beside the flow's. */
const withCookie = ({ cookie: own }: Headers, flow: string) => (own === undefined ? flow : `${own}; ${flow}`);

/** Every way in, of an application that is there by the time one is prepared. */
export function waysIn(all: () => ThirdPartyTest): readonly (WayIn & { readonly title: string })[] {
  const signUp = (username: string) => all().test.signUp({ username, email: `${username}@qq.com` });
  const post = (url: string, payload: object, headers: Headers = {}) =>
    all().test.anonymous({ method: "POST", url, payload, headers });
  const byProvider = (provider: string, states: WayIn["states"]): WayIn => ({
    how: "provider",
    withFactor: "step",
    ...{ states, provider },
    async prepare(username, { who = somebody, ...wish } = {}) {
      await all().createBound(provider, who, username);
      const { code, state, cookie } = await all().authorize(provider, { person: who });
      const query = new URLSearchParams({ code, state, ...(wish.refresh && { refresh: "true" }) });
      return (headers) => {
        // Pages that ask for a session in a cookie keep the one of the flow, too.
        const kept = headers === undefined ? {} : { ...headers, cookie: withCookie(headers, cookie) };
        return all().test.anonymous({ url: `/oauth/${provider}/user/?${query}`, headers: kept });
      };
    },
  });
  const ways: readonly WayIn[] = [
    {
      how: "password",
      withFactor: "step",
      states: ofOldAccount,
      async prepare(username, wish) {
        await signUp(username);
        return (headers) => post("/users/authorizations/", { username, password, ...wish }, headers);
      },
    },
    {
      how: "sign_up",
      withFactor: "new account",
      states: ofNewAccount,
      async prepare(username, wish) {
        const email = `${username}@qq.com`;
        const email_code = await all().test.codeFor(email);
        const payload = {
          username,
          email,
          password,
          password2: password,
          email_code,
          allow: "true",
          ...wish,
        };
        return (headers) => post("/users/", payload, headers);
      },
    },
    {
      how: "code",
      withFactor: "step",
      states: ofOldAccount,
      async prepare(username, wish) {
        const email = `${username}@qq.com`;
        await signUp(username);
        const email_code = await all().test.codeFor(email, "signIn");
        return (headers) => post("/users/codes/sign-in/", { email, email_code, ...wish }, headers);
      },
    },
    {
      how: "sign_up",
      withFactor: "new account",
      states: ofNewAccount,
      async prepare(username, wish) {
        const email = `${username}@qq.com`;
        const email_code = await all().test.codeFor(email, "signIn");
        const payload = { email, email_code, username, allow: "true", ...wish };
        return (headers) => post("/users/codes/sign-in/", payload, headers);
      },
    },
    byProvider("weibo", ofOldAccount),
    byProvider("oidc", { ...ofOldAccount, trusted: "in" }),
    {
      how: "binding",
      withFactor: "step",
      states: ofOldAccount,
      provider: "github",
      async prepare(username, { who = somebody, ...wish } = {}) {
        await signUp(username);
        const { bind_token } = await all().logIn("github", who);
        const email = `${username}@qq.com`;
        const email_code = await all().test.codeFor(email, "bindAccount");
        return (headers) =>
          post("/oauth/github/user/", { bind_token, email, email_code, password, ...wish }, headers);
      },
    },
    {
      how: "provider_sign_up",
      withFactor: "new account",
      states: ofNewAccount,
      provider: "qq",
      async prepare(username, { who = somebody, ...wish } = {}) {
        const { bind_token } = await all().logIn("qq", who);
        const email = `${username}@qq.com`;
        const email_code = await all().test.codeFor(email, "bindAccount");
        return (headers) =>
          post("/oauth/qq/user/", { bind_token, email, email_code, password, ...wish }, headers);
      },
    },
    {
      how: "provider_sign_up",
      withFactor: "new account",
      states: ofNewAccount,
      provider: "wechat",
      async prepare(username, { who = somebody, ...wish } = {}) {
        const { bind_token } = await all().logIn("wechat", who);
        return (headers) => post("/oauth/wechat/account/", { bind_token, username, ...wish }, headers);
      },
    },
    {
      how: "passkey",
      withFactor: "both factors",
      states: bothFactors,
      async prepare(username, wish) {
        const { token } = await signUp(username);
        const { device } = await addPasskey(all().test, token);
        return async (headers) => {
          const passkey = device.show(await logInOptions(all().test, headers));
          return post("/users/passkeys/", { passkey, ...wish }, headers);
        };
      },
    },
    {
      how: "basic",
      withFactor: "refused",
      states: withoutStep,
      opensNoSession: true,
      async prepare(username) {
        await signUp(username);
        return (headers) =>
          all().test.anonymous({ url: "/user/", headers: { ...headers, authorization: basic(username) } });
      },
    },
  ];
  return titled(ways);
}

/** On other wires than the site's: simplejwt's, and a token of another service under the same key. */
export function waysOnOtherWires(all: () => ThirdPartyTest): readonly (WayIn & { readonly title: string })[] {
  const signUp = (username: string) => all().test.signUp({ username, email: `${username}@qq.com` });
  return titled([
    {
      how: "simplejwt",
      withFactor: "step",
      states: ofOldAccount,
      async prepare(username) {
        await signUp(username);
        const payload = { username, password };
        return (headers = {}) =>
          all().test.anonymous({ method: "POST", url: "/api/token/", payload, headers });
      },
    },
    {
      how: "foreign token",
      withFactor: "refused",
      states: withoutStep,
      opensNoSession: true,
      async prepare(username) {
        const { id } = await signUp(username);
        return (headers) => {
          const exp = Math.floor(all().test.clock.now() / 1000) + 3600;
          const foreign = forge({ user_id: id, username, email: "", exp });
          return all().test.as(foreign)({ url: "/user/", ...(headers && { headers }) });
        };
      },
    },
  ]);
}

function titled(ways: readonly WayIn[]) {
  return ways.map((way) => ({ ...way, title: [way.how, way.provider].filter(Boolean).join(" at ") }));
}
