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
import type { ProviderSetup } from "../identities/providers/definition.ts";
import { createProviders } from "../identities/providers/providers.ts";
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
  const setups = settings.providers;
  const providers = createProviders(
    sandboxOrigin === null ? setups : setups.map((setup) => withSandbox(setup, sandboxOrigin)),
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
      if (setups.every(({ configured }) => configured.length === 0)) return;
      await Promise.all([upstream.load(), providers.load()]);
    },
    close: () => upstream.close(),
  };
}

/** A provider without credentials is the sandbox's. */
function withSandbox(setup: ProviderSetup, origin: string): ProviderSetup {
  if (setup.configured.length > 0) return setup;
  return { ...setup, configured: [setup.definition.imitated(origin, setup.standIn.redirectUri)] };
}
