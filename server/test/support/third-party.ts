import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { decideInSandbox } from "../../../sandbox/decide.ts";
import { createSandbox, sandboxSettings } from "../../../sandbox/sandbox.ts";
import { formsOf, type SentForm } from "./sent-forms.ts";
import { startTestApp, type TestApp, type TestAppOptions } from "./test-app.ts";

/** The application with the sandbox behind it, and a browser's way through a third-party log-in. */
export interface ThirdPartyTest {
  readonly test: TestApp;
  readonly sandbox: FastifyInstance;
  /** Sends a browser to the provider, decides there, and returns what comes back in the address. */
  authorize(provider: string, how?: How): Promise<Callback>;
  /** The browser sends a provider's form to the API; returns the page that it is led to. */
  post(form: SentForm): Promise<string>;
  /** The site hands the callback to the API. */
  finish(
    provider: string,
    callback: Partial<Callback>,
    how?: { cookie?: string },
  ): Promise<LightMyRequestResponse>;
  /** Both, for a person; expects a 200. */
  logIn(provider: string, person: string, how?: How): Promise<Record<string, unknown>>;
  /** An account bound to the person, made from a first log-in. */
  createBound(provider: string, person: string, username: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface How {
  readonly person?: string;
  readonly trouble?: string;
  readonly decision?: "allow" | "cancel";
  /** In a phone's browser. */
  readonly phone?: boolean;
  readonly next?: string;
  /** A cookie the browser shows. */
  readonly cookie?: string;
  /** Of a logged-in user who adds a binding. */
  readonly token?: string;
}

export interface Callback {
  readonly code: string;
  readonly state: string;
  /** The cookie the API set when the log-in began. */
  readonly cookie: string;
  readonly parameters: URLSearchParams;
  /** The provider's page, where it did not send the browser back. */
  readonly page: string;
}

export interface ThirdPartyOptions extends TestAppOptions {
  /** Every provider is configured with it, as in production, instead of being stood in for. */
  readonly clientSecret?: string;
}

export async function startThirdPartyTest(options: ThirdPartyOptions = {}): Promise<ThirdPartyTest> {
  const sandbox = await createSandbox({ environment: "test", slowMillis: 20_000 });
  const sandboxOrigin = await sandbox.listen({ host: "127.0.0.1", port: 0 });
  const { clientSecret, ...others } = options;
  const test = await startTestApp({
    sandboxOrigin,
    ...others,
    env: {
      // As long as a busy machine needs; who tests slow answers sets less.
      OAUTH_TIMEOUT_MS: "15000",
      // So that every way in is there.
      CODE_SIGN_IN: "email",
      ...(clientSecret !== undefined && configured(sandboxOrigin, clientSecret)),
      ...options.env,
    },
  });

  const thirdParty: ThirdPartyTest = {
    test,
    sandbox,
    async authorize(provider, how = {}) {
      const answer = await test.anonymous({
        url: `/oauth/${provider}/authorization/?next=${encodeURIComponent(how.next ?? "/")}`,
        headers: {
          ...(how.cookie && { cookie: how.cookie }),
          ...(how.token && { authorization: `JWT ${how.token}` }),
        },
      });
      if (answer.statusCode !== 200) throw new Error(`authorization: ${answer.statusCode} ${answer.body}`);
      const loginUrl = answer.json().login_url as string;
      const { person = "penguin", trouble = "", decision = "allow" } = how;
      const browser: Record<string, string> = how.phone
        ? { "user-agent": "Mozilla/5.0 (Linux; Android 15) Mobile" }
        : {};
      const { answer: decided } = await decideInSandbox(loginUrl, { person, trouble, decision }, browser);
      const page = await decided.text();
      const form = formsOf(page).find(({ button }) => button === "post-back");
      const location = form ? await thirdParty.post(form) : decided.headers.get("location");
      const parameters = location ? new URL(location).searchParams : new URLSearchParams();
      return {
        code: parameters.get("code") ?? "",
        state: parameters.get("state") ?? "",
        cookie: String(answer.headers["set-cookie"]).split(";")[0]!,
        parameters,
        page: location ? "" : page,
      };
    },
    async post({ address, fields }) {
      const answer = await test.anonymous({
        ...{ method: "POST", url: new URL(address).pathname },
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          origin: sandboxOrigin,
          "sec-fetch-site": "cross-site",
        },
        payload: String(new URLSearchParams(fields)),
      });
      if (answer.statusCode !== 303) throw new Error(`form: ${answer.statusCode} ${answer.body}`);
      return String(answer.headers.location);
    },
    finish: (provider, { code = "", state = "" }, { cookie } = {}) =>
      test.anonymous({
        url: `/oauth/${provider}/user/?${new URLSearchParams({ code, state })}`,
        headers: cookie ? { cookie } : {},
      }),
    async logIn(provider, person, how = {}) {
      const callback = await thirdParty.authorize(provider, { ...how, person });
      const answer = await thirdParty.finish(provider, callback);
      if (answer.statusCode !== 200) throw new Error(`callback: ${answer.statusCode} ${answer.body}`);
      return answer.json();
    },
    async createBound(provider, person, username) {
      const { bind_token } = await thirdParty.logIn(provider, person);
      const answer = await test.anonymous({
        method: "POST",
        url: `/oauth/${provider}/account/`,
        payload: { bind_token, username },
      });
      if (answer.statusCode !== 201) throw new Error(`account: ${answer.statusCode} ${answer.body}`);
      return answer.json();
    },
    async close() {
      await test.close();
      await sandbox.close();
    },
  };
  return thirdParty;
}

/** The settings that `npm run sandbox` prints, with the secret, and the issuer under the name of the stand-in. */
function configured(origin: string, clientSecret: string): Record<string, string> {
  const settings = Object.entries(sandboxSettings(origin)).map(([name, value]) => [
    name.replace("OIDC_SANDBOX_", "OIDC_OIDC_"),
    name.endsWith("_SECRET") ? clientSecret : value,
  ]);
  return { ...Object.fromEntries(settings), OIDC_OIDC_TITLE: "OpenID Connect" };
}
