/** The one client of the API in this page. The site talks to the API in no other way. */
import { type Client, createClient, createRenewal } from "@meiduo/client";
import { captchaAnswering } from "./captcha.ts";
import { language } from "./language.ts";
import { currentToken, isLoggedIn, renewable, renewSession } from "./session.ts";
import { defaultSignUp, type SiteConfig } from "./site-config.ts";
import { askForProof } from "./step-up.ts";

let client: Client | undefined;
let config: SiteConfig = {
  apiUrl: "",
  session: "token",
  returnOrigins: [],
  providers: [],
  otherProviders: [],
  signUp: defaultSignUp,
  passkeys: { rpId: null },
};
let expired: () => void = () => {};

/** `isImpersonated`: by a token whatever the site is set to, which is never renewed. */
export function connectApi(siteConfig: SiteConfig, isImpersonated = false): void {
  config = siteConfig;
  const inCookie = siteConfig.session === "cookie" && !isImpersonated;
  const renew = createRenewal({
    read: renewable,
    replace: renewSession,
    refresh: (refreshToken) => api().refreshTokens(refreshToken),
  });
  client = createClient({
    baseUrl: siteConfig.apiUrl,
    token: currentToken,
    language: () => language.value,
    stepUp: askForProof,
    captcha: captchaAnswering(siteConfig.captcha),
    ...(inCookie ? { cookieSession: true } : { renew }),
    // An answer to an earlier token says nothing of the one that has replaced it. Nobody knows of a cookie before it is
    // asked for: whoever turns out to have none is not sent anywhere.
    onLogInNeeded: (_error, token) => {
      if (token === currentToken() && (isLoggedIn.value || !inCookie)) expired();
    },
  });
}

/** Where a path of the API is. */
export const addressOfApi = (path: string): string => `${config.apiUrl}${path}`;

export function api(): Client {
  if (client === undefined) throw new Error("connectApi has not been called");
  return client;
}

export function siteConfig(): SiteConfig {
  return config;
}

/** What to do when the server refuses the token; the router sends the reader to the log-in page. */
export function onSessionExpired(callback: () => void): void {
  expired = callback;
}
