import { type ConfigProblem, configProblem } from "../errors/config-problem.ts";
import { SettingProblem } from "../errors/setting-problem.ts";
import type { ProviderSetup } from "../identities/providers/definition.ts";
import { providerList } from "../identities/providers/providers.ts";
import { type ProvidersEnvironment, readProviders } from "../identities/providers/read-providers.ts";
import { readVariables } from "../kernel/settings/read-variables.ts";
import type { Values } from "./env.ts";
import { oauthVariables } from "./oauth-env.ts";

/** Third-party log-in as configured. */
export interface OauthConfig {
  /** Every provider of the list, in its order. */
  readonly providers: readonly ProviderSetup[];
  readonly stateMode: "signed" | "path";
  readonly timeoutMillis: number;
  /** Log-ins a client address may begin in an hour; 0 = unlimited. */
  readonly startLimit: number;
  readonly proxy: { readonly http: string; readonly https: string; readonly except: string };
  /** Port of the sandbox that stands in for what is not configured; null where there may be none. */
  readonly sandboxPort: number | null;
  /** Whether there is one to run: some provider with a name of its own has no credentials. */
  readonly runsSandbox: boolean;
}

export function readOauth(
  env: Values,
  environment: ProvidersEnvironment,
  problems: ConfigProblem[],
): OauthConfig {
  const { source, production } = environment;
  const providers = readProviders(providerList, environment, problems);
  if (production && (source.SANDBOX?.trim() ?? "") !== "" && env.SANDBOX) {
    problems.push(configProblem("SANDBOX", new SettingProblem("sandboxInProduction")));
  }
  /** Programs give these in lower case as well, which no table lists. */
  const lowerCase = readVariables(
    { http_proxy: oauthVariables.HTTP_PROXY, https_proxy: oauthVariables.HTTPS_PROXY },
    source,
    problems,
  );
  const sandboxPort = production || !env.SANDBOX ? null : env.SANDBOX_PORT;
  const isMissing = ({ definition, configured }: ProviderSetup) =>
    definition.loginType !== null && configured.length === 0;
  return {
    providers,
    stateMode: env.OAUTH_STATE,
    timeoutMillis: env.OAUTH_TIMEOUT_MS,
    startLimit: env.OAUTH_LIMIT || (production ? 600 : 0),
    proxy: {
      http: env.HTTP_PROXY || String(lowerCase.http_proxy),
      https: env.HTTPS_PROXY || String(lowerCase.https_proxy),
      except: env.NO_PROXY || source.no_proxy || "",
    },
    sandboxPort,
    runsSandbox: sandboxPort !== null && providers.some(isMissing),
  };
}
