import type { Users } from "../accounts/users.ts";
import type { CodesSettings } from "../codes/settings.ts";
import type { Config, Source } from "../config/config.ts";
import type { OauthConfig } from "../config/oauth-config.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { ConfigError, type ConfigProblem } from "../errors/config-problem.ts";
import { type BindingsDeps, createBindings } from "../identities/bindings/bindings.ts";
import { createGrants } from "../identities/bindings/grants.ts";
import { createBrowserCookie } from "../identities/flow/browser-cookie.ts";
import { createStates } from "../identities/flow/state.ts";
import { createThirdPartyLogIn } from "../identities/flow/third-party-login.ts";
import { createTickets } from "../identities/flow/ticket.ts";
import { createCheckProvider } from "../identities/providers/check-provider.ts";
import type { ProviderDefinition, ProviderSetup } from "../identities/providers/definition.ts";
import { createProviders, refuseDoubles } from "../identities/providers/providers.ts";
import { readProviders } from "../identities/providers/read-providers.ts";
import { createUpstream, upstreamDefaults } from "../identities/providers/upstream.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import { readVariables } from "../kernel/settings/read-variables.ts";
import type { Passwords } from "../passwords/passwords.ts";

/** Third-party log-in assembled: what the routes need. */
export interface OauthDeps extends Pick<CodesSettings, "widerNetworkFactor"> {
  readonly db: Db;
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly log: Log;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly events: BindingsDeps["events"];
  readonly secretKey: string;
  readonly secretKeys: SecretKeys;
  readonly settings: OauthConfig;
  /** Those of the list and the program's own. */
  readonly setups: readonly ProviderSetup[];
  readonly publicSiteUrl: string;
  readonly returnOrigins: readonly string[];
  readonly publicApiUrl: string;
  /** Where the sandbox answers, for what is not configured; null where there is none. */
  readonly sandboxOrigin: string | null;
}

export function createOauth(deps: OauthDeps) {
  const { settings, setups, sandboxOrigin } = deps;
  const { timeoutMillis } = settings;
  const upstream = createUpstream({
    ...upstreamDefaults,
    timeoutMillis,
    connectTimeoutMillis: Math.min(upstreamDefaults.connectTimeoutMillis, timeoutMillis),
    proxy: settings.proxy,
  });
  const providers = createProviders(
    sandboxOrigin === null ? setups : setups.map((setup) => withSandbox(setup, sandboxOrigin)),
    upstream,
  );
  const states = createStates(deps);
  const tickets = createTickets(deps);
  const grants = createGrants({ ...deps, providers });
  return {
    ...{ providers, tickets, grants, checkProvider: createCheckProvider(providers.find) },
    cookie: createBrowserCookie({ isHttps: deps.publicApiUrl.startsWith("https:") }),
    thirdPartyLogIn: createThirdPartyLogIn({
      ...deps,
      providers,
      states,
      tickets,
      grants,
      stateMode: settings.stateMode,
      startLimit: settings.startLimit,
    }),
    bindings: createBindings({ ...deps, providers, tickets, grants }),
    /** Where the operator has credentials: whoever only has the sandbox need not wait for it at each start. */
    async load(): Promise<void> {
      if (setups.every(({ configured }) => configured.length === 0)) return;
      await Promise.all([upstream.load(), providers.load()]);
    },
    close: () => upstream.close(),
  };
}

/** A provider that the embedding program brings. */
export interface OwnProvider {
  readonly definition: ProviderDefinition;
  /** Its variables by name, as the environment has them. */
  readonly settings?: Source;
}

/**
 * The configured providers and, behind them, the program's own. Throws a ConfigError with everything that is wrong with
 * their settings, as for ours, and an Error where one has another's name or number.
 */
export function withOwnProviders(
  { oauth, environment, publicSiteUrl: siteUrl, publicApiUrl: apiUrl }: Config,
  own: readonly OwnProvider[],
): ProviderSetup[] {
  const problems: ConfigProblem[] = [];
  const production = environment === "production";
  const setups = own.flatMap(({ definition, settings: source = {} }) => {
    const values = readVariables(definition.settings.variables, source, problems);
    return readProviders([definition], { source, values, production, siteUrl, apiUrl }, problems);
  });
  if (problems.length > 0) throw new ConfigError(problems);
  const all = [...oauth.providers, ...setups];
  refuseDoubles(all);
  return all;
}

/** A provider without credentials is the sandbox's. */
function withSandbox(setup: ProviderSetup, origin: string): ProviderSetup {
  if (setup.configured.length > 0) return setup;
  return { ...setup, configured: [setup.definition.imitated(origin, setup.standIn.redirectUri)] };
}
