import type { Users } from "../accounts/users.ts";
import type { OauthConfig } from "../config/oauth-config.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { createBindings } from "../identities/bindings/bindings.ts";
import { createBrowserCookie } from "../identities/flow/browser-cookie.ts";
import { createStates } from "../identities/flow/state.ts";
import { createThirdPartyLogIn } from "../identities/flow/third-party-login.ts";
import { createTickets } from "../identities/flow/ticket.ts";
import {
  type BuiltInName,
  createProviders,
  type ProvidersSettings,
} from "../identities/providers/providers.ts";
import { createUpstream, upstreamDefaults } from "../identities/providers/upstream.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Passwords } from "../passwords/passwords.ts";

/** Third-party log-in assembled: what the routes need. */
export interface OauthDeps {
  readonly db: Db;
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly log: Log;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly secretKey: string;
  readonly settings: OauthConfig;
  readonly publicSiteUrl: string;
  readonly publicApiUrl: string;
  /** Where the sandbox answers, for what is not configured; null where there is none. */
  readonly sandboxOrigin: string | null;
}

export type Oauth = ReturnType<typeof createOauth>;

export function createOauth(deps: OauthDeps) {
  const { settings, sandboxOrigin } = deps;
  const { timeoutMillis } = settings;
  const upstream = createUpstream({
    ...upstreamDefaults,
    timeoutMillis,
    connectTimeoutMillis: Math.min(upstreamDefaults.connectTimeoutMillis, timeoutMillis),
    proxy: settings.proxy,
  });
  const providers = createProviders(
    sandboxOrigin === null ? settings : withSandbox(settings, sandboxOrigin),
    upstream,
  );
  const states = createStates(deps);
  const tickets = createTickets(deps);
  return {
    ...{ providers, tickets },
    cookie: createBrowserCookie({ isHttps: deps.publicApiUrl.startsWith("https:") }),
    thirdPartyLogIn: createThirdPartyLogIn({
      ...deps,
      providers,
      states,
      tickets,
      stateMode: settings.stateMode,
      startLimit: settings.startLimit,
    }),
    bindings: createBindings({ ...deps, providers, tickets }),
    /** Where the operator has credentials: whoever only has the sandbox need not wait for it at each start. */
    async load(): Promise<void> {
      if (settings.oidc.length === 0 && Object.values(settings.builtIn).every((own) => own === null)) return;
      await Promise.all([upstream.load(), providers.load()]);
    },
    close: () => upstream.close(),
  };
}

/** Every provider without credentials is the sandbox's. Its paths are those of sandbox/sandbox.ts. */
function withSandbox(settings: OauthConfig, origin: string): ProvidersSettings {
  const { standInRedirects } = settings;
  const credentials = { clientId: "sandbox", clientSecret: "sandbox" };
  const standIn = (name: BuiltInName) =>
    settings.builtIn[name] ?? {
      ...credentials,
      redirectUri: standInRedirects[name],
      baseUrl: `${origin}/${name}`,
      apiBaseUrl: name === "github" || name === "wechat" ? `${origin}/${name}-api` : null,
    };
  const oidc = {
    ...credentials,
    name: "oidc",
    title: "OpenID Connect",
    issuer: `${origin}/oidc`,
    redirectUri: standInRedirects.oidc,
    allowHttp: true,
  };
  return {
    builtIn: {
      qq: standIn("qq"),
      weibo: standIn("weibo"),
      github: standIn("github"),
      wechat: standIn("wechat"),
    },
    oidc: settings.oidc.length > 0 ? settings.oidc : [oidc],
  };
}
