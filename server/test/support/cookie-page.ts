import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { password } from "./people.ts";
import type { TestApp } from "./test-app.ts";

/** A shop of two hosts under one domain, and a listed origin of another one. */
export const shop: Readonly<Record<string, string>> & { readonly PUBLIC_API_URL: string } = {
  PUBLIC_API_URL: "https://api.shop.example",
  PUBLIC_SITE_URL: "https://www.shop.example",
  CORS_ORIGIN_WHITELIST: "https://www.shop.example,https://sister.example",
};
/** A page on this machine in development. */
export const localPage = {
  ...{ host: "localhost:8000", origin: "http://localhost:8080", name: "meiduo_session" },
};
const shopPage = {
  ...{ host: "api.shop.example", origin: "https://www.shop.example", name: "__Host-meiduo_session" },
};
export const asked = { "x-meiduo-session": "cookie" };

/** A page of the shop in a browser that keeps cookies; it asks for a session in one. */
export interface CookiePage {
  readonly cookies: Map<string, string>;
  /** The session's cookie, or undefined. */
  session(): string | undefined;
  /** With the browser's cookies and the page's headers; those of `request` go before them. */
  call(request: InjectOptions): Promise<LightMyRequestResponse>;
  logIn(username?: string, further?: object): Promise<LightMyRequestResponse>;
  /** Status of the own profile. */
  status(): Promise<number>;
}

type Inject = (request: InjectOptions) => Promise<LightMyRequestResponse>;

export function openPage(
  test: Pick<TestApp, "anonymous">,
  inject: Inject = test.anonymous,
  { host, origin, name }: typeof shopPage = shopPage,
): CookiePage {
  const cookies = new Map<string, string>();
  const page: CookiePage = {
    cookies,
    session: () => cookies.get(name),
    async call(request) {
      const cookie = [...cookies].map(([key, value]) => `${key}=${value}`).join("; ");
      const headers = {
        ...{ host, origin },
        "sec-fetch-site": "same-site",
        ...asked,
        ...(cookie === "" ? {} : { cookie }),
        ...request.headers,
      };
      const sent = Object.entries(headers).filter(([, value]) => value !== undefined);
      const answer = await inject({ ...request, headers: Object.fromEntries(sent) });
      for (const set of setCookies(answer)) {
        const [pair = "", ...attributes] = set.split("; ");
        const [key = "", value = ""] = pair.split("=");
        if (attributes.includes("Max-Age=0")) cookies.delete(key);
        else cookies.set(key, value);
      }
      return answer;
    },
    logIn: (username = "python01", further = {}) =>
      page.call({
        ...{ method: "POST", url: "/users/authorizations/" },
        payload: { username, password, ...further },
      }),
    status: async () => (await page.call({ url: "/user/" })).statusCode,
  };
  return page;
}

/** Every Set-Cookie of an answer. */
export function setCookies(answer: LightMyRequestResponse): string[] {
  return [answer.headers["set-cookie"] ?? []].flat();
}

/** The one of the session; undefined where the answer sets none. */
export function sessionCookieOf(answer: LightMyRequestResponse): string | undefined {
  return setCookies(answer).find((set) => /^(__Host-)?meiduo_session=/.test(set));
}
