import type { SecondFactorPolicy } from "../factors/second-factor-policy.ts";
import { type CookieGuardOptions, createCookieGuard } from "../http/cookie-guard.ts";
import { createSessionCookie } from "../http/session-cookie.ts";
import { secretKeysOf } from "../kernel/keys.ts";
import { type CookieAuthenticatorDeps, createSessionCookies } from "../sessions/cookie-authenticator.ts";
import { createCookieSessions } from "../sessions/cookie-sessions.ts";
import { cookieTokenForm, createCookieTokens } from "../sessions/cookie-token.ts";
import { createDisown, type DisownDeps } from "../sessions/disown.ts";
import { createImpersonations, type ImpersonationsDeps } from "../sessions/impersonations.ts";
import { createSigningKeys, type SigningKeysDeps } from "../sessions/keys/signing-keys.ts";
import { createRefresh, type RefreshDeps } from "../sessions/refresh.ts";
import { createRefreshTokens } from "../sessions/refresh-token.ts";
import { createSessions, type SessionsDeps } from "../sessions/sessions.ts";
import type { SessionsSettings } from "../sessions/settings.ts";
import { createTokens } from "../sessions/tokens.ts";

type KeySettings = Parameters<typeof secretKeysOf>[0];

type Deps = Omit<SessionsDeps & RefreshDeps & DisownDeps, "refreshTokens" | "secondFactorPolicy"> &
  SessionsSettings &
  KeySettings &
  Pick<CookieGuardOptions, "isListed" | "publicApiUrl"> &
  Pick<ImpersonationsDeps, "permissions"> &
  Pick<CookieAuthenticatorDeps, "devices"> & {
    readonly secondFactorPolicy: SecondFactorPolicy;
    readonly isHttps: boolean;
    readonly oauth: { readonly stateMode: CookieGuardOptions["stateMode"] };
  };

/** Sessions, and the tokens that name and renew them. */
export function createSessionParts(deps: Deps) {
  const { users, clock, foreignTokens: foreign, secondFactorPolicy } = deps;
  const withTokens = { ...deps, refreshTokens: createRefreshTokens(secretKeysOf(deps)) };
  const sessions = createSessions(withTokens);
  const cookieTokens = createCookieTokens(secretKeysOf(deps));
  const sessionCookies = createSessionCookies({
    guard: createCookieGuard({ ...deps, stateMode: deps.oauth.stateMode }),
    cookie: createSessionCookie({ isHttps: deps.isHttps, form: cookieTokenForm }),
    cookieSessions: createCookieSessions({ ...deps, sessions, cookieTokens }),
    devices: deps.devices,
  });
  const signingKeys = openSigningKeys(deps, deps);
  const impersonations = createImpersonations({ ...deps, sessions });
  return {
    ...{ sessions, sessionCookies, signingKeys, impersonations },
    refresh: createRefresh(withTokens),
    disown: createDisown(deps),
    tokens: createTokens({
      ...{ users, sessions, clock, signingKeys, foreign, secondFactorPolicy, impersonations },
    }),
  };
}

/** The keys of access tokens as these settings have them. */
export function openSigningKeys(
  config: SessionsSettings & KeySettings,
  parts: Pick<SigningKeysDeps, "db" | "clock" | "log">,
) {
  return createSigningKeys({
    ...parts,
    secretKeys: secretKeysOf(config),
    signing: config.signing,
    tokenLifeSeconds: Math.max(config.tokenLifeSeconds, config.shortTokenLifeSeconds),
    foreignLifeSeconds: config.foreignTokens.lifeSeconds,
  });
}
